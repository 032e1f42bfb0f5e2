"""Marks and scores by hand, and by any marks at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.quality.marks import HIGHEST, Question, read, score, wording

TWO: list[Question] = [
    {"id": "a", "en": "Right?", "ar": "صحيح؟", "weight": 3},
    {"id": "b", "en": "Kind?", "ar": "", "weight": 1},
]


@pytest.mark.parametrize(
    ("marks", "comes_to"),
    [
        ({"a": 4, "b": 4}, 1.0),
        ({"a": 0, "b": 4}, 0.25),
        ({"a": 2}, 0.5),
        ({"b": 1}, 0.25),
        ({}, None),
    ],
)
def test_heavier_questions_count_more_and_what_is_left_counts_nothing(
    marks: dict[str, int], comes_to: float | None
) -> None:
    assert score(TWO, marks) == comes_to


@given(
    st.lists(st.tuples(st.integers(1, 5), st.none() | st.integers(0, HIGHEST)), max_size=12),
)
def test_a_score_lies_between_the_lowest_and_the_highest_mark(asked: list[tuple[int, int | None]]) -> None:
    questions = [{"id": str(n), "weight": weight} for n, (weight, _mark) in enumerate(asked)]
    marks = {str(n): mark for n, (_weight, mark) in enumerate(asked) if mark is not None}
    found = score(questions, marks)
    if not marks:
        assert found is None
    else:
        assert found is not None
        assert min(marks.values()) / HIGHEST - 1e-9 <= found <= max(marks.values()) / HIGHEST + 1e-9


@pytest.mark.parametrize("odd", ["5", "-1", "", "x", "04", None, True, 1.5, [], "٣"])
def test_whatever_is_no_mark_is_left(odd: object) -> None:
    assert read({"a": odd, "z": "4"}, TWO) == {}


def test_marks_come_as_forms_and_as_programs_send_them() -> None:
    assert read({"a": "0", "b": 4}, TWO) == {"a": 0, "b": 4}


def test_a_question_is_put_in_the_readers_language_where_it_has_words_in_it() -> None:
    assert [wording(TWO[0], "ar"), wording(TWO[0], "en-gb"), wording(TWO[1], "ar")] == ["صحيح؟", "Right?", "Kind?"]
