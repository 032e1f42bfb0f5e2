"""Claims about a reading's own arithmetic."""

import pytest

from sentiment.reading import Reading


def reading(negative: float, neutral: float, positive: float) -> Reading:
    return Reading("en", negative, neutral, positive, (), "low", "model", "1")


@pytest.mark.parametrize(
    ("scores", "sentiment"),
    [
        ((0.6, 0.3, 0.1), "negative"),
        ((0.1, 0.6, 0.3), "neutral"),
        ((0.1, 0.3, 0.6), "positive"),
        ((0.4, 0.4, 0.2), "negative"),
        ((0.2, 0.4, 0.4), "neutral"),
    ],
)
def test_the_sentiment_is_the_likeliest_and_on_a_tie_the_more_negative(scores, sentiment):
    assert reading(*scores).sentiment == sentiment


def test_valence_runs_from_minus_one_to_one():
    assert reading(1, 0, 0).valence == -1
    assert reading(0, 1, 0).valence == 0
    assert reading(0.25, 0, 0.75).valence == 0.5
