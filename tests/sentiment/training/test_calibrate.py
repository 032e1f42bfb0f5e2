"""Claims about calibration: it finds again what a known distortion did, and thresholds keep what they promise."""

import math

import numpy as np
import pytest

from sentiment.backends.heads import SIZES, Heads
from sentiment.reading import REASONS
from sentiment.training import calibrate
from sentiment.training.corpus import Row
from tests.sentiment.training import tiny


def drawn(chances: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """One class a row, drawn by its probabilities."""
    return np.array([dice.choice(len(row), p=row) for row in chances])


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_found_again(true):
    dice = np.random.default_rng(5)
    logits = dice.standard_normal((6000, 3)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert calibrate.temperature(logits * true, drawn(chances, dice)) == pytest.approx(true, rel=0.08)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.4, -1.0), (2.0, 0.7)])
def test_a_known_logistic_curve_is_found_again(scale, shift):
    dice = np.random.default_rng(6)
    logits = dice.standard_normal(8000) * 2
    wanted = (dice.random(8000) < 1 / (1 + np.exp(-(scale * logits + shift)))).astype(float)
    found = calibrate.platt(logits, wanted)
    assert found == (pytest.approx(scale, abs=0.12), pytest.approx(shift, abs=0.12))


def test_platt_stays_finite_where_the_classes_part_cleanly():
    scale, shift = calibrate.platt(np.array([-3.0, -2.0, 2.0, 3.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert math.isfinite(scale)
    assert math.isfinite(shift)


def test_the_threshold_keeps_the_recall_and_is_the_highest_that_does():
    dice = np.random.default_rng(7)
    wanted = (dice.random(500) < 0.3).astype(float)
    chances = np.clip(0.3 * wanted + dice.random(500) * 0.7, 0, 1)
    at = calibrate.threshold(chances, wanted, 0.96)
    kept = ((chances >= at) & (wanted > 0)).sum() / wanted.sum()
    assert kept >= 0.96
    higher = np.sort(chances[(wanted > 0) & (chances >= at)])[0] + 1e-9
    assert ((chances >= higher) & (wanted > 0)).sum() / wanted.sum() < 0.96


def test_the_threshold_lies_half_way_to_what_stands_below():
    assert calibrate.threshold(np.array([0.2, 0.6, 0.9]), np.array([0.0, 1.0, 1.0])) == pytest.approx(0.4)
    assert calibrate.threshold(np.array([0.6, 0.9]), np.array([1.0, 1.0])) == pytest.approx(0.3)


def answers(rows: list[Row]) -> np.ndarray:
    """Logits of a network that knows, but is twice as sure as it should be."""
    dice = np.random.default_rng(8)
    logits = dice.standard_normal((len(rows), sum(SIZES.values())))
    for number, row in enumerate(rows):
        logits[number, row.sentiment] += 2
        logits[number, 3] += 3 if row.follow_up else -3
    return (2 * logits).astype(np.float32)


def test_the_whole_calibration_is_what_a_reader_is_made_of():
    rows = tiny.rows(240)
    found = calibrate.calibrate(rows, answers(rows))
    assert set(found) == {"temperature", "follow_up", "reasons"}
    assert set(found["follow_up"]) == {"ar", "en", "other"}
    assert found["temperature"]["sentiment"] > 1, "too sure before, cooler after"
    assert set(found["reasons"]) == set(REASONS)
    assert found["reasons"]["question"] == 0.5, "too few examples to choose by"
    assert all(0.2 <= found["reasons"][reason] <= 0.7 for reason in REASONS)
    Heads(found)


def test_a_language_without_posts_is_read_as_all_together():
    rows = tiny.rows(240)
    found = calibrate.calibrate(rows, answers(rows))["follow_up"]
    assert found["ar"] == found["other"] == found["en"]
