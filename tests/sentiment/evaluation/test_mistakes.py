"""Claims about mistakes: missed people first, then needless looks, then the tone; one line each."""

from dataclasses import replace

from sentiment.evaluation.answers import Answer
from sentiment.evaluation.mistakes import mistakes
from tests.sentiment.evaluation.cast import COMPLAINT, THANKS, said


def test_what_was_judged_otherwise_than_labelled_is_listed():
    shown = replace(THANKS, text="شكرا\nلكم")
    answers = [said(THANKS, follow_up=0.9), said(COMPLAINT, follow_up=0.1), said(COMPLAINT)]
    answers[2] = replace(answers[2], sentiment="neutral")
    assert list(mistakes([shown, COMPLAINT, COMPLAINT], answers)) == [
        "missed\ten\t0.10\tcomplaint\tbad service",
        "too much\tar\t0.90\tthanks\tشكرا لكم",
        "sentiment\ten\t0.80\tneutral, not negative\tbad service",
    ]


def test_without_an_answer_there_is_no_mistake():
    assert list(mistakes([COMPLAINT], [Answer()])) == []
