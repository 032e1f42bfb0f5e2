"""Posts of open tickets are looked at again: on a schedule, within budget, edits, deletions and figures followed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from ingest import looking_again, spending
from ingest.collect import store
from ingest.models import Channel, Message, Reach, Spend
from ingest.platforms.base import LookedUp, PlatformError, Post, Room
from ingest.platforms.registry import PLATFORMS
from tests.cast import FakePlatform, a_bell, a_channel, a_post

pytestmark = pytest.mark.django_db


class Seen(FakePlatform):
    """A platform that knows how posts stand now; two ids a call."""

    at_once: ClassVar[int] = 2
    now: ClassVar[dict[str, Post]]
    asked: ClassVar[list[list[str]]]
    trouble: ClassVar[list[Exception]]

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        self.asked.append(list(ids))
        if self.trouble:
            raise self.trouble.pop()
        there = tuple(self.now[pk] for pk in ids if pk in self.now)
        gone = frozenset(ids) - self.now.keys()
        return LookedUp(there, gone, charged={"post_read": len(there)}, room=Room(100, 50))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> type[Seen]:
    a_bell(monkeypatch)
    made = type("Seeing", (Seen,), {"now": {}, "asked": [], "trouble": []})
    monkeypatch.setitem(PLATFORMS, "fake", made)
    return made


@pytest.fixture
def channel(seen: type[Seen]) -> Channel:
    return a_channel(platform="fake")


def keep(channel: Channel, seen: type[Seen], *posts: Post, age: timedelta = timedelta(minutes=10)) -> list[Message]:
    """Posts that came in so long ago and stand on the platform as they are."""
    store(channel, posts)
    seen.now.update({post.external_id: post for post in posts})
    ids = [post.external_id for post in posts]
    Message.objects.filter(external_id__in=ids).update(received_at=timezone.now() - age)
    return list(Message.objects.filter(external_id__in=ids).order_by("id"))


def look(**fields: Any) -> int:
    return looking_again.look_again(Message.objects.all(), **fields)


def test_a_deletion_and_an_edit_are_followed(channel: Channel, seen: type[Seen]) -> None:
    gone, mended = keep(channel, seen, a_post("secret"), a_post("bil wrong"))
    del seen.now[gone.external_id]
    later = timezone.now()
    seen.now[mended.external_id] = replace(seen.now[mended.external_id], text="bill wrong", edited_at=later)
    assert look() == 2
    gone.refresh_from_db()
    mended.refresh_from_db()
    assert (gone.text, gone.deleted_at is not None) == ("", True)
    assert mended.text == "bill wrong"
    assert look(now=later + timedelta(minutes=6)) == 1  # the deleted one is not asked for again


def test_many_are_asked_for_together(channel: Channel, seen: type[Seen]) -> None:
    keep(channel, seen, *[a_post() for _ in range(5)])
    assert look() == 5
    assert [len(ids) for ids in seen.asked] == [2, 2, 1]


@pytest.mark.parametrize(
    ("age", "since", "due"),
    [
        (timedelta(minutes=4), None, False),
        (timedelta(minutes=6), None, True),
        (timedelta(minutes=50), timedelta(minutes=4), False),
        (timedelta(minutes=50), timedelta(minutes=6), True),
        (timedelta(hours=2), timedelta(minutes=6), False),
        (timedelta(hours=2), timedelta(minutes=21), True),
        (timedelta(hours=20), timedelta(minutes=61), True),
        (timedelta(days=3), timedelta(hours=5), False),
        (timedelta(days=3), timedelta(hours=7), True),
        (timedelta(days=40), timedelta(hours=23), False),
        (timedelta(days=40), timedelta(hours=25), True),
    ],
)
def test_young_posts_are_looked_at_often_and_old_ones_daily(
    channel: Channel, seen: type[Seen], age: timedelta, since: timedelta | None, due: bool
) -> None:
    keep(channel, seen, a_post(), age=age)
    if since:
        Message.objects.update(looked_up_at=timezone.now() - since)
    assert look() == due
    assert look() == 0


def test_figures_that_changed_are_kept_and_have_a_speed(channel: Channel, seen: type[Seen]) -> None:
    (message,) = keep(channel, seen, a_post(metrics={"likes": 1, "views": 10}), age=timedelta(minutes=30))
    assert looking_again.speeds([message]) == {}
    assert look() == 1
    assert Reach.objects.count() == 0  # nothing had changed
    post = seen.now[message.external_id]
    later = timezone.now() + timedelta(minutes=30)
    seen.now[message.external_id] = replace(post, metrics={"likes": 7, "views": 40, "note": "new"})
    assert look(now=later) == 1
    message.refresh_from_db()
    assert message.metrics == {"likes": 7, "views": 40, "note": "new"}
    found = looking_again.speeds([message])[message.pk]
    assert found["likes"] == pytest.approx(6, rel=0.01)
    assert found["views"] == pytest.approx(30, rel=0.01)
    assert "note" not in found
    # Nothing new for an hour: it has grown by as much in twice the time.
    assert look(now=later + timedelta(hours=1)) == 1
    message.refresh_from_db()
    assert looking_again.speeds([message])[message.pk]["views"] == pytest.approx(15, rel=0.01)


def test_the_speeds_of_many_cost_one_query(channel: Channel, seen: type[Seen], django_assert_num_queries: Any) -> None:
    messages = keep(channel, seen, *[a_post(metrics={"likes": n}) for n in range(5)])
    for turn in (1, 2, 3):
        seen.now = {pk: replace(post, metrics={"likes": 99 * turn}) for pk, post in seen.now.items()}
        look(now=timezone.now() + timedelta(hours=turn))
    with django_assert_num_queries(1):
        found = looking_again.speeds(messages)
    assert {round(speed["likes"]) for speed in found.values()} == {99}


def test_what_a_look_costs_is_noted_and_one_ahead_of_its_month_is_not_made(
    channel: Channel, seen: type[Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(channel, seen, a_post())
    look()
    assert Spend.objects.get().count == 1
    monkeypatch.setattr("ingest.prices.price", lambda *_: Decimal(1))
    Channel.objects.update(monthly_cap=10)
    spending.note(channel, {"post_read": 100})
    assert look(now=timezone.now() + timedelta(minutes=20)) == 0


@pytest.mark.parametrize(("remaining", "resets_in", "looked"), [(30, 60, 1), (10, 60, 0), (10, -60, 1)])
def test_the_rest_of_a_rate_limit_is_left_to_live_reading(
    channel: Channel, seen: type[Seen], remaining: int, resets_in: int, looked: int
) -> None:
    keep(channel, seen, a_post())
    reset = timezone.now() + timedelta(seconds=resets_in)
    Channel.objects.update(room=spending.as_kept(Room(100, remaining, reset)))
    assert look() == looked


@pytest.mark.parametrize("trouble", [PlatformError("unreachable"), ZeroDivisionError("odd")])
def test_a_look_that_fails_is_made_again_soon(channel: Channel, seen: type[Seen], trouble: Exception) -> None:
    keep(channel, seen, a_post(), age=timedelta(days=30))
    seen.trouble.append(trouble)
    assert look() == 0
    assert look(now=timezone.now() + timedelta(minutes=5)) == 0
    assert look(now=timezone.now() + timedelta(minutes=11)) == 1


def test_channels_that_cannot_be_asked_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = a_channel()
    store(channel, [a_post()])
    Message.objects.update(received_at=timezone.now() - timedelta(days=1))
    assert look() == 0
    assert Message.objects.get().looked_up_at is None


def test_the_cost_does_not_grow_with_the_posts(
    channel: Channel, seen: type[Seen], django_assert_num_queries: Any
) -> None:
    seen.at_once = 50
    keep(channel, seen, *[a_post(metrics={"likes": n}) for n in range(40)])
    seen.now = {pk: replace(post, metrics={"likes": 99}) for pk, post in seen.now.items()}
    with django_assert_num_queries(11):
        assert look() == 40
