"""CSV rows that survive a broken neighbour.

One row with an unclosed quote would swallow the rest of a file. Here a row that is no CSV, or does not end within
reason, costs its own first line; reading goes on with the next one.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.imports.lines import Line, Lines

LONGEST_LINE = 1 << 20
# A row with more lines than this has lost a quote.
MOST_LINES = 400
MOST_CHARACTERS = 120_000


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one row, or the reason why there are none; `raw` is the text it was read from."""

    line: int
    raw: str
    fields: tuple[str, ...] = ()
    reason: str = ""


def records(lines: Lines) -> Iterator[Record]:
    """Every row of the file, in order."""
    while (first := lines.next()) is not None:
        yield _broken(first) or _record(first, lines)


def _broken(line: Line) -> Record | None:
    if not line.whole:
        return Record(line.number, line.text[:1000], reason="the line is too long")
    if not line.text.strip():
        return Record(line.number, line.text, reason="the line is empty")
    return None


def _record(first: Line, lines: Lines) -> Record:
    taken: list[Line] = []
    try:
        fields = tuple(next(csv.reader(_feed(first, lines, taken), strict=True)))
    except (csv.Error, StopIteration) as error:
        lines.put_back(taken[1:])
        return Record(first.number, first.text, reason=f"no CSV row: {error}")
    raw = "".join(line.text for line in taken)
    if not all(line.is_utf8 for line in taken):
        return Record(first.number, raw, reason="not valid UTF-8")
    return Record(first.number, raw, fields)


def _feed(first: Line, lines: Lines, taken: list[Line]) -> Iterator[str]:
    """Line after line for as long as the row wants more."""
    line: Line | None = first
    characters = 0
    while line is not None:
        taken.append(line)
        characters += len(line.text)
        if len(taken) > MOST_LINES or characters > MOST_CHARACTERS:
            raise csv.Error("a quotation mark is never closed")
        yield line.text
        line = lines.next()
