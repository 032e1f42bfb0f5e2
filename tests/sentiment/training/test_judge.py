"""Claims about the figures a run is chosen by, against values worked out by hand."""

import numpy as np
import pytest

from sentiment.backends.heads import SIZES
from sentiment.training import judge
from sentiment.training.corpus import Row
from tests.sentiment.training import tiny


def test_macro_f1_is_the_mean_of_the_classes():
    wanted, given = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 2, 2])
    # F1: 4/5, 2/4, 2/3.
    assert judge.macro_f1(wanted, given) == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)


def test_a_class_that_is_neither_wanted_nor_given_counts_as_found():
    assert judge.macro_f1(np.array([0, 1]), np.array([0, 1])) == 1.0


def test_average_precision_by_steps():
    wanted, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    assert judge.average_precision(wanted, scores) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert judge.average_precision(wanted, -scores) == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert judge.average_precision(np.zeros(3), np.arange(3)) == 0.0


def test_recall_at_a_precision():
    wanted, scores = np.array([1, 1, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert judge.recall_at(wanted, scores, 1.0) == pytest.approx(2 / 3)
    assert judge.recall_at(wanted, scores, 0.75) == 1.0
    assert judge.recall_at(1 - wanted, scores, 0.9) == 0.0


def test_equal_scores_are_taken_together():
    wanted, scores = np.array([1, 0]), np.array([0.5, 0.5])
    assert judge.recall_at(wanted, scores, 0.9) == 0.0


def test_a_head_is_its_columns():
    logits = np.arange(sum(SIZES.values()), dtype=np.float32)[None]
    assert judge.head(logits, "sentiment").tolist() == [[0, 1, 2]]
    assert judge.head(logits, "follow_up").tolist() == [[3]]
    assert judge.head(logits, "aim")[0, -1] == sum(SIZES.values()) - 1
    with pytest.raises(KeyError):
        judge.head(logits, "mood")


def perfect(rows: list[Row]) -> np.ndarray:
    logits = np.zeros((len(rows), sum(SIZES.values())), np.float32)
    for number, row in enumerate(rows):
        logits[number, row.sentiment or 0] = 5
        logits[number, 3] = 5 if row.follow_up else -5
    return logits


def test_figures_are_told_by_source_and_language_and_right_answers_are_one():
    rows = tiny.rows(30) + tiny.rows(30, "umsab")
    found = judge.figures(rows, perfect(rows))
    assert set(found) == {
        "tone own/en", "follow-up own/en AP", "follow-up own/en R@P.85",
        "tone umsab/en", "follow-up umsab/en AP", "follow-up umsab/en R@P.85", "tone umsab mean",
    }  # fmt: skip
    assert set(found.values()) == {1.0}


def test_too_few_rows_make_no_figure():
    rows = tiny.rows(19)
    assert judge.figures(rows, perfect(rows)) == {}


def test_labels_that_are_not_known_are_left_out():
    rows = tiny.rows(30) + [Row(text="?", source="own", language="en")] * 30
    wrong = perfect(rows)
    wrong[30:, 3] = 9
    assert judge.figures(rows, wrong)["follow-up own/en AP"] == 1.0
