"""Claims about batches: rows as often as they are weighed, noise that changes no meaning, open labels left open."""

import random
from dataclasses import replace

import pytest

from sentiment.reading import REASONS
from sentiment.training import batches
from sentiment.training.corpus import Row
from sentiment.training.network import UNKNOWN
from tests.sentiment.training import tiny

BARE = Row(text="good", source="own", language="en")


def test_a_row_is_drawn_as_often_as_it_is_weighed():
    rows = [replace(BARE, text=str(number)) for number in range(3)]
    drawn = batches.passes(rows, [2.0, 0.0, 1.0], seed=1)
    assert [row.text for row in drawn] == ["0", "0", "2"]
    often = batches.passes([BARE] * 2000, [0.6] * 2000, seed=1)
    assert len(often) == pytest.approx(1200, abs=80)


def test_a_pass_is_the_same_for_a_seed_and_another_for_another(tokenizer):
    rows = tiny.rows(50)

    def texts(seed: int) -> list[list[int]]:
        return [batch.input_ids.flatten().tolist() for batch in batches.shuffled(tokenizer, rows, 8, seed)]

    assert texts(1) == texts(1)
    assert texts(1) != texts(2)


def test_every_row_of_a_pass_comes_once(tokenizer, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 2)
    monkeypatch.setattr(batches, "noisy", lambda row, _dice: row)
    rows = tiny.rows(50)
    made = list(batches.shuffled(tokenizer, rows, 8, seed=1))
    assert sum(len(batch.input_ids) for batch in made) == 50
    labels = [label for batch in made for label in batch.sentiment.tolist()]
    assert sorted(labels) == sorted(row.sentiment for row in rows)


def test_posts_of_one_batch_are_padded_to_its_longest_with_pads_unseen(tokenizer):
    batch = batches.collate(batches.encoded(tokenizer, [BARE, replace(BARE, text="good phone late")]))
    assert batch.input_ids.tolist()[0][-2:] == [batches.PAD] * 2
    assert batch.attention_mask.tolist() == [[1, 1, 1, 0, 0], [1] * 5]


def test_what_is_replied_to_is_marked_as_such(tokenizer):
    batch = batches.collate(batches.encoded(tokenizer, [replace(BARE, parent="fine"), BARE]))
    assert batch.token_type_ids.tolist() == [[0, 0, 0, 1, 1, 1], [0] * 6]


def test_labels_that_are_not_known_stay_open(tokenizer):
    batch = batches.collate(batches.encoded(tokenizer, [BARE]))
    assert (batch.sentiment.item(), batch.urgency.item(), batch.trigger.item()) == (UNKNOWN,) * 3
    assert batch.follow_up.isnan().all()
    assert batch.reasons.isnan().all()


def test_a_post_known_to_be_no_complaint_says_nothing_of_other_reasons(tokenizer):
    batch = batches.collate(batches.encoded(tokenizer, [replace(BARE, complaint=False)]))
    known = ~batch.reasons[0].isnan()
    assert known.sum() == 1
    assert batch.reasons[0, REASONS.index("complaint")] == 0


def test_named_reasons_are_yes_and_all_others_no(tokenizer):
    batch = batches.collate(batches.encoded(tokenizer, [replace(BARE, reasons=("thanks",), sure=0.5)]))
    assert batch.reasons[0].sum() == batch.reasons[0, REASONS.index("thanks")] == 1
    assert batch.weight.item() == 0.5


def test_noise_changes_handles_capitals_and_hamzas_and_no_label():
    row = replace(BARE, text="@user أين Order", parent="fine", sentiment=1, follow_up=1.0)
    made = [batches.noisy(row, random.Random(seed)) for seed in range(300)]
    texts = {one.text for one in made}
    assert {"@user أين Order", "أين Order", "@user أين order", "@user اين Order"} <= texts
    assert {one.parent for one in made} == {"fine", ""}
    assert all(replace(one, text=row.text, parent=row.parent) == row for one in made)


def test_a_post_that_means_nothing_without_its_parent_keeps_it():
    row = replace(BARE, parent="did it come?", facts={"hard": "context"})
    assert {batches.noisy(row, random.Random(seed)).parent for seed in range(100)} == {"did it come?"}


def test_noise_leaves_no_post_empty():
    rows = [replace(BARE, text=text) for text in ("@user", "RT @user:", "@user @user")]
    assert all(batches.noisy(row, random.Random(seed)).text for row in rows for seed in range(100))
