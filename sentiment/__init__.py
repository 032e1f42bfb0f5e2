"""Text in, readings out: the bottom floor. Knows no tables, no platforms and no Django."""
