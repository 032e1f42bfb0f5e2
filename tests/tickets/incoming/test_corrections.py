"""A person corrects a reading: the ticket, its mood, its clock and its record follow at once."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from ingest.corrections import NoSuchValue
from ingest.models import Channel, Correction, Message
from ingest.platforms.base import Kind
from tests.cast import (
    a_bell,
    a_brand,
    a_person,
    a_post,
    an_answer,
    at_once,
    codes,
    deliver,
    fresh,
    now,
    receive,
    said,
    ticket_of,
)
from tickets.incoming.corrections import NotCorrectable, correct, mark_reason
from tickets.models import Activity, Ticket
from tickets.permissions import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]


# --- the record -----------------------------------------------------------------------------------------------------
def test_the_record_tells_who_corrected_what(channel: Channel, agent: User) -> None:
    message = said(channel, "my bill is wrong")
    made = correct(message.pk, label="sentiment", value="neutral", by=agent)
    assert made is not None
    line = Activity.objects.get(verb="corrected")
    assert (line.actor, line.ticket) == (agent, ticket_of(message))
    assert line.data == {"message": message.pk, "label": "sentiment", "old": "negative", "new": "neutral"}


def test_saying_what_stands_there_leaves_no_trace(channel: Channel, agent: User) -> None:
    message = said(channel, "my bill is wrong")
    before = ticket_of(message).updated_at
    assert correct(message.pk, label="sentiment", value="negative", by=agent) is None
    assert not Correction.objects.exists()
    assert not Activity.objects.filter(verb="corrected").exists()
    assert ticket_of(message).updated_at == before


def test_open_pages_hear_of_it(
    channel: Channel, agent: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    message = said(channel, "my bill is wrong")
    rung = a_bell(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        correct(message.pk, label="urgency", value="high", by=agent)
    assert rung == ["pages"]


def test_a_correction_costs_the_same_however_long_the_ticket(channel: Channel, agent: User) -> None:
    def cost(label: str, value: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            correct(message.pk, label=label, value=value, by=agent)
        return len(queries)

    message = said(channel, "my bill is wrong", conversation_key="t1")
    short = cost("sentiment", "neutral")
    receive(channel, *[a_post(f"wrong again {n}", conversation_key="t1") for n in range(8)])
    assert cost("sentiment", "positive") <= short <= 13


# --- mood, lift and clock -------------------------------------------------------------------------------------------
def test_a_corrected_sentiment_is_what_mood_and_lift_are_made_of(channel: Channel, agent: User) -> None:
    first = said(channel, "my bill is wrong", conversation_key="t1")
    an_answer(ticket_of(first), by=agent)
    deliver()
    last = said(channel, "oh well, great, thanks", conversation_key="t1", posted_at=now())
    assert ticket_of(last).lift == pytest.approx(1.74)
    correct(last.pk, label="sentiment", value="negative", by=agent)
    ticket = ticket_of(last)
    assert (ticket.after_valence, ticket.latest_valence) == (-1.0, -1.0)
    assert ticket.lift == pytest.approx(-0.13)
    correct(first.pk, label="sentiment", value="neutral", by=agent)
    ticket = ticket_of(last)
    assert (ticket.first_valence, ticket.lift) == (0.0, -1.0)


def test_what_the_face_shows_is_what_a_person_corrects(channel: Channel, agent: User) -> None:
    message = said(channel, "why?")
    Message.objects.update(negative=0.4, neutral=0.5, positive=0.1)
    assert correct(message.pk, label="sentiment", value="negative", by=agent) is None
    made = correct(message.pk, label="sentiment", value="neutral", by=agent)
    assert made is not None
    assert (made.old, made.new) == ("neutral", "neutral")
    assert Activity.objects.get(verb="corrected").data["old"] == "negative"
    assert ticket_of(message).latest_valence == 0.0


def test_a_corrected_sentiment_is_no_longer_given_as_a_reason(channel: Channel, agent: User) -> None:
    message = said(channel, "my bill is wrong, why?")
    assert set(codes(message.reasons)) == {"negative", "question"}
    correct(message.pk, label="sentiment", value="neutral", by=agent)
    assert codes(fresh(message).reasons) == codes(ticket_of(message).why) == ["question"]


def test_urgency_moves_the_clock(channel: Channel, agent: User, settings: Any) -> None:
    message = said(channel, "my bill is wrong")
    ticket = ticket_of(message)
    assert ticket.waiting_since is not None
    correct(message.pk, label="urgency", value="high", by=agent)
    urgent = ticket_of(message)
    assert urgent.urgency == "high"
    assert urgent.due_at == ticket.waiting_since + settings.ANSWER_WITHIN["high"]


def test_reasons_in_the_list_row_are_those_a_person_said(channel: Channel, agent: User) -> None:
    message = said(channel, "why?")
    correct(message.pk, label="reasons", value=["complaint", "threat_to_leave"], by=agent)
    assert codes(fresh(message).reasons) == codes(ticket_of(message).why) == ["threat_to_leave", "complaint"]


def test_what_set_a_complaint_off_is_told_with_it(channel: Channel, agent: User) -> None:
    message = said(channel, "why?")
    mark_reason(message.pk, reason="complaint", holds=True, by=agent)
    correct(message.pk, label="trigger", value="overcharging", by=agent)
    correct(message.pk, label="aim", value="refund", by=agent)
    (told,) = [reason for reason in ticket_of(message).why if reason["code"] == "complaint"]
    assert told == {"code": "complaint", "trigger": "overcharging", "aim": "refund"}
    correct(message.pk, label="aim", value="", by=agent)
    assert fresh(message).aim == ""


def test_an_older_message_leaves_the_row_as_it_is(channel: Channel, agent: User) -> None:
    message = said(channel, "why?", conversation_key="t1")
    receive(channel, a_post("my bill is wrong", conversation_key="t1", posted_at=now()))
    correct(message.pk, label="reasons", value=["praise"], by=agent)
    assert codes(ticket_of(message).why) == ["negative"]


def test_one_reason_is_added_or_taken_away_beside_the_others(channel: Channel, agent: User) -> None:
    message = said(channel, "why?")
    mark_reason(message.pk, reason="complaint", holds=True, by=agent)
    assert fresh(message).cues == ["complaint", "question"]
    assert mark_reason(message.pk, reason="complaint", holds=True, by=agent) is None
    mark_reason(message.pk, reason="question", holds=False, by=agent)
    assert fresh(message).cues == ["complaint"]
    with pytest.raises(NoSuchValue):
        mark_reason(message.pk, reason="weather", holds=True, by=agent)


# --- who may, and what cannot ---------------------------------------------------------------------------------------
def test_only_people_of_the_brand_may_correct(channel: Channel) -> None:
    message = said(channel, "my bill is wrong")
    with pytest.raises(NotAllowed):
        correct(message.pk, label="sentiment", value="neutral", by=a_person(a_brand()))
    assert not Correction.objects.exists()
    for role in (Role.AGENT, Role.SUPERVISOR):
        person = a_person(channel.brand, role=role)
        assert mark_reason(message.pk, reason="question", holds=role == Role.AGENT, by=person)
    assert correct(message.pk, label="sentiment", value="neutral", by=a_person(role=Role.ADMIN))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"direction": "out"}, "customers"),
        ({"state": "scored"}, "triage"),
        ({"state": "held"}, "triage"),
        ({"deleted_at": "2026-01-01T00:00:00Z"}, "deleted"),
        ({"decision": "folded", "kind": Kind.REPOST}, "repeats"),
    ],
)
def test_what_has_no_reading_of_its_own_is_refused_in_words(
    channel: Channel, agent: User, change: dict[str, Any], words: str
) -> None:
    message = said(channel, "thanks, I love it")
    Message.objects.update(**change)
    with pytest.raises(NotCorrectable, match=words):
        correct(message.pk, label="follow_up", value="yes", by=agent)
    assert not Correction.objects.exists()
    assert not Ticket.objects.exists()


def test_a_message_that_is_not_there_cannot_be_corrected(agent: User) -> None:
    with pytest.raises(Message.DoesNotExist):
        correct(0, label="sentiment", value="neutral", by=agent)


# --- at the same moment ---------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_two_corrections_at_once_both_are_kept_and_the_last_one_wins(channel: Channel) -> None:
    message = said(channel, "my bill is wrong")
    people = [a_person(channel.brand) for _one in range(2)]
    values = ["neutral", "positive"]
    at_once(
        *[
            lambda who=who, value=value: correct(message.pk, label="sentiment", value=value, by=who)
            for who, value in zip(people, values, strict=True)
        ]
    )
    first, last = Correction.objects.order_by("id")
    assert (first.old, last.old) == ("negative", first.new)
    assert fresh(message).sentiment == last.new
    assert ticket_of(message).latest_valence == (1.0 if last.new == "positive" else 0.0)


@pytest.mark.django_db(transaction=True)
def test_reasons_that_two_people_add_at_once_are_all_there(channel: Channel) -> None:
    message = said(channel, "why?")
    people = [a_person(channel.brand) for _one in range(2)]
    at_once(
        lambda: mark_reason(message.pk, reason="complaint", holds=True, by=people[0]),
        lambda: mark_reason(message.pk, reason="request", holds=True, by=people[1]),
    )
    assert fresh(message).cues == ["complaint", "question", "request"]
