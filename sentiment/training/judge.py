"""Figures of a network's answers on validation rows: what a run is watched and chosen by."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.backends.heads import SIZES
from sentiment.training.corpus import Row

Logits = NDArray[np.float32]
"""n posts x all labels, heads in the order of SIZES."""


def head(logits: Logits, name: str) -> Logits:
    """The columns of one head."""
    start = 0
    for other, size in SIZES.items():
        if other == name:
            return logits[:, start : start + size]
        start += size
    raise KeyError(name)


def figures(rows: Sequence[Row], logits: Logits) -> dict[str, float]:
    """Macro-F1 of sentiment and average precision of follow-up by source and language, those of complaints too."""
    found: dict[str, float] = {}
    for group in sorted({(row.source, row.language) for row in rows}):
        numbers = [n for n, row in enumerate(rows) if (row.source, row.language) == group]
        name = "/".join(group)
        part = logits[numbers]
        found |= _tone(name, [rows[n] for n in numbers], part)
        found |= _follow_up(name, [rows[n] for n in numbers], part)
    umsab = [value for name, value in found.items() if name.startswith("tone umsab")]
    if umsab:
        found["tone umsab mean"] = float(np.mean(umsab))
    return found


def macro_f1(wanted: NDArray[Any], given: NDArray[Any], classes: int = 3) -> float:
    """Mean over classes of the harmonic mean of precision and recall."""
    each = []
    for one in range(classes):
        both = int(((wanted == one) & (given == one)).sum())
        either = int((wanted == one).sum() + (given == one).sum())
        each.append(2 * both / either if either else 1.0)
    return float(np.mean(each))


def average_precision(wanted: NDArray[Any], scores: NDArray[Any]) -> float:
    """Area under the precision-recall curve, by steps."""
    order = np.argsort(-scores, kind="stable")
    hits = wanted[order].astype(float)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / max(1.0, hits.sum()))


def recall_at(wanted: NDArray[Any], scores: NDArray[Any], precision: float) -> float:
    """The highest recall of any threshold whose precision reaches `precision`; 0 where none does."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(wanted[order].astype(float))
    reached = hits / np.arange(1, len(hits) + 1) >= precision
    last = np.append(scores[order][1:] != scores[order][:-1], True)
    usable = reached & last
    return float((hits[usable] / max(1.0, hits[-1])).max()) if usable.any() else 0.0


def _tone(name: str, rows: Sequence[Row], logits: Logits) -> dict[str, float]:
    known = [n for n, row in enumerate(rows) if row.sentiment is not None]
    if len(known) < 20:
        return {}
    wanted = np.array([rows[n].sentiment for n in known])
    return {f"tone {name}": macro_f1(wanted, head(logits, "sentiment")[known].argmax(1))}


def _follow_up(name: str, rows: Sequence[Row], logits: Logits) -> dict[str, float]:
    known = [n for n, row in enumerate(rows) if row.follow_up is not None]
    wanted = np.array([rows[n].follow_up for n in known])
    if len(known) < 20 or not 0 < wanted.sum() < len(known):
        return {}
    scores = head(logits, "follow_up")[known, 0]
    return {
        f"follow-up {name} AP": average_precision(wanted, scores),
        f"follow-up {name} R@P.85": recall_at(wanted, scores, 0.85),
    }
