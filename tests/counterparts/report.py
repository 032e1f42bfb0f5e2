"""The table that `make test-platforms` ends with: each counterpart, its claims, and how soon a post is a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEAD = ("counterpart", "tested against", "claims", "stream p50 / p95", "poll p50 / p95")


@dataclass
class Line:
    """One counterpart. Times are seconds from just before a post was made until an open inbox was told."""

    label: str
    against: str = ""
    passed: int = 0
    failed: int = 0
    skipped: str = ""
    pushed: list[float] = field(default_factory=list)
    polled: list[float] = field(default_factory=list)
    interval: int = 0

    def cells(self) -> tuple[str, ...]:
        """As it stands in the table."""
        if self.skipped and not self.passed:
            return (self.label, self.against or f"not run: {self.skipped}", "-", "-", "-")
        claims = f"{self.passed} hold" + (f", {self.failed} FAIL" if self.failed else "")
        every = f" (every {self.interval} s)" if self.polled else ""
        return (self.label, self.against, claims, figures(self.pushed), figures(self.polled) + every)


class Table:
    """What a run has found so far."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def line(self, label: str) -> Line:
        """The line of that counterpart."""
        return self.lines.setdefault(label, Line(label))

    def text(self) -> str:
        """The table in Markdown, as docs/counterparts.md has it."""
        rows = [HEAD, *(line.cells() for line in self.lines.values())]
        wide = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        shown = [_row(row, wide) for row in rows]
        return "\n".join([shown[0], _row(["-" * width for width in wide], wide), *shown[1:]])


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least that share of all do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


def figures(values: Sequence[float]) -> str:
    """p50 and p95 in seconds with the number they are of."""
    if not values:
        return "-"
    return f"{percentile(values, 0.5):.1f} / {percentile(values, 0.95):.1f} s, n={len(values)}"


def _row(cells: Sequence[str], wide: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, wide, strict=True)) + " |"


TABLE = Table()
