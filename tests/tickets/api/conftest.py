"""A desk to ask: a brand with its people, a channel that can answer, and clients that speak JSON."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from django.core.cache import cache
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import Brand, User
from ingest.models import Channel
from ingest.platforms.base import Cannot, Json, Kind, Length
from ingest.platforms.imported import Imported
from ingest.platforms.registry import PLATFORMS
from tests.cast import a_channel
from tickets.models import Ticket

Ask = Callable[[User], APIClient]


class Short(Imported):
    """A platform that takes answers of up to 40 letters, to anything but reviews."""

    threads: ClassVar[bool] = True

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        return Cannot.NOT_SUMMONED if kind == Kind.REVIEW else None

    def length(self, text: str) -> Length:
        return Length(used=len(text), limit=40)


@pytest.fixture(autouse=True)
def _ground(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """The short platform; quick password hashes; no tries left over from another test."""
    monkeypatch.setitem(PLATFORMS, "short", Short)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def channel(brand: Brand) -> Channel:
    return a_channel(brand, platform="short")


@pytest.fixture
def ask() -> Ask:
    """A client that asks as somebody, by token."""

    def make(person: User) -> APIClient:
        client = APIClient()
        client.default_format = "json"
        token, _made = Token.objects.get_or_create(user=person)
        client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
        return client

    return make


@pytest.fixture
def client(agent: User, ask: Ask) -> APIClient:
    return ask(agent)


def doing(ticket: Ticket, verb: str) -> str:
    return f"/api/tickets/{ticket.pk}/{verb}"


def body(response: Any, status: int) -> Any:
    """The JSON of an answer that must have this status."""
    assert response.status_code == status, response.content[:500]
    return response.json()
