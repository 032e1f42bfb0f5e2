"""Figures of one label with several names: sentiment, urgency, trigger, aim, and yes or no."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.evaluation.resampling import Estimate, Floats, Ints, cell_estimates, mean, ratio


@dataclass(frozen=True, slots=True)
class OneClass:
    """How well one name is given."""

    name: str
    rows: int
    """Rows that people gave this name."""
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class Classes:
    """Figures of one label over the rows that have it."""

    rows: int
    accuracy: Estimate
    macro_f1: Estimate
    """Mean F1 of the names that occur in labels or answers (as scikit-learn has it)."""
    macro_recall: Estimate
    """Mean recall of the names that occur in labels."""
    each: tuple[OneClass, ...]
    names: tuple[str, ...]
    """Rows and columns of `confusion`; after them, where the reader gave no name, the column ""."""
    confusion: tuple[tuple[int, ...], ...]
    """Rows by what people said, columns by what the reader said."""


def classes(wanted: Sequence[str], given: Sequence[str], names: Sequence[str]) -> Classes | None:
    """Figures of n answers against n labels; an answer outside `names` counts as none. None without rows."""
    if not wanted:
        return None
    size = len(names)
    place = {name: number for number, name in enumerate(names)}
    cells = [place[truth] * (size + 1) + place.get(said, size) for truth, said in zip(wanted, given, strict=True)]
    counts = np.bincount(cells, minlength=size * (size + 1)).astype(np.int64)
    found = cell_estimates(lambda weights: _measures(weights.reshape(-1, size, size + 1)), counts)
    table = counts.reshape(size, size + 1).tolist()
    each = tuple(
        OneClass(name, sum(table[n]), found[3 + n], found[3 + size + n], found[3 + 2 * size + n])
        for n, name in enumerate(names)
    )
    silent = any(row[size] for row in table)
    confusion = tuple(tuple(row[: size + silent]) for row in table)
    return Classes(len(wanted), found[0], found[1], found[2], each, (*names, *([""] if silent else [])), confusion)


def macro_f1(wanted: Ints, given: Ints, size: int) -> float:
    """Mean F1 of `size` classes over n answers, by their numbers; of those that occur in labels or answers."""
    counts = np.bincount(wanted * size + given, minlength=size * size).reshape(size, size).astype(float)
    return float(mean(shares(counts.diagonal(), counts.sum(1), counts.sum(0))[2]))


def shares(hits: Floats, wanted: Floats, given: Floats) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 of counts of equal shape, NaN where there is nothing to divide by."""
    return ratio(hits, given), ratio(hits, wanted), ratio(2 * hits, wanted + given)


def _measures(counts: Floats) -> Floats:
    """Accuracy, macro-F1, macro-recall, then precision, recall and F1 of each name, of each table of counts.

    A table has a row for each label and a column for each answer, the last for answers that are none of the names.
    """
    size = counts.shape[1]
    hits = counts[:, range(size), range(size)]
    precision, recall, f1 = shares(hits, counts.sum(2), counts[:, :, :size].sum(1))
    accuracy = ratio(hits.sum(1), counts.sum((1, 2)))
    overall = np.stack([accuracy, mean(f1), mean(recall)], axis=1)
    return np.concatenate([overall, precision, recall, f1], axis=1)
