"""Make probabilities mean what they say, and choose thresholds, on validation rows only.

Temperatures divide the logits of a softmax head (Guo et al., On Calibration of Modern Neural Networks, ICML 2017);
follow-up gets Platt scaling a language (Platt 1999). The threshold of follow-up is the highest that still finds
`RECALL` of what needs an answer: a missed complaint costs more than a look.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES
from sentiment.training.corpus import Row
from sentiment.training.judge import Logits, head

RECALL = 0.95
REAL = 3
"""How often a real post counts for follow-up beside one of our own: half of those are hard cases by design."""
LANGUAGES = ("ar", "en")
ENOUGH = 15
"""Rows of a class below which a threshold is not chosen but left at one half, or taken from all languages."""
Floats = NDArray[np.float64]


def calibrate(rows: Sequence[Row], logits: Logits) -> dict[str, Any]:
    """The `reader` part of `config.json` (see `sentiment.backends.heads`)."""
    return {
        "temperature": _temperatures(rows, logits),
        "follow_up": _follow_up(rows, logits),
        "reasons": _reasons(rows, logits),
    }


def temperature(logits: Floats, wanted: NDArray[np.int64]) -> float:
    """The divisor (0.25 to 4) under which the wanted classes are likeliest: a search by golden section."""

    def loss(at: float) -> float:
        cooled = logits / math.exp(at)
        top = cooled.max(axis=1, keepdims=True)
        total = np.log(np.exp(cooled - top).sum(axis=1)) + top[:, 0]
        return float((total - cooled[np.arange(len(wanted)), wanted]).mean())

    return math.exp(_least(loss, math.log(0.25), math.log(4)))


def platt(logits: Floats, wanted: Floats, rounds: int = 50) -> tuple[float, float]:
    """Scale and shift of a logistic curve through the logits; Newton's method with Platt's softened targets."""
    yes, no = wanted.sum(), (1 - wanted).sum()
    soft = np.where(wanted > 0.5, (yes + 1) / (yes + 2), 1 / (no + 2))
    columns = np.stack([logits, np.ones_like(logits)], axis=1)
    curve = np.array([1.0, 0.0])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-np.clip(columns @ curve, -30, 30)))
        slope = columns.T @ (chance - soft) + 1e-3 * (curve - [1.0, 0.0])
        bend = (columns * (chance * (1 - chance))[:, None]).T @ columns + 1e-3 * np.eye(2)
        curve = curve - np.linalg.solve(bend, slope)
    return float(curve[0]), float(curve[1])


def threshold(chances: Floats, wanted: Floats, recall: float = RECALL) -> float:
    """The highest threshold that keeps this share of the wanted; lowered by what lies between it and the next."""
    found = np.sort(chances[wanted > 0.5])
    missed = math.floor((1 - recall) * len(found))
    below = chances[chances < found[missed]]
    return float((found[missed] + (below.max() if len(below) else 0.0)) / 2)


def _temperatures(rows: Sequence[Row], logits: Logits) -> dict[str, float]:
    found = {}
    for name, wanted in (
        ("sentiment", [-1 if row.sentiment is None else row.sentiment for row in rows]),
        ("urgency", [URGENCIES.index(row.urgency) if row.urgency else -1 for row in rows]),
        ("trigger", [TRIGGERS.index(row.trigger) if row.trigger else -1 for row in rows]),
        ("aim", [AIMS.index(row.aim) if row.aim else -1 for row in rows]),
    ):
        labels = np.array(wanted)
        known = labels >= 0
        if known.sum() >= ENOUGH:
            found[name] = round(temperature(head(logits, name)[known].astype(float), labels[known]), 4)
    return found


def _follow_up(rows: Sequence[Row], logits: Logits) -> dict[str, dict[str, float]]:
    known = np.array([row.follow_up is not None for row in rows])
    wanted = np.array([row.follow_up or 0.0 for row in rows])
    real = np.array([row.source != "own" for row in rows])
    scores = head(logits, "follow_up")[:, 0].astype(float)
    found = {}
    for language in (*LANGUAGES, "other"):
        some = np.flatnonzero(known & np.array([language in ("other", row.language) for row in rows]))
        some = np.concatenate([some, *[some[real[some]]] * (REAL - 1)])
        if wanted[some].sum() < ENOUGH:
            some = known
        scale, shift = platt(scores[some], wanted[some])
        chances = 1 / (1 + np.exp(-(scale * scores[some] + shift)))
        at = threshold(chances, wanted[some])
        found[language] = {"scale": round(scale, 4), "shift": round(shift, 4), "threshold": round(at, 4)}
    return found


def _reasons(rows: Sequence[Row], logits: Logits) -> dict[str, float]:
    """For each reason the threshold with the best F1, between 0.2 and 0.7."""
    known = [number for number, row in enumerate(rows) if row.reasons is not None]
    chances = 1 / (1 + np.exp(-head(logits, "reasons")[known].astype(float)))
    found = {}
    for number, reason in enumerate(REASONS):
        wanted = np.array([reason in (rows[n].reasons or ()) for n in known])
        found[reason] = round(_best_f1(chances[:, number], wanted), 2) if wanted.sum() >= ENOUGH else 0.5
    return found


def _best_f1(chances: Floats, wanted: NDArray[np.bool_]) -> float:
    def f1(at: float) -> float:
        given = chances >= at
        return float(2 * (given & wanted).sum() / max(1, given.sum() + wanted.sum()))

    return float(max(np.arange(0.2, 0.71, 0.02), key=lambda at: (round(f1(at), 4), -abs(at - 0.5))))


def _least(value: Any, low: float, high: float) -> float:
    """Where a function of one minimum is least: golden section."""
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if value(left) < value(right) else (left, high)
    return (low + high) / 2
