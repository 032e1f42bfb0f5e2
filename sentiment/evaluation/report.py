"""Figures of files: each file, its languages, all files together, and the mean over files; as one JSON document."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import fmean
from typing import Any

from sentiment.evaluation import follow_up
from sentiment.evaluation.answers import Answer
from sentiment.evaluation.calibration import BINS
from sentiment.evaluation.figures import Figures, figures
from sentiment.evaluation.resampling import RESAMPLES, SEED
from sentiment.evaluation.rows import Labelled

FEW = 30
"""Rows from which a language that was told by the reader, not by the file, is worth a line of its own."""
OTHER = "other"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Read:
    """A file, what was read of it, and how long that took; answers of baselines by their names."""

    name: str
    rows: Sequence[Labelled]
    answers: Sequence[Answer]
    seconds: float | None = None
    baselines: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one language (or of one value of the field asked for, as "dialect: gulf"), or all of a file."""

    name: str
    figures: Figures
    baselines: dict[str, Figures]


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file; the first group is all of it."""

    name: str
    rows: int
    messages_per_second: float | None
    groups: tuple[Group, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Which model was asked, and on what machine."""

    spec: str
    model: str
    version: str
    cpus: int
    """Cores that this process may use."""
    threads: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found out."""

    reader: Reader
    files: tuple[FileReport, ...]
    together: FileReport
    means: dict[str, dict[str, float]]
    """Over files that have the label, by answerer (the model, or a baseline): macro-F1 of sentiment and the like."""


def report(reader: Reader, read: Sequence[Read], by: str = "") -> Report:
    """Figures of n files. Raises ValueError for no files."""
    if not read:
        raise ValueError("nothing to report on")
    files = tuple(_file(one, by) for one in read)
    together = files[0] if len(files) == 1 else _file(_joined(read), by)
    return Report(reader, files, together, means([file.groups[0] for file in files]))


def document(report: Report) -> dict[str, Any]:
    """The report for programs: plain values, shares from 0 to 1."""
    return {
        "intervals": {"level": 0.95, "method": "percentile bootstrap", "resamples": RESAMPLES, "seed": SEED},
        "calibration": {"reported": "ece", "bins": BINS, "ece": "equal mass", "ece_equal_width": "equal width"},
        "recall_at_precisions": list(follow_up.PRECISIONS),
        **asdict(report),
    }


def means(files: Sequence[Group]) -> dict[str, dict[str, float]]:
    """Unweighted means over files, of the model ("model") and each baseline, where at least two files have it."""
    found = {"model": _means([group.figures for group in files])}
    for name in dict.fromkeys(name for group in files for name in group.baselines):
        found[name] = _means([group.baselines[name] for group in files if name in group.baselines])
    return {name: values for name, values in found.items() if values}


def _means(files: Sequence[Figures]) -> dict[str, float]:
    tones = [one.sentiment for one in files if one.sentiment]
    if len(tones) < 2:
        return {}
    measures = {
        "sentiment_macro_f1": [tone.macro_f1.value for tone in tones],
        "sentiment_macro_recall": [tone.macro_recall.value for tone in tones],
    }
    means = {name: fmean(value for value in values if value is not None) for name, values in measures.items()}
    return {"files": len(tones), **means}


def _file(read: Read, by: str) -> FileReport:
    (_, everything), *parts = _groups(read, by)
    whole = _group(ALL, everything, read)
    # A lone language is the whole file: nothing to reckon again.
    groups = (
        whole,
        *(_group(n, rows, read) if len(rows) < whole.figures.rows else replace(whole, name=n) for n, rows in parts),
    )
    rate = len(read.rows) / read.seconds if read.seconds else None
    return FileReport(read.name, len(read.rows), rate, groups, tuple(read.notes))


def _group(name: str, numbers: Sequence[int], read: Read) -> Group:
    def of(answers: Sequence[Answer]) -> Figures:
        return figures([(read.rows[number], answers[number]) for number in numbers])

    return Group(name, of(read.answers), {one: of(answers) for one, answers in read.baselines.items()})


def _groups(read: Read, by: str) -> list[tuple[str, list[int]]]:
    """All rows, then each language, then each value of the field that was asked for."""
    languages = _languages(read)
    names = sorted(set(languages), key=lambda name: (name == OTHER, name))
    parts = sorted({row.part for row in read.rows if row.part})
    return [
        (ALL, list(range(len(read.rows)))),
        *((name, [number for number, one in enumerate(languages) if one == name]) for name in names),
        *((f"{by}: {part}", [number for number, row in enumerate(read.rows) if row.part == part]) for part in parts),
    ]


def _languages(read: Read) -> list[str]:
    """Each row's language: the file's word, else the reader's, of which the rare ones go together."""
    told = [row.language or answer.language or "und" for row, answer in zip(read.rows, read.answers, strict=True)]
    said = {row.language for row in read.rows}
    counts = Counter(told)
    return [name if name in said or counts[name] >= FEW else OTHER for name in told]


def _joined(read: Sequence[Read]) -> Read:
    """All files as one; a baseline only where it answered for every file."""
    names = set(read[0].baselines).intersection(*(one.baselines for one in read))
    seconds = [one.seconds for one in read]
    return Read(
        name="all files together",
        rows=[row for one in read for row in one.rows],
        answers=[answer for one in read for answer in one.answers],
        seconds=None if None in seconds else sum(second or 0.0 for second in seconds),
        baselines={name: [answer for one in read for answer in one.baselines[name]] for name in sorted(names)},
    )
