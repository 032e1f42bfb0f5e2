"""The demo platform: a small world of fictional customers, and the adapter that reaches it like any other platform."""

from ingest.platforms.demo.adapter import Demo

__all__ = ["Demo"]
