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
    a_channel,
    a_person,
    a_platform,
    a_post,
    a_ticket,
    an_answer,
    an_own_post,
    at_once,
    deliver,
    now,
    receive,
)
from tickets import lifecycle
from tickets.corrections import NotCorrectable, correct, mark_reason
from tickets.models import Activity, Ticket, TicketMessage
from tickets.permissions import NotAllowed
from tickets.reports.balance import balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    a_platform(monkeypatch)
    return a_channel(platform="fake")


@pytest.fixture
def agent(channel: Channel) -> User:
    return a_person(channel.brand, name="Huda Al-Amri")


def said(channel: Channel, text: str, **fields: Any) -> Message:
    (message,) = receive(channel, a_post(text, **fields))
    return message


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def ticket_of(message: Message) -> Ticket:
    return Ticket.objects.get(entries__message=message)


def codes(reasons: list[dict[str, Any]]) -> list[str]:
    return [reason["code"] for reason in reasons]


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


# --- follow-up: yes -------------------------------------------------------------------------------------------------
def test_yes_to_a_message_set_aside_opens_a_ticket_as_triage_would(
    channel: Channel, agent: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    message = said(channel, "thanks for nothing, I love waiting")
    assert message.disposition == "no_answer"
    rung = a_bell(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        correct(message.pk, label="follow_up", value="yes", by=agent)
    message, ticket = fresh(message), ticket_of(message)
    assert (message.decision, message.disposition, message.decided_by) == ("ticket", "awaiting", agent)
    assert codes(message.reasons) == codes(ticket.why) == ["by_person"]
    assert ticket.is_live
    assert ticket.team in channel.brand.teams.all()
    assert ticket.waiting_since is not None
    assert list(ticket.activities.order_by("id").values_list("verb", flat=True)) == ["opened", "corrected"]
    assert {"radd.route", "pages"} <= set(rung)
    assert not balance().problems


def test_yes_brings_spam_back_as_well(channel: Channel, agent: User) -> None:
    message = said(channel, "buy crypto")
    assert message.disposition == "spam"
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert ticket_of(message).is_live


def test_yes_joins_the_live_ticket_of_the_same_customer(channel: Channel, agent: User) -> None:
    message = said(channel, "thanks, I love it")
    ticket = a_ticket(channel)
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert ticket_of(message) == ticket
    assert fresh(message).decision == "join"
    assert Ticket.objects.count() == 1
    assert Ticket.objects.get().position == 2


def test_yes_reopens_the_thread_that_was_resolved(channel: Channel, agent: User) -> None:
    message = said(channel, "thanks, I love it", conversation_key="t1")
    ticket = a_ticket(channel, conversation_key="t1")
    lifecycle.resolve(ticket.pk, by=agent)
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert ticket_of(message) == ticket
    assert Ticket.objects.get().is_live
    assert Ticket.objects.get().reopened == 1


def test_an_answer_already_given_on_the_platform_comes_along(channel: Channel, agent: User) -> None:
    message = said(channel, "thanks, I love it", external_id="q1", conversation_key="t1")
    receive(channel, an_own_post("Do tell us more", external_id="own1", conversation_key="t1", parent_id="q1"))
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert TicketMessage.objects.filter(ticket=ticket_of(message)).count() == 2
    assert fresh(message).disposition == "answered_outside"


def test_yes_to_a_last_word_on_a_live_ticket_makes_it_wait(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel, conversation_key="t1")
    an_answer(ticket, by=agent)
    deliver()
    message = said(channel, "thanks", conversation_key="t1", posted_at=now())
    assert (ticket_of(message).status, message.disposition) == ("pending", "no_answer")
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert (ticket_of(message).status, fresh(message).disposition) == ("open", "awaiting")
    assert codes(fresh(message).reasons) == ["live_ticket", "by_person"]


def test_yes_to_a_last_word_after_care_wakes_the_ticket(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel, conversation_key="t1")
    an_answer(ticket, by=agent, resolve=True)
    deliver()
    message = said(channel, "thanks", conversation_key="t1", posted_at=now())
    assert (ticket_of(message).status, message.disposition) == ("resolved", "no_answer")
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert (ticket_of(message).status, fresh(message).disposition) == ("open", "awaiting")
    reopened = Activity.objects.get(verb="reopened")
    assert (reopened.actor, reopened.data) == (agent, {"why": "person"})
    assert not balance().problems


def test_a_woken_ticket_lives_beside_the_customers_newer_one(channel: Channel, agent: User) -> None:
    old = a_ticket(channel, conversation_key="t1")
    lifecycle.resolve(old.pk, by=agent)
    message = said(channel, "thanks", conversation_key="t1", posted_at=now())
    newer = a_ticket(channel, conversation_key="t2", posted_at=now())
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert ticket_of(message) == old
    assert set(Ticket.objects.live()) == {old, newer}
    assert Ticket.objects.get(pk=old.pk).split_off
    assert not balance().problems


def test_yes_to_what_was_answered_opens_nothing(channel: Channel, agent: User) -> None:
    message = said(channel, "my bill is wrong", conversation_key="t1")
    an_answer(ticket_of(message), by=agent, resolve=True)
    deliver()
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert (ticket_of(message).status, fresh(message).disposition) == ("resolved", "answered")


def test_yes_to_what_an_answer_came_after_counts_as_answered(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel, conversation_key="t1")
    message = said(channel, "thanks", conversation_key="t1", posted_at=now())
    an_answer(ticket, by=agent)
    deliver()
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert (ticket_of(message).status, fresh(message).disposition) == ("pending", "answered")


def test_yes_to_what_somebody_resolved_leaves_the_ticket_at_rest(channel: Channel, agent: User) -> None:
    a_ticket(channel, conversation_key="t1")
    message = said(channel, "one more thing", conversation_key="t1", posted_at=now())
    lifecycle.resolve(ticket_of(message).pk, by=agent)
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert (ticket_of(message).status, fresh(message).disposition) == ("resolved", "no_answer")
    assert fresh(message).person_said == ["follow_up"]
    assert not balance().problems


# --- follow-up: no --------------------------------------------------------------------------------------------------
def test_no_settles_a_waiting_message_as_needing_no_answer_by_this_person(channel: Channel, agent: User) -> None:
    message = said(channel, "my bill is wrong")
    correct(message.pk, label="follow_up", value="no", by=agent)
    message, ticket = fresh(message), ticket_of(message)
    assert (message.disposition, message.decided_by) == ("no_answer", agent)
    assert ticket.waiting_since is None
    assert codes(message.reasons) == ["by_person"]


def test_no_to_what_the_model_calls_owed_is_this_persons_word(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel, conversation_key="t1")
    message = said(channel, "thanks", conversation_key="t1", posted_at=now())
    Message.objects.filter(pk=message.pk).update(follow_up=0.9, threshold=0.3, decided_by=a_person(channel.brand))
    correct(message.pk, label="follow_up", value="no", by=agent)
    assert (fresh(message).disposition, fresh(message).decided_by) == ("no_answer", agent)
    assert ticket_of(message) == ticket


@pytest.mark.parametrize(("text", "stands"), [("my bill is wrong", "yes"), ("thanks, I love it", "no")])
@pytest.mark.parametrize("follow_up", [None, 0.1, 0.9])
def test_what_stands_is_what_triage_made_of_it(
    channel: Channel, agent: User, text: str, stands: str, follow_up: float | None
) -> None:
    message = said(channel, text)
    Message.objects.update(follow_up=follow_up, threshold=0.5)
    assert correct(message.pk, label="follow_up", value=stands, by=agent) is None
    made = correct(message.pk, label="follow_up", value="no" if stands == "yes" else "yes", by=agent)
    assert made is not None
    assert made.old == {None: stands, 0.1: "no", 0.9: "yes"}[follow_up]
    told = Activity.objects.filter(verb="corrected").values_list("data__old", flat=True)
    assert list(told) == [stands]
    assert fresh(message).disposition == ("no_answer" if stands == "yes" else "awaiting")


def test_correcting_back_makes_it_wait_again(channel: Channel, agent: User) -> None:
    message = said(channel, "my bill is wrong")
    since = ticket_of(message).waiting_since
    correct(message.pk, label="follow_up", value="no", by=agent)
    correct(message.pk, label="follow_up", value="yes", by=agent)
    assert fresh(message).disposition == "awaiting"
    assert ticket_of(message).waiting_since == since
    assert Correction.objects.count() == 2


def test_no_to_what_was_answered_leaves_it_answered(channel: Channel, agent: User) -> None:
    message = said(channel, "my bill is wrong")
    an_answer(ticket_of(message), by=agent)
    deliver()
    correct(message.pk, label="follow_up", value="no", by=agent)
    assert fresh(message).disposition == "answered"


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


@pytest.mark.django_db(transaction=True)
def test_two_who_overturn_at_once_open_one_ticket(channel: Channel) -> None:
    messages = receive(channel, *[a_post(f"thanks {n}", conversation_key=f"t{n}") for n in range(3)])
    people = [a_person(channel.brand) for _one in range(4)]
    jobs = [(messages[n % 3], person) for n, person in enumerate(people)]
    at_once(
        *[
            lambda message=message, who=who: correct(message.pk, label="follow_up", value="yes", by=who)
            for message, who in jobs
        ]
    )
    assert Ticket.objects.count() == 1
    assert Ticket.objects.get().position == 3
    assert Correction.objects.count() == 3
    assert not balance().problems
