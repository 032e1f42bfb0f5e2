"""Claims about figures of one label: as defined, as scikit-learn has them, and honest about what was not said."""

import random

import pytest

from sentiment.evaluation.classes import classes

NAMES = ("negative", "neutral", "positive")


def test_macro_f1_is_the_mean_over_the_classes():
    found = classes(["negative", "neutral", "positive"], ["negative", "negative", "positive"], NAMES)
    assert found.macro_f1.value == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert found.macro_recall.value == pytest.approx((1 + 0 + 1) / 3)
    assert found.accuracy.value == pytest.approx(2 / 3)
    negative = found.each[0]
    assert (negative.name, negative.rows, negative.precision.value, negative.recall.value) == ("negative", 1, 0.5, 1.0)
    assert found.each[1].precision.value is None, "neutral was never said"


def test_the_confusion_has_a_row_for_each_label_and_a_column_for_each_answer():
    found = classes(["negative", "negative", "neutral"], ["negative", "positive", "neutral"], NAMES)
    assert found.confusion == ((1, 0, 1), (0, 1, 0), (0, 0, 0))
    assert found.names == NAMES


def test_a_reader_that_names_none_is_wrong_and_has_a_column():
    found = classes(["negative", "neutral"], ["", "neutral"], NAMES)
    assert found.names == (*NAMES, "")
    assert found.confusion[0] == (0, 0, 0, 1)
    assert found.accuracy.value == 0.5
    assert found.macro_f1.value == 0.5


def test_names_that_neither_occur_nor_are_said_count_for_nothing():
    found = classes(["negative", "positive"], ["negative", "positive"], NAMES)
    assert (found.macro_f1.value, found.macro_recall.value) == (1.0, 1.0)


def test_nothing_labelled_no_figures():
    assert classes([], [], NAMES) is None


def test_every_figure_lies_in_its_interval():
    chance = random.Random(3)
    wanted = [chance.choice(NAMES) for _ in range(200)]
    given = [name if chance.random() < 0.7 else chance.choice(NAMES) for name in wanted]
    found = classes(wanted, given, NAMES)
    for one in (found.accuracy, found.macro_f1, found.macro_recall, *(each.f1 for each in found.each)):
        assert one.low <= one.value <= one.high
        assert 0.02 < one.high - one.low < 0.35


def test_they_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="NOT TESTED: needs scikit-learn (pip install radd[train])")
    chance = random.Random(5)
    wanted = [chance.choice(NAMES) for _ in range(300)]
    given = [chance.choice(NAMES) for _ in wanted]
    found = classes(wanted, given, NAMES)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(wanted, given, labels=NAMES)
    assert [one.precision.value for one in found.each] == pytest.approx(list(precision))
    assert [one.recall.value for one in found.each] == pytest.approx(list(recall))
    assert [one.f1.value for one in found.each] == pytest.approx(list(f1))
    assert found.macro_f1.value == pytest.approx(metrics.f1_score(wanted, given, average="macro"))
    assert found.macro_recall.value == pytest.approx(metrics.recall_score(wanted, given, average="macro"))
