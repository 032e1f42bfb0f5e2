"""From what the reader says of a message to what is done with it; and people's second look at that."""
