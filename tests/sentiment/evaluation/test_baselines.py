"""Claims about the baselines: what they learn they learn from other rows than they are asked about."""

import pytest

from sentiment.evaluation import baselines
from sentiment.evaluation.rows import Labelled

try:
    baselines.check()
    missing = ""
except baselines.BaselinesMissingError as error:
    missing = f"NOT TESTED: {error}"
needs_them = pytest.mark.skipif(bool(missing), reason=missing or "there")

GOOD = ["good day", "good food", "lovely staff", "lovely and good", "so good", "lovely place", "good, lovely", "good!"]
BAD = ["bad day", "bad food", "awful staff", "awful and bad", "so bad", "awful place", "bad, awful", "bad!"]
ROWS = [
    *(Labelled(text, "en", sentiment="positive", follow_up=False) for text in GOOD),
    *(Labelled(text, "en", sentiment="negative", follow_up=True) for text in BAD),
]


def test_missing_packages_are_named_with_what_to_install(monkeypatch):
    monkeypatch.setattr(baselines, "find_spec", lambda name: None)
    with pytest.raises(baselines.BaselinesMissingError, match=r"vaderSentiment and scikit-learn.*radd\[train\]"):
        baselines.check()


@needs_them
def test_vader_knows_english_words_and_nothing_of_arabic():
    texts = ["I love this, great!", "I hate this, terrible!", "The train leaves at nine", "خدمة سيئة جدا"]
    said = [answer.sentiment for answer in baselines.vader([Labelled(text) for text in texts])]
    assert said == ["positive", "negative", "neutral", "neutral"]


@needs_them
def test_tfidf_learns_from_the_files_given_for_it():
    asked = [Labelled("bad staff", sentiment="negative", follow_up=True), Labelled("lovely day", sentiment="positive")]
    ((answers, notes),) = baselines.tfidf([asked], ROWS)
    assert [answer.sentiment for answer in answers] == ["negative", "positive"]
    assert answers[0].follow_up > 0.5 > answers[1].follow_up
    assert answers[0].is_probability
    assert notes == [
        "TF-IDF + LR, sentiment: trained on 16 rows of the files given for it",
        "TF-IDF + LR, follow_up: trained on 16 rows of the files given for it",
    ]


@needs_them
def test_it_never_learns_from_a_text_of_the_file_it_is_asked_about():
    leaked, other = [Labelled("GOOD  day", sentiment="positive")], [Labelled("so what", sentiment="neutral")]
    (_, notes), (_, of_other) = baselines.tfidf([leaked, other], ROWS)
    assert notes == [
        "TF-IDF + LR, sentiment: trained on 15 rows of the files given for it, 1 left out that are in this file"
    ]
    assert of_other == ["TF-IDF + LR, sentiment: trained on 16 rows of the files given for it"]


@needs_them
def test_without_files_for_it_it_is_cross_validated_and_says_so():
    ((answers, notes),) = baselines.tfidf([ROWS])
    right = sum(answer.sentiment == row.sentiment for answer, row in zip(answers, ROWS, strict=True))
    assert right >= 12
    assert all("5-fold cross-validation on this very file" in note for note in notes)
    assert baselines.tfidf([ROWS]) == [(answers, notes)], "the folds are the same every time"


@needs_them
def test_equal_texts_stay_in_one_fold():
    twins = [Labelled(f"word{n // 2}", sentiment="positive" if n % 4 < 2 else "negative") for n in range(40)]
    ((answers, _),) = baselines.tfidf([twins])
    right = sum(answer.sentiment == row.sentiment for answer, row in zip(answers, twins, strict=True))
    assert right < 30, "a twin in the training folds would give every answer away"


@needs_them
def test_what_cannot_be_learned_is_left_out_and_said():
    one_kind = [Labelled(text, sentiment="positive", follow_up=False) for text in GOOD]
    ((answers, notes),) = baselines.tfidf([one_kind])
    assert {answer.sentiment for answer in answers} == {None}
    assert all(note.endswith("left out: too few rows of a class to learn from") for note in notes)
    ((_, unlabelled),) = baselines.tfidf([[Labelled("nothing")]])
    assert unlabelled == []
