"""Backfill: the past comes in page by page, behind whatever is live, and goes on where it was when something dies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ingest import backfilling
from ingest.collect import store
from ingest.models import Backfill, Channel, Message
from ingest.platforms import registry
from ingest.platforms.base import Json, Page, PlatformError, Room
from tests.cast import FakePlatform, a_channel, a_platform, a_post, at_once

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 10, 1, tzinfo=UTC)


class Past(FakePlatform):
    """A platform with a past: `past` is used up from the front."""

    past: list[Page | Exception] = []
    asked: list[tuple[datetime, Json]] = []

    def backfill(self, since: datetime, cursor: Json) -> Page:
        self.asked.append((since, cursor))
        page = self.past.pop(0) if self.past else Page((), cursor)
        if isinstance(page, Exception):
            raise page
        return page


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setitem(registry.PLATFORMS, "past", Past)
    monkeypatch.setattr(Past, "past", [])
    monkeypatch.setattr(Past, "asked", [])
    return a_channel(platform="past", next_poll_at=timezone.now() + timedelta(hours=1))


def a_page(*texts: str, at: int = 1, more: bool = True, day: int = 20, **fields: Any) -> Page:
    posts = tuple(a_post(text, posted_at=datetime(2026, 10, day, tzinfo=UTC)) for text in texts)
    return Page(posts, {"at": at}, more=more, **fields)


def now_due() -> None:
    Backfill.objects.update(due_at=timezone.now() - timedelta(seconds=1), lease_until=None)


def the_one() -> Backfill:
    return Backfill.objects.get()


def test_the_past_is_read_page_by_page_to_its_end(channel: Channel) -> None:
    Past.past += [a_page("one", "two", at=1, day=25), a_page("three", at=2, more=False, day=3)]
    backfilling.start(channel, SINCE)
    assert [backfilling.read_some() for _turn in range(3)] == [1, 1, 0]
    assert Past.asked == [(SINCE, {}), (SINCE, {"at": 1})]
    done = the_one()
    assert (done.state, done.pages, done.found, done.stored, done.attempts) == ("done", 2, 3, 3, 0)
    assert done.reached == datetime(2026, 10, 3, tzinfo=UTC)
    assert done.finished_at is not None
    assert set(Message.objects.values_list("state", flat=True)) == {"new"}
    channel.refresh_from_db()
    assert channel.cursor == {}, "the cursor of the poll is another"


def test_what_live_reading_brought_already_is_found_but_not_stored_again(channel: Channel) -> None:
    page = a_page("one", "two", more=False)
    store(channel, page.posts[:1])
    Past.past.append(page)
    backfilling.start(channel, SINCE)
    backfilling.read_some()
    assert (the_one().found, the_one().stored) == (2, 1)


def test_it_tells_how_far_it_has_come(channel: Channel) -> None:
    began = datetime(2026, 10, 31, tzinfo=UTC)
    backfill = Backfill(channel=channel, since=SINCE, started_at=began, due_at=began)
    assert backfilling.progress(backfill) == 0
    backfill.reached = datetime(2026, 10, 16, tzinfo=UTC)
    assert backfilling.progress(backfill) == 0.5
    backfill.reached = SINCE - timedelta(days=9)
    assert backfilling.progress(backfill) == 1
    backfill.reached, backfill.state = None, Backfill.State.DONE
    assert backfilling.progress(backfill) == 1


# --- behind what is live ---------------------------------------------------------------------------------------------
def test_a_channel_that_waits_for_its_look_comes_first(channel: Channel) -> None:
    backfilling.start(channel, SINCE)
    other = a_channel(platform="past", next_poll_at=timezone.now() - timedelta(minutes=1))
    assert backfilling.read_some() == 0
    Channel.objects.filter(pk=other.pk).update(next_poll_at=timezone.now() + timedelta(minutes=1))
    assert backfilling.read_some() == 1


def test_it_waits_while_the_reader_has_not_kept_up(channel: Channel, settings: Any) -> None:
    settings.BACKFILL_UNREAD = 2
    backfilling.start(channel, SINCE)
    store(channel, [a_post(), a_post()])
    assert backfilling.read_some() == 0
    Message.objects.update(state="scored")
    assert backfilling.read_some() == 1


def test_it_leaves_a_part_of_a_rate_limit_to_live_posts(channel: Channel) -> None:
    resets = timezone.now() + timedelta(minutes=9)
    Past.past.append(a_page("one", room=Room(100, 10, resets)))
    backfilling.start(channel, SINCE)
    backfilling.read_some()
    assert the_one().due_at == resets


def test_it_rests_while_the_months_money_is_short_and_no_try_is_counted(channel: Channel) -> None:
    Channel.objects.update(monthly_cap=0)
    backfilling.start(channel, SINCE)
    assert backfilling.read_some() == 1
    assert Past.asked == []
    assert (the_one().state, the_one().attempts) == ("working", 0)
    assert the_one().due_at > timezone.now()


def test_looking_for_nothing_costs_one_query(channel: Channel) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert backfilling.read_some() == 0
    assert len(queries) == 1


def test_backfills_take_turns(channel: Channel) -> None:
    other = a_channel(platform="past", next_poll_at=timezone.now() + timedelta(hours=1))
    Past.past += [a_page("one"), a_page("two"), a_page("three")]
    for each in (channel, other):
        backfilling.start(each, SINCE)
    for _turn in range(2):
        backfilling.read_some()
    assert set(Backfill.objects.values_list("pages", flat=True)) == {1}


# --- beginning and ending --------------------------------------------------------------------------------------------
def test_only_one_is_at_work_and_a_longer_one_takes_its_place(channel: Channel) -> None:
    first = backfilling.start(channel, SINCE)
    assert backfilling.start(channel, SINCE + timedelta(days=3)) == first
    longer = backfilling.start(channel, SINCE - timedelta(days=3))
    assert longer != first
    assert sorted(Backfill.objects.values_list("state", flat=True)) == ["stopped", "working"]


def test_a_platform_without_a_past_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    a_platform(monkeypatch)
    with pytest.raises(backfilling.NoPast):
        backfilling.start(a_channel(platform="fake"), SINCE)


def test_it_can_be_stopped_even_in_the_middle_of_a_page(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    backfill = backfilling.start(channel, SINCE)

    def stopped_meanwhile(self: Past, since: datetime, cursor: Json) -> Page:
        assert backfilling.stop(backfill.pk)
        return a_page("one")

    monkeypatch.setattr(Past, "backfill", stopped_meanwhile)
    backfilling.read_some()
    assert (the_one().state, the_one().pages) == ("stopped", 0)
    assert Message.objects.count() == 1, "what was read stays"
    assert not backfilling.stop(backfill.pk)
    assert backfilling.read_some() == 0


def test_it_waits_while_its_channel_is_paused(channel: Channel) -> None:
    backfilling.start(channel, SINCE)
    Channel.objects.update(state="paused")
    assert backfilling.read_some() == 0


# --- trouble ---------------------------------------------------------------------------------------------------------
def test_a_rate_limit_is_waited_for_and_not_counted(channel: Channel) -> None:
    Past.past += [PlatformError("rate_limited", retry_after=600)] * 20
    backfilling.start(channel, SINCE)
    for _turn in range(20):
        assert backfilling.read_some() == 1
        assert the_one().due_at - timezone.now() > timedelta(seconds=580)
        now_due()
    assert (the_one().state, the_one().attempts) == ("working", 0)


@pytest.mark.parametrize("trouble", [PlatformError("platform_down"), KeyError("odd")])
def test_trouble_is_tried_again_later_and_ends_it_with_its_words(
    channel: Channel, trouble: Exception, settings: Any
) -> None:
    Past.past += [trouble] * 20
    backfilling.start(channel, SINCE)
    for _turn in range(settings.BACKFILL_ATTEMPTS):
        assert the_one().state == "working"
        assert backfilling.read_some() == 1
        assert backfilling.read_some() == 0, "it rests"
        now_due()
    assert the_one().state == "stopped"
    assert the_one().error


def test_an_error_that_trying_again_cannot_mend_ends_it(channel: Channel) -> None:
    Past.past.append(PlatformError("bad_credentials", "expired", permanent=True))
    backfilling.start(channel, SINCE)
    backfilling.read_some()
    assert (the_one().state, the_one().error) == ("stopped", "bad_credentials: expired")


def test_a_platform_that_gives_the_same_page_again_is_not_followed_for_ever(channel: Channel) -> None:
    Past.past += [Page((), {}, more=True)]
    backfilling.start(channel, SINCE)
    backfilling.read_some()
    assert the_one().error.startswith("stuck")


def test_a_process_that_dies_over_a_page_again_and_again_does_not_take_it_up_for_ever(
    channel: Channel, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(self: Past, since: datetime, cursor: Json) -> Page:
        raise Killed

    monkeypatch.setattr(Past, "backfill", die)
    backfilling.start(channel, SINCE)
    for _life in range(settings.BACKFILL_ATTEMPTS):
        with pytest.raises(Killed):
            backfilling.read_some()
        assert backfilling.read_some() == 0, "the dead one's lease has not run out"
        Backfill.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert backfilling.read_some() == 1
    assert the_one().state == "stopped"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_read_a_page_once(channel: Channel) -> None:
    Past.past += [a_page("one", at=1), a_page("two", at=2), a_page("three", at=3)]
    backfilling.start(channel, SINCE)
    assert sum(at_once(backfilling.read_some, backfilling.read_some)) in {1, 2}
    assert the_one().pages == len(Past.asked)
    assert len({repr(cursor) for _since, cursor in Past.asked}) == len(Past.asked)
