"""Claims about the project's own posts: well labelled, many-sided, nothing said twice, and no answer given away."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES
from sentiment.training import corpus_check as check
from sentiment.training.corpus_check import Post

POSTS = Path(check.__file__).resolve().parent / "posts"


@cache
def posts() -> list[Post]:
    return check.load(POSTS)


def test_every_label_exists_and_agrees_with_the_others():
    assert check.wrong_labels(posts()) == []


def test_every_post_has_an_id_of_its_own():
    assert len({post.id for post in posts()}) == len(posts())


def test_there_are_enough_of_them_half_arabic_and_many_hard():
    assert len(posts()) >= 4000
    assert sum(post.lang == "ar" for post in posts()) >= len(posts()) / 2
    assert sum(bool(post.hard) for post in posts()) >= len(posts()) / 3


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("sector", check.SECTORS),
        ("dialect", check.DIALECTS["ar"] + check.DIALECTS["en"]),
        ("hard", check.HARD),
        ("split", check.SPLITS),
        ("sentiment", check.SENTIMENTS),
        ("urgency", URGENCIES),
        ("trigger", TRIGGERS),
        ("aim", AIMS),
    ],
)
def test_every_kind_of_post_is_there(name, values):
    counts = check.composition(posts(), name)
    assert [value for value in values if counts[value] < 30] == []


def test_nothing_is_said_twice():
    assert check.near_duplicates(posts()) == []


def test_no_near_twin_and_no_situation_crosses_a_split():
    assert check.torn_apart(posts()) == []


def test_no_number_could_be_somebodys_and_no_handle_names_anybody():
    assert check.long_numbers(posts()) == []
    assert check.handles_that_name(posts()) == []


def test_posts_are_not_made_from_templates():
    assert check.openings(posts()).most_common(1)[0][1] <= 3
    assert check.skeletons(posts()).most_common(1)[0][1] <= 3


@pytest.mark.parametrize("lang", ["ar", "en"])
@pytest.mark.parametrize(("cue", "most"), [(check.HANDLE, 0.02), (check.EMOJI, 0.07)])
def test_a_handle_or_an_emoji_says_little_about_the_answer(lang, cue, most):
    assert abs(check.cue_gap(posts(), lang, cue)) < most


def test_the_data_card_counts_what_is_there():
    name, counted = "", 0
    for line in (POSTS / "DATA_CARD.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[-1] == "all":
            name = cells[0]
        elif not line.startswith("|"):
            name = ""
        elif name and cells[0].startswith("`"):
            assert check.composition(posts(), name)[cells[0].strip("`")] == int(cells[-1]), line
            counted += 1
    assert counted > 70


def test_labels_on_public_posts_name_a_text_by_its_hash_and_hold_none():
    labels = [json.loads(line) for line in (POSTS.parent / "labels" / "shared.jsonl").read_text("utf-8").splitlines()]
    assert len({(row["file"], row["sha"]) for row in labels}) == len(labels) > 3000
    for row in labels:
        assert set(row) == {
            "file", "sha", "follow_up", "sure", "reasons", "sentiment", "urgency", "trigger", "aim"
        }  # fmt: skip
        assert len(row["sha"]) == 16
        assert set(row["reasons"]) <= set(REASONS)
        assert row["urgency"] == "low" or row["follow_up"] == "yes"


A_POST = Post(
    id="p1", text="the driver left with my fridge still on the van", lang="en", dialect="uk", sector="delivery",
    hard="", follow_up="yes", sure=2, reasons=("complaint",), sentiment="negative", urgency="normal",
    trigger="bad_service", aim="solution", group="g1", split="train",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"sector": "farming"}, "sector 'farming'"),
        ({"dialect": "gulf"}, "dialect 'gulf'"),
        ({"reasons": ()}, "reasons ()"),
        ({"trigger": ""}, "trigger and aim go with"),
        ({"reasons": ("question",)}, "trigger and aim go with"),
        ({"follow_up": "no"}, "urgent, yet nothing is owed"),
        ({"follow_up": "no", "urgency": "low"}, "a reason to answer, yet nothing is owed"),
        ({"reasons": ("praise",), "trigger": "", "aim": ""}, "an answer is owed for no reason"),
        ({"text": " "}, "not one line of text"),
    ],
)
def test_labels_that_contradict_one_another_are_named(change, what):
    assert check.wrong_labels([A_POST]) == []
    assert any(what in line for line in check.wrong_labels([replace(A_POST, **change)]))


def test_the_same_words_behind_another_handle_are_the_same_post():
    other = replace(A_POST, id="p2", text="@user the driver left with my fridge still on that van!!")
    assert check.near_duplicates([A_POST, other]) == [("p1", "p2")]


def test_a_short_reply_is_the_same_only_where_it_answers_the_same():
    one = replace(A_POST, text="done", parent="please send us your reference by direct message")
    other = replace(one, id="p2", parent="and how was the pizza last night then")
    assert check.near_duplicates([one, other]) == []
    assert check.near_duplicates([one, replace(one, id="p2")]) == [("p1", "p2")]


def test_twins_and_groups_in_two_splits_are_found():
    twin = replace(A_POST, id="p2", group="g2", split="test", text="the driver left with my sofa, still on his van")
    friend = replace(A_POST, id="p3", split="val", text="any news of the refund")
    assert check.torn_apart([A_POST, twin, friend]) == [("p1", "p2"), ("p1", "p3")]


def test_numbers_openings_skeletons_and_handles_are_counted():
    number = replace(A_POST, text="call me on 0123 456-789")
    assert check.long_numbers([A_POST, number]) == ["p1"]
    named = replace(A_POST, parent="@somebody hello")
    assert check.handles_that_name([named]) == ["p1"]
    same = [replace(A_POST, text=f"why is my {thing} not here") for thing in ("coat", "lamp", "desk")]
    assert check.skeletons(same, common=3, kept=3) == {"why is my _ not here": 3}
    assert check.openings(same, words=3)["why is my"] == 3
    closed = replace(A_POST, follow_up="no", text="@user lovely")
    assert check.cue_gap([A_POST, closed], "en", check.HANDLE) == -1
    with pytest.raises(ValueError, match="posts have no mood"):
        check.composition([A_POST], "mood")
