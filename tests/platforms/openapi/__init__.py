"""X's published OpenAPI files, cut down to what Radd uses, and the check of a conversation against them."""
