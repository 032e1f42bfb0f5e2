"""Claims about the one command: from rows to a folder that Radd reads, again and again, without a network."""

import json

import pytest
import torch

from sentiment import engine
from sentiment.training import __main__ as command
from sentiment.training import base, corpus, recipe
from tests.sentiment.training import tiny


@pytest.fixture
def train(tmp_path, monkeypatch):
    """The command on invented rows and a tiny base; nothing may be downloaded, nothing real installed over."""
    monkeypatch.setattr(base.subprocess, "run", lambda *_, **__: pytest.fail("nothing may be downloaded"))
    monkeypatch.setattr(corpus, "POSTS", tmp_path / "posts")
    monkeypatch.setattr(corpus, "SHARED_LABELS", tmp_path / "labels.jsonl")
    monkeypatch.setattr(command, "BUNDLED", tmp_path / "bundled")
    monkeypatch.setattr(corpus.own, "__defaults__", (tmp_path / "posts",))
    posts = [{**tiny._labelled(n), "split": "val" if n % 2 else "train", "lang": "en"} for n in range(60)]
    tiny.write(tmp_path / "posts" / "en.jsonl", posts)
    (tmp_path / "bundled").mkdir()
    (tmp_path / "bundled" / "tokenizer.json").write_text(json.dumps(tiny.tokenizer_json()))
    given = ["--data", str(tiny.save_data(tmp_path / "data")), "--base", str(tiny.save_base(tmp_path / "base"))]

    def run(*more: str) -> str:
        assert command.main([*given, "--out", str(tmp_path / "out"), "--smoke", "--threads", "1", *more]) == 0
        return (tmp_path / "out" / "train.log").read_text()

    return run


def test_one_command_makes_a_reader_that_radd_reads_with(train, tmp_path):
    log = train("--version", "2030.02")
    assert "is ready" in log
    made = tmp_path / "out" / "reader"
    (reading,) = engine.read(["bad phone"], f"onnx:{made}")
    assert (reading.model, reading.version) == ("radd-reader", "2030.02")
    assert reading.follow_up is not None
    assert {file.name for file in made.iterdir()} == {
        "MODEL.md", "config.json", "embeddings.int8.bin", "metrics.json", "model.int8.onnx", "tokenizer.json",
    }  # fmt: skip


def test_the_same_command_again_trains_nothing_twice_and_ships_the_same(train, tmp_path):
    train()
    before = (tmp_path / "out" / "reader" / "model.int8.onnx").read_bytes()
    log = train()
    for number in range(1, len(recipe.CYCLES) + 1):
        assert log.count(f"cycle {number}, ") == len(recipe.CHECKS)
    assert log.count("going on after step") == len(recipe.CYCLES)
    assert (tmp_path / "out" / "reader" / "model.int8.onnx").read_bytes() == before


def test_a_run_that_is_begun_anew_is_not_judged_against_the_old_one(train, tmp_path):
    train()
    best = tmp_path / "out" / "cycle-1" / "best.pt"
    kept = torch.load(best, weights_only=True)
    torch.save({**kept, "score": 99.0}, best)
    (tmp_path / "out" / "cycle-1" / "checkpoint.pt").unlink()
    train()
    assert torch.load(best, weights_only=True)["score"] < 99


def test_a_new_vocabulary_is_pruned_once_and_shipped(train, tmp_path):
    train("--new-vocabulary")
    made = tmp_path / "out" / "tokenizer.json"
    assert json.loads((tmp_path / "out" / "reader" / "tokenizer.json").read_text()) == json.loads(made.read_text())


def test_it_is_installed_only_when_asked(train, tmp_path):
    train()
    assert [file.name for file in (tmp_path / "bundled").iterdir()] == ["tokenizer.json"]
    train("--install")
    (reading,) = engine.read(["bad phone"], f"onnx:{tmp_path / 'bundled'}")
    assert reading.model == "radd-reader"


def test_missing_data_are_named(train, tmp_path):
    (tmp_path / "data" / "sentiment" / "semeval_train.jsonl").unlink()
    with pytest.raises(FileNotFoundError, match="semeval_train"):
        train()


@pytest.mark.parametrize(
    ("means", "chosen"), [({2.5: 0.706, 2.0: 0.706}, 2.0), ({2.5: 0.6, 2.0: 0.706}, 2.0), ({2.5: 0.6, 2.0: 0.6}, 3.0)]
)
def test_the_mean_of_the_cycles_is_shipped_without_those_that_make_it_clearly_worse(tmp_path, means, chosen):
    class Network:
        weight = 0.0

        def load_state_dict(self, state):
            self.weight = state["weight"].item()

    class Judge:
        reader = Network()

        def score(self, _name):
            return means[self.reader.weight]

    files = [tmp_path / f"{number}.pt" for number in (1, 2, 3)]
    for value, (file, score) in enumerate(zip(files, (0.69, 0.7, 0.71), strict=True), start=1):
        torch.save({"reader": {"weight": torch.tensor(float(value))}, "score": score}, file)
    assert command._best_of(Judge(), files)["weight"].item() == chosen
