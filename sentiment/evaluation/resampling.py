"""A figure with its 95 % interval: the percentile bootstrap over rows, 1,000 resamples from a fixed seed.

A measure is a function of weights, resamples x rows: how often each row was drawn. All ones is the sample itself, so
one function gives both the figure and its interval. Where rows matter only by the cell of a table they fall into, the
table's counts are drawn instead: the same distribution, without the rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Measure = Callable[[Floats], Floats]
"""Weights (resamples x rows, or resamples x cells) in, values (resamples x figures) out; NaN where a resample leaves
a figure undefined."""

RESAMPLES = 1000
SEED = 20261122
LOW, HIGH = 2.5, 97.5
_CELLS = 4_000_000
"""Weights held at a time."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval about it; all None where nothing can be said."""

    value: float | None
    low: float | None = None
    high: float | None = None


NOTHING = Estimate(None)


def estimates(measure: Measure, rows: int, resamples: int = RESAMPLES) -> list[Estimate]:
    """The measure's figures over `rows` rows, each with its interval.

    Resamples that leave a figure undefined (no row of a class was drawn) are left out of its interval.
    """
    if not rows:
        return []
    drawn = np.concatenate([measure(weights) for weights in _weights(rows, resamples)])
    return _estimates(measure(np.ones((1, rows)))[0], drawn)


def cell_estimates(measure: Measure, counts: Ints, resamples: int = RESAMPLES) -> list[Estimate]:
    """As `estimates`, for a measure that needs only how many rows fall into each of the cells."""
    rows = int(counts.sum())
    if not rows:
        return []
    drawn = np.random.default_rng(SEED).multinomial(rows, counts / rows, size=resamples)
    return _estimates(measure(counts[None, :].astype(float))[0], measure(drawn.astype(float)))


def ratio(above: Floats, below: Floats) -> Floats:
    """above / below, NaN where below is 0."""
    out = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out


def mean(values: Floats) -> Floats:
    """Mean over the last axis of what is defined; NaN where nothing is."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0.0).sum(-1), known.sum(-1).astype(float))


def _weights(rows: int, resamples: int) -> Iterator[Floats]:
    numbers = np.random.default_rng(SEED)
    block = max(1, min(resamples, _CELLS // rows))
    for start in range(0, resamples, block):
        drawn = numbers.integers(0, rows, size=(min(block, resamples - start), rows))
        yield np.stack([np.bincount(one, minlength=rows) for one in drawn]).astype(float)


def _estimates(values: Floats, drawn: Floats) -> list[Estimate]:
    return [_estimate(float(value), drawn[:, column]) for column, value in enumerate(values)]


def _estimate(value: float, drawn: Floats) -> Estimate:
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(known):
        return NOTHING
    low, high = np.percentile(known, (LOW, HIGH))
    return Estimate(value, float(low), float(high))
