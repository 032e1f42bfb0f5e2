"""Asks a reader for every row of a file, and times it: cleaning, language and tokenising included."""

from collections.abc import Sequence
from time import perf_counter

from sentiment.engine import read_with
from sentiment.evaluation.answers import Answer, answer
from sentiment.evaluation.rows import Labelled
from sentiment.reading import Backend

WARM_UP = 64
"""Rows read beforehand, so that what happens once (loading word lists, first allocations) is not timed."""


def warm_up(backend: Backend, rows: Sequence[Labelled]) -> None:
    """Read a few rows for nothing."""
    ask(backend, rows[:WARM_UP])


def ask(backend: Backend, rows: Sequence[Labelled]) -> tuple[list[Answer], float]:
    """The answers to n rows, each read with what it replies to where that is known, and the seconds all took."""
    parents = [row.parent for row in rows] if any(row.parent for row in rows) else None
    began = perf_counter()
    readings = read_with(backend, [row.text for row in rows], parents)
    seconds = perf_counter() - began
    return [answer(reading) for reading in readings], seconds
