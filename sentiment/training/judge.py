"""Figures of a network's answers on validation rows: what a run is watched and chosen by."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment.backends.heads import SIZES
from sentiment.evaluation.classes import macro_f1
from sentiment.evaluation.figures import COMPLAINS
from sentiment.evaluation.follow_up import average_precision, ranked, recall_at
from sentiment.reading import REASONS
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
    """By source and language: macro-F1 of sentiment and of complaint or none, average precision of follow-up."""
    found: dict[str, float] = {}
    for group in sorted({(row.source, row.language) for row in rows}):
        numbers = [n for n, row in enumerate(rows) if (row.source, row.language) == group]
        name = "/".join(group)
        part = logits[numbers]
        found |= _tone(name, [rows[n] for n in numbers], part)
        found |= _follow_up(name, [rows[n] for n in numbers], part)
        found |= _complaint(name, [rows[n] for n in numbers], part)
    umsab = [value for name, value in found.items() if name.startswith("tone umsab")]
    if umsab:
        found["tone umsab mean"] = float(np.mean(umsab))
    return found


def _tone(name: str, rows: Sequence[Row], logits: Logits) -> dict[str, float]:
    known = [n for n, row in enumerate(rows) if row.sentiment is not None]
    if len(known) < 20:
        return {}
    wanted = np.array([rows[n].sentiment for n in known])
    return {f"tone {name}": macro_f1(wanted, head(logits, "sentiment")[known].argmax(1), size=3)}


def _follow_up(name: str, rows: Sequence[Row], logits: Logits) -> dict[str, float]:
    known = [n for n, row in enumerate(rows) if row.follow_up is not None]
    wanted = np.array([rows[n].follow_up for n in known])
    if len(known) < 20 or not 0 < wanted.sum() < len(known):
        return {}
    precision, recall = ranked(wanted, head(logits, "follow_up")[known, 0].astype(float))
    return {
        f"follow-up {name} AP": float(average_precision(precision, recall)[0]),
        f"follow-up {name} R@P.85": float(recall_at(precision, recall, 0.85)[0]),
    }


def _complaint(name: str, rows: Sequence[Row], logits: Logits) -> dict[str, float]:
    known = [n for n, row in enumerate(rows) if row.complaint is not None]
    if len(known) < 20:
        return {}
    wanted = np.array([int(bool(rows[n].complaint)) for n in known])
    reasons = head(logits, "reasons")[known][:, [REASONS.index(reason) for reason in sorted(COMPLAINS)]]
    given = (reasons > 0).any(axis=1).astype(int)
    return {f"complaint {name}": macro_f1(wanted, given, size=2)}
