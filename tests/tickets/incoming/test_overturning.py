"""A person says whether a message needs an answer: tickets open, join, wake and rest as triage would have it."""

from typing import Any

import pytest

from accounts.models import User
from ingest.models import Channel, Correction, Message
from tests.cast import (
    a_bell,
    a_person,
    a_post,
    a_ticket,
    an_answer,
    an_own_post,
    at_once,
    codes,
    deliver,
    fresh,
    now,
    receive,
    said,
    ticket_of,
    verbs,
)
from tickets.incoming.corrections import correct
from tickets.models import Activity, Ticket, TicketMessage
from tickets.reports.balance import balance
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]


# --- yes -------------------------------------------------------------------------------------------------
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
    assert verbs(ticket) == ["opened", "corrected"]
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
    assert fresh(old).split_off
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


# --- no --------------------------------------------------------------------------------------------------
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


# --- at the same moment ----------------------------------------------------------------------------------------------
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
