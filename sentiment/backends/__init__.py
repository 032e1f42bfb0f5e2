"""The ways to score a text; the only rooms that may load a model library, and only when asked to read."""
