"""Claims about the behavioural tests: cases that are many and well formed, and verdicts that follow from readings."""

from collections import Counter
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sentiment import behaviour, engine
from sentiment.behaviour import Case
from sentiment.reading import Failure, Reading
from sentiment.text import LINK, MENTION

FOLDER = Path(__file__).resolve().parent / "behaviour"

# Lowest share of cases that the bundled reader must pass, by kind and language; set from what it was measured at, a
# few cases below. docs/model-card.md shows the measured figures, and that some of them are not good enough.
FLOORS: dict[tuple[str, str], float] = {
    ("plain", "ar"): 0.66,
    ("negation", "ar"): 0.50,
    ("sarcasm", "ar"): 0.28,
    ("intensifier", "ar"): 0.75,
    ("names", "ar"): 0.82,
    ("origin", "ar"): 0.82,
    ("gender", "ar"): 0.90,
    ("typos", "ar"): 0.80,
    ("elongation", "ar"): 0.82,
    ("hamzas", "ar"): 0.85,
    ("codeswitch", "ar"): 0.85,
    ("arabizi", "ar"): 0.70,
    ("emoji", "ar"): 0.75,
    ("handles", "ar"): 0.78,
    ("dialect", "ar"): 0.70,
    ("plain", "en"): 0.88,
    ("negation", "en"): 0.78,
    ("sarcasm", "en"): 0.50,
    ("intensifier", "en"): 0.85,
    ("names", "en"): 0.82,
    ("origin", "en"): 0.85,
    ("gender", "en"): 0.90,
    ("typos", "en"): 0.80,
    ("elongation", "en"): 0.78,
    ("codeswitch", "en"): 0.85,
    ("emoji", "en"): 0.87,
    ("handles", "en"): 0.90,
    ("dialect", "en"): 0.82,
}


@cache
def cases() -> list[Case]:
    return behaviour.load(FOLDER)


def reading(follow_up: float | None, tone: str = "neutral", negative: float | None = None, reasons=()) -> Reading:
    scores = {name: float(name == tone) for name in ("negative", "neutral", "positive")}
    if negative is not None:
        scores = {"negative": negative, "neutral": 1 - negative, "positive": 0.0}
    return Reading(
        "en", **scores, reasons=reasons, urgency="low", model="m", version="1", follow_up=follow_up, threshold=0.4
    )


def case(test: str, texts: int = 1, **facts) -> Case:
    return Case(id="en-kind-01", kind="kind", test=test, lang="en", texts=("text",) * texts, **facts)


def result(a_case: Case, *readings: Reading | Failure) -> behaviour.Result:
    (made,) = behaviour.run([a_case], lambda texts: readings)
    return made


def test_every_kind_has_forty_cases_in_each_of_its_languages():
    counts = Counter((case.kind, case.lang) for case in cases())
    assert len(counts) == 28
    assert min(counts.values()) >= 40


def test_cases_are_well_formed():
    assert len({case.id for case in cases()}) == len(cases())
    for case in cases():
        assert (len(case.texts) == 1) == (case.test == behaviour.MINIMUM), case.id
        assert len(set(case.texts)) == len(case.texts), case.id
        assert (case.rises in {"negative", "positive"}) == (case.test == behaviour.DIRECTION), case.id
        assert (case.follow_up in {"yes", "no"}) == (case.test != behaviour.DIRECTION), case.id
        assert not case.variants or len(case.variants) == len(case.texts), case.id


def test_every_kind_asks_for_both_answers_but_sarcasm():
    answers = {(case.kind, case.lang, case.follow_up) for case in cases() if case.test != behaviour.DIRECTION}
    for kind, lang, _ in answers:
        assert {"yes", "no"} - {a for k, la, a in answers if (k, la) == (kind, lang)} <= (
            {"no"} if kind == "sarcasm" else set()
        )


