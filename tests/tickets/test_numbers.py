"""What forms and addresses tell as a number is one, or none: never a failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.numbers import whole


@pytest.mark.parametrize(("told", "number"), [("0", 0), ("7", 7), ("0042", 42), ("9" * 18, 10**18 - 1)])
def test_plain_digits_are_a_number(told: str, number: int) -> None:
    assert whole(told) == number


@pytest.mark.parametrize(
    "told", ["", " 7", "7 ", "-7", "+7", "7.0", "1e3", "٧", "²", "9" * 19, "9" * 5_000, None, 7, b"7"]
)
def test_all_else_is_none(told: object) -> None:
    assert whole(told) is None


def test_a_smaller_column_takes_fewer_digits() -> None:
    assert (whole("999", digits=3), whole("1000", digits=3)) == (999, None)


@given(st.text(max_size=30))
def test_no_text_whatever_makes_it_fail(told: str) -> None:
    number = whole(told)
    assert number is None or 0 <= number < 10**18
