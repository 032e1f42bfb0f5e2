"""Claims about a shipped folder: whole, calibrated on the graph that will run, refused where int8 costs too much."""

import json

import numpy as np
import pytest
import torch

from sentiment import engine
from sentiment.backends.heads import SIZES
from sentiment.training import network, ship
from sentiment.training.base import fingerprint
from sentiment.training.export import EMBEDDINGS
from tests.sentiment.training import tiny

ROWS = tiny.rows(60)


@pytest.fixture(scope="module")
def reader(origin):
    torch.manual_seed(5)
    return network.build(origin, np.arange(origin.shape.vocabulary), 1)


@pytest.fixture(scope="module")
def shipped(reader, origin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reader")
    return folder, ship.ship(reader, origin.tokenizer, ROWS, folder, "2030.01", strict=False)


def test_radd_reads_with_the_folder(shipped):
    folder, _ = shipped
    reading, answer = engine.read(["bad phone, where is my refund?"] * 2, f"onnx:{folder}", ["", "thanks for asking"])
    assert (reading.model, reading.version) == (ship.NAME, "2030.01")
    assert 0 < reading.follow_up < 1
    assert reading.follow_up != answer.follow_up


def test_the_configuration_names_the_embeddings_and_how_to_read_the_logits(shipped):
    folder, _ = shipped
    config = json.loads((folder / "config.json").read_text())
    assert config["embeddings_sha256"] == fingerprint(folder / EMBEDDINGS)
    assert set(config["reader"]) == {"temperature", "follow_up", "reasons"}


def test_metrics_tell_of_both_precisions_and_what_lies_between(shipped):
    folder, metrics = shipped
    assert json.loads((folder / "metrics.json").read_text()) == metrics
    assert set(metrics["figures"]) == set(metrics["unquantised"]) == {
        "tone own/en", "follow-up own/en AP", "follow-up own/en R@P.85",
    }  # fmt: skip
    assert 0 < metrics["int8"]["mean_moved"] <= metrics["int8"]["most_moved"] < 0.1


def test_answers_of_the_graph_stand_in_the_order_of_the_rows(shipped):
    folder, _ = shipped
    np.testing.assert_allclose(ship.read(folder, ROWS)[::-1], ship.read(folder, ROWS[::-1]), atol=1e-4)


def test_int8_that_costs_too_much_is_refused(reader, origin, tmp_path, monkeypatch):
    monkeypatch.setattr(ship, "COST_OF_INT8", -1.0)
    with pytest.raises(ValueError, match="int8 costs"):
        ship.ship(reader, origin.tokenizer, ROWS, tmp_path, "1")


def test_parity_is_in_probabilities_and_figures():
    whole = np.zeros((60, sum(SIZES.values())), np.float32)
    for number, row in enumerate(ROWS):
        whole[number, row.sentiment] = whole[number, 3] = 4
    worse = whole.copy()
    worse[:, :3] = 0
    found = ship.parity(ROWS, whole, worse)
    assert found["mean_cost"] > 0
    assert found["most_moved"] == pytest.approx(float(np.exp(4) / (np.exp(4) + 2)) - 1 / 3, abs=1e-4)
    assert ship.parity(ROWS, whole, whole) == {"mean_cost": 0.0, "mean_moved": 0.0, "most_moved": 0.0}
