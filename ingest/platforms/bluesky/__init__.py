"""Bluesky (AT Protocol), over plain XRPC."""

from ingest.platforms.bluesky.adapter import Bluesky

__all__ = ["Bluesky"]
