"""Batch writes: many rows in one statement, with every type a table of ours has."""

import json
from datetime import UTC, datetime

import pytest
from django.db import DataError
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from ingest import batch
from ingest.collect import clean, store
from ingest.models import Message
from tests.cast import a_channel, a_post

MOMENT = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)


def messages(count: int = 3) -> list[Message]:
    store(a_channel(), [a_post(by=f"person{turn}") for turn in range(count)])
    return list(Message.objects.order_by("id"))


@pytest.mark.django_db
def test_each_row_gets_its_own_values_of_every_type() -> None:
    one, two, untouched = messages()
    values = {"text": "a'\"\\ ردّ 😀", "negative": 0.25, "cues": ["question", 'a,b"{}'], "reasons": [{"code": "x"}]}
    rows = [
        {"id": one.pk, "read_at": MOMENT, "attempts": 2, "author_id": None, **values},
        {"id": two.pk, "read_at": None, "attempts": 0, "author_id": None, **values, "negative": None, "cues": []},
    ]
    assert batch.update(Message, rows, ["read_at", "attempts", "author", *values]) == 2
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.read_at, one.attempts, one.negative) == (MOMENT, 2, 0.25)
    assert (one.text, one.cues, one.reasons) == (values["text"], values["cues"], values["reasons"])
    assert (two.read_at, two.attempts, two.negative, two.cues) == (None, 0, None, [])
    assert untouched.text == Message.objects.get(pk=untouched.pk).text


@pytest.mark.django_db
def test_no_rows_is_no_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert batch.update(Message, [], ["text"]) == 0


@pytest.mark.django_db
def test_many_rows_are_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rows = [{"id": message.pk, "text": "new"} for message in messages(20)]
    with django_assert_num_queries(1):
        assert batch.update(Message, rows, ["text"]) == 20


@pytest.mark.django_db
def test_rows_that_are_gone_or_fail_the_condition_are_not_written() -> None:
    one, two, _three = messages()
    Message.objects.filter(pk=two.pk).update(state="scored")
    rows = [{"id": pk, "text": "new"} for pk in (one.pk, two.pk, 0)]
    assert batch.update(Message, rows, ["text"], where="t.state = 'new'") == 1
    assert list(Message.objects.filter(text="new")) == [one]


@pytest.mark.django_db
def test_a_foreign_key_is_named_without_its_id_and_given_with_it() -> None:
    one, two, _three = messages()
    batch.update(Message, [{"id": one.pk, "contact_id": two.contact_id}], ["contact"])
    assert Message.objects.get(pk=one.pk).contact == two.contact


@pytest.mark.django_db
def test_a_row_that_lacks_a_value_fails_rather_than_write_null() -> None:
    one, _two, _three = messages()
    with pytest.raises(KeyError):
        batch.update(Message, [{"id": one.pk, "text": "new"}], ["text", "negative"])


@pytest.mark.django_db
def test_a_value_that_does_not_fit_writes_nothing() -> None:
    one, two, _three = messages()
    rows = [{"id": one.pk, "urgency": "high"}, {"id": two.pk, "urgency": "much too long"}]
    with pytest.raises(DataError):
        batch.update(Message, rows, ["urgency"])


@given(st.text(st.characters(), max_size=200))
def test_a_cleaned_text_comes_through_json_as_it_is(text: str) -> None:
    kept = clean(text)
    assert json.loads(batch.as_json([{"text": kept}]).encode()) == [{"text": kept}]
    assert "\x00" not in kept
    assert clean(kept) == kept


@given(st.text(max_size=200))
def test_cleaning_leaves_a_text_without_nul_as_it_is(text: str) -> None:
    assert clean(text) == text.replace("\x00", "")
