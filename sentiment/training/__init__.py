"""Making the models that this floor reads with; nothing here is needed to read."""
