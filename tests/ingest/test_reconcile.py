"""Every hour is proved: what the platform shows is here, came late, or was missing and is taken in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from ingest import reconcile
from ingest.collect import store
from ingest.models import Channel, ChannelHour, Message, Spend
from ingest.platforms.base import Event, Json, Page, PlatformError, Post
from ingest.platforms.registry import PLATFORMS
from tests.cast import FakePlatform, a_bell, a_channel, a_post, at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 16, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture
def channel(platform: type[FakePlatform]) -> Channel:
    made = a_channel(platform="fake")
    Channel.objects.update(created_at=NOW - timedelta(days=30))
    made.refresh_from_db()
    return made


def at(hour: int, minute: int = 0, **fields: Any) -> Post:
    return a_post(posted_at=NOW.replace(hour=hour, minute=minute), **fields)


def keep(channel: Channel, *posts: Post, after: timedelta = timedelta(minutes=1)) -> None:
    """Stored so long after each was posted."""
    for post in posts:
        with time_machine.travel(post.posted_at + after, tick=False):
            store(channel, [post])


def hours() -> dict[int, tuple[int, int, int, int]]:
    """expected, present, late, missing by hour of the day."""
    return {h.hour.astimezone(UTC).hour: (h.expected, h.present, h.late, h.missing) for h in ChannelHour.objects.all()}


def test_each_hour_says_what_was_there_what_came_late_and_what_was_missing(
    channel: Channel, platform: type[FakePlatform]
) -> None:
    here, late, lost = at(12, 5), at(12, 10), at(13, 15)
    keep(channel, here)
    keep(channel, late, after=timedelta(minutes=45))
    platform.pages.append(Page((here, late, lost), {}))
    assert reconcile.check(channel.pk, NOW) == 1
    assert hours() == {11: (0, 0, 0, 0), 12: (2, 1, 1, 0), 13: (1, 0, 0, 1), 14: (0, 0, 0, 0)}
    assert Message.objects.filter(external_id=lost.external_id).exists()


def test_what_was_missing_once_stays_on_record(channel: Channel, platform: type[FakePlatform]) -> None:
    lost, late = at(13, 15), at(13, 20)
    keep(channel, late, after=timedelta(minutes=30))
    for turn in range(2):
        platform.pages.append(Page((lost, late), {}))
        with time_machine.travel(NOW + HOUR * turn, tick=False):
            reconcile.check(channel.pk, NOW + HOUR * turn)
    assert hours()[13] == (2, 0, 1, 1)
    assert ChannelHour.objects.get(hour=NOW.replace(hour=13, minute=0)).checked_at == NOW + HOUR


def test_what_is_young_old_deleted_or_only_context_is_not_expected(
    channel: Channel, platform: type[FakePlatform]
) -> None:
    platform.pages.append(
        Page((at(14, 25), at(10, 59), at(13, deleted_at=NOW), at(13, 1, context=True), at(13, 2)), {})
    )
    assert reconcile.check(channel.pk, NOW) == 1
    assert sum(row[0] for row in hours().values()) == 1
    assert Message.objects.count() == 1


def test_what_came_before_the_channel_was_connected_is_not_missed(
    channel: Channel, platform: type[FakePlatform]
) -> None:
    Channel.objects.update(created_at=NOW.replace(hour=13, minute=10))
    platform.pages.append(Page((at(13, 5), at(13, 15)), {}))
    assert reconcile.check(channel.pk, NOW) == 1
    assert hours() == {13: (1, 0, 0, 1), 14: (0, 0, 0, 0)}


def test_all_pages_are_read_with_their_charges_and_the_poll_cursor_stays(
    channel: Channel, platform: type[FakePlatform]
) -> None:
    Channel.objects.update(cursor={"at": 7})
    platform.pages += [
        Page((at(13),), {"page": 2}, more=True, charged={"post_read": 1}),
        Page((at(13, 1),), {}, charged={"post_read": 1}),
    ]
    assert reconcile.check(channel.pk, NOW) == 2
    assert Spend.objects.get().count == 2
    channel.refresh_from_db()
    assert channel.cursor == {"at": 7}


def test_a_window_without_end_proves_nothing(channel: Channel, platform: type[FakePlatform]) -> None:
    platform.pages += [Page((at(13),), {}, more=True)] * 60
    assert reconcile.check(channel.pk, NOW) == 0
    assert not ChannelHour.objects.exists()


def test_a_platform_in_trouble_is_asked_again_later(channel: Channel, platform: type[FakePlatform]) -> None:
    platform.pages.append(PlatformError("unreachable"))
    assert reconcile.check(channel.pk, NOW) == 0
    assert reconcile.due(NOW) == [channel.pk]


def test_a_channel_is_due_an_hour_after_its_last_check(channel: Channel, platform: type[FakePlatform]) -> None:
    assert reconcile.due(NOW) == [channel.pk]
    reconcile.check(channel.pk, NOW)
    assert reconcile.due(NOW + timedelta(minutes=50)) == []
    assert reconcile.due(NOW + HOUR) == [channel.pk]
    Channel.objects.update(state="paused")
    assert reconcile.due(NOW + HOUR) == []
    assert reconcile.check(channel.pk, NOW + HOUR) == 0


def test_one_that_backfills_is_asked_for_the_window_alone(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []

    class Past(FakePlatform):
        def backfill(self, since: datetime, cursor: Json) -> Page:
            asked.append(since)
            return Page((at(13),), {})

    monkeypatch.setitem(PLATFORMS, "fake", Past)
    assert reconcile.check(channel.pk, NOW) == 1
    assert asked == [NOW.replace(hour=11, minute=0)]


def test_one_that_only_calls_us_cannot_be_checked(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pushing(FakePlatform):
        calls = []

        def challenge(self, query: object) -> None:
            return None

        def events(self, headers: object, body: bytes, now: datetime) -> tuple[Event, ...]:
            return ()

        def read_event(self, payload: Json) -> Page:
            return Page((), {})

    assert reconcile.checkable(channel)
    monkeypatch.setitem(PLATFORMS, "fake", Pushing)
    assert not reconcile.checkable(channel)
    assert reconcile.check(channel.pk, NOW) == 0
    assert Pushing.calls == []


def test_the_cost_does_not_grow_with_the_posts(
    channel: Channel, platform: type[FakePlatform], django_assert_num_queries: Any
) -> None:
    posts = [at(12 + n % 2, n % 60) for n in range(80)]
    with time_machine.travel(NOW - HOUR, tick=False):
        store(channel, posts)
    platform.pages.append(Page(tuple(posts), {}))
    with django_assert_num_queries(8):
        reconcile.check(channel.pk, NOW)


@pytest.mark.django_db(transaction=True)
def test_two_checks_at_once_count_what_was_missing_once(channel: Channel, platform: type[FakePlatform]) -> None:
    lost = at(13, 15)
    platform.pages += [Page((lost,), {})] * 2
    found = at_once(lambda: reconcile.check(channel.pk, NOW), lambda: reconcile.check(channel.pk, NOW))
    assert sorted(found) == [0, 1]
    assert hours()[13][3] == 1
