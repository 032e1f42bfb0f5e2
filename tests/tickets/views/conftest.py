"""A desk with a browser of plain requests: an agent signed in, and a platform that takes answers of 280 letters."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import FakePlatform, a_person
from tests.platforms.fake_bluesky import FakeBluesky

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _plain_pages(db: None, platform: type[FakePlatform], settings: Any) -> None:
    """Pages whose files keep their names, and channels on the scripted platform."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


def signed_in(user: User, **headers: str) -> Client:
    """A browser with this person signed in."""
    client = Client(headers=headers)
    client.force_login(user)
    return client


@pytest.fixture
def desk(agent: User) -> Client:
    """The agent's browser."""
    return signed_in(agent)


@pytest.fixture
def supervisor(channel: Channel) -> Client:
    """The browser of a supervisor of the same brand."""
    return signed_in(a_person(channel.brand, role=Role.SUPERVISOR))


@pytest.fixture
def admin(db: None) -> Client:
    """The browser of an admin."""
    return signed_in(a_person(role=Role.ADMIN, name="Lina"))


@pytest.fixture
def sky() -> Iterator[FakeBluesky]:
    """A fake Bluesky."""
    with FakeBluesky() as fake:
        yield fake
