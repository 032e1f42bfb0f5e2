"""Claims about the tokens of a post and of what it replies to, the same in training and in reading."""

import pytest

from sentiment.backends import pieces
from sentiment.backends.pieces import MAX_TOKENS, PARENT_TOKENS, TAIL_TOKENS, encode, head_and_tail
from tests.sentiment.training import tiny


@pytest.fixture(scope="module")
def tokenizer():
    return tiny.tokenizer()


def test_head_and_tail_keeps_all_of_a_short_text_and_both_ends_of_a_long_one():
    assert head_and_tail([0, 7, 2]) == [0, 7, 2]
    cut = head_and_tail(list(range(1000)))
    assert len(cut) == MAX_TOKENS
    assert (cut[0], cut[-1], cut[-TAIL_TOKENS]) == (0, 999, 1000 - TAIL_TOKENS)


def test_a_post_alone_is_its_tokens_all_of_its_own(tokenizer):
    (found,) = encode(tokenizer, ["good phone"])
    assert [tokenizer.id_to_token(number) for number in found.ids] == ["<s>", "▁good", "▁phone", "</s>"]
    assert found.types == [0, 0, 0, 0]


def test_each_token_knows_its_word_and_the_marks_have_none(tokenizer):
    (found,) = encode(tokenizer, ["bad phoneing  شكرا @x"])
    named = [(tokenizer.id_to_token(token), word) for token, word in zip(found.ids, found.words, strict=True)]
    assert named[0] == ("<s>", -1)
    assert named[-1] == ("</s>", -1)
    by_word = {word: "".join(piece for piece, other in named if other == word).strip("▁") for _, word in named}
    assert {word: text for word, text in by_word.items() if word >= 0} == {0: "bad", 1: "phoneing", 2: "شكرا", 3: "@x"}


def test_what_a_post_replies_to_stands_behind_it_as_the_second_kind(tokenizer):
    (found,) = encode(tokenizer, ["bad"], ["good phone"])
    tokens = [tokenizer.id_to_token(number) for number in found.ids]
    assert tokens == ["<s>", "▁bad", "</s>", "</s>", "▁good", "▁phone", "</s>"]
    assert found.types == [0, 0, 0, 1, 1, 1, 1]
    assert found.words == [-1, 0, -1, -1, -1, -1, -1]


def test_a_pair_is_what_the_tokenizer_itself_makes_of_two(tokenizer):
    (found,) = encode(tokenizer, ["bad"], ["good phone"])
    assert found.ids == tokenizer.encode("bad", "good phone").ids


def test_only_posts_with_a_parent_get_one(tokenizer):
    alone, with_parent = encode(tokenizer, ["bad", "bad"], ["", "fine"])
    assert alone == encode(tokenizer, ["bad"])[0]
    assert len(with_parent.ids) == len(alone.ids) + 3


def test_a_long_parent_is_cut_and_keeps_its_end_mark(tokenizer):
    (found,) = encode(tokenizer, ["bad"], ["good " * 200])
    assert sum(found.types) == PARENT_TOKENS + 2
    assert found.ids[-1] == tokenizer.token_to_id("</s>")


def test_of_a_long_post_words_are_cut_like_tokens(tokenizer):
    (found,) = encode(tokenizer, [" ".join(["good"] * 300)], ["fine"])
    assert len(found.ids) == len(found.types) == len(found.words) == MAX_TOKENS + 3
    own = [word for word, kind in zip(found.words, found.types, strict=True) if not kind]
    assert own[1] == 0
    assert own[-2] == 299


def test_no_texts_no_tokens(tokenizer):
    assert encode(tokenizer, [], []) == []


def test_a_space_mark_alone_belongs_to_no_word():
    class Encoded:
        ids = (0, 5, 2)
        offsets = ((0, 0), (1, 2), (0, 0))

    assert pieces._words("a b", Encoded()) == [-1, -1, -1]
