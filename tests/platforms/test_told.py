"""What strangers tell is read as it is, or refused by name; nothing in it can break a database."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.told import clean, clean_text, dicts_in, id_of, text_in

LETTERS = st.text(st.characters(exclude_categories=()), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | LETTERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LETTERS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_cleaned_is_json_in_utf_8_without_nul_and_stays_as_it_is(value: object) -> None:
    cleaned = clean(value)
    written = json.dumps(cleaned, ensure_ascii=False, allow_nan=False)
    assert "\x00" not in written.encode().decode()
    assert clean(cleaned) == cleaned


def test_two_halves_of_a_letter_become_the_letter_and_one_alone_is_marked() -> None:
    assert clean_text("\ud83d\ude24 and \ud83d, \x00done") == "😤 and \ufffd, done"
    assert clean({"a": [math.inf, 1.5]}) == {"a": [None, 1.5]}


@pytest.mark.parametrize(("value", "read"), [("116", "116"), (116, "116"), ("at://x", "at://x")])
def test_an_id_is_a_text(value: object, read: str) -> None:
    assert id_of({"id": value}) == read


@pytest.mark.parametrize("value", [None, "", True, 1.5, ["1"], {}])
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is no id"):
        id_of({"id": value})


def test_a_text_may_be_missing_and_may_not_be_something_else() -> None:
    assert (text_in({}, "name"), text_in({"name": None}, "name"), text_in({"name": "Sara"}, "name")) == ("", "", "Sara")
    with pytest.raises(TypeError, match="name is no text"):
        text_in({"name": 7}, "name")


def test_of_lists_the_objects_are_read_and_nothing_else() -> None:
    assert dicts_in({"a": [{"n": 1}, "x", None], "b": [{"n": 2}], "c": 7}, "a", "c", "d", "b") == [{"n": 1}, {"n": 2}]
