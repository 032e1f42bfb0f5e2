"""Figures of labels of which a row may have several: the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.evaluation.classes import OneClass, shares
from sentiment.evaluation.resampling import Estimate, Floats, estimates, mean


@dataclass(frozen=True, slots=True)
class Several:
    """Figures of a multi-label over the rows that have it."""

    rows: int
    micro_f1: Estimate
    """F1 of all (row, name) pairs together."""
    macro_f1: Estimate
    """Mean F1 of the names that occur in labels or answers."""
    each: tuple[OneClass, ...]
    """Only names that occur in labels or answers."""


def several(wanted: Sequence[frozenset[str]], given: Sequence[frozenset[str]], names: Sequence[str]) -> Several | None:
    """Figures of n sets of names against n labelled ones. None without rows."""
    if not wanted:
        return None
    truth, said = _table(wanted, names), _table(given, names)

    def measure(weights: Floats) -> Floats:
        hits, there, told = weights @ (truth * said), weights @ truth, weights @ said
        precision, recall, f1 = shares(hits, there, told)
        micro = shares(hits.sum(1), there.sum(1), told.sum(1))[2]
        return np.concatenate([np.stack([micro, mean(f1)], axis=1), precision, recall, f1], axis=1)

    found = estimates(measure, len(wanted))
    size = len(names)
    each = tuple(
        OneClass(name, int(truth[:, n].sum()), found[2 + n], found[2 + size + n], found[2 + 2 * size + n])
        for n, name in enumerate(names)
        if truth[:, n].any() or said[:, n].any()
    )
    return Several(len(wanted), found[0], found[1], each)


def _table(sets: Sequence[frozenset[str]], names: Sequence[str]) -> Floats:
    return np.array([[float(name in one) for name in names] for one in sets])
