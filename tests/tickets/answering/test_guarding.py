"""The guard at sending: what policy stops, what wants a second person, and what canned answers are worth."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role, User
from ingest.models import Channel, Delivery, Message
from tests.cast import a_channel, a_person, a_post, a_ticket, an_answer, deliver, fresh, receive, verbs
from tickets.answering import guarding, outcomes, replies
from tickets.answering.care import care_of
from tickets.answering.guard.findings import Code
from tickets.models import CarePolicy, SavedReply, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]

SORRY = "We are sorry for the trouble with your line. Our team looks at every report and will write to you soon."
OWN = "Amal, the fee of 40 on your bill was ours: it is refunded and stands on your account tonight."
CARD = "Your card 4111 1111 1111 1111 was charged twice, we refund it today."
BLAMES = "The bill is right, it is your own fault that you did not read the contract before."


def codes(ticket: Ticket, text: str) -> set[str]:
    return {found.code for found in guarding.look(ticket, replies.answers_to(ticket), text).findings}


# --- what stops and what waits --------------------------------------------------------------------------------------
def test_a_card_number_never_leaves_and_nothing_is_written(ticket: Ticket, agent: User) -> None:
    for by in (agent, a_person(ticket.brand, role=Role.SUPERVISOR)):
        with pytest.raises(guarding.Stopped, match="card number"):
            an_answer(ticket, CARD, by=by)
    assert not Message.objects.filter(direction="out").exists()
    assert verbs(ticket) == ["opened"]


def test_blame_waits_for_a_second_person_unless_a_supervisor_writes_it(ticket: Ticket, agent: User) -> None:
    with pytest.raises(guarding.NeedsSecond, match="blames"):
        an_answer(ticket, BLAMES, by=agent)
    sent = an_answer(ticket, BLAMES, by=a_person(ticket.brand, role=Role.SUPERVISOR))
    assert Code.BLAME in care_of(sent.message).guard


def test_policy_makes_a_finding_graver_or_drops_it(ticket: Ticket, agent: User) -> None:
    policy = CarePolicy.objects.create(brand=ticket.brand, guard={"blame": "off"})
    an_answer(ticket, BLAMES, by=agent)
    policy.guard = {"shouting": "stop"}
    policy.save()
    with pytest.raises(guarding.Stopped):
        an_answer(ticket, "It is back!!!! Thank you for waiting so long", by=agent)


def test_an_answer_of_another_brand_is_no_pattern_for_ours(ticket: Ticket) -> None:
    an_answer(a_ticket(a_channel(platform="fake")), SORRY)
    assert Code.CANNED not in codes(ticket, SORRY)


def test_answers_older_than_thirty_days_and_those_taken_back_are_forgotten(ticket: Ticket, channel: Channel) -> None:
    other = a_ticket(channel, by="omar", conversation_key="t2")
    an_answer(other, SORRY)
    assert Code.CANNED in codes(ticket, SORRY)
    Message.objects.filter(direction="out").update(posted_at=timezone.now() - timedelta(days=31))
    assert Code.CANNED not in codes(ticket, SORRY)
    mine = an_answer(ticket, OWN)
    assert Code.REPEATS in codes(ticket, OWN)
    outcomes.take_back(mine.key, by=a_person(ticket.brand))
    assert Code.REPEATS not in codes(ticket, OWN)


def test_what_the_guard_asks_of_the_database_does_not_grow(
    ticket: Ticket, channel: Channel, django_assert_max_num_queries: Any
) -> None:
    for n in range(4):
        an_answer(a_ticket(channel, by=f"c{n}", conversation_key=f"c{n}"), f"{OWN} {n}")
    parent, ticket = replies.answers_to(ticket), Ticket.objects.select_related("channel").get(pk=ticket.pk)
    with django_assert_max_num_queries(6):
        guarding.look(ticket, parent, OWN)


# --- canned is not care ---------------------------------------------------------------------------------------------
def canned_answer(ticket: Ticket, **fields: Any) -> Delivery:
    SavedReply.objects.create(name="Sorry", texts={"en": SORRY})
    return an_answer(ticket, f"Hello Reem, {SORRY}", **fields)


def test_a_canned_answer_stops_no_clock_and_its_score_is_kept_with_it(ticket: Ticket) -> None:
    sent = canned_answer(ticket)
    deliver()
    care, now = care_of(fresh(sent.message)), fresh(ticket)
    assert (care.canned, care.counts) == (1.0, False)
    assert now.waiting_since is not None
    assert (now.first_answered_at, now.status) == (None, "open")
    assert Message.objects.get(external_id="q1").disposition == "awaiting"


def test_a_canned_answer_does_not_resolve(ticket: Ticket) -> None:
    canned_answer(ticket, resolve=True)
    assert fresh(ticket).status == "open"


def test_words_of_ones_own_after_it_stop_the_clock(ticket: Ticket) -> None:
    canned_answer(ticket)
    an_answer(ticket, OWN, resolve=True)
    deliver()
    assert fresh(ticket).status == "resolved"
    assert fresh(ticket).first_answered_at is not None


def test_where_policy_says_that_canned_answers_count_they_do(ticket: Ticket) -> None:
    CarePolicy.objects.create(brand=ticket.brand, canned_counts=True)
    canned_answer(ticket)
    deliver()
    assert fresh(ticket).status == "pending"
    # Written down with the answer: a policy changed later changes no history.
    CarePolicy.objects.update(canned_counts=False)
    replies.settle([ticket], timezone.now())
    assert fresh(ticket).first_answered_at is not None


# --- later ----------------------------------------------------------------------------------------------------------
def test_a_scheduled_answer_waits_for_its_time_and_until_then_nobody_is_answered(ticket: Ticket) -> None:
    at = timezone.now() + timedelta(hours=3)
    scheduled = an_answer(ticket, OWN, at=at)
    assert scheduled.due_at == at
    assert fresh(ticket).waiting_since is not None
    deliver()
    assert fresh(scheduled).state == "sent"
    assert fresh(ticket).waiting_since is None


def test_a_scheduled_answer_is_taken_back_like_any_other(ticket: Ticket) -> None:
    scheduled = an_answer(ticket, OWN, at=timezone.now() + timedelta(hours=3))
    assert outcomes.take_back(scheduled.key, by=a_person(ticket.brand))
    assert fresh(scheduled).state == "cancelled"


def test_what_comes_after_a_scheduled_answer_still_waits_when_it_has_gone_out(ticket: Ticket, channel: Channel) -> None:
    an_answer(ticket, OWN, at=timezone.now() + timedelta(hours=3))
    receive(channel, a_post("still wrong", conversation_key="t1"))
    deliver()
    assert fresh(ticket).waiting_since is not None
