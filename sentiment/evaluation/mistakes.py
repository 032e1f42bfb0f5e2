"""Rows that a reader judged otherwise than people did, one a line, to be read by a person."""

from collections.abc import Iterator, Sequence

from sentiment.evaluation.answers import Answer
from sentiment.evaluation.rows import Labelled


def mistakes(rows: Sequence[Labelled], answers: Sequence[Answer]) -> Iterator[str]:
    """What went wrong, language, score, what was said, text; parted by tabs. Missed follow-ups come first."""
    pairs = list(zip(rows, answers, strict=True))
    for kind, wanted in (("missed", True), ("too much", False)):
        for row, answer in pairs:
            if row.follow_up is wanted and answer.follow_up is not None and answer.needs_person is not wanted:
                yield _line(kind, row, f"{answer.follow_up:.2f}", ",".join(sorted(answer.reasons or ())))
    for row, answer in pairs:
        if row.sentiment and answer.sentiment and row.sentiment != answer.sentiment:
            said = "" if answer.confidence is None else f"{answer.confidence:.2f}"
            yield _line("sentiment", row, said, f"{answer.sentiment}, not {row.sentiment}")


def _line(kind: str, row: Labelled, *said: str) -> str:
    return "\t".join([kind, row.language, *said, " ".join(row.text.split())])
