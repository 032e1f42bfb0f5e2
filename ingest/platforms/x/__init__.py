"""X (Twitter), API v2."""

from ingest.platforms.x.adapter import X

__all__ = ["X"]
