"""No author's clock makes a post late, early, or first in line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from ingest.collect import store, store_page
from ingest.models import Channel, Message
from ingest.platforms.base import Author, Kind, Page, Post
from ingest.times import EARLIEST, LATEST, Times, believed
from tests.cast import a_channel, a_post, ticket_of, work_off

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG_AGO, TOMORROW = datetime(2020, 1, 1, tzinfo=UTC), NOON + timedelta(days=1)
CONNECTED = NOON - timedelta(days=90)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_claim(posted_at: datetime, reachable_at: datetime | None = None, **fields: Any) -> Post:
    return Post("1", Author("a"), Kind.MENTION, "text", posted_at, reachable_at=reachable_at, **fields)


def of(posted_at: datetime, reachable_at: datetime | None = None, *, past: bool = False, **fields: Any) -> Times:
    return believed(a_claim(posted_at, reachable_at, **fields), NOON, CONNECTED, past=past)


def test_a_claim_that_can_be_right_is_believed_and_clocks_start_at_arrival() -> None:
    assert of(NOON - HOUR) == Times(NOON - HOUR)


def test_a_mention_backdated_to_2020_is_as_old_as_its_arrival() -> None:
    assert of(LONG_AGO) == Times(NOON, LONG_AGO)


def test_a_mention_dated_tomorrow_is_as_old_as_its_arrival() -> None:
    assert of(TOMORROW) == Times(NOON, TOMORROW)
    assert of(NOON + timedelta(minutes=9)) == Times(NOON), "clocks differ"


def test_what_the_platform_vouches_for_starts_the_clock_so_that_an_outage_counts() -> None:
    assert of(NOON - 5 * HOUR, NOON - 5 * HOUR) == Times(NOON - 5 * HOUR, None, NOON - 5 * HOUR)
    assert of(NOON - 30 * DAY, NOON - 30 * DAY).reachable_at == NOON - 30 * DAY


def test_a_claim_that_the_platform_contradicts_gives_way_to_its_time() -> None:
    assert of(LONG_AGO, NOON - HOUR) == Times(NOON - HOUR, LONG_AGO, NOON - HOUR)
    assert of(TOMORROW, NOON - HOUR) == Times(NOON - HOUR, TOMORROW, NOON - HOUR)


def test_a_letter_that_lay_in_an_outbox_for_some_hours_is_believed_and_waits_since_it_got_there() -> None:
    assert of(NOON - 9 * HOUR, NOON - HOUR) == Times(NOON - 9 * HOUR, None, NOON - HOUR)


def test_the_past_is_as_old_as_it_says_and_nobody_has_waited_since() -> None:
    assert of(LONG_AGO, past=True) == Times(LONG_AGO)
    assert of(LONG_AGO, context=True) == Times(LONG_AGO)
    assert of(LONG_AGO, LONG_AGO) == Times(LONG_AGO)
    assert believed(a_claim(LONG_AGO), NOON, NOON - HOUR) == Times(LONG_AGO), "a first look"


MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]))


@given(MOMENTS, st.none() | MOMENTS, MOMENTS, st.booleans(), st.booleans())
def test_whatever_is_claimed_no_time_lies_after_arrival_or_beyond_the_calendar(
    posted: datetime, reachable: datetime | None, connected: datetime, past: bool, context: bool
) -> None:
    kept = believed(a_claim(posted, reachable, context=context), NOON, connected, past=past)
    assert EARLIEST - DAY <= kept.posted_at <= NOON
    assert kept.claimed_at is None or EARLIEST <= kept.claimed_at <= LATEST
    if kept.reachable_at is not None:
        assert reachable is not None
        assert connected <= kept.reachable_at <= NOON
    if reachable is None:
        assert kept.reachable_at is None


# --- what tickets make of it ------------------------------------------------------------------------------------------
@pytest.fixture
def channel() -> Channel:
    made = a_channel()
    Channel.objects.update(created_at=CONNECTED)
    made.refresh_from_db()
    return made


def due_after(channel: Channel, *posts: Post) -> list[timedelta]:
    """How long after noon, when they come, the ticket of each is due."""
    with time_machine.travel(NOON, tick=False):
        store_page(channel, Page(posts, {}))
        work_off()
    tickets = [ticket_of(Message.objects.get(external_id=post.external_id)) for post in posts]
    return [ticket.due_at - NOON for ticket in tickets if ticket.due_at]


@pytest.mark.django_db
def test_posts_of_2020_of_now_and_of_tomorrow_are_due_at_the_same_moment(channel: Channel) -> None:
    claims = [LONG_AGO, NOON, TOMORROW]
    posts = [a_post(by=f"p{n}", posted_at=at, reachable_at=None) for n, at in enumerate(claims)]
    one, two, three = due_after(channel, *posts)
    assert one == two == three > timedelta(0)


@pytest.mark.django_db
def test_a_post_that_waited_while_our_channel_was_down_is_that_much_later(channel: Channel) -> None:
    fresh, late = a_post(by="p1", posted_at=NOON), a_post(by="p2", posted_at=NOON - 5 * HOUR)
    one, two = due_after(channel, fresh, late)
    assert one - two == 5 * HOUR
    message = Message.objects.get(external_id=late.external_id)
    assert ticket_of(message).waiting_since == message.posted_at == NOON - 5 * HOUR


@pytest.mark.django_db
def test_a_post_from_before_the_channel_was_connected_is_not_overdue_at_birth(channel: Channel) -> None:
    (due,) = due_after(channel, a_post(posted_at=CONNECTED - DAY))
    assert due > timedelta(0)


@pytest.mark.django_db
def test_context_that_turns_out_to_be_meant_for_us_has_the_times_of_a_message(channel: Channel) -> None:
    post = a_post(posted_at=LONG_AGO, reachable_at=None)
    with time_machine.travel(NOON, tick=False):
        store(channel, [replace(post, context=True)])
        assert Message.objects.get().posted_at == LONG_AGO
        store(channel, [post])
    assert Message.objects.values_list("posted_at", "claimed_at").get() == (NOON, LONG_AGO)
