"""The brand's account at the fake Bluesky, and ways to read and break it that several tests share."""

from collections.abc import Callable
from typing import Any

import pytest

from ingest.platforms.base import Account, Json, Page, PlatformError, Post, Unkept
from ingest.platforms.bluesky.adapter import Bluesky
from tests.platforms.contract import walk
from tests.platforms.fake_bluesky import BRAND, FakeBluesky

# Nobody listens there: the discard port of the loopback.
NOWHERE = "http://127.0.0.1:9"
CREDENTIALS = {"app_password": BRAND.password}


def account(fake: FakeBluesky, **changes: Any) -> Account:
    """The brand's account, entering at this server; each with a session of its own if not given one."""
    options: Json = {"base_url": fake.url, "firehose_url": fake.relay, "identifier": BRAND.handle}
    options |= changes.pop("options", {})
    fields = {"external_id": BRAND.did, "handle": BRAND.handle, "credentials": CREDENTIALS, "timeout": 5.0}
    return Account(channel_id=1, options=options, **{**fields, "session": Unkept(), **changes})


def bluesky(fake: FakeBluesky, **changes: Any) -> Bluesky:
    """The brand's adapter there."""
    return Bluesky(account(fake, **changes))


def read(adapter: Bluesky, cursor: Json | None = None) -> list[Post]:
    """All that is told from this cursor on."""
    return walk(adapter, cursor or {})[0]


def error_of(call: Callable[[], object]) -> PlatformError:
    """What this raises."""
    with pytest.raises(PlatformError) as error:
        call()
    return error.value


def texts(page: Page) -> list[str]:
    """The words of a page."""
    return [post.text for post in page.posts]
