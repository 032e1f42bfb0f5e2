"""A scripted platform with a channel on it, and a fake Bluesky for what is tried against one that answers."""

from collections.abc import Iterator

import pytest

from ingest.models import Channel
from tests.cast import FakePlatform, a_channel, a_platform
from tests.platforms.fake_bluesky import FakeBluesky


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> type[FakePlatform]:
    """A platform that does what its script says."""
    return a_platform(monkeypatch)


@pytest.fixture
def channel(platform: type[FakePlatform]) -> Channel:
    """A channel on it."""
    return a_channel(platform="fake")


@pytest.fixture
def sky() -> Iterator[FakeBluesky]:
    """A fake Bluesky."""
    with FakeBluesky() as fake:
        yield fake
