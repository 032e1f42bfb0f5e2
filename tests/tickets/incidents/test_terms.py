"""Words of incidents: any spelling and form of them is heard, parts of other words are not."""

import pytest

from tickets.incidents.terms import LONGEST, MOST, BadTerm, TooLong, heard, read, split


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("الإنترنت", "والانترنت مقطوع من الصباح"),
        ("انترنت", "بالإنترنت عندي مشكلة"),
        ("الشبكة", "الشَّبَكـــه ضعيفة"),
        ("outage", "Three OUTAGES this week"),
        ("internet is down", "my Internet is down again"),
        ("انقط*", "انقطعت الخدمة"),
        ("fibre", "#Fibre?"),
        ("5g", "no ٥G here"),
    ],
)
def test_a_word_is_heard_in_any_form_and_spelling(term: str, text: str) -> None:
    assert heard(text, read([term])) == term


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("down", "I want to download it"),
        ("internet is down", "is the internet down"),
        ("نت", "الانتظار طويل"),
        ("انقط*", "نقطة"),
        ("down", ""),
    ],
)
def test_what_only_looks_like_it_is_not(term: str, text: str) -> None:
    assert heard(text, read([term])) is None


def test_the_first_of_several_is_told_as_it_was_written() -> None:
    assert heard("the net is down", read(["router", "Down"])) == "Down"


def test_words_are_typed_between_commas_of_either_kind_and_kept_once() -> None:
    assert split("down, Down،انقط*\n  no   signal ؛ ") == ["down", "انقط*", "no signal"]


@pytest.mark.parametrize("typed", ["!!!", "ab*", "down, ؟؟"])
def test_what_is_no_word_is_refused(typed: str) -> None:
    with pytest.raises(BadTerm):
        split(typed)


def test_there_is_an_end_to_how_many() -> None:
    assert len(split(",".join(f"word{n}" for n in range(MOST)))) == MOST
    with pytest.raises(BadTerm):
        split(",".join(f"word{n}" for n in range(MOST + 1)))


def test_a_term_that_is_too_long_is_told_and_never_cut() -> None:
    assert split("a" * LONGEST) == ["a" * LONGEST]
    with pytest.raises(TooLong) as told:
        split("down, " + "a" * LONGEST + "b")
    assert told.value.word.endswith("b")
