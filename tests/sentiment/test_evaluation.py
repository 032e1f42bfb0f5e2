"""Claims about the figures: computed as defined, from labelled JSON Lines, by a command that prints JSON."""

import json

import pytest

from sentiment import evaluation
from sentiment.evaluation import Example
from sentiment.reading import Failure, Reading


def example(wanted: str, given: str, follow_up: bool | None = None, reasons: tuple[str, ...] = ()) -> Example:
    scores = {name: float(name == given) for name in evaluation.CLASSES}
    return Example(
        "text", "en", wanted, follow_up, Reading("en", **scores, reasons=reasons, urgency="low", model="m", version="1")
    )


def test_macro_f1_is_the_mean_over_the_classes():
    examples = [example("negative", "negative"), example("neutral", "negative"), example("positive", "positive")]
    assert evaluation.macro_f1(examples) == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert evaluation.macro_f1([]) is None


def test_a_person_is_needed_for_a_negative_reading_a_reason_or_no_reading():
    assert evaluation.needs_person(example("neutral", "negative").reading, 0.5)
    assert evaluation.needs_person(example("neutral", "neutral", reasons=("question",)).reading, 0.5)
    assert evaluation.needs_person(Failure("broken"), 0.5)
    assert not evaluation.needs_person(example("neutral", "positive", reasons=("thanks",)).reading, 0.5)


def test_precision_and_recall_count_only_labelled_examples():
    examples = [
        example("negative", "negative", follow_up=True),
        example("neutral", "negative", follow_up=False),
        example("neutral", "neutral", follow_up=True),
        example("neutral", "negative", follow_up=None),
    ]
    decide = lambda reading: evaluation.needs_person(reading, 0.5)  # noqa: E731
    assert evaluation.precision_recall(examples, decide) == (0.5, 0.5)


def test_the_command_prints_a_row_a_language_and_one_over_all(tmp_path, capsys):
    file = tmp_path / "labelled.jsonl"
    rows = [
        {"text": "terrible service", "sentiment": "negative", "follow_up": "yes", "lang": "en"},
        {"text": "شكرا خدمة ممتازة", "label": 2, "follow_up": "no", "lang": "ar"},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    assert evaluation.main([str(file), "--reader", "lexicon", "--mistakes"]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["language"] for row in printed] == ["ar", "en", "all"]
    assert printed[-1] == {
        "language": "all", "n": 2, "failures": 0, "sentiment_macro_f1": 1.0,
        "follow_up_precision": 1.0, "follow_up_recall": 1.0,
    }  # fmt: skip
