"""A desk with a browser of plain requests: an agent signed in, and a platform that takes answers of 280 letters."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from ingest.models import Channel
from tests.cast import FakePlatform, a_channel, a_person, a_platform, a_ticket
from tickets.models import Ticket

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _plain_pages(db: None, settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> type[FakePlatform]:
    return a_platform(monkeypatch)


@pytest.fixture
def channel(platform: type[FakePlatform]) -> Channel:
    return a_channel(platform="fake")


@pytest.fixture
def agent(channel: Channel) -> User:
    return a_person(channel.brand, name="Huda Al-Amri")


@pytest.fixture
def desk(agent: User) -> Client:
    """The agent's browser."""
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    return a_ticket(channel, text="my bill is wrong", external_id="q1", conversation_key="t1")
