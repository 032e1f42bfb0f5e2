"""How far a distribution has moved: nought when it stands still, more the further it goes, and finite always."""

from math import isclose, isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.stability import ENOUGH, SHIFTED, doubled, mean, shares, shift

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10_000), min_size=1).filter(
    lambda c: sum(c.values())
)


def of(negative: int, neutral: int, positive: int) -> dict[str, int]:
    return {"negative": negative, "neutral": neutral, "positive": positive}


def test_the_index_is_that_of_the_formula() -> None:
    now, before = shares(of(60, 20, 20), ["negative", "neutral", "positive"]), [1 / 3] * 3
    by_hand = sum((a - b) * log(a / b) for a, b in zip(now, before, strict=True))
    found = shift(of(60, 20, 20), [of(40, 40, 40)])
    assert found is not None
    assert isclose(found, by_hand)


def test_a_quarter_is_a_clear_change_and_noise_is_not() -> None:
    before = [of(100, 60, 40)] * 4
    assert (shift(of(104, 57, 39), before) or 0) < 0.01
    assert (shift(of(40, 60, 100), before) or 0) > SHIFTED


def test_a_week_is_held_against_the_mean_of_shares_not_of_sizes() -> None:
    small, large = of(150, 25, 25), of(2500, 2500, 15000)
    even = shift(of(400, 400, 400), [small, large])
    assert even is not None
    assert isclose(even, shift(of(400, 400, 400), [large, small]) or 0)
    assert even < (shift(of(400, 400, 400), [large]) or 0)


@given(COUNTS)
def test_what_stands_still_has_not_moved(counts: dict[str, int]) -> None:
    assert isclose(shift(counts, [counts] * 4) or 0, 0, abs_tol=1e-9)


@given(COUNTS, st.lists(COUNTS, min_size=1, max_size=4))
def test_the_index_is_finite_and_never_negative_even_with_empty_classes(
    now: dict[str, int], before: list[dict[str, int]]
) -> None:
    moved = shift(now, before)
    assert moved is not None
    assert isfinite(moved)
    assert moved >= -1e-12


@given(COUNTS, st.sampled_from("abcdefg"))
def test_shares_make_a_whole_and_none_is_nought(counts: dict[str, int], more: str) -> None:
    found = shares(counts, sorted({*counts, more}))
    assert isclose(sum(found), 1)
    assert min(found) > 0


@pytest.mark.parametrize(("now", "before"), [({}, [of(1, 1, 1)]), (of(1, 1, 1), []), (of(1, 1, 1), [of(0, 0, 0)])])
def test_nothing_counted_is_nothing_said(now: dict[str, int], before: list[dict[str, int]]) -> None:
    assert shift(now, before) is None


@pytest.mark.parametrize(
    ("now", "before", "alarm"),
    [
        (0.06, [0.03] * 4, True),
        (0.06, [0.031] * 4, False),
        (0.05, [0.0] * 4, False),  # one in twenty is not above it
        (0.051, [0.0] * 4, True),
        (0.5, [0.3] * 4, False),
    ],
)
def test_corrections_give_alarm_when_they_double_to_above_one_in_twenty(
    now: float, before: list[float], *, alarm: bool
) -> None:
    assert doubled(now, before) is alarm


def test_fourteen_classes_that_did_not_change_stay_below_the_alarm_at_the_least_size() -> None:
    assert 13 * (1 / ENOUGH + 1 / (4 * ENOUGH)) < SHIFTED / 2


def test_the_mean_of_nothing_is_nought() -> None:
    assert mean([]) == 0
