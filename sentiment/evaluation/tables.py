"""The report as tables of words and figures, for a terminal and for Markdown alike. Shares are shown in percent."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sentiment.evaluation.classes import Classes
from sentiment.evaluation.figures import Figures
from sentiment.evaluation.follow_up import PRECISIONS, FollowUp
from sentiment.evaluation.report import FEW, OTHER, FileReport, Report
from sentiment.evaluation.resampling import Estimate

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99, 1.0)
"""Recalls at which the curve is told in words."""
NONE = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """A title, column heads, and rows of cells; the first column is words, the others figures."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A group as one answerer saw it."""

    name: str
    figures: Figures


def tables(file: FileReport) -> list[Table]:
    """The tables of one file that have at least one row."""
    lines = list(_lines(file))
    found = [
        _sentiment(lines),
        _each(lines, "sentiment, by class", lambda figures: figures.sentiment),
        _follow_up(lines),
        _curve(lines),
        _reasons(lines),
        _each_reason(lines),
        *(_short(lines, name) for name in ("urgency", "trigger", "aim")),
        _short(lines, "complaint", "complaint (the reasons name one)"),
    ]
    return [table for table in found if table.rows]


def text(report: Report) -> str:
    """The whole report for a terminal."""
    parts = [heading(report)]
    for file in (*report.files, *([report.together] if len(report.files) > 1 else [])):
        parts.append("\n".join([f"== {title(file)}", *(f"   {note}" for note in file.notes)]))
        parts += [plain(table) for table in tables(file)]
    parts += [plain(means_table(report))] if report.means else []
    return "\n\n".join(parts)


def heading(report: Report) -> str:
    """Which model, on what, and how figures are to be read."""
    reader = report.reader
    return (
        f"{reader.model} {reader.version} ({reader.spec}), {reader.threads} threads on {reader.cpus} CPUs.\n"
        "Percent, with 95 % bootstrap intervals; n rows have the label. ECE: expected calibration error, 15 bins of\n"
        "equally many rows. R at P≥x: the highest recall of any threshold with at least that precision."
    )


def title(file: FileReport) -> str:
    """A file's name, size, speed, and texts that could not be read."""
    rate = f", {file.messages_per_second:,.0f} messages/s" if file.messages_per_second else ""
    failures = file.groups[0].figures.failures
    return f"{file.name}: {file.rows:,} rows{rate}{f', {failures:,} could not be read' if failures else ''}"


def means_table(report: Report) -> Table:
    """Means over files."""
    rows = (
        (name, str(values["files"]), share(values["sentiment_macro_f1"]), share(values["sentiment_macro_recall"]))
        for name, values in report.means.items()
    )
    return Table("mean over files, sentiment", ("", "files", "macro-F1", "macro-recall"), tuple(rows))


