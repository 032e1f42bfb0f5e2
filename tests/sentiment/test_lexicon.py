"""Claims about the lexicon: right on plain words of both languages, turned by negation, neutral on the unknown."""

import pytest

from sentiment import engine
from sentiment.backends.lexicon import Lexicon, valence


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("terrible service, the worst ever", "negative"),
        ("great service, I love it", "positive"),
        ("خدمة سيئة جدا والموظف وقح", "negative"),
        ("خدمة ممتازة وسريعة، شكرا", "positive"),
        ("النت مقطوع من امس", "negative"),
        ("😡😡", "negative"),
        ("❤️😍", "positive"),
        ("the shop opens at nine", "neutral"),
        ("المحل يفتح الساعة تسعة", "neutral"),
        ("не знаю", "neutral"),
    ],
)
def test_plain_words_are_told_apart(text, sentiment):
    (reading,) = engine.read([text], "lexicon")
    assert reading.sentiment == sentiment
    assert reading.model == "radd-lexicon"


@pytest.mark.parametrize(
    ("plain", "negated"),
    [("good", "not good"), ("good", "not very good"), ("حلو", "مو حلو"), ("كويس", "مش كويس"), ("جيد", "غير جيد")],
)
def test_negation_turns_a_word(plain, negated):
    assert valence(plain) > 0 > valence(negated)


def test_very_and_exclamation_marks_strengthen():
    assert valence("very good") > valence("good")
    assert valence("good!!!") > valence("good")
    assert valence("سيء جدا") < valence("سيء")


def test_what_follows_but_weighs_more():
    assert valence("good food but terrible service") < 0 < valence("terrible weather but excellent food")


def test_scores_are_a_distribution():
    for score in Lexicon().score(["good", "bad", "", "🙂", "خدمة"]):
        assert score.negative + score.neutral + score.positive == pytest.approx(1)
