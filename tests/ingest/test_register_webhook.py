"""The command that has a platform call us."""

from io import StringIO
from typing import ClassVar

import pytest
from django.core.management import CommandError, call_command

from ingest.models import Channel
from ingest.platforms.base import PlatformError
from ingest.platforms.registry import PLATFORMS, adapter_of
from ingest.webhooks import Registers
from tests.cast import FakePlatform, a_channel, a_platform

pytestmark = pytest.mark.django_db
DESK = "https://care.nawa.example"


class Calls(FakePlatform):
    """A platform that can be told to call an address."""

    registered: ClassVar[list[str]] = []
    trouble: ClassVar[list[PlatformError]] = []

    def register_webhook(self, url: str) -> str:
        if self.trouble:
            raise self.trouble.pop()
        self.registered.append(url)
        return "wh-7"


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(Calls, "registered", [])
    monkeypatch.setattr(Calls, "trouble", [])
    monkeypatch.setitem(PLATFORMS, "fake", Calls)
    return a_channel(name="Nawa there", platform="fake")


def register(*words: str) -> str:
    out = StringIO()
    call_command("register_webhook", *words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("end", ["", "/", "/hooks/{hook}/", "/hooks/{hook}"])
def test_the_channels_own_address_is_registered(channel: Channel, end: str) -> None:
    address = f"{DESK}/hooks/{channel.hook}/"
    assert f"calls {address} now (webhook wh-7)" in register(channel.name, DESK + end.format(hook=channel.hook))
    assert Calls.registered == [address]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://care.nawa.example", "not an https address"),
        ("care.nawa.example", "not an https address"),
        ("https://lina:secret@care.nawa.example", "not an https address"),
        ("https://care.nawa.example/?a=1", "not an https address"),
        ("https://care.nawa.example/hooks/somewhere-else/", "is not the address of Nawa there"),
    ],
)
def test_an_address_that_is_none_is_refused(channel: Channel, url: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        register(channel.name, url)
    assert Calls.registered == []


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (
            PlatformError("rejected", "CRC failed", permanent=True),
            r"CRC failed.*reachable there from outside",
        ),
        (PlatformError("bad_credentials", permanent=True), "bearer_token and consumer_secret"),
        (PlatformError("odd_thing", "no"), r"odd_thing: no.*Nothing was registered"),
    ],
    ids=str,
)
def test_what_the_platform_says_is_told_with_what_to_do(channel: Channel, error: PlatformError, advice: str) -> None:
    Calls.trouble.append(error)
    with pytest.raises(CommandError, match=advice):
        register(channel.name, DESK)


def test_a_platform_that_is_told_in_another_way_says_so(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    a_platform(monkeypatch)
    with pytest.raises(CommandError, match="takes no registration from here"):
        register(channel.name, DESK)
    with pytest.raises(CommandError, match="no channel named 'Nobody'"):
        register("Nobody", DESK)


def test_x_is_one_that_can_be_told(channel: Channel) -> None:
    assert isinstance(adapter_of("x")(channel.account({}, None)), Registers)  # type: ignore[arg-type]  # opens nothing
