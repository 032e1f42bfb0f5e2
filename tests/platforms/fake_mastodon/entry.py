"""The brand's way into the fake server."""

from typing import Any

from ingest.platforms.base import Account
from tests.platforms.fake_mastodon.world import BRAND, TOKEN


def account(url: str, **changes: Any) -> Account:
    """The brand's account on the server at this address."""
    options = {"base_url": url, **changes.pop("options", {})}
    credentials = {"access_token": TOKEN}
    fields = {"external_id": BRAND.id, "handle": BRAND.acct, "credentials": credentials, "timeout": 5.0, **changes}
    return Account(channel_id=1, options=options, **fields)
