"""Whether probabilities mean what they say: the expected calibration error, and the bins of a reliability diagram.

In each bin: |mean probability - share that was right|, weighted by its rows (Naeini et al., AAAI 2015; Guo et al.,
ICML 2017). The error can only be overestimated by chance, the more so with few rows; so are its resamples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.evaluation.resampling import Estimate, Floats, Ints, estimates

BINS = 15


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like probability."""

    rows: int
    said: float
    """Their mean probability."""
    happened: float
    """The share of them that was right (sentiment) or labelled yes (follow_up)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Figures over the rows that have a probability and a label."""

    rows: int
    ece: Estimate
    """With bins of equally many rows: the figure that is reported, for it cannot hide in crowded bins."""
    ece_equal_width: Estimate
    """With bins of equal width, as most papers have it."""
    bins: tuple[Bin, ...]
    """Those of `ece`."""


def calibration(said: Sequence[float], happened: Sequence[bool]) -> Calibration | None:
    """Figures of n probabilities of n things that happened or did not. None without rows."""
    if not said:
        return None
    probability, outcome = np.array(said, float), np.array(happened, float)
    mass, width = equal_mass(probability), equal_width(probability)
    gaps = np.concatenate([_gaps(probability - outcome, bins) for bins in (mass, width)], axis=1)

    def measure(weights: Floats) -> Floats:
        apart = np.abs(weights @ gaps).reshape(len(weights), 2, BINS)
        return np.asarray(apart.sum(2) / weights.sum(1, keepdims=True), dtype=np.float64)

    by_mass, by_width = estimates(measure, len(said))
    bins = tuple(
        Bin(int(here.sum()), float(probability[here].mean()), float(outcome[here].mean()))
        for here in (mass == number for number in range(BINS))
        if here.any()
    )
    return Calibration(len(said), by_mass, by_width, bins)


def equal_mass(probability: Floats) -> Ints:
    """Each row's bin, 0 to BINS - 1, of about equally many rows; equal probabilities share a bin."""
    edges = np.quantile(probability, np.arange(1, BINS) / BINS)
    return np.searchsorted(edges, probability, side="right").astype(np.int64)


def equal_width(probability: Floats) -> Ints:
    """Each row's bin of a 15th of 0 to 1."""
    return np.minimum((probability * BINS).astype(np.int64), BINS - 1)


def _gaps(apart: Floats, bins: Ints) -> Floats:
    """rows x BINS: each row's gap in its bin's column."""
    spread = np.zeros((len(apart), BINS))
    spread[np.arange(len(apart)), bins] = apart
    return spread
