"""Claims about answers: a model's word on follow-up counts; without one, the rule that triage goes by is the score."""

import pytest

from sentiment.evaluation.answers import FAILED, answer
from sentiment.reading import DEFAULT_NEGATIVE_THRESHOLD, Failure, Reading


def a_reading(negative: float = 0.1, **fields) -> Reading:
    defaults = {"reasons": (), "urgency": "low", "model": "m", "version": "1"}
    return Reading("en", negative, 0.9 - negative, 0.1, **(defaults | fields))


def test_a_models_own_probability_and_threshold_decide():
    read = a_reading(reasons=("complaint",), follow_up=0.3, threshold=0.25, trigger="rudeness", aim="apology")
    said = answer(read)
    assert (said.follow_up, said.threshold, said.is_probability, said.needs_person) == (0.3, 0.25, True, True)
    assert (said.trigger, said.aim, said.reasons) == ("rudeness", "apology", {"complaint"})
    assert (said.sentiment, said.confidence) == ("neutral", 0.8)


@pytest.mark.parametrize("negative", [0.0, DEFAULT_NEGATIVE_THRESHOLD - 0.01, DEFAULT_NEGATIVE_THRESHOLD, 0.9])
@pytest.mark.parametrize("reasons", [(), ("thanks",), ("question",), ("praise", "safety_or_legal")])
def test_without_one_the_score_decides_as_the_rule_does(negative, reasons):
    said = answer(a_reading(negative, reasons=reasons))
    called = bool({"question", "safety_or_legal"} & set(reasons))
    assert said.needs_person == (called or negative >= DEFAULT_NEGATIVE_THRESHOLD)
    assert said.follow_up == (1.0 if called else negative)
    assert not said.is_probability


def test_a_model_of_sentiment_alone_has_no_opinion_on_trigger_and_aim():
    said = answer(a_reading())
    assert (said.trigger, said.aim) == (None, None)


def test_what_could_not_be_read_goes_to_a_person():
    assert answer(Failure("broken")) is FAILED
    assert FAILED.needs_person
    assert FAILED.confidence is None
