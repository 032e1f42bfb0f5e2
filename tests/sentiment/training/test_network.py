"""Claims about the network: evidence adds up to the answer, what is replied to is read but not looked at."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from sentiment.backends.heads import SIZES
from sentiment.training import network
from sentiment.training.batches import collate, encoded
from sentiment.training.network import Batch, Reader
from tests.sentiment.training import tiny

WORDS = "encoder.embeddings.word_embeddings.weight"


def built(origin, layers: int = 2) -> Reader:
    torch.manual_seed(1)
    reader = network.build(origin, np.arange(origin.shape.vocabulary), layers)
    # A gaze of nought would make every claim about it empty.
    torch.nn.init.normal_(reader.gaze.weight, std=0.3)
    return reader.eval()


@pytest.fixture
def reader(origin) -> Reader:
    return built(origin)


@pytest.fixture
def batch(tokenizer) -> Batch:
    return collate(encoded(tokenizer, tiny.rows(8)))


def answers(reader: Reader, batch: Batch):
    with torch.inference_mode():
        return reader(batch.input_ids, batch.attention_mask, batch.token_type_ids)


def test_there_is_a_logit_for_each_label_and_evidence_for_each_token(reader, batch):
    logits, evidence = answers(reader, batch)
    assert logits.shape == (8, sum(SIZES.values()))
    assert evidence.shape == batch.input_ids.shape


def test_evidence_adds_up_to_the_follow_up_logit(reader, batch):
    """The answer is linear in a weighted mean of the tokens; each summand carries its share of the bias."""
    logits, evidence = answers(reader, batch)
    torch.testing.assert_close(evidence.sum(1), logits[:, 3], atol=1e-4, rtol=1e-4)


def test_neither_pads_nor_what_is_replied_to_are_evidence(reader, batch):
    _, evidence = answers(reader, batch)
    assert evidence[(batch.attention_mask == 0) | (batch.token_type_ids == 1)].abs().max() == 0
    assert evidence[(batch.attention_mask == 1) & (batch.token_type_ids == 0)].abs().min() > 0


def test_what_is_replied_to_still_changes_the_answer(reader, tokenizer):
    (row,) = tiny.rows(1)
    both = collate(encoded(tokenizer, [row, replace(row, parent="bad phone")]))
    logits, _ = answers(reader, both)
    assert (logits[0] - logits[1]).abs().max() > 1e-3


def test_a_new_network_looks_at_all_tokens_alike(origin, batch):
    reader = network.build(origin, np.arange(origin.shape.vocabulary), 1).eval()
    assert reader.gaze.weight.abs().max() == 0


def test_a_post_is_read_alike_whatever_it_is_padded_with(reader, tokenizer):
    rows = tiny.rows(2)
    alone = answers(reader, collate(encoded(tokenizer, rows[1:])))[0][0]
    padded = answers(reader, collate(encoded(tokenizer, [*rows, replace(rows[0], text="phone " * 30)])))[0][1]
    torch.testing.assert_close(alone, padded, atol=1e-5, rtol=1e-5)


def test_only_the_first_layers_of_the_base_are_taken(origin):
    assert len(built(origin, 1).encoder.encoder.layer) == 1
    assert len(built(origin, 2).encoder.encoder.layer) == 2


def test_pieces_keep_the_embeddings_they_had_in_the_base_rounded_to_eight_bits_and_frozen(origin):
    kept = np.array([0, 1, 2, 3, 9, 12])
    words = network.build(origin, kept, 1).get_parameter(WORDS)
    wanted = origin.weights["embeddings.word_embeddings.weight"][kept]
    assert not words.requires_grad
    assert np.abs(words.numpy() - wanted).max() <= np.abs(wanted).max() / 127 / 2 * 1.01


def unlabelled(batch: Batch) -> Batch:
    """The same posts of which nothing is known."""
    unknown = {name: torch.full_like(getattr(batch, name), network.UNKNOWN) for name in ("sentiment", "urgency")}
    unknown |= {name: torch.full_like(getattr(batch, name), network.UNKNOWN) for name in ("trigger", "aim")}
    unknown |= {name: torch.full_like(getattr(batch, name), torch.nan) for name in ("follow_up", "reasons")}
    return replace(batch, **unknown)


def joined(one: Batch, other: Batch) -> Batch:
    names = [field.name for field in fields(Batch)]
    return Batch(**{name: torch.cat([getattr(one, name), getattr(other, name)]) for name in names})


def test_posts_without_a_label_add_no_loss(batch):
    torch.manual_seed(2)
    logits, others = torch.randn(8, sum(SIZES.values())), torch.randn(8, sum(SIZES.values()))
    alone = network.losses(logits, batch, 0.05)
    beside = network.losses(torch.cat([logits, others]), joined(batch, unlabelled(batch)), 0.05)
    assert set(alone) == set(SIZES)
    for name, value in alone.items():
        torch.testing.assert_close(beside[name], value, msg=name)
    assert network.losses(others, unlabelled(batch)) == {}


def test_unsure_labels_count_less(batch):
    logits = torch.zeros(8, sum(SIZES.values()))
    logits[0, 3] = -9.0  # wrong: the first post wants an answer
    sure = network.losses(logits, batch)["follow_up"]
    unsure = replace(batch, weight=torch.tensor([0.1] + [1.0] * 7))
    assert network.losses(logits, unsure)["follow_up"] < sure / 2


def test_right_answers_cost_next_to_nothing(batch):
    logits = torch.zeros(8, sum(SIZES.values()))
    parts = network.split(logits)
    for name in ("sentiment", "urgency", "trigger", "aim"):
        known = getattr(batch, name) != network.UNKNOWN
        parts[name][known] = torch.nn.functional.one_hot(getattr(batch, name)[known], SIZES[name]).float() * 40
    parts["follow_up"][:, 0] = (batch.follow_up - 0.5) * 80
    parts["reasons"][:] = (batch.reasons - 0.5) * 80
    found = network.losses(torch.cat(list(parts.values()), dim=-1), batch)
    assert max(value.item() for value in found.values()) < 1e-6