def test_no_case_is_trained_on():
    from sentiment.training import corpus_check

    folder = Path(corpus_check.__file__).resolve().parent / "posts"
    trained = {post.text.replace(MENTION, "").replace(LINK, "").strip() for post in corpus_check.load(folder)}
    tried = {text.replace(MENTION, "").replace(LINK, "").strip() for case in cases() for text in case.texts}
    assert {text for text in tried & trained if len(text.split()) > 3} == set()


def test_the_minimum_is_the_right_decision_in_the_right_tone():
    wanted = case(behaviour.MINIMUM, follow_up="yes", sentiment="negative")
    assert result(wanted, reading(0.4, "negative")).passed
    assert not result(wanted, reading(0.39, "negative")).passed
    assert not result(wanted, reading(0.9, "positive")).passed
    assert result(case(behaviour.MINIMUM, follow_up="no"), reading(0.1, "positive")).passed


def test_what_must_not_matter_must_not_move_the_decision():
    same = case(behaviour.INVARIANCE, 2, follow_up="yes")
    held = result(same, reading(0.45), reading(0.95))
    assert held.passed
    assert held.moved == pytest.approx(0.5)
    assert not result(same, reading(0.38), reading(0.42)).passed


def test_more_must_not_read_as_less():
    more = case(behaviour.DIRECTION, 2, rises="negative")
    assert result(more, reading(None, negative=0.5), reading(None, negative=0.9)).passed
    assert result(more, reading(None, negative=0.97), reading(None, negative=0.94)).passed
    assert not result(more, reading(None, negative=0.8), reading(None, negative=0.7)).passed


def test_a_text_that_cannot_be_read_fails_its_case():
    broken = result(case(behaviour.INVARIANCE, 2, follow_up="yes"), reading(0.9), Failure("no such luck"))
    assert not broken.passed
    assert "failed: no such luck" in str(broken)


def test_a_reader_of_tone_alone_is_judged_by_tone_and_cues():
    assert behaviour.owed(reading(None, negative=0.9))
    assert behaviour.owed(reading(None, reasons=("question",)))
    assert not behaviour.owed(reading(None, "positive", reasons=("thanks",)))


def test_the_table_counts_by_kind_and_language_and_by_variant():
    pair = case(behaviour.INVARIANCE, 2, follow_up="yes", variants=("gulf", "egyptian"))
    results = [result(pair, reading(0.9), reading(0.9)), result(pair, reading(0.9), reading(0.1))]
    (row,) = behaviour.table(results)
    assert (row.kind, row.lang, row.passed, row.cases, row.rate) == ("kind", "en", 1, 2, 0.5)
    assert row.moved == pytest.approx(0.4)
    assert row.right == {"gulf": 1.0, "egyptian": 0.5}


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no cases"):
        behaviour.load(tmp_path)


def test_the_command_prints_failures_and_a_table():
    printed = StringIO()
    call_command("check_behaviour", model="lexicon", kind=["handles"], language="en", failures=1, stdout=printed)
    *failures, head, row = printed.getvalue().splitlines()
    assert head.split() == ["kind", "language", "test", "passed", "rate", "moved"]
    assert row.split()[:3] == ["handles", "en", "invariance"]
    assert len(failures) <= 5


def test_the_command_refuses_what_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="No such cases"):
        call_command("check_behaviour", model="lexicon", kind=["astrology"])
    with pytest.raises(CommandError, match="no cases"):
        call_command("check_behaviour", model="lexicon", cases=tmp_path)
    with pytest.raises(CommandError, match="crystal"):
        call_command("check_behaviour", model="crystal", kind=["plain"])


@cache
def rates() -> dict[tuple[str, str], float]:
    results = behaviour.run([case for case in cases() if (case.kind, case.lang) in FLOORS], engine.read)
    return {(row.kind, row.lang): row.rate for row in behaviour.table(results)}


@pytest.mark.parametrize(("kind", "lang"), FLOORS)
def test_the_bundled_reader_passes_what_it_did_when_it_was_chosen(kind, lang):
    assert rates()[kind, lang] >= FLOORS[kind, lang]
