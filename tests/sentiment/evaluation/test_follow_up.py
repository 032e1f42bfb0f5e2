"""Claims about the curve: the highest recall of the thresholds that are precise enough, ties taken together."""

import random

import pytest

from sentiment.evaluation.follow_up import MOST_POINTS, follow_up


def figures(wanted: str, scores: list[float], threshold: float = 0.5):
    truth = [sign == "+" for sign in wanted]
    return follow_up(truth, scores, [score >= threshold for score in scores], threshold)


def test_the_curve_has_a_point_for_each_threshold():
    found = figures("+-+", [0.9, 0.6, 0.3])
    assert [(one.threshold, one.precision, one.recall) for one in found.points] == [
        (0.9, 1.0, 0.5), (0.6, 0.5, 0.5), (0.3, pytest.approx(2 / 3), 1.0),
    ]  # fmt: skip


def test_equal_scores_are_one_threshold():
    found = figures("-++", [0.7, 0.7, 0.7])
    assert [(one.threshold, one.precision, one.recall) for one in found.points] == [(0.7, pytest.approx(2 / 3), 1.0)]
    assert found.at[0].recall.value == 0.0, "no threshold parts the first from the others"


def test_the_highest_recall_counts_even_where_precision_dipped_before():
    found = figures("-++++", [0.9, 0.8, 0.7, 0.6, 0.5])
    at_80 = found.at[0]
    assert (at_80.precision, at_80.recall.value, at_80.threshold) == (0.80, 1.0, 0.5)
    at_90 = found.at[2]
    assert (at_90.recall.value, at_90.threshold) == (0.0, None)


def test_a_precision_that_is_just_reached_counts():
    found = figures("+" * 17 + "-" * 3, [0.9] * 20)
    assert [one.recall.value for one in found.at] == [1.0, 1.0, 0.0]


def test_at_its_own_threshold_the_reader_has_its_own_figures():
    found = figures("+-+-", [0.9, 0.6, 0.3, 0.1])
    assert (found.precision.value, found.recall.value, found.f1.value, found.threshold) == (0.5, 0.5, 0.5, 0.5)
    assert (found.rows, found.yes) == (4, 2)


def test_where_nobody_calls_for_a_person_recall_says_nothing():
    found = figures("---", [0.9, 0.6, 0.3])
    assert (found.recall.value, found.average_precision.value) == (None, None)
    assert found.at[0].recall.value is None
    assert (found.precision.value, found.points) == (0.0, ())


def test_where_the_reader_shows_nobody_precision_says_nothing():
    found = figures("+-", [0.3, 0.2])
    assert (found.precision.value, found.recall.value) == (None, 0.0)


def test_nothing_labelled_no_figures():
    assert follow_up([], [], []) is None


def test_a_long_curve_is_thinned_between_its_ends():
    chance = random.Random(2)
    truth = [chance.random() < 0.3 for _ in range(2000)]
    scores = [chance.random() for _ in truth]
    found = follow_up(truth, scores, [score >= 0.5 for score in scores], 0.5)
    assert len(found.points) <= MOST_POINTS
    assert (found.points[0].threshold, found.points[-1].threshold) == (max(scores), min(scores))
    assert found.points[-1].recall == 1.0
    assert [one.recall for one in found.points] == sorted(one.recall for one in found.points)


def test_it_is_the_curve_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="NOT TESTED: needs scikit-learn (pip install radd[train])")
    chance = random.Random(4)
    truth = [chance.random() < 0.4 for _ in range(150)]
    scores = [round(0.3 * wanted + chance.random(), 1) for wanted in truth]
    found = follow_up(truth, scores, [False] * 150)
    precision, recall, thresholds = metrics.precision_recall_curve(truth, scores)
    theirs = sorted(zip(thresholds, precision, recall, strict=False), reverse=True)
    assert [one.threshold for one in found.points] == pytest.approx([one[0] for one in theirs])
    assert [one.precision for one in found.points] == pytest.approx([one[1] for one in theirs])
    assert [one.recall for one in found.points] == pytest.approx([one[2] for one in theirs])
    assert found.average_precision.value == pytest.approx(metrics.average_precision_score(truth, scores))
