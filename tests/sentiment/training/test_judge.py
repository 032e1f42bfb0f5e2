"""Claims about the figures a run is chosen by, against values worked out by hand."""

import numpy as np
import pytest

from sentiment.backends.heads import SIZES
from sentiment.reading import REASONS
from sentiment.training import judge
from sentiment.training.corpus import Row
from tests.sentiment.training import tiny


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


def test_complaints_are_judged_where_a_source_knows_of_them_alone():
    rows = [Row(text="?", source="complaints", language="en", complaint=bool(n % 2)) for n in range(40)]
    logits = np.zeros((40, sum(SIZES.values())), np.float32)
    # A view: what is written to the head's columns is written to the logits.
    judge.head(logits, "reasons")[:, REASONS.index("complaint")] = [5 if n % 2 else -5 for n in range(40)]
    assert judge.figures(rows, logits) == {"complaint complaints/en": 1.0}
