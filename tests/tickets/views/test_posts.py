"""A post's text as the pages show it."""

from html import unescape
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from ingest.models import Message
from tickets.views.marks import look_of, post, read_by, speech, written


def test_a_handle_inside_arabic_keeps_its_own_order() -> None:
    assert post("أرجو التحقق @nawa_care") == 'أرجو التحقق <bdi dir="ltr">@nawa_care</bdi>'


def test_a_link_is_kept_whole_and_an_address_is_no_handle() -> None:
    assert post("https://nawa.example/?a=1&b=2") == '<bdi dir="ltr">https://nawa.example/?a=1&amp;b=2</bdi>'
    assert post("me@nawa.example") == "me@nawa.example"


def test_arabic_that_begins_with_a_handle_is_still_right_to_left() -> None:
    assert speech("ar") == 'dir="rtl" lang="ar"'
    assert speech("en") == 'dir="ltr" lang="en"'
    assert speech("") == 'dir="auto"'


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("ar", "We look into it, @reem.", 'dir="ltr" lang="en"'),
        ("en", "ننظر في الأمر https://nawa.example/status", 'dir="rtl" lang="ar"'),
        ("ar", "@reem أهلًا", 'dir="rtl" lang="ar"'),
        ("fr", "Bonjour", 'dir="ltr" lang="fr"'),
        ("ar", "123", 'dir="rtl" lang="ar"'),
        ("", "Hello", 'dir="auto"'),
    ],
)
def test_what_we_wrote_stands_in_the_direction_of_its_own_letters(language: str, text: str, shown: str) -> None:
    assert written(language, text) == shown


@given(st.text(alphabet=st.sampled_from("ab<>&\"'@ /:https.\n،"), max_size=60))
def test_nothing_a_customer_writes_becomes_markup(text: str) -> None:
    html = post(text).replace('<bdi dir="ltr">', "").replace("</bdi>", "").replace("<br>", "")
    assert "<" not in html
    assert ">" not in html


# --- the words that carried the decision --------------------------------------------------------------------------
def marked(html: str) -> list[str]:
    """The marked pieces of a post's HTML, as the reader sees them."""
    pieces = [piece.split("</mark>")[0] for piece in html.split("<mark>")[1:]]
    return [unescape(piece.replace('<bdi dir="ltr">', "").replace("</bdi>", "")) for piece in pieces]


def test_the_words_that_carried_the_decision_are_marked() -> None:
    assert post("my line is down & out", [[11, 15, 1.0]]) == "my line is <mark>down</mark> &amp; out"
    assert post("انقطعت الخدمة منذ أمس", [[0, 6, 1.0], [7, 13, 0.4]]) == (
        "<mark>انقطعت</mark> <mark>الخدمة</mark> منذ أمس"
    )


def test_nothing_is_marked_where_nothing_stood_out() -> None:
    assert post("my line is down") == post("my line is down", []) == "my line is down"


def test_links_and_handles_stay_what_they_are_within_marks_and_beside_them() -> None:
    assert post("@nawa_care down", [[0, 10, 1.0], [11, 15, 1.0]]) == (
        '<bdi dir="ltr"><mark>@nawa_care</mark></bdi> <mark>down</mark>'
    )
    assert post("a@b down@x", [[0, 10, 1.0]]) == "<mark>a@b down@x</mark>"
    assert post("see @nawa now", [[0, 13, 1.0]]) == (
        '<mark>see </mark><bdi dir="ltr"><mark>@nawa</mark></bdi><mark> now</mark>'
    )


@pytest.mark.parametrize(
    "evidence",
    [
        [[11, 99, 1.0]],
        [[-4, 2, 1.0]],
        [[5, 5, 1.0]],
        [[9, 3, 1.0]],
        [[2, 3, 1.0]],
        [["0", "2", 1.0]],
        [[0.0, 2.0, 1.0]],
        [[None, 2]],
        [3, "x", None, {}, []],
    ],
    ids=str,
)
def test_a_mark_that_does_not_fit_the_text_is_left_out(evidence: list[Any]) -> None:
    assert post("my line is down", evidence) == "my line is down"


def test_of_marks_over_one_another_the_first_counts() -> None:
    assert marked(post("my line is down", [[3, 7, 0.2], [0, 7, 1.0], [5, 10, 1.0]])) == ["my line"]


anywhere = st.lists(st.tuples(st.integers(-3, 70), st.integers(-3, 70), st.floats(0, 1)).map(list), max_size=6)


@given(st.text(alphabet=st.sampled_from("ab<>&\"'@ /:https.\n،عé😀"), max_size=60), anywhere)
def test_marks_change_no_letter_and_let_no_markup_in(text: str, evidence: list[Any]) -> None:
    html = post(text, evidence)
    assert html.replace("<mark>", "").replace("</mark>", "") == post(text)
    fitting = [text[start:end] for start, end, _weight in evidence if 0 <= start < end <= len(text)]
    assert bool(marked(html)) == any(not piece.isspace() for piece in fitting)


# --- who said it ----------------------------------------------------------------------------------------------------
def test_a_models_reading_is_silent_in_its_line_and_tells_on_a_closer_look_which_model_made_it() -> None:
    message = Message(reader="radd-reader", reader_version="2.1", evidence=[[0, 2, 1.0]])
    assert read_by(message) == ""
    assert look_of(message) == "Read by radd-reader 2.1. Underlined words speak for an answer."


def test_a_reading_says_that_a_person_corrected_it() -> None:
    html = read_by(Message(reader="radd-reader", reader_version="2.1", person_said=["reasons", "aim"]))
    look = "Read by radd-reader 2.1. A person corrected: Reasons, Aim."
    assert html == f'<span class="by" title="{look}">corrected by a person</span>'
    alone = read_by(Message(person_said=["language"]))
    assert alone == '<span class="by" title="A person corrected: Language.">corrected by a person</span>'
    with translation.override("ar"):
        assert "corrected" not in read_by(Message(reader="m", person_said=["reasons"]))


def test_who_read_nothing_says_nothing() -> None:
    assert read_by(Message()) == ""


def test_a_models_name_cannot_bring_markup() -> None:
    assert "<b>" not in read_by(Message(reader='"><b>x</b>', reader_version="1", person_said=["aim"]))


def test_signs_that_turn_letters_round_are_shown_as_nothing_and_marks_stay_in_place() -> None:
    drawn = post("pay at \u202emoc.knab now", [[17, 20]])
    assert "\u202e" not in drawn
    assert marked(drawn) == ["now"]
