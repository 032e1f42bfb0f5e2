"""Marks and what they come to. Pure.

A question is {"id", "en", "ar", "weight"}; a mark is a whole number from 0 to 4, and a question may be left. The score
is the weighted mean of the marks that were given, over 4: from 0 to 1. What was left weighs nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tickets.numbers import whole

Question = Mapping[str, Any]

HIGHEST = 4
MARKS = range(HIGHEST + 1)
HEAVIEST = 5


def read(given: Mapping[str, object], questions: Sequence[Question]) -> dict[str, int]:
    """The marks among what was given, by the questions' ids: whatever is no mark of a question asked is left out."""
    found = {}
    for question in questions:
        mark = given.get(question["id"])
        mark = whole(mark, digits=1) if isinstance(mark, str) else mark
        if isinstance(mark, int) and not isinstance(mark, bool) and mark in MARKS:
            found[str(question["id"])] = mark
    return found


def score(questions: Sequence[Question], marks: Mapping[str, int]) -> float | None:
    """What the marks come to, from 0 to 1; None where every question was left."""
    given = [(int(question["weight"]), marks[question["id"]]) for question in questions if question["id"] in marks]
    weight = sum(weight for weight, _mark in given)
    return sum(weight * mark for weight, mark in given) / (weight * HIGHEST) if weight else None


def wording(question: Question, language: str) -> str:
    """A question in a language; in the other where it was not put in this one."""
    first, second = ("ar", "en") if language.startswith("ar") else ("en", "ar")
    return str(question.get(first) or question.get(second) or "")
