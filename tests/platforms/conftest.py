"""Counterparts of the platforms, and a failing test for whoever breaks a platform's published interface."""

from collections.abc import Iterator
from typing import Any

import pytest

from ingest.platforms.base import Account
from ingest.platforms.bluesky.adapter import Bluesky
from ingest.platforms.x.adapter import X
from tests.platforms.bluesky_cast import bluesky
from tests.platforms.fake_bluesky import FakeBluesky
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import APP_TOKEN, KEYS

CREDENTIALS = {"bearer_token": APP_TOKEN, **KEYS}


def account(url: str, **changes: Any) -> Account:
    """The brand's account, entering X at this address."""
    options = {"base_url": url, **changes.pop("options", {})}
    fields = {"external_id": BRAND.id, "handle": BRAND.handle, "credentials": CREDENTIALS, "timeout": 5.0, **changes}
    return Account(channel_id=1, options=options, **fields)


BOTH_SPELLINGS = pytest.mark.parametrize("fake_x", ["old", "new"], indirect=True)


@pytest.fixture
def fake_x(request: pytest.FixtureRequest) -> Iterator[FakeX]:
    """A fake X, in the old spelling of its field names if not told another. What breaks X's OpenAPI files fails."""
    with FakeX(spelling=getattr(request, "param", "old")) as fake:
        yield fake
    assert fake.breaches == []


@pytest.fixture
def x(fake_x: FakeX) -> X:
    """The brand's adapter at the fake X."""
    return X(account(fake_x.url))


@pytest.fixture
def sky() -> Iterator[FakeBluesky]:
    """A fake Bluesky."""
    with FakeBluesky() as fake:
        yield fake


@pytest.fixture
def nawa(sky: FakeBluesky) -> Bluesky:
    """The brand's adapter there."""
    return bluesky(sky)