def plain(table: Table) -> str:
    """Columns aligned by spaces."""
    widths = [max(map(len, column)) for column in zip(table.heads, *table.rows, strict=True)]
    out = [table.title]
    for row in (table.heads, *table.rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        out.append(f"  {'  '.join(cells).rstrip()}")
    return "\n".join(out)


def markdown(table: Table) -> str:
    """The same for a page."""
    marks = ("---", *("---:" for _ in table.heads[1:]))
    return "\n".join(
        f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in (table.heads, marks, *table.rows)
    )


def share(value: float | None) -> str:
    """0.7204 as 72.0."""
    return NONE if value is None else f"{value * 100:.1f}"


def estimate(one: Estimate) -> str:
    """72.0 (68.9–75.1)."""
    return share(one.value) if one.low is None else f"{share(one.value)} ({share(one.low)}–{share(one.high)})"


def _lines(file: FileReport) -> Iterator[_Line]:
    """A lone language is the whole file, and not told twice; a few rows of other languages are not told at all."""
    languages = [group for group in file.groups[1:] if ": " not in group.name]
    alone = len(languages) == 1
    for place, group in enumerate(file.groups):
        if (alone and group is languages[0]) or (group.name == OTHER and group.figures.rows < FEW):
            continue
        name = f"all ({languages[0].name})" if alone and not place else group.name
        yield _Line(name, group.figures)
        for baseline, figures in group.baselines.items():
            yield _Line(f"  {baseline}", figures)


def _sentiment(lines: Sequence[_Line]) -> Table:
    rows = []
    for line in lines:
        tone, calibrated = line.figures.sentiment, line.figures.sentiment_calibration
        if tone:
            ece = estimate(calibrated.ece) if calibrated else NONE
            cells = (str(tone.rows), estimate(tone.macro_f1), estimate(tone.macro_recall), estimate(tone.accuracy), ece)
            rows.append((line.name, *cells))
    return Table("sentiment", ("", "n", "macro-F1", "macro-recall", "accuracy", "ECE"), tuple(rows))


def _each(lines: Sequence[_Line], name: str, of: Callable[[Figures], Classes | None]) -> Table:
    rows = []
    for line in lines:
        found = of(line.figures)
        for one in found.each if found else ():
            cells = (str(one.rows), estimate(one.precision), estimate(one.recall), estimate(one.f1))
            rows.append((f"{line.name}: {one.name}", *cells))
    return Table(name, ("", "n", "precision", "recall", "F1"), tuple(rows))


def _follow_up(lines: Sequence[_Line]) -> Table:
    heads = (
        "",
        "n",
        "yes",
        *(f"R at P≥{p:.2f}" for p in PRECISIONS),
        "own threshold",
        "precision",
        "recall",
        "AP",
        "ECE",
    )
    rows = []
    for line in lines:
        found, calibrated = line.figures.follow_up, line.figures.follow_up_calibration
        if found:
            at = (estimate(one.recall) for one in found.at)
            ece = estimate(calibrated.ece) if calibrated else NONE
            rows.append((
                line.name, str(found.rows), str(found.yes), *at, _own(found, line.figures.follow_up_scored_by),
                estimate(found.precision), estimate(found.recall), share(found.average_precision.value), ece,
            ))  # fmt: skip
    return Table("follow_up", heads, tuple(rows))


def _own(found: FollowUp, scored_by: str) -> str:
    threshold = "by language" if found.threshold is None else f"{found.threshold:.2f}"
    return f"{threshold} (rule)" if scored_by == "rule" else threshold


def _curve(lines: Sequence[_Line]) -> Table:
    """The most precise threshold at each level of recall."""
    rows = []
    for line in lines:
        points = line.figures.follow_up.points if line.figures.follow_up else ()
        best = [
            max((p for p in points if p.recall >= level), key=lambda p: p.precision, default=None) for level in LEVELS
        ]
        if points and not line.name.startswith("  "):
            rows.append((line.name, *(f"{share(p.precision)} @{p.threshold:.2f}" if p else NONE for p in best)))
    heads = ("", *(f"R≥{level:.2f}" for level in LEVELS))
    return Table("follow_up, precision @threshold by recall", heads, tuple(rows))


def _reasons(lines: Sequence[_Line]) -> Table:
    found = ((line.name, line.figures.reasons) for line in lines)
    rows = ((name, str(one.rows), estimate(one.micro_f1), estimate(one.macro_f1)) for name, one in found if one)
    return Table("reasons", ("", "n", "micro-F1", "macro-F1"), tuple(rows))


def _each_reason(lines: Sequence[_Line]) -> Table:
    """A row for each reason: all figures over all rows, then its F1 in each further group."""
    found = [(line.name, line.figures.reasons) for line in lines if line.figures.reasons]
    by_name = [(name, {one.name: one for one in several.each}) for name, several in found if several]
    if not by_name:
        return Table("reasons, each", (), ())
    (first, whole), *parts = by_name
    rows = []
    for name, one in whole.items():
        further = (share(part[name].f1.value) if name in part else NONE for _, part in parts)
        rows.append((name, str(one.rows), *map(estimate, (one.precision, one.recall, one.f1)), *further))
    heads = ("", f"n, {first}", "precision", "recall", "F1", *(f"F1, {name}" for name, _ in parts))
    return Table("reasons, each", heads, tuple(rows))


def _short(lines: Sequence[_Line], name: str, title: str = "") -> Table:
    """Overall figures, and the F1 of each name that occurs."""
    rows = []
    for line in lines:
        found: Classes | None = getattr(line.figures, name)
        if found:
            each = ", ".join(f"{one.name} {share(one.f1.value)}" for one in found.each if one.f1.value is not None)
            rows.append((line.name, str(found.rows), estimate(found.accuracy), estimate(found.macro_f1), each))
    return Table(title or name, ("", "n", "accuracy", "macro-F1", "F1 of each"), tuple(rows))
