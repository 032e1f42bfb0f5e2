"""The platforms Radd speaks to: one row each. An adapter and its library are loaded when first needed."""

from importlib import import_module

from ingest.platforms.base import Adapter

PLATFORMS: dict[str, str | type[Adapter]] = {
    "x": "ingest.platforms.x.adapter.X",
    "bluesky": "ingest.platforms.bluesky.adapter.Bluesky",
    "mastodon": "ingest.platforms.mastodon.adapter.Mastodon",
    "email": "ingest.platforms.email.adapter.Email",
    "webhook": "ingest.platforms.webhook.adapter.Webhook",
    "demo": "ingest.platforms.demo.Demo",
    "imported": "ingest.platforms.imported.Imported",
}
"""By the name that a channel has: where the adapter stands, or the adapter itself."""
CONNECTABLE = ("x", "bluesky", "mastodon", "email", "webhook")
"""Those that a person connects with keys of theirs."""


def adapter_of(platform: str) -> type[Adapter]:
    """The adapter of this name. Raises KeyError where there is none."""
    row = PLATFORMS[platform]
    if isinstance(row, str):
        module, _, name = row.rpartition(".")
        found: type[Adapter] = getattr(import_module(module), name)
        return found
    return row
