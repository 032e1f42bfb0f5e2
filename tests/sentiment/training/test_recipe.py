"""Claims about the recipe: what is trained on, what is held apart, and what a run is chosen by."""

from dataclasses import replace

import pytest

from sentiment.training import recipe
from sentiment.training.corpus import Row
from tests.sentiment.training import tiny

PUBLIC = Row(text="x", source="semeval", language="en", sentiment=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tiny.save_data(tmp_path_factory.mktemp("data"), each=6)


def test_what_is_held_apart_is_not_trained_on(data):
    trained, held = recipe.training_rows(data), recipe.validation_rows(data)
    assert {row.split for row in trained} == {"train"}
    assert {row.split for row in held} == {"val"}
    to_brands = {(row.text, row.parent) for row in held if row.source in ("own", "gold_dev", "arabic_real_dev")}
    assert not to_brands & {(row.text, row.parent) for row in trained}


def test_our_own_posts_of_the_test_split_are_neither(data):
    tested = {row.text for row in recipe.corpus.own() if row.split == "test"}
    own = {row.text for row in recipe.training_rows(data) + recipe.validation_rows(data) if row.source == "own"}
    assert not tested & own


def test_corrections_are_trained_on_where_they_are_given(data, tmp_path):
    tiny.write(tmp_path / "c.jsonl", [{"text": "where is it", "lang": "en", "follow_up": "yes"}])
    assert [row.text for row in recipe.training_rows(data, tmp_path / "c.jsonl") if row.source == "correction"] == [
        "where is it"
    ]


def test_posts_to_brands_weigh_more_in_the_care_stages():
    own, corrected = replace(PUBLIC, source="own", follow_up=1.0), replace(PUBLIC, source="correction", follow_up=1.0)
    for weigh in (recipe.care, recipe.again, recipe.tweets):
        assert weigh(own) == weigh(corrected) > weigh(PUBLIC)
        assert weigh(replace(PUBLIC, follow_up=0.0)) == 2.0, "a public post that we labelled"


def test_every_source_has_a_place_in_the_mix():
    names = {source.name for source in recipe.corpus.SOURCES} | {"own"}
    for mix in (recipe._GENERAL, recipe._CARE, recipe._AGAIN, recipe._TWEETS):
        assert set(mix) == names


def test_posts_to_brands_are_half_of_what_a_run_is_chosen_by():
    tweets = dict.fromkeys(("tone umsab mean", "tone umsab/arabic", "tone umsab/english", "tone tweeteval/en"), 0.5)
    brands = {"tone own/ar": 0.8, "follow-up own/ar AP": 1.0, "follow-up own/ar R@P.85": 0.0, "tone umsab/french": 0.0}
    assert recipe.score(tweets | brands) == pytest.approx(0.9 / 2 + 0.5 / 2)
