"""The platforms Radd speaks to: one row each. An adapter and its library are loaded when first needed."""

from importlib import import_module
from typing import Any

from ingest.platforms.base import Account, Adapter
from ingest.platforms.entering import Authorizes

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
SIGN_INS = {
    "x": "ingest.platforms.x.oauth.SignIn",
    "mastodon": "ingest.platforms.mastodon.oauth.SignIn",
}
"""Those at which a person can let us in, in their browser."""


def adapter_of(platform: str) -> type[Adapter]:
    """The adapter of this name. Raises KeyError where there is none."""
    row = PLATFORMS[platform]
    if isinstance(row, str):
        adapter: type[Adapter] = _load(row)
        return adapter
    return row


def sign_in(platform: str, account: Account) -> Authorizes | None:
    """The way in by the platform's own page; None where it has none."""
    found = SIGN_INS.get(platform)
    return _load(found)(account) if found else None


def scopes_of(platform: str) -> tuple[str, ...]:
    """What such a sign-in asks for."""
    found = SIGN_INS.get(platform)
    return tuple(_load(found).scopes) if found else ()


def _load(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(import_module(module), name)
