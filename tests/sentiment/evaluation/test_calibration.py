"""Claims about calibration: probabilities that come true have no error, boasts have theirs."""

import numpy as np
import pytest

from sentiment.evaluation.calibration import BINS, calibration, equal_mass, equal_width


def test_what_comes_true_as_often_as_said_has_no_error():
    found = calibration([0.25] * 4 + [0.75] * 4, [True, False, False, False, True, True, True, False])
    assert found.ece.value == pytest.approx(0.0)
    assert found.ece_equal_width.value == pytest.approx(0.0)
    assert [(one.rows, one.said, one.happened) for one in found.bins] == [(4, 0.25, 0.25), (4, 0.75, 0.75)]


def test_a_boast_has_the_error_of_its_boasting():
    found = calibration([0.9] * 10, [True] * 4 + [False] * 6)
    assert found.ece.value == pytest.approx(0.5)
    assert found.ece.low < 0.5 < found.ece.high


def test_bins_weigh_by_their_rows():
    found = calibration([0.1] * 30 + [0.9] * 10, [False] * 30 + [False] * 10)
    assert found.ece_equal_width.value == pytest.approx((30 * 0.1 + 10 * 0.9) / 40)


def test_bins_of_equal_mass_hold_about_as_many_rows_each():
    rows = np.random.default_rng(1).random(1500) ** 8
    assert set(np.bincount(equal_mass(rows), minlength=BINS)) == {100}
    assert np.bincount(equal_width(rows), minlength=BINS).max() > 900, "equal width crowds them"


def test_equal_probabilities_share_a_bin_whatever_their_order():
    rows = np.array([0.5] * 40 + [0.2] * 5 + [1.0] * 15)
    assert len(set(equal_mass(rows)[:40])) == 1
    again = np.roll(rows, 7)
    assert sorted(equal_mass(again)) == sorted(equal_mass(rows))


def test_a_certain_probability_has_a_bin():
    assert equal_width(np.array([0.0, 1.0])).tolist() == [0, BINS - 1]


def test_nothing_said_no_figures():
    assert calibration([], []) is None
