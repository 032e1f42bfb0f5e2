"""The command that reads a channel's past."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ingest.models import Backfill, Channel
from ingest.platforms.registry import PLATFORMS
from tests.cast import FakePlatform, Remembering, a_bell, a_channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    a_bell(monkeypatch)
    monkeypatch.setitem(PLATFORMS, "fake", Remembering)
    return a_channel(name="Nawa there", platform="fake")


def backfill(*words: str) -> str:
    out = StringIO()
    call_command("backfill", *words, stdout=out)
    return out.getvalue().strip()


def test_the_last_days_are_read_told_of_and_stopped(channel: Channel) -> None:
    assert backfill(channel.name) == "Never read."
    assert "in the background" in backfill(channel.name, "--days", "30")
    begun = Backfill.objects.get()
    assert abs(timezone.now() - timedelta(days=30) - begun.since) < timedelta(minutes=1)
    Backfill.objects.update(reached=begun.since + timedelta(days=15), found=412, stored=380, error="unreachable: no")
    told = backfill(channel.name)
    assert told.startswith(f"working: back to {begun.since:%Y-%m-%d}, 50%, reached ")
    assert told.endswith("412 found, 380 new; unreachable: no")
    assert backfill(channel.name, "--stop") == "Stopped. What was read stays."
    assert backfill(channel.name, "--stop") == "Nothing was being read."


def test_a_paused_channel_waits(channel: Channel) -> None:
    Channel.objects.update(state="paused")
    assert "It waits until the channel is read again." in backfill(channel.name, "--days", "1")


@pytest.mark.parametrize("days", ["0", "-4", "366"])
def test_days_are_some_and_not_too_many(channel: Channel, days: str) -> None:
    with pytest.raises(CommandError, match="Between 1 and 365 days"):
        backfill(channel.name, f"--days={days}")


def test_what_cannot_be_read_is_refused_in_words(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="no channel named 'Nobody'"):
        backfill("Nobody", "--days", "3")
    monkeypatch.setitem(PLATFORMS, "fake", FakePlatform)
    with pytest.raises(CommandError, match="fake gives no past"):
        backfill(channel.name, "--days", "3")
    Channel.objects.update(platform="nowhere")
    with pytest.raises(CommandError, match="cannot be used as it is set up"):
        backfill(channel.name, "--days", "3")
    Channel.objects.update(state="removed")
    with pytest.raises(CommandError, match="was removed"):
        backfill(channel.name, "--days", "3")
    assert not Backfill.objects.exists()
