"""`manage.py connect_channel`: what it says, and the past it has read."""

import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import ClassVar

import pytest
from django.core.management import CommandError, call_command

from ingest.models import Backfill, Channel
from ingest.platforms.base import Author, Json, Page
from ingest.platforms.entering import Need
from ingest.platforms.registry import PLATFORMS
from tests.cast import FakePlatform, a_bell

pytestmark = pytest.mark.django_db


class Connected(FakePlatform):
    """A platform that wants one key."""

    needs: ClassVar[tuple[Need, ...]] = (Need("access_token", secret=True),)

    def verify(self) -> Author:
        return Author("7", "nawa_care", "Nawa Care")


class Remembering(Connected):
    """The same with a past."""

    def backfill(self, since: datetime, cursor: Json) -> Page:
        return Page((), cursor)


@pytest.fixture(autouse=True)
def _mastodon(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    monkeypatch.setitem(PLATFORMS, "mastodon", Remembering)


@pytest.fixture
def keys(tmp_path: Path) -> str:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"access_token": "secret"}))
    return str(path)


def connect(keys: str, *words: str) -> str:
    out = StringIO()
    call = ["Nawa there", "--platform=mastodon", "--brand=Nawa", f"--credentials={keys}", *words]
    call_command("connect_channel", *call, stdout=out)
    return out.getvalue()


def test_a_channel_is_connected_and_its_past_left_alone(keys: str) -> None:
    assert "Nawa there is connected as @nawa_care" in connect(keys)
    assert not Backfill.objects.exists()


def test_its_last_days_are_read_if_asked(keys: str) -> None:
    assert "The last 30 days are read in the background" in connect(keys, "--backfill-days=30")
    backfill = Backfill.objects.get()
    assert round((backfill.started_at - backfill.since).total_seconds() / 86400) == 30


def test_a_platform_without_a_past_is_connected_and_says_so(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLATFORMS, "mastodon", Connected)
    assert "gives no past" in connect(keys, "--backfill-days=30")
    assert Channel.objects.count() == 1


@pytest.mark.parametrize("days", ["-1", "366"])
def test_days_that_make_no_sense_connect_nothing(keys: str, days: str) -> None:
    with pytest.raises(CommandError, match="between 0 and 365"):
        connect(keys, f"--backfill-days={days}")
    assert not Channel.objects.exists()
