"""The silence alarm: much less than usual, by the same hours of the weeks before; never without history."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import silence
from ingest.collect import store
from ingest.silence import Silence, judge
from tests.cast import a_channel, a_post, an_own_post

NOW = datetime(2026, 11, 16, 14, 30, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def counts(came: int, past: list[int], day: int = 1) -> dict[int, list[int]]:
    """The same number an hour in each window, `day` times as much in 24."""
    return {h: [came * (h if h < 24 else 24 * day), *[n * h for n in past]] for h in silence.WINDOWS}


@pytest.mark.parametrize(
    ("came", "past", "silent"),
    [
        (0, [40, 44, 38, 41], True),
        (3, [40, 44, 38, 41], True),
        (30, [40, 44, 38, 41], False),
        (19, [40, 44, 38, 41], True),
        # What varies much by itself gives no alarm for less.
        (19, [40, 90, 10, 60, 20], False),
        # One odd week, a storm or an outage, changes nothing.
        (19, [40, 44, 400, 41, 38], True),
        (39, [40, 44, 0, 41, 38], False),
        # Too short a history.
        (0, [40, 44, 38], False),
    ],
)
def test_much_less_than_usual_is_a_silence(came: int, past: list[int], silent: bool) -> None:
    assert (judge(counts(came, past)) is not None) == silent


def test_quiet_channels_are_judged_by_more_hours() -> None:
    assert judge(counts(0, [4, 4, 4, 4])) == Silence(hours=3, came=0, usual=12)
    assert judge(counts(0, [1, 1, 1, 1])) == Silence(hours=24, came=0, usual=24)
    assert judge({hours: [0, 0, 1, 0, 1] for hours in silence.WINDOWS}) is None


@given(st.lists(st.integers(0, 500), min_size=4, max_size=8), st.integers(0, 500))
def test_what_is_usual_or_more_is_never_a_silence(past: list[int], more: int) -> None:
    assert judge(counts(max(past) + more, past)) is None


@pytest.mark.django_db
def test_the_same_hours_of_the_weeks_before_are_counted(django_assert_num_queries: Any) -> None:
    channel, other = a_channel(), a_channel()
    for week in range(1, 6):
        at = NOW - WEEK * week
        store(channel, [a_post(by=f"p{n}", posted_at=at - timedelta(minutes=n + 1)) for n in range(30)])
        store(channel, [an_own_post(posted_at=at - timedelta(minutes=5)), a_post(context=True, posted_at=at)])
    store(other, [a_post(posted_at=NOW - timedelta(minutes=1))])
    with django_assert_num_queries(1):
        found = silence.of_channels([channel.pk, other.pk], NOW)
    assert found == {channel.pk: Silence(1, 0, 30)}
    store(channel, [a_post(posted_at=NOW - timedelta(minutes=n)) for n in range(2)])
    assert silence.of_channels([channel.pk, other.pk], NOW) == {channel.pk: Silence(1, 2, 30)}
