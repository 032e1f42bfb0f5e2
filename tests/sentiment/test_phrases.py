"""Claims about finding phrases: stems, gaps, sentence heads, joined Arabic letters."""

import pytest

from sentiment.phrases import negated, table, words


def meanings(written: str, text: str) -> list[str]:
    return [one.meaning for one in table({"hit": written}).find(words(text))]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("refund*", "refunded"),
        ("wants* ~ back", "she wants all her money back"),
        ("^ when", "Hi there, when"),
        ("cant log in", "I can't log in"),
        ("cant log in", "I can\u2019t log in"),
        ("دعم", "والدعم"),
        ("دعم", "بالدعم"),
        ("ما يشتغل", "مايشتغل"),
        ("ما بيشتغل", "مبيشتغلش"),
        ("وقف", "وقف"),
    ],
)
def test_a_phrase_is_met(written, text):
    assert meanings(written, text) == ["hit"]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("fund*", "refund"),
        ("want ~ back", "want one two three four back"),
        ("^ when", "tell me something about the day when"),
        ("log in", "log of in"),
        ("log in", "log"),
        ("log ~ in", "log"),
    ],
)
def test_a_phrase_is_not_met(written, text):
    assert meanings(written, text) == []


def test_a_mention_or_link_is_no_word():
    assert [word.forms for word in words("@user http hello")] == [("hello",)]


def test_negation_reaches_over_fillers_but_not_over_commas():
    no, filler = frozenset({"not"}), frozenset({"very"})
    assert negated(words("not very good"), 2, no, filler)
    assert not negated(words("not, good"), 1, no, filler)
    assert not negated(words("not here good"), 2, no, filler)
