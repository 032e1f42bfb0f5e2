"""Claims about reasons: micro over all, macro over the names that occur, and each by itself."""

import pytest

from sentiment.evaluation.multilabel import several

NAMES = ("complaint", "question", "thanks", "spam")


def sets(*names: str) -> list[frozenset[str]]:
    return [frozenset(one.split()) for one in names]


def test_micro_counts_pairs_and_macro_the_names_that_occur():
    found = several(sets("complaint question", "thanks", ""), sets("complaint", "thanks question", ""), NAMES)
    assert found.rows == 3
    assert found.micro_f1.value == pytest.approx(2 * 2 / (3 + 3))
    assert found.macro_f1.value == pytest.approx((1 + 0 + 1) / 3), "spam occurs nowhere"
    assert [one.name for one in found.each] == ["complaint", "question", "thanks"]


def test_each_reason_has_precision_and_recall():
    found = several(sets("question", "question", ""), sets("question", "", "question"), NAMES)
    (question,) = found.each
    assert (question.rows, question.precision.value, question.recall.value) == (2, 0.5, 0.5)


def test_nothing_labelled_no_figures():
    assert several([], [], NAMES) is None


def test_they_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="NOT TESTED: needs scikit-learn (pip install radd[train])")
    wanted = sets("complaint question", "complaint", "thanks", "question thanks", "")
    given = sets("complaint", "question", "thanks", "question", "thanks")
    table = [[name in one for name in NAMES[:3]] for one in wanted]
    said = [[name in one for name in NAMES[:3]] for one in given]
    found = several(wanted, given, NAMES)
    assert found.micro_f1.value == pytest.approx(metrics.f1_score(table, said, average="micro"))
    assert found.macro_f1.value == pytest.approx(metrics.f1_score(table, said, average="macro"))
