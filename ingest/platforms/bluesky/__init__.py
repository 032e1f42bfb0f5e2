"""Bluesky (AT Protocol), over plain XRPC."""
