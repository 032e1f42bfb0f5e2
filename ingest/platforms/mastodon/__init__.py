"""Mastodon, and servers that speak its API: GoToSocial, Pleroma, Akkoma and others."""

from ingest.platforms.mastodon.adapter import Mastodon

__all__ = ["Mastodon"]
