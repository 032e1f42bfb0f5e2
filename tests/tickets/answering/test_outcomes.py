"""How answers end: delivered, lost, taken back or tried again; each counts for exactly what its writer had seen."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from ingest import scoring
from ingest.collect import store
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import OutcomeUnknown, PlatformError
from tests.cast import (
    AfterTheFact,
    FakePlatform,
    a_brand,
    a_person,
    a_post,
    a_reader,
    a_ticket,
    an_answer,
    deliver,
    fresh,
    receive,
    verbs,
    work_off,
)
from tests.tickets.conftest import question
from tickets.answering import outcomes
from tickets.incoming import intake
from tickets.models import Activity, Ticket, TicketMessage
from tickets.permissions import NotAllowed
from tickets.reports.balance import balance
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]
REFUSED = PlatformError("not_allowed", "You may not reply", permanent=True)


# --- how it ends ----------------------------------------------------------------------------------------------------
def test_a_delivered_answer_answers_what_waited_by_the_person_who_wrote_it(ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent)
    assert question().disposition == "awaiting"
    deliver()
    assert (question().disposition, question().decided_by) == ("answered", agent)
    assert fresh(ticket).status == "pending"
    assert verbs(ticket)[-1] == "delivered"


def test_taking_note_twice_changes_nothing(ticket: Ticket) -> None:
    an_answer(ticket)
    deliver()
    before = (verbs(ticket), Ticket.objects.values().get())
    assert outcomes.settle_finished() == 0
    assert (verbs(ticket), Ticket.objects.values().get()) == before


def test_an_answer_that_failed_leaves_the_customer_waiting_since_the_beginning(
    ticket: Ticket, platform: type[FakePlatform]
) -> None:
    before = fresh(ticket)
    platform.troubles.append(REFUSED)
    delivery = an_answer(ticket)
    deliver()
    after = fresh(ticket)
    assert question().disposition == "awaiting"
    assert after.waiting_since == before.waiting_since
    assert after.due_at == before.due_at
    assert (after.status, after.first_answered_at, after.before_valence) == ("open", None, None)
    failed = Activity.objects.get(verb="not_delivered")
    assert failed.data == {"message": delivery.message_id, "error": "You may not reply"}


def test_what_comes_after_the_answer_waits_for_the_next_one(ticket: Ticket, channel: Channel) -> None:
    an_answer(ticket)
    (more,) = receive(channel, a_post("and the app is down"))
    deliver()
    assert question().disposition == "answered"
    assert fresh(more).disposition == "awaiting"
    assert fresh(ticket).status == "open"
    assert fresh(ticket).waiting_since == more.received_at


@pytest.mark.parametrize("delivered_first", [False, True], ids=["triaged before delivery", "triaged after delivery"])
def test_a_message_that_had_reached_us_but_not_the_ticket_is_not_taken_for_answered(
    ticket: Ticket, channel: Channel, delivered_first: bool
) -> None:
    store(channel, [a_post("the app is down too", external_id="q2")])
    scoring.read_new(read=a_reader)
    an_answer(ticket)
    if delivered_first:
        deliver()
    intake.triage_new()
    deliver()
    assert Message.objects.get(external_id="q2").disposition == "awaiting"
    assert fresh(ticket).waiting_since is not None
    assert fresh(ticket).status == "open"


def test_a_message_with_a_date_next_year_is_answered_like_any_other(channel: Channel) -> None:
    ticket = a_ticket(channel, external_id="q1", posted_at=timezone.now() + timedelta(days=365))
    an_answer(ticket)
    deliver()
    assert question().disposition == "answered"
    assert fresh(ticket).status == "pending"


def test_the_customers_next_message_gives_the_lift(ticket: Ticket, channel: Channel) -> None:
    an_answer(ticket)
    deliver()
    assert fresh(ticket).lift is None
    receive(channel, a_post("thanks, love it", posted_at=timezone.now() + timedelta(minutes=1)))
    lifted = fresh(ticket)
    assert lifted.before_valence == pytest.approx(-0.87)
    assert lifted.after_valence == pytest.approx(0.87)
    assert lifted.lift == pytest.approx(1.74)
    assert lifted.status == "pending"


# --- resolving with the answer --------------------------------------------------------------------------------------
def test_an_answer_that_resolves_closes_its_message_as_answered_when_it_arrives(ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent, resolve=True)
    assert fresh(ticket).status == "resolved"
    assert question().disposition == "awaiting"
    deliver()
    assert (question().disposition, question().decided_by) == ("answered", agent)
    assert (fresh(ticket).status, fresh(ticket).waiting_since) == ("resolved", None)
    assert not balance().problems


def test_resolving_closes_what_the_answer_under_way_does_not_answer(
    ticket: Ticket, channel: Channel, agent: User
) -> None:
    an_answer(ticket)
    (more,) = receive(channel, a_post("and the app is down"))
    lifecycle.resolve(ticket.pk, by=agent)
    deliver()
    assert question().disposition == "answered"
    assert fresh(more).disposition == "no_answer"
    assert not balance().problems


def test_resolving_closes_a_message_that_was_said_before_an_answer_that_is_long_delivered(
    ticket: Ticket, channel: Channel, agent: User
) -> None:
    an_answer(ticket)
    deliver()
    before_it = question().posted_at + timedelta(seconds=1)
    (late,) = receive(channel, a_post("wrong, wrong", posted_at=before_it))
    Message.objects.filter(pk=late.pk).update(received_at=question().received_at)
    lifecycle.resolve(ticket.pk, by=agent)
    assert fresh(late).disposition == "no_answer"


def test_a_ticket_resolved_over_an_answer_that_fails_comes_back(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    before = fresh(ticket)
    platform.troubles.append(REFUSED)
    an_answer(ticket, by=agent, resolve=True)
    deliver()
    back = fresh(ticket)
    assert (back.status, back.assignee, back.resolved_at) == ("open", agent, None)
    assert back.waiting_since == before.waiting_since
    assert verbs(ticket)[-2:] == ["not_delivered", "reopened"]
    assert not balance().problems


def test_it_comes_back_beside_a_newer_ticket_of_the_same_customer(
    ticket: Ticket, channel: Channel, platform: type[FakePlatform]
) -> None:
    an_answer(ticket, resolve=True)
    platform.troubles.append(REFUSED)
    newer = a_ticket(channel, "the app is broken", conversation_key="t2")
    deliver()
    assert newer != ticket
    assert (fresh(ticket).status, fresh(ticket).split_off, fresh(ticket).reopened) == ("open", True, 1)
    assert fresh(newer).status == "new"
    assert not balance().problems


# --- taking back, trying again --------------------------------------------------------------------------------------
def test_an_answer_that_has_not_left_can_be_taken_back(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    before = fresh(ticket)
    delivery = an_answer(ticket, by=agent)
    assert outcomes.take_back(delivery.key, by=agent)
    deliver()
    assert platform.posted == []
    assert Delivery.objects.get().state == "cancelled"
    assert fresh(ticket).waiting_since == before.waiting_since
    assert question().disposition == "awaiting"
    assert verbs(ticket)[-1] == "taken_back"
    assert not balance().problems


def test_taking_back_an_answer_that_resolved_brings_the_ticket_back(ticket: Ticket, agent: User) -> None:
    delivery = an_answer(ticket, by=agent, resolve=True)
    assert outcomes.take_back(delivery.key, by=agent)
    assert fresh(ticket).status == "open"
    assert fresh(ticket).waiting_since is not None
    assert not balance().problems


@pytest.mark.parametrize("state", ["sending", "unknown", "sent", "failed", "cancelled"])
def test_what_left_or_ended_cannot_be_taken_back(ticket: Ticket, agent: User, state: str) -> None:
    delivery = an_answer(ticket, by=agent)
    Delivery.objects.update(state=state)
    assert not outcomes.take_back(delivery.key, by=agent)
    assert Delivery.objects.get().state == state


def test_an_answer_waits_out_the_time_in_which_it_can_be_taken_back(
    ticket: Ticket, settings: Any, platform: type[FakePlatform]
) -> None:
    settings.UNDO_SECONDS = 5
    delivery = an_answer(ticket)
    assert timedelta(seconds=4) < delivery.due_at - timezone.now() <= timedelta(seconds=5)


def test_only_people_of_the_brand_take_back_or_try_again(ticket: Ticket) -> None:
    delivery = an_answer(ticket)
    stranger = a_person(a_brand())
    for verb in (outcomes.take_back, outcomes.try_again):
        with pytest.raises(NotAllowed):
            verb(delivery.key, by=stranger)


def test_a_failed_answer_can_be_tried_again_and_is_looked_for_first(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(AfterTheFact(REFUSED))
    delivery = an_answer(ticket, by=agent)
    deliver()
    assert fresh(ticket).waiting_since is not None
    assert outcomes.try_again(delivery.key, by=agent)
    assert fresh(ticket).waiting_since is None
    deliver()
    assert len(platform.posted) == 1
    assert Delivery.objects.get().state == "sent"
    assert question().disposition == "answered"


def test_only_a_failed_answer_can_be_tried_again(ticket: Ticket, agent: User) -> None:
    delivery = an_answer(ticket, by=agent)
    for state in ("waiting", "sending", "unknown", "sent", "cancelled"):
        Delivery.objects.update(state=state)
        assert not outcomes.try_again(delivery.key, by=agent)


def test_an_answer_of_unknown_outcome_counts_as_on_its_way(ticket: Ticket, platform: type[FakePlatform]) -> None:
    platform.troubles.append(OutcomeUnknown("timeout"))
    an_answer(ticket)
    deliver()
    assert fresh(ticket).waiting_since is None
    assert fresh(ticket).status == "pending"
    assert question().disposition == "awaiting"
    deliver()
    assert question().disposition == "answered"


def test_an_answer_read_back_adds_nothing_to_the_ticket(
    ticket: Ticket, channel: Channel, platform: type[FakePlatform]
) -> None:
    delivery = an_answer(ticket)
    deliver()
    post = a_post("We are on it.", external_id=f"answer-{delivery.key}", parent_id="q1", by="care")
    store(channel, [post], own_ids=frozenset({"acct-care"}))
    work_off()
    assert TicketMessage.objects.filter(ticket=ticket).count() == fresh(ticket).position == 2
