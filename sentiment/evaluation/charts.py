"""The drawings of a report: precision and recall by language, reliability, confusion."""

import re
from collections.abc import Iterator, Sequence

from sentiment.evaluation.calibration import Calibration
from sentiment.evaluation.classes import Classes
from sentiment.evaluation.drawing import DASHES, SERIES, Drawing, Frame
from sentiment.evaluation.follow_up import FollowUp
from sentiment.evaluation.report import FileReport, Group

CELL, MARGIN = 84, 120


def drawings(file: FileReport) -> Iterator[tuple[str, Drawing]]:
    """Name (without ending) and drawing of everything the file's figures allow."""
    curves = [(group.name, group.figures.follow_up) for group in _languages(file)]
    known = [(name, curve) for name, curve in curves if curve and 0 < curve.yes < curve.rows]
    if known:
        yield "precision-recall", precision_recall(known)
    whole = file.groups[0].figures
    reliable = [
        (name, one)
        for name, one in (("follow_up", whole.follow_up_calibration), ("sentiment", whole.sentiment_calibration))
        if one
    ]
    if reliable:
        yield "reliability", reliability(reliable)
    for group in _languages(file):
        if group.figures.sentiment:
            yield (
                f"confusion-sentiment-{_plain(group.name)}",
                confusion(f"Sentiment, {group.name}", group.figures.sentiment),
            )
        if group.figures.follow_up_decided:
            decided = group.figures.follow_up_decided
            yield f"confusion-follow-up-{_plain(group.name)}", confusion(f"Follow-up, {group.name}", decided)


def precision_recall(curves: Sequence[tuple[str, FollowUp]]) -> Drawing:
    """A curve for each language, with a mark where the reader's own threshold stands."""
    told = "; ".join(
        f"{name}: {curve.yes} of {curve.rows} rows call for a person, average precision "
        f"{_percent(curve.average_precision.value)}"
        for name, curve in curves
    )
    drawing = Drawing("Who is shown to a person: precision and recall", told)
    frame = Frame(drawing)
    frame.axes("Recall", "Precision")
    for number, (name, curve) in enumerate(curves):
        # Before the first threshold nothing is shown: the curve begins at its first point's precision.
        points = [(0.0, curve.points[0].precision), *((point.recall, point.precision) for point in curve.points)]
        frame.path(points, number, dash=DASHES[number % SERIES])
        if curve.recall.value is not None and curve.precision.value is not None:
            hint = f"{name}, own threshold: recall {_percent(curve.recall.value)}, precision "
            place = (frame.x(curve.recall.value), frame.y(curve.precision.value))
            drawing.dot(*place, number, 6, hint + _percent(curve.precision.value))
    frame.legend([name for name, _ in curves], 0.04, 0.13 + 0.06 * (len(curves) - 1))
    drawing.words(frame.x(0.04), frame.y(0.05), "The large mark: the reader's own threshold")
    return drawing


def reliability(series: Sequence[tuple[str, Calibration]]) -> Drawing:
    """What was said against what happened; on the diagonal probabilities mean what they say."""
    told = "; ".join(f"{name}: expected calibration error {_percent(one.ece.value)}" for name, one in series)
    drawing = Drawing("Reliability: do probabilities mean what they say?", told)
    frame = Frame(drawing)
    frame.axes("Probability said", "Share that was so")
    drawing.line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "axis")
    for number, (name, one) in enumerate(series):
        frame.path([(part.said, part.happened) for part in one.bins], number, dash=DASHES[number % SERIES])
        for part in one.bins:
            hint = f"{name}: {part.rows} rows, said {_percent(part.said)}, was so {_percent(part.happened)}"
            drawing.dot(frame.x(part.said), frame.y(part.happened), number, 3.5, hint)
    names = [f"{name} (ECE {_percent(one.ece.value)})" for name, one in series]
    frame.legend(names, 0.04, 0.96)
    return drawing


def confusion(title: str, found: Classes) -> Drawing:
    """Rows by what people said, columns by what the reader said; shades are shares of the row."""
    names, columns = found.names[: len(found.confusion)], [name or "none" for name in found.names]
    width, height = MARGIN + CELL * len(columns) + 24, 84 + CELL // 2 * len(names) + 36
    drawing = Drawing(f"{title} (n {found.rows})", _told(names, columns, found), max(width, 330), height)
    drawing.words(MARGIN + CELL * len(columns) / 2, 50, "the reader said", anchor="middle")
    drawing.words(20, 84 + CELL / 4 * len(names), "people said", anchor="middle", turn=-90)
    for across, column in enumerate(columns):
        drawing.words(MARGIN + CELL * (across + 0.5), 74, column, anchor="middle")
    for down, (name, row) in enumerate(zip(names, found.confusion, strict=True)):
        top, total = 84 + CELL // 2 * down, max(1, sum(row))
        drawing.words(MARGIN - 10, top + CELL / 4 + 5, name, anchor="end")
        for across, count in enumerate(row):
            left = MARGIN + CELL * across
            drawing.box(left + 1, top + 1, CELL - 2, CELL // 2 - 2, 0.04 + 0.46 * count / total)
            drawing.words(left + CELL / 2, top + CELL / 4 + 5, f"{count:,} · {count / total:.0%}", anchor="middle")
    return drawing


def _told(names: Sequence[str], columns: Sequence[str], found: Classes) -> str:
    rows = zip(names, found.confusion, strict=True)
    return "; ".join(
        f"{name}: {', '.join(f'{count} as {column}' for column, count in zip(columns, row, strict=True))}"
        for name, row in rows
    )


def _languages(file: FileReport) -> list[Group]:
    return [group for group in file.groups[1:] if ": " not in group.name]


def _plain(name: str) -> str:
    """A language as part of a file's name: what stands in a file of labels may be anything."""
    return re.sub(r"[^\w-]+", "-", name)


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share * 100:.1f} %"
