"""Claims about what a reader's logits are taken to mean: calibrated, by the thresholds of its configuration."""

import math

import pytest

from sentiment.backends.heads import MOST_WORDS, SIZES, Heads, sigmoid, split, words
from sentiment.backends.pieces import Pieces
from sentiment.function_words import is_quiet
from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES, Care, Scores, Word

PIECES = Pieces(ids=[0, 9, 9, 9, 2], types=[0] * 5, words=[-1, 0, 1, 1, -1])
CONFIG = {
    "temperature": {"sentiment": 2.0},
    "follow_up": {
        "en": {"scale": 2.0, "shift": 1.0, "threshold": 0.6},
        "ar": {"scale": 1.0, "shift": 0.0, "threshold": 0.2},
        "other": {"scale": 1.0, "shift": -1.0, "threshold": 0.9},
    },
    "reasons": dict.fromkeys(REASONS, 0.5) | {"question": 0.8},
}


def logits(follow_up: float = 0.0, **named: float) -> list[float]:
    """Noughts but for what is named: a reason, an urgency, a trigger, an aim, a class of tone."""
    places = {}
    for head, names in {
        "sentiment": ("negative", "neutral", "positive"), "follow_up": ("follow_up",), "reasons": REASONS,
        "urgency": URGENCIES, "trigger": TRIGGERS, "aim": AIMS,
    }.items():  # fmt: skip
        places |= {(head, name): len(places) + number for number, name in enumerate(names)}
    flat = {name: place for (_, name), place in places.items() if name not in ("other", "unclear")}
    row = [0.0] * sum(SIZES.values())
    row[3] = follow_up
    for reason in REASONS:
        row[places["reasons", reason]] = -9.0
    for name, value in named.items():
        row[flat[name]] = value
    return row


def said(text: str, row: list[float], evidence=(0, 0, 1, 2, 0)) -> Scores:
    return Heads(CONFIG).scores(text, PIECES, row, evidence)


def care(text: str, row: list[float], evidence=(0, 0, 1, 2, 0)) -> Care:
    found = said(text, row, evidence).care
    assert found is not None
    return found


def test_there_are_as_many_logits_as_labels():
    row = list(range(sum(SIZES.values())))
    parts = split(row)
    assert [len(part) for part in parts.values()] == list(SIZES.values())
    assert [number for part in parts.values() for number in part] == row


def test_tones_are_cooled_by_their_temperature():
    found = said("a phone", logits(negative=2 * math.log(3)))
    assert (found.negative, found.neutral, found.positive) == pytest.approx((0.6, 0.2, 0.2))


def test_a_follow_up_is_calibrated_and_held_against_the_threshold_of_its_language():
    english, arabic = care("where is my phone", logits(follow_up=0.5)), care("وين الطلب", logits(follow_up=0.5))
    assert (english.follow_up, english.threshold) == (pytest.approx(sigmoid(2.0)), 0.6)
    assert (arabic.follow_up, arabic.threshold) == (pytest.approx(sigmoid(0.5)), 0.2)
    other = care("Где мой заказ", logits(follow_up=0.5))
    assert (other.follow_up, other.threshold) == (pytest.approx(sigmoid(-0.5)), 0.9)


def test_reasons_are_those_above_their_own_thresholds_in_their_order():
    row = logits(question=1.0, thanks=1.0, complaint=0.1)
    assert care("a phone", row).reasons == ("complaint", "thanks"), "sigmoid(1) is below the 0.8 of questions"
    assert care("a phone", logits(question=2.0)).reasons == ("question",)


def test_where_no_reason_reaches_its_threshold_the_likeliest_is_named():
    assert care("a phone", logits(news=-1.0)).reasons == ("news",)


def test_nothing_is_urgent_and_no_word_is_marked_where_nothing_is_owed():
    quiet = care("a phone", logits(follow_up=-5, high=9))
    assert (quiet.urgency, quiet.words) == ("low", ())
    owed = care("a phone", logits(follow_up=5, high=9))
    assert owed.urgency == "high"
    assert owed.words == (Word(1, 1.0),)


def test_trigger_and_aim_belong_to_complaints_and_faults():
    fault = care("a phone", logits(fault_report=3, rudeness=2, refund=2))
    assert (fault.trigger, fault.aim) == ("rudeness", "refund")
    thanks = care("a phone", logits(thanks=3, rudeness=2, refund=2))
    assert (thanks.trigger, thanks.aim) == ("", "")


def test_a_word_counts_for_its_tokens_against_the_mean_of_the_post():
    # Mean 2: the first word 4 - 2, the second (1 - 2) + (1 - 2), the third 2 - 2.
    pieces = Pieces(ids=[0, 9, 9, 9, 9, 2], types=[0] * 6, words=[-1, 0, 1, 1, 2, -1])
    assert words("late parcel again", pieces, [9, 4, 1, 1, 2, 9]) == (Word(0, 1.0),)


def test_words_come_strongest_first_and_weak_ones_are_left_out():
    count = MOST_WORDS + 6
    pieces = Pieces(ids=[9] * count, types=[0] * count, words=list(range(count)))
    found = words("word " * count, pieces, [0.0] * 4 + [3.0, 10.0, 9.0] + [8.0] * (count - 7))
    assert len(found) == MOST_WORDS
    assert (found[0].place, found[0].weight, found[1].place) == (5, 1.0, 6)
    assert all(0.35 <= one.weight <= 1 for one in found)


@pytest.mark.parametrize("evidence", [[0, 0, 0, 0, 0], [0, 1, 1, 1, 0]])
def test_a_post_of_which_no_word_stands_out_has_none_marked(evidence):
    assert words("parcel late", PIECES, evidence) == ()


@pytest.mark.parametrize(("text", "place"), [("my parcel is late", 3), ("هذا اللي عندكم متأخر", 3), ("this is it", 0)])
def test_words_that_only_join_others_are_passed_over_unless_there_are_no_others(text, place):
    count = len(text.split())
    pieces = Pieces(ids=[0] * count, types=[0] * count, words=list(range(count)))
    evidence = [5.0, 1.0, 1.5, 3.0][:count]
    assert words(text, pieces, evidence)[0].place == place


@pytest.mark.parametrize("word", ["not", "never", "لا", "ما", "مش", "متى", "when", "where?"])
def test_negations_and_questions_may_be_marked(word):
    assert not is_quiet(word)


def test_a_post_without_words_has_none_marked():
    assert words("", Pieces(ids=[0, 2], types=[0, 0], words=[-1, -1]), [3.0, 3.0]) == ()


def test_the_sigmoid_does_not_overflow():
    assert sigmoid(-1000) == 0.0
    assert sigmoid(1000) == 1.0
    assert sigmoid(0.0) == 0.5


@pytest.mark.parametrize("part", ["temperature", "follow_up", "reasons"])
def test_a_configuration_that_lacks_a_part_is_refused(part):
    with pytest.raises(KeyError, match=part):
        Heads({name: value for name, value in CONFIG.items() if name != part})
