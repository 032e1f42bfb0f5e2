"""Cursors: they come back as they went, and nobody else's are taken."""

import base64
import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.listing.ordering import SORTS, BadCursor, Cursor, sort_of

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (bounds are given without one)
NUMBERS = st.integers(0, 2**63 - 1)
VALUES = {
    "next": st.tuples(MOMENTS, NUMBERS),
    "priority": st.tuples(st.integers(1, 4), MOMENTS, NUMBERS),
    "negative": st.tuples(st.floats(-1, 1), NUMBERS),
    "newest": st.tuples(MOMENTS, NUMBERS),
    "oldest": st.tuples(MOMENTS, NUMBERS),
    "first": st.tuples(NUMBERS),
}


@given(st.sampled_from(sorted(SORTS)).flatmap(lambda slug: st.tuples(st.just(slug), VALUES[slug])))
def test_a_cursor_comes_back_as_it_went(told: tuple[str, tuple[object, ...]]) -> None:
    slug, values = told
    assert Cursor.read(Cursor(slug, values).token(), SORTS[slug]) == (slug, values)  # type: ignore[arg-type]


def token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "%%%",
        "ÿ",
        token("{}"),
        token("[]"),
        token("7"),
        token('["next", "2026-01-01T00:00:00", 1]'),
        token('["next", "2026-01-01T00:00:00+00:00", "1"]'),
        token('["next", "2026-01-01T00:00:00+00:00", true]'),
        token('["next", "2026-01-01T00:00:00+00:00", -1]'),
        token('["next", "yesterday", 1]'),
        token('["next", 5, 1]'),
        token('["next", 1]'),
        token('["newest", "2026-01-01T00:00:00+00:00", 1]'),
        token("[" * 5000),
    ],
)
def test_a_cursor_of_somebody_elses_making_is_refused(bad: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.read(bad, SORTS["next"])


@pytest.mark.parametrize("bad", ['["negative", NaN, 1]', '["negative", 7, 1]', '["negative", "0.5", 1]'])
def test_a_valence_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.read(token(bad), SORTS["negative"])


@given(st.text(max_size=80), st.sampled_from(sorted(SORTS)))
def test_no_text_breaks_the_reading_of_a_cursor(text: str, slug: str) -> None:
    with contextlib.suppress(BadCursor):
        Cursor.read(text, SORTS[slug])


def test_an_order_that_is_not_offered_is_the_first_that_is() -> None:
    assert sort_of("negative", ("next", "negative")) is SORTS["negative"]
    assert sort_of("", ("next", "negative")) is SORTS["next"]
    assert sort_of("first", ("newest",)) is SORTS["newest"]


def test_no_order_goes_by_how_many_follow_a_customer() -> None:
    columns = {column for sort in SORTS.values() for column in sort.columns}
    assert columns == {"due_at", "priority", "latest_valence", "updated_at", "opened_at"}
