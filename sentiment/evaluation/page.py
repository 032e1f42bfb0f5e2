"""The report as a page of the documentation: Markdown with tables, and drawings in a folder of the page's name."""

from collections.abc import Iterator
from pathlib import Path

from sentiment.evaluation import charts, tables
from sentiment.evaluation.report import FileReport, Report
from sentiment.evaluation.resampling import RESAMPLES


def write(report: Report, page: Path) -> list[Path]:
    """Write `page` and, in the folder beside it that has its name, its drawings; earlier drawings there go.

    Returns what was written, the page first. Raises OSError where nothing may be written.
    """
    folder = page.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    drawn = []
    for name, drawing in charts.drawings(report.together):
        drawn.append(folder / f"{name}.svg")
        drawn[-1].write_text(drawing.svg(), encoding="utf-8")
    page.write_text(markdown(report, folder.name), encoding="utf-8")
    return [page, *drawn]


def markdown(report: Report, folder: str) -> str:
    """The page; its drawings lie in `folder` beside it."""
    return "\n\n".join(_parts(report, folder)) + "\n"


def _parts(report: Report, folder: str) -> Iterator[str]:
    reader = report.reader
    yield "# How well the reader reads"
    yield (
        "Written by `manage.py evaluate_model … --page`; do not edit it by hand. [evaluating.md](evaluating.md) says"
        " what each figure means and how to make this page again."
    )
    yield (
        f"Model **{reader.model} {reader.version}** (`{reader.spec}`), {reader.threads} threads on {reader.cpus} CPUs."
        f" Figures are percent; in brackets the 95 % interval of a percentile bootstrap over rows ({RESAMPLES:,}"
        " resamples, fixed seed). *n* counts the rows that have the label."
    )
    if report.means:
        yield _table(tables.means_table(report))
    yield from _pictures(report, folder)
    if len(report.files) > 1:
        yield from _file(report.together, "All files together")
    for file in report.files:
        yield from _file(file, file.name)


def _pictures(report: Report, folder: str) -> Iterator[str]:
    drawn = list(charts.drawings(report.together))
    if not drawn:
        return
    of = "all files together" if len(report.files) > 1 else report.files[0].name
    yield f"## Drawings\n\nOf {of}. Each carries its figures as a description."
    confusions = [(name, drawing) for name, drawing in drawn if name.startswith("confusion")]
    for name, drawing in drawn:
        if not name.startswith("confusion"):
            yield f"![{drawing.title}: {drawing.description}]({folder}/{name}.svg)"
    if confusions:
        yield " ".join(
            f"![{drawing.title}: {drawing.description}]({folder}/{name}.svg)" for name, drawing in confusions
        )


def _file(file: FileReport, heading: str) -> Iterator[str]:
    yield f"## {heading}"
    yield f"{tables.title(file).split(': ', 1)[1]}."
    yield from (f"> {note}" for note in file.notes)
    for table in tables.tables(file):
        yield _table(table)


def _table(table: tables.Table) -> str:
    return f"### {table.title}\n\n{tables.markdown(table)}"
