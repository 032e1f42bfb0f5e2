"""Search: what people typed (asking), how words are kept (words, indexing), how they are found and shown."""
