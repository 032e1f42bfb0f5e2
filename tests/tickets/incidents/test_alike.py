"""Crowds: posts of one hour about the same, more of them than usual, and the words they are told by."""

from collections.abc import Sequence

import pytest

from tickets.incidents.alike import LEAST, Said, crowds
from tickets.incidents.terms import LONGEST, heard, read, split

OUTAGE, BILL = "delay_or_outage", "overcharging"
EN = "@nawa_care no internet {place} {n}"
AR = "@nawa_care الإنترنت مقطوع {place} {n}"
PLACES = ("in Olaya", "at the office", "عندنا", "in my street", "في حطين")
USUAL = [f"my order {n} of a card has not come" for n in range(40)] + [f"the app wants a code {n}" for n in range(40)]


def posts(text: str, n: int, about: str = OUTAGE, start: int = 0) -> list[Said]:
    return [Said(start + turn, text.format(n=turn, place=PLACES[turn % 5]), about) for turn in range(n)]


def test_a_crowd_of_two_languages_is_one_by_what_the_model_read_and_told_by_words_of_both() -> None:
    lately = [*posts(EN, 20), *posts(AR, 15, start=100), *posts("charged twice for month {n}", 6, BILL, start=200)]
    [crowd] = crowds(lately, USUAL, 24)
    assert crowd.about == OUTAGE
    assert set(crowd.tickets) == {one.ticket for one in lately if one.about == OUTAGE}
    assert heard("no internet here", read(crowd.words))
    assert heard("الانترنت مقطوع", read(crowd.words))
    assert not heard("charged twice", read(crowd.words))


def test_what_was_read_as_nothing_belongs_to_it_by_its_words() -> None:
    lately = [*posts(EN, 20), *posts("the internet is gone {place}", 5, "", start=100)]
    [crowd] = crowds(lately, USUAL, 24)
    assert len(crowd.tickets) == 25


def test_two_things_at_once_are_two_crowds_the_larger_first() -> None:
    lately = [*posts("charged twice for month {n}", 12, BILL, start=200), *posts(EN, 20)]
    assert [(crowd.about, len(crowd.tickets)) for crowd in crowds(lately, USUAL, 24)] == [(OUTAGE, 20), (BILL, 12)]


@pytest.mark.parametrize(
    ("lately", "usual", "hours"),
    [
        (posts(EN, LEAST - 1), USUAL, 24.0),
        # As many as in any hour.
        (posts(EN, 12), [*USUAL, *[EN.format(n=n, place="") for n in range(8)]], 1.0),
        # What most posts say at any time.
        (posts(EN, 12), [EN.format(n=n, place="") for n in range(80)], 24.0),
        # Nothing was read in them.
        (posts(EN, 30, ""), USUAL, 24.0),
        (posts(EN, 30, "other"), USUAL, 24.0),
        ([], [], 1.0),
    ],
    ids=["few", "usual in number", "usual in words", "unread", "read as something else", "nothing"],
)
def test_what_is_no_crowd(lately: Sequence[Said], usual: Sequence[str], hours: float) -> None:
    assert crowds(lately, usual, hours) == []


def test_words_that_any_post_holds_name_nothing() -> None:
    different = [
        "router",
        "exams",
        "meeting",
        "office",
        "phone",
        "telly",
        "games",
        "school",
        "lesson",
        "camera",
        "bank",
    ]
    lately = [Said(n, f"@nawa_care since when do you have {word}", OUTAGE) for n, word in enumerate(different)]
    assert crowds(lately, USUAL, 24) == []


def test_where_single_words_are_common_two_neighbours_are_named() -> None:
    usual = [f"internet package {n}" for n in range(20)] + [f"broken sim {n}" for n in range(20)] + USUAL
    [crowd] = crowds(posts("internet broken {place}", 20), usual, 24)
    assert "internet broken" in crowd.words
    assert "internet" not in crowd.words


def test_its_words_can_be_an_incidents_words() -> None:
    [crowd] = crowds([*posts(EN, 20), *posts(AR, 15, start=100)], [], 1)
    assert tuple(split(", ".join(crowd.words))) == crowd.words
    assert max(map(len, crowd.words)) <= LONGEST
