"""Who is shown to a person: precision and recall at every threshold, at the reader's own, and at wanted precisions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.evaluation.resampling import Estimate, Floats, Ints, estimates, ratio

PRECISIONS = (0.80, 0.85, 0.90)
MOST_POINTS = 200
_HAIR = 1e-12
"""0.85 reached by 17 of 20 counts as reached."""


@dataclass(frozen=True, slots=True)
class Point:
    """One threshold: everything from `threshold` on is shown to a person."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class RecallAt:
    """The highest recall of all thresholds whose precision reaches `precision`; 0 where none does.

    Its interval chooses the threshold anew in every resample.
    """

    precision: float
    recall: Estimate
    threshold: float | None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Figures of a score against yes and no."""

    rows: int
    yes: int
    precision: Estimate
    """At the reader's own threshold, as are recall and F1."""
    recall: Estimate
    f1: Estimate
    threshold: float | None
    """The reader's own; None where it has one for each language."""
    average_precision: Estimate
    at: tuple[RecallAt, ...]
    points: tuple[Point, ...]
    """The curve, from the highest threshold to the lowest; thinned to MOST_POINTS; empty where `yes` is 0."""


def follow_up(
    wanted: Sequence[bool], scores: Sequence[float], decided: Sequence[bool], threshold: float | None = None
) -> FollowUp | None:
    """Figures of n scores and of what the reader itself decided by them. None without rows."""
    if not wanted:
        return None
    truth, score, shown = (np.array(values, float) for values in (wanted, scores, decided))
    order, ends = _falling(score)

    def measure(weights: Floats) -> Floats:
        precision, recall = curve(truth[order], ends, weights[:, order])
        there, told, hits = weights @ truth, weights @ shown, weights @ (truth * shown)
        own_figures = [ratio(hits, told), ratio(hits, there), ratio(2 * hits, there + told)]
        reached = [recall_at(precision, recall, least) for least in PRECISIONS]
        return np.stack([*own_figures, average_precision(precision, recall), *reached], axis=1)

    found = estimates(measure, len(wanted))
    precision, recall = (values[0] for values in ranked(truth, score))
    # Without anybody to be found there is no recall, and no curve.
    points = [
        Point(float(t), float(p), float(r))
        for t, p, r in zip(score[order][ends], precision, recall, strict=True)
        if truth.any()
    ]
    at = tuple(RecallAt(p, e, _threshold(points, p)) for p, e in zip(PRECISIONS, found[4:], strict=True))
    return FollowUp(
        rows=len(wanted),
        yes=int(truth.sum()),
        precision=found[0],
        recall=found[1],
        f1=found[2],
        threshold=threshold,
        average_precision=found[3],
        at=at,
        points=tuple(thinned(points)),
    )


def ranked(truth: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Precision and recall (1 x thresholds) of n rows at each score that occurs, from the highest."""
    order, ends = _falling(score)
    return curve(truth[order], ends, np.ones((1, len(truth))))


def curve(truth: Floats, ends: Ints, weights: Floats) -> tuple[Floats, Floats]:
    """Precision and recall (resamples x thresholds) of rows by falling score; `ends` closes each run of equal ones."""
    hits = np.cumsum(weights * truth, axis=1)
    shown = np.cumsum(weights, axis=1)
    return ratio(hits[:, ends], shown[:, ends]), ratio(hits[:, ends], hits[:, -1:])


def recall_at(precision: Floats, recall: Floats, least: float) -> Floats:
    """The highest recall where the precision is at least `least`, else 0; NaN where nothing was to be found."""
    reached = np.where(np.nan_to_num(precision, nan=-1.0) >= least - _HAIR, recall, 0.0)
    return np.where(np.isnan(recall[:, -1]), np.nan, reached.max(axis=1))


def average_precision(precision: Floats, recall: Floats) -> Floats:
    """The area under the curve by steps: each rise in recall times the precision there (as scikit-learn has it)."""
    rises = np.diff(recall, axis=1, prepend=0.0)
    return np.asarray((rises * np.nan_to_num(precision)).sum(axis=1), dtype=np.float64)


def thinned(points: Sequence[Point]) -> list[Point]:
    """At most MOST_POINTS of the points, spread evenly over recall, both ends among them."""
    if len(points) <= MOST_POINTS:
        return list(points)
    levels = np.linspace(0, points[-1].recall, MOST_POINTS - 2)
    places = np.searchsorted([point.recall for point in points], levels)
    last = len(points) - 1
    return [points[place] for place in sorted({0, last, *(min(int(place), last) for place in places)})]


def _threshold(points: Sequence[Point], least: float) -> float | None:
    """Of the thresholds that reach `least` the one of the highest recall; of several the most precise."""
    reached = [point for point in points if point.precision >= least - _HAIR and point.recall > 0]
    return max(reached, key=lambda point: (point.recall, point.precision)).threshold if reached else None


def _falling(scores: Floats) -> tuple[Ints, Ints]:
    """The order of falling score, and where in it each run of equal scores ends."""
    order = np.argsort(-scores, kind="stable")
    sorted_ = scores[order]
    return order, np.flatnonzero(np.append(sorted_[1:] != sorted_[:-1], True))
