"""Rules fit what they say, in both languages, and a tree that cannot be read is refused with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.steering.conditions import FIELDS, OPS, Problem, Type, fits, problems

COMPLAINT = {
    "channel": 3, "platform": "x", "language": "ar", "words": "أين طلبي؟ الشحنة متأخرة", "sentiment": -0.7,
    "reasons": ["complaint", "question"], "trigger": "delay_or_outage", "tags": [4, 9], "earlier_tickets": 2,
    "came_back": True,
}  # fmt: skip


def leaf(field, op, value):
    return {"field": field, "op": op, "value": value}


def test_a_rule_without_conditions_fits_everything():
    assert fits({}, COMPLAINT)
    assert fits({"all": []}, {})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (leaf("platform", "in", ["x", "bluesky"]), True),
        (leaf("platform", "not_in", ["x"]), False),
        (leaf("sentiment", "at_most", -0.6), True),
        (leaf("sentiment", "at_least", 0), False),
        (leaf("reasons", "any", ["complaint"]), True),
        (leaf("reasons", "all", ["complaint", "praise"]), False),
        (leaf("reasons", "none", ["praise"]), True),
        (leaf("tags", "all", [4, 9]), True),
        (leaf("came_back", "is", True), True),
        (leaf("came_back", "is", False), False),
    ],
)
def test_each_question_asks_what_its_name_says(condition, holds):
    assert bool(fits(condition, COMPLAINT)) is holds


@pytest.mark.parametrize("word", ["اين", "الشحنه", "متأخره", "أَيْنَ", "طلـــبي", "اين طلبي"])
def test_arabic_words_are_found_however_they_are_spelt(word):
    assert fits(leaf("words", "any", [word]), COMPLAINT)


def test_a_word_is_a_word_and_no_part_of_one():
    assert not fits(leaf("words", "any", ["bill"]), {"words": "I am able to pay with billing codes"})
    assert fits(leaf("words", "any", ["bill*"]), {"words": "I am able to pay with billing codes"})
    assert fits(leaf("words", "any", ["pay with"]), {"words": "I PAY WITH cash"})


def test_all_words_and_none_of_them():
    case = {"words": "refund my order now"}
    assert fits(leaf("words", "all", ["refund", "order"]), case)
    assert not fits(leaf("words", "all", ["refund", "invoice"]), case)
    assert fits(leaf("words", "none", ["invoice"]), case)


def test_nothing_asked_of_what_is_not_known_holds():
    assert not fits(leaf("reach", "at_least", 0), COMPLAINT)
    assert not fits(leaf("reach", "at_most", 10**9), COMPLAINT)
    assert not fits(leaf("tier", "not_in", [1]), COMPLAINT)


def test_groups_stand_within_groups():
    tree = {
        "all": [
            leaf("language", "in", ["ar"]),
            {"any": [leaf("trigger", "in", ["overcharging"]), leaf("sentiment", "at_most", -0.6)]},
            {"none": [leaf("tags", "any", [1])]},
        ]
    }
    found = fits(tree, COMPLAINT)
    assert found
    assert [one["field"] for one in found.because] == ["language", "sentiment", "tags"]


def test_what_does_not_fit_has_no_because():
    tree = {"all": [leaf("language", "in", ["ar"]), leaf("platform", "in", ["email"])]}
    assert fits(tree, COMPLAINT).because == ()


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ("all", "no_condition"),
        ({"all": {}}, "no_condition"),
        ({"all": [], "any": []}, "no_condition"),
        ({"some": []}, "no_condition"),
        (leaf("followers", "at_least", 1000), "unknown_field"),
        (leaf("sentiment", "in", [1]), "unknown_question"),
        (leaf("sentiment", "at_least", "low"), "no_value"),
        (leaf("sentiment", "at_least", True), "no_value"),
        (leaf("sentiment", "at_least", float("nan")), "no_value"),
        (leaf("came_back", "is", "yes"), "no_value"),
        (leaf("words", "any", []), "no_value"),
        (leaf("words", "any", ["  "]), "no_value"),
        (leaf("platform", "in", "x"), "no_value"),
        (leaf(["platform"], "in", ["x"]), "unknown_field"),
        ({"all": [{"all": [{"all": [{"all": []}]}]}]}, "too_deep"),
        ({"all": [leaf("hour", "at_least", 9)] * 61}, "too_many"),
    ],
)
def test_a_tree_that_cannot_be_read_is_refused(tree, code):
    assert [problem.code for problem in problems(tree)] == [code]


def test_a_problem_says_where_it_is():
    tree = {"all": [leaf("hour", "at_least", 9), {"any": [leaf("hour", "at_least", None)]}]}
    assert problems(tree) == [Problem("no_value", (1, 0), "hour")]


def test_a_kind_of_rule_asks_only_what_it_can_know():
    assert problems(leaf("guard", "any", ["blame"]), fields=["words"]) == [Problem("unknown_field", (), "guard")]


def test_nobody_can_be_put_back_by_their_followers():
    assert not [field for field in FIELDS if "follow" in field]


# --- properties -----------------------------------------------------------------------------------------------------
VALUES = {
    Type.CHOICE: st.lists(st.sampled_from(["a", "b", 1]), min_size=1),
    Type.SET: st.lists(st.sampled_from(["a", "b", 1]), min_size=1),
    Type.TEXT: st.lists(st.sampled_from(["refund", "طلبي", "a b", "re*"]), min_size=1),
    Type.NUMBER: st.integers(-5, 5) | st.floats(-5, 5),
    Type.FLAG: st.booleans(),
}
HELD = {
    Type.CHOICE: st.sampled_from(["a", "b", 1]),
    Type.SET: st.lists(st.sampled_from(["a", "b", 1])),
    Type.TEXT: st.text(max_size=40) | st.sampled_from(["refund طلبي", "أين طلبي"]),
    Type.NUMBER: st.integers(-5, 5),
    Type.FLAG: st.booleans(),
}
leaves = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda field: st.builds(leaf, st.just(field), st.sampled_from(sorted(OPS[FIELDS[field]])), VALUES[FIELDS[field]])
)
groups = st.sampled_from(["all", "any", "none"])
trees = st.recursive(
    leaves, lambda parts: st.builds(lambda g, p: {g: p}, groups, st.lists(parts, max_size=3)), max_leaves=8
)
cases = st.fixed_dictionaries({}, optional={field: HELD[kind] | st.none() for field, kind in FIELDS.items()})


@given(trees, cases)
def test_a_tree_without_problems_never_breaks(tree, case):
    if not problems(tree):
        assert isinstance(bool(fits(tree, case)), bool)


@given(st.lists(leaves, min_size=1, max_size=4), cases)
def test_none_is_the_opposite_of_any(some, case):
    assert bool(fits({"none": some}, case)) is not bool(fits({"any": some}, case))


@given(
    st.recursive(
        st.none() | st.text() | st.integers() | st.floats(),
        lambda x: (
            st.lists(x) | st.dictionaries(st.sampled_from(["all", "any", "none", "field", "op", "value", "other"]), x)
        ),
        max_leaves=10,
    )
)
def test_nothing_that_json_holds_breaks_the_check(tree):
    problems(tree)
