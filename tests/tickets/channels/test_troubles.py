"""What went wrong with a channel in a week: put together from what is recorded, and no more than that."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role, User
from ingest.models import BadItem, Channel, ChannelHour, Delivery, InboundEvent
from tests.cast import a_bell, a_channel, a_person, a_platform, a_ticket, an_answer
from tickets.channels import upkeep
from tickets.channels.troubles import Trouble, of_week

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(minute=30, second=0, microsecond=0)


def an_hour(channel: Channel, now: datetime, back: int, *, late: int = 0, missing: int = 0) -> datetime:
    hour = now.replace(minute=0) - timedelta(hours=back)
    counts = {"expected": 90, "present": 90 - late - missing, "late": late, "missing": missing}
    ChannelHour.objects.create(channel=channel, hour=hour, checked_at=now, **counts)
    return hour


def told(channel: Channel, now: datetime) -> list[tuple[str, str, bool]]:
    return [(one.what, one.messages, one.ended is None) for one in of_week(channel, now)]


def test_a_good_week_has_none(channel: Channel, now: datetime) -> None:
    an_hour(channel, now, 3)
    assert of_week(channel, now) == []


def test_bad_hours_beside_each_other_are_one_trouble(channel: Channel, now: datetime) -> None:
    an_hour(channel, now, 10, late=3)
    begins = an_hour(channel, now, 5, late=31, missing=2)
    an_hour(channel, now, 4, late=8)
    an_hour(channel, now, 200, late=9)
    first, second = of_week(channel, now)
    ends = begins + timedelta(hours=2)
    assert first == Trouble(begins, "Posts were missing until a check took them in", "39 late, 2 missing", ends)
    assert (second.what, second.messages) == ("Posts came late", "3 late")


def test_what_waits_for_a_person_is_open_and_stands_first(channel: Channel, now: datetime) -> None:
    an_hour(channel, now, 2, late=1)
    for name in ("a", "b"):
        BadItem.objects.create(channel=channel, external_id=name, payload={}, error="no")
    BadItem.objects.create(channel=channel, external_id="c", payload={}, error="no", replayed_at=now)
    InboundEvent.objects.create(channel=channel, key="e", payload={}, state="failed", received_at=now)
    assert sorted(told(channel, now)[:2]) == [
        ("Items were not understood and set aside", "2", True),
        ("The platform told us something that was not understood", "1", True),
    ]
    assert ("An item was not understood and set aside. It was tried again", "1", False) in told(channel, now)[2:]


def test_answers_that_were_not_sent_say_why(
    channel: Channel, agent: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = a_channel(channel.brand, platform="fake")
    a_platform(monkeypatch)
    an_answer(a_ticket(channel), by=agent)
    Delivery.objects.update(state="failed", error_code="not_allowed", finished_at=now)
    (one,) = of_week(channel, now)
    assert one.what.startswith("An answer was not sent. The platform does not allow this access.")
    assert one.ended is None


def test_a_pause_has_who_made_it_and_an_end(channel: Channel, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    admin = a_person(role=Role.ADMIN, name="Lina")
    upkeep.pause(channel.pk, by=admin)
    channel.refresh_from_db()
    assert told(channel, now) == [("Paused by \u2068Lina\u2069", "", True)]
    upkeep.resume(channel.pk, by=admin)
    channel.refresh_from_db()
    (one,) = of_week(channel, timezone.now())
    assert one.ended is not None
    assert one.ended >= one.at


def test_what_is_wrong_now_stands_with_since_when(channel: Channel, now: datetime) -> None:
    since = now - timedelta(hours=3)
    Channel.objects.update(error_code="unreachable", last_ok_at=since)
    channel.refresh_from_db()
    assert of_week(channel, now) == [Trouble(since, "The platform could not be reached. We try again by ourselves.")]


def test_another_channels_troubles_are_its_own(channel: Channel, now: datetime) -> None:
    BadItem.objects.create(channel=channel, external_id="a", payload={}, error="no")
    other = Channel.objects.create(brand=channel.brand, name="Other", platform="imported")
    assert of_week(other, now) == []
