"""How a reader behaves on posts written to try it: what it must know, and what must move it, which way, or not at all.

After CheckList (Ribeiro, Wu, Guestrin and Singh, "Beyond Accuracy", ACL 2020). docs/behaviour.md explains the kinds.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sentiment.cues import FOR_A_PERSON
from sentiment.reading import DEFAULT_NEGATIVE_THRESHOLD, Failure, Reading

MINIMUM, INVARIANCE, DIRECTION = "minimum", "invariance", "direction"
TOLERANCE = 0.05
"""How far a probability may fall where it should rise: a reader that is sure already has no room."""


@dataclass(frozen=True, slots=True)
class Case:
    """One claim about a reader: a text it must read rightly, or several that say the same, or ever more."""

    id: str
    kind: str
    test: str
    """`MINIMUM`, `INVARIANCE` or `DIRECTION`."""
    lang: str
    texts: tuple[str, ...]
    follow_up: str = ""
    """"yes" or "no": what is right for every text; empty in directional cases."""
    sentiment: str = ""
    """What the tone must be; empty where the case does not say."""
    rises: str = ""
    """Directional: "negative" or "positive", which must not fall from a text to the next."""
    variants: tuple[str, ...] = ()
    """What each text is, where it has a name: a dialect, a script."""


@dataclass(frozen=True, slots=True)
class Result:
    """A case with what was read of each of its texts."""

    case: Case
    readings: tuple[Reading | Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether the claim holds. A text that could not be read fails its case."""
        read = [reading for reading in self.readings if isinstance(reading, Reading)]
        if len(read) < len(self.readings):
            return False
        if self.case.test == DIRECTION:
            values = [getattr(reading, self.case.rises) for reading in read]
            return all(after >= before - TOLERANCE for before, after in pairwise(values))
        decisions = {owed(reading) for reading in read}
        if self.case.test == INVARIANCE:
            return len(decisions) == 1
        tone = self.case.sentiment
        return decisions == {self.case.follow_up == "yes"} and all(r.sentiment == tone for r in read if tone)

    @property
    def moved(self) -> float:
        """The largest difference in what the decision rests on between two of its texts: 0 to 1."""
        values = [_rests_on(reading) for reading in self.readings if isinstance(reading, Reading)]
        return max(values) - min(values) if values else 0.0

    def __str__(self) -> str:
        """The case and what was read, one line a text."""
        names = self.case.variants or ("",) * len(self.case.texts)
        lines = [self.case.id + (f" (should be {self.case.follow_up} {self.case.sentiment}".rstrip() + ")")]
        if self.case.test == DIRECTION:
            lines = [f"{self.case.id} ({self.case.rises} should not fall)"]
        for name, text, reading in zip(names, self.case.texts, self.readings, strict=True):
            lines.append("    " + " ".join(filter(None, (_said(reading), name, text))))
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one kind in one language."""

    kind: str
    lang: str
    test: str
    cases: int
    passed: int
    moved: float | None
    """Mean of `Result.moved`; None where each case has one text."""
    right: dict[str, float]
    """Share of texts decided rightly, by variant; empty where variants have no names."""

    @property
    def rate(self) -> float:
        """Share of cases passed: 0 to 1."""
        return self.passed / self.cases


def load(folder: Path) -> list[Case]:
    """Every case of the folder's JSON Lines files. Raises FileNotFoundError where there are none."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"no cases (*.jsonl) in {folder}")
    rows = (json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line)
    return [Case(**{**row, "texts": tuple(row["texts"]), "variants": tuple(row.get("variants", ()))}) for row in rows]


def run(cases: Sequence[Case], read: Callable[[list[str]], Sequence[Reading | Failure]]) -> list[Result]:
    """Read all texts of all cases at once; a result a case, in their order."""
    readings = iter(read([text for case in cases for text in case.texts]))
    return [Result(case, tuple(next(readings) for _ in case.texts)) for case in cases]


def table(results: Iterable[Result]) -> list[Row]:
    """A row for each kind and language, in the order they first appear."""
    groups: defaultdict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.case.kind, result.case.lang].append(result)
    return [_row(kind, lang, group) for (kind, lang), group in groups.items()]


def owed(reading: Reading) -> bool:
    """Whether the reader would show it to a person: by its own threshold, or, knowing tone only, by tone and cues."""
    if reading.follow_up is not None:
        return reading.follow_up >= (0.5 if reading.threshold is None else reading.threshold)
    return reading.negative >= DEFAULT_NEGATIVE_THRESHOLD or not FOR_A_PERSON.isdisjoint(reading.reasons)


def _rests_on(reading: Reading) -> float:
    return reading.negative if reading.follow_up is None else reading.follow_up


def _row(kind: str, lang: str, results: list[Result]) -> Row:
    several = [result.moved for result in results if len(result.case.texts) > 1]
    hits: defaultdict[str, list[bool]] = defaultdict(list)
    for result in results:
        for name, reading in zip(result.case.variants, result.readings, strict=False):
            hits[name].append(isinstance(reading, Reading) and owed(reading) == (result.case.follow_up == "yes"))
    return Row(
        kind=kind,
        lang=lang,
        test=results[0].case.test,
        cases=len(results),
        passed=sum(result.passed for result in results),
        moved=sum(several) / len(several) if several else None,
        right={name: sum(found) / len(found) for name, found in hits.items()},
    )


def _said(reading: Reading | Failure) -> str:
    if isinstance(reading, Failure):
        return f"failed: {reading.error}"
    return f"{'yes' if owed(reading) else 'no':<3} {_rests_on(reading):.2f} {reading.sentiment:<8}"
