"""Marks: on the words as they were written, whole, and in the piece of the text that is shown."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.listing.search.asking import asked
from tickets.listing.search.marking import LINE, line, marks


def marked(text: str, question: str) -> list[str]:
    return [text[start:end] for start, end in marks(text, asked(question))]


@pytest.mark.parametrize(
    ("text", "question", "words"),
    [
        ("I was CHARGED twice; charges!", "charging", ["CHARGED", "charges"]),
        ("الفَاتُورَةُ، وفاتـــورتي", "فاتورة", ["الفَاتُورَةُ", "وفاتـــورتي"]),
        ("الإنترنت مقطوع", "انترنت مقط", ["الإنترنت", "مقطوع"]),
        ("late, and late again", '"late again"', ["late", "again"]),
        ("the bill and the billing", "bill -billing", ["bill", "billing"]),
        ("رقم ٤٠٢١ هو 4021", "4021", ["٤٠٢١", "4021"]),
        ("nothing here", "bill", []),
        ("layan wrote", "@layan", []),
    ],
)
def test_words_are_marked_in_every_form(text: str, question: str, words: list[str]) -> None:
    assert marked(text, question) == words


@given(st.text(max_size=400), st.text(max_size=40))
def test_marks_lie_in_the_text_in_order_and_apart(text: str, question: str) -> None:
    found = marks(text, asked(question))
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(found))


@given(st.text(alphabet="ab \n", max_size=600), st.sampled_from(["a", "ab", "b a"]))
def test_a_line_is_short_and_its_marks_hold_the_same_words(text: str, question: str) -> None:
    found = marks(text, asked(question))
    shown = line(text, found)
    assert len(shown.text) <= LINE + 4
    words = {text[start:end] for start, end in found}
    assert {shown.text[start:end] for start, end in shown.marks} <= words
