"""Claims about the training loop: it learns, and a run that was stopped ends where an unbroken one does."""

import numpy as np
import pytest
import torch

from sentiment.training import network
from sentiment.training.fit import CHECKPOINT, Plan, Run, Stage
from tests.sentiment.training import tiny

PLAN = Plan(batch=8, rate=1e-3, heads_rate=5e-3)
STAGES = (Stage("general", lambda _: 1.0), Stage("care", lambda row: float(row.follow_up or 0), rounds=2))
CHECKS = (0.3, 0.6, 1.0)
ROWS = tiny.rows(40)
STEPS = 5 + 2 + 2
"""40 rows in batches of 8, then those that want an answer, twice."""


@pytest.fixture
def begin(origin, tokenizer):
    """A run in a folder, with a network made from the same base each time."""

    def run(folder, plan: Plan = PLAN) -> Run:
        folder.mkdir(exist_ok=True)
        torch.manual_seed(9)
        reader = network.build(origin, np.arange(origin.shape.vocabulary), 2)
        return Run(reader, tokenizer, plan, folder, said.append)

    said: list[str] = []
    run.said = said
    return run


def finish(run: Run, check=lambda _step, _total: None, rows=ROWS) -> dict:
    run.fit(rows, STAGES, CHECKS, check)
    return run.reader.state_dict()


class Killed(Exception):
    """The process ends here."""


def stop_at(wanted: int):
    def check(step: int, _total: int) -> None:
        if step >= wanted:
            raise Killed

    return check


def same(one: dict, other: dict) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_run_that_was_stopped_ends_where_an_unbroken_one_does(begin, tmp_path):
    whole = begin(tmp_path / "whole")
    unbroken = finish(whole)
    with pytest.raises(Killed):
        finish(begin(tmp_path / "stopped"), stop_at(5))
    again = begin(tmp_path / "stopped")
    # Whatever the machine has thrown in between.
    torch.rand(17)
    assert same(finish(again), unbroken)
    assert any("going on after step 3" in line for line in begin.said)
    with whole.averaged() as mean, again.averaged() as other:
        assert same(mean.state_dict(), other.state_dict())


def test_a_finished_run_has_nothing_left_to_do(begin, tmp_path):
    finished = finish(begin(tmp_path))
    assert same(finish(begin(tmp_path), stop_at(0)), finished)
    assert same(finish(begin(tmp_path), stop_at(0), rows=tiny.rows(90)), finished), "not even with other rows"


def test_it_is_judged_at_the_shares_asked_for_and_at_the_end(begin, tmp_path):
    seen = []
    finish(begin(tmp_path), lambda step, total: seen.append((step, total)))
    assert seen == [(3, STEPS), (5, STEPS), (STEPS, STEPS)]


def test_it_is_judged_with_averaged_weights_and_goes_on_with_its_own(begin, tmp_path):
    run = begin(tmp_path)
    at_check = {}

    def check(step: int, _total: int) -> None:
        at_check[step] = {name: value.clone() for name, value in run.reader.state_dict().items()}

    ended = finish(run, check)
    with run.averaged() as mean:
        assert same(mean.state_dict(), at_check[STEPS])
    assert same(run.reader.state_dict(), ended)
    assert not same(ended, at_check[STEPS])


def test_it_learns(begin, tmp_path):
    run = begin(tmp_path, Plan(batch=8, rate=1e-2, heads_rate=5e-2))
    run.fit(tiny.rows(60), (Stage("all", lambda _: 20.0),), (1.0,), lambda _step, _total: None)
    last = [line for line in begin.said if "sentiment" in line][-1]
    assert float(last.split("sentiment ")[1].split()[0]) < 0.6, "about half of ln 3, where it began"


def test_what_is_frozen_stays_as_it_was(begin, tmp_path):
    run = begin(tmp_path)
    name = "encoder.embeddings.word_embeddings.weight"
    before = run.reader.get_parameter(name).clone()
    finish(run)
    assert torch.equal(run.reader.get_parameter(name), before)


def test_another_plan_does_not_go_on_with_a_runs_checkpoint(begin, tmp_path):
    finish(begin(tmp_path))
    with pytest.raises(ValueError, match=f"{CHECKPOINT} belongs to a run with another plan"):
        finish(begin(tmp_path, Plan(batch=4)))


def test_that_rows_have_changed_since_a_run_began_is_said(begin, tmp_path):
    with pytest.raises(Killed):
        finish(begin(tmp_path), stop_at(5))
    finish(begin(tmp_path), rows=tiny.rows(56))
    assert any("its rows have changed" in line for line in begin.said)


def test_upper_layers_and_heads_learn_faster(begin, tmp_path):
    run = begin(tmp_path)
    rates = {
        name: group["lr"]
        for group in run._optimizer.param_groups
        for name, value in run.reader.named_parameters()
        if any(value is one for one in group["params"])
    }
    lower, upper = (rates[f"encoder.encoder.layer.{n}.output.dense.weight"] for n in (0, 1))
    assert rates["encoder.embeddings.position_embeddings.weight"] < lower < upper < rates["gaze.weight"]
