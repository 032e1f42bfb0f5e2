"""Questions: taken apart, and never an error."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.listing.search.asking import Asked, Part, asked, tsquery


def test_a_question_is_taken_apart() -> None:
    assert asked('Bill "late again" -refund @Reem_S tag:Billing وسم:فواتير #4021 charg') == Asked(
        parts=(Part(("bill",)), Part(("late", "again")), Part(("charg",))),
        without=(Part(("refund",)),),
        people=("@reem_s",),
        tags=("Billing", "فواتير"),
        number=4021,
        half="charg",
    )


@pytest.mark.parametrize(("text", "half"), [("bil", "bil"), ("bil ", ""), ('"bil"', ""), ("b", ""), ("@re", "@re")])
def test_only_a_last_word_without_a_space_behind_it_may_be_half_typed(text: str, half: str) -> None:
    assert asked(text).half == half


def test_a_bare_number_is_a_word_and_may_be_a_ticket() -> None:
    question = asked("٤٠٢١")
    assert question.number == 4021
    assert question.parts == (Part(("4021",)),)


@pytest.mark.parametrize("text", ["", " ", "-", '""', "!!", "-refund", "@", "«»"])
def test_a_question_without_anything_to_look_for_is_empty(text: str) -> None:
    assert asked(text).is_empty


@pytest.mark.django_db
@settings(max_examples=150)
@given(st.text(max_size=80) | st.text(alphabet="ab\"'\\&|!:*()<>-@# وال«", max_size=40))
def test_whatever_is_typed_postgresql_takes_it(text: str) -> None:
    question = asked(text)
    if not question.has_words:
        return
    query = tsquery(question, lambda half: [half + "\\'x"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'a'::tsvector @@ %s::tsquery", [query])
