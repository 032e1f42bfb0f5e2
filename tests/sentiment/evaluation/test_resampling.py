"""Claims about intervals: they are those of the bootstrap, the same every time, and quick."""

import math

import numpy as np
import pytest

from sentiment.evaluation.resampling import cell_estimates, estimates, mean, ratio


def share_of(hits: np.ndarray):
    return lambda weights: (weights @ hits / weights.sum(1))[:, None]


def test_the_interval_of_a_share_is_about_that_of_theory():
    hits = np.array([1.0] * 300 + [0.0] * 100)
    (found,) = estimates(share_of(hits), 400)
    spread = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert found.value == 0.75
    assert found.low == pytest.approx(0.75 - spread, abs=0.01)
    assert found.high == pytest.approx(0.75 + spread, abs=0.01)


def test_drawing_counts_of_cells_is_drawing_rows():
    (by_rows,) = estimates(share_of(np.array([1.0] * 60 + [0.0] * 40)), 100)
    (by_cells,) = cell_estimates(lambda counts: counts[:, :1] / counts.sum(1, keepdims=True), np.array([60, 40]))
    assert by_rows.value == by_cells.value == 0.6
    assert by_rows.low == pytest.approx(by_cells.low, abs=0.02)
    assert by_rows.high == pytest.approx(by_cells.high, abs=0.02)


def test_the_same_rows_give_the_same_interval():
    hits = np.array([1.0, 0.0, 1.0, 1.0])
    assert estimates(share_of(hits), 4) == estimates(share_of(hits), 4)


def test_many_rows_are_drawn_in_parts_without_changing_anything(monkeypatch):
    hits = (np.arange(1000) % 3 == 0).astype(float)
    at_once = estimates(share_of(hits), 1000)
    monkeypatch.setattr("sentiment.evaluation.resampling._CELLS", 7000)
    assert estimates(share_of(hits), 1000) == at_once


def test_resamples_that_leave_a_figure_undefined_are_left_out():
    rare = np.array([1.0] + [0.0] * 9)
    hits = np.array([1.0] + [0.0] * 9)
    (found,) = estimates(lambda weights: ratio(weights @ hits, weights @ rare)[:, None], 10)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_a_figure_of_nothing_is_none():
    (found,) = estimates(lambda weights: np.full((len(weights), 1), np.nan), 5)
    assert (found.value, found.low, found.high) == (None, None, None)
    assert estimates(share_of(np.array([])), 0) == []
    assert cell_estimates(lambda counts: counts, np.array([0, 0])) == []


def test_a_mean_leaves_out_what_is_undefined():
    assert mean(np.array([[1.0, np.nan, 3.0]])) == pytest.approx([2.0])
    assert np.isnan(mean(np.array([[np.nan]])))[0]
