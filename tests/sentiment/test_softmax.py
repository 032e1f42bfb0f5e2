"""Claims about turning logits and foreign label names into the three probabilities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.backends.softmax import class_of_label, scores, softmax


def named(*names: str) -> dict[int, str]:
    return dict(enumerate(names))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (named("negative", "neutral", "positive"), ["negative", "neutral", "positive"]),
        (named("POSITIVE", "NEUTRAL", "NEGATIVE"), ["positive", "neutral", "negative"]),
        (named("LABEL_0", "LABEL_1", "LABEL_2"), ["negative", "neutral", "positive"]),
        (named("LABEL_0", "LABEL_1"), ["negative", "positive"]),
        (named("NEGATIVE", "POSITIVE"), ["negative", "positive"]),
        (named("NEG", "NEU", "POS"), ["negative", "neutral", "positive"]),
        (
            named("1 star", "2 stars", "3 stars", "4 stars", "5 stars"),
            ["negative", "negative", "neutral", "positive", "positive"],
        ),
    ],
)
def test_label_names_are_understood(labels, classes):
    assert class_of_label(labels) == classes


@pytest.mark.parametrize(
    "labels",
    [named("joy", "anger"), named("LABEL_0"), named(*(f"LABEL_{n}" for n in range(28))), named("spam", "negative")],
)
def test_labels_that_are_no_sentiment_are_refused_by_name(labels):
    with pytest.raises(ValueError, match=labels[0]):
        class_of_label(labels)


def test_two_labels_leave_neutral_at_zero_and_five_stars_are_added_up():
    assert scores([0.0, 0.0], ["negative", "positive"]).neutral == 0
    stars = scores([0.0] * 5, class_of_label(named("1 star", "2 stars", "3 stars", "4 stars", "5 stars")))
    assert (stars.negative, stars.neutral, stars.positive) == pytest.approx((0.4, 0.2, 0.4))


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=6))
def test_softmax_is_a_distribution_for_any_finite_logits(logits):
    shares = softmax(logits)
    assert sum(shares) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares)
