"""Claims about the pruned vocabulary: what is met and what may be met stays, in its order; no text becomes unknown."""

import json

import numpy as np
import pytest
from tokenizers import Tokenizer

from sentiment.training import vocabulary
from tests.sentiment.training import tiny


def pieces(tokenizer: dict) -> list[str]:
    return [piece for piece, _ in tokenizer["model"]["vocab"]]


@pytest.fixture
def narrow(monkeypatch):
    """Nothing is kept unseen but single characters and the likeliest Latin pieces, of which there are few."""
    monkeypatch.setattr(vocabulary, "LATIN_PIECES", 2)
    monkeypatch.setattr(vocabulary, "ARABIC_SCORE", -4.5)


def test_pieces_that_texts_use_stay_and_rare_ones_go(narrow):
    whole = tiny.tokenizer_json()
    pruned = vocabulary.prune(whole, ["refund the phone"])
    kept = pieces(pruned.tokenizer)
    assert {"▁refund", "▁phone"} <= set(kept)
    assert {"▁late", "▁ing", "▁fine"}.isdisjoint(kept)
    assert {"▁good", "▁bad"} <= set(kept), "the likeliest Latin pieces"
    assert "▁شكرا" in kept, "an Arabic piece above the score"
    assert "▁الطلب" not in kept, "an Arabic piece below it"


def test_order_and_special_pieces_stay_and_numbers_point_into_the_base(narrow):
    whole = tiny.tokenizer_json()
    pruned = vocabulary.prune(whole, ["late"])
    assert pieces(pruned.tokenizer)[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert [pieces(whole)[number] for number in pruned.kept] == pieces(pruned.tokenizer)
    assert (np.diff(pruned.kept) > 0).all()


def test_what_lost_its_piece_is_spelt_not_unknown(narrow):
    pruned = vocabulary.prune(tiny.tokenizer_json(), [])
    found = Tokenizer.from_str(json.dumps(pruned.tokenizer)).encode("late")
    assert found.tokens == ["<s>", "▁", "l", "a", "t", "e", "</s>"]


def test_letters_of_scripts_too_large_to_keep_go():
    whole = tiny.tokenizer_json()
    whole["model"]["vocab"] += [["語", -9.0], ["한", -9.0], ["😡", -9.0]]
    kept = pieces(vocabulary.prune(whole, []).tokenizer)
    assert "😡" in kept
    assert {"語", "한"}.isdisjoint(kept)


def test_a_shipped_vocabulary_is_used_again_piece_by_piece(narrow):
    whole = tiny.tokenizer_json()
    shipped = vocabulary.prune(whole, ["refund"])
    again = vocabulary.reuse(whole, shipped.tokenizer)
    np.testing.assert_array_equal(again.kept, shipped.kept)
    assert again.tokenizer == shipped.tokenizer


def test_a_piece_that_the_base_lacks_is_refused():
    shipped = tiny.tokenizer_json()
    shipped["model"]["vocab"].append(["▁unheard", -3.0])
    with pytest.raises(KeyError, match="unheard"):
        vocabulary.reuse(tiny.tokenizer_json(), shipped)


def test_a_pruned_tokenizer_neither_cuts_nor_pads():
    whole = tiny.tokenizer_json() | {"truncation": {"max_length": 3}, "padding": {"length": 9}}
    pruned = vocabulary.prune({**whole, "truncation": None, "padding": None}, []).tokenizer
    assert (pruned["truncation"], pruned["padding"]) == (None, None)
