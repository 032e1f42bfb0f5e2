"""Answers that wait for a second person: asked once, decided once, sent once."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import Role, User
from ingest.models import Channel, Delivery
from tests.cast import a_person, a_post, a_ticket, an_answer, at_once, fresh, receive, verbs
from tickets.answering import approvals, replies
from tickets.answering.approvals import Wish
from tickets.models import Activity, Approval, ApprovalRule, Draft, Notice, Ticket, Tier
from tickets.permissions import NotAllowed
from tickets.steering.approval_case import amount_in
from tickets.verbs import merging

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]

BLAMES = "The bill is right, it is your own fault that you did not read the contract before."
KIND = "The bill is right: the fee is for roaming in June. I can show you each call if you like."


@pytest.fixture
def lina(ticket: Ticket) -> User:
    """A supervisor of the brand."""
    return a_person(ticket.brand, role=Role.SUPERVISOR, name="Lina Qasim")


def ask(ticket: Ticket, by: User, text: str = BLAMES, key: UUID | None = None, **wish: Any) -> Delivery | Approval:
    seen = fresh(ticket).position
    return approvals.answer(ticket.pk, text=text, by=by, seen=seen, key=key or uuid4(), wish=Wish(**wish))


def waits(ticket: Ticket, by: User, text: str = BLAMES, **wish: Any) -> Approval:
    asked = ask(ticket, by, text, **wish)
    assert isinstance(asked, Approval)
    return asked


def test_what_the_guard_holds_back_waits_and_those_who_decide_hear_of_it(
    ticket: Ticket, agent: User, lina: User
) -> None:
    Draft.objects.create(ticket=ticket, user=agent, text=BLAMES, updated_at=timezone.now())
    asked = waits(ticket, agent)
    assert (asked.text, asked.state, asked.reasons[0]["code"]) == (BLAMES, "asked", "blame")
    assert fresh(ticket).awaits_approval
    assert not Delivery.objects.exists()
    assert list(Notice.objects.values_list("user", "kind")) == [(lina.pk, "approval")]
    assert verbs(ticket)[-1] == "asked"
    assert not Draft.objects.exists()


def test_a_form_posted_twice_asks_once(ticket: Ticket, agent: User, lina: User) -> None:
    key = uuid4()
    assert ask(ticket, agent, key=key) == ask(ticket, agent, key=key)
    assert Approval.objects.count() == 1


def test_while_one_waits_nothing_else_goes_out(ticket: Ticket, agent: User, lina: User) -> None:
    waits(ticket, agent)
    for by in (a_person(ticket.brand), lina):
        with pytest.raises(NotAllowed, match="waits"):
            ask(ticket, by, KIND)


def test_approved_it_goes_out_in_its_writers_name_by_its_own_key(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent, resolve=True)
    approvals.approve(asked.key, by=lina, seen=1)
    sent = Delivery.objects.get()
    assert (sent.key, sent.message.text, sent.message.author) == (asked.key, BLAMES, agent)
    assert (fresh(ticket).status, fresh(ticket).awaits_approval) == ("resolved", False)
    assert Notice.objects.filter(user=agent, kind="decided").exists()


def test_approved_twice_it_goes_out_once(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent)
    for _time in range(2):
        approvals.approve(asked.key, by=lina, seen=1)
    assert Delivery.objects.count() == 1
    with pytest.raises(NotAllowed, match="already"):
        approvals.give_back(asked.key, note="no", by=lina)


@pytest.mark.django_db(transaction=True)
def test_approved_by_two_at_the_same_moment_it_goes_out_once(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent)
    other = a_person(ticket.brand, role=Role.SUPERVISOR)
    at_once(*(lambda by=by: approvals.approve(asked.key, by=by, seen=1) for by in (lina, other)))
    assert Delivery.objects.count() == 1
    assert Activity.objects.filter(verb="approved").count() == 1


def test_the_approver_may_change_the_words(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent)
    approvals.approve(asked.key, by=lina, seen=1, text=KIND)
    assert Delivery.objects.get().message.text == KIND
    assert (fresh(asked).text, fresh(asked).text_after) == (BLAMES, KIND)


def test_nobody_approves_what_stops_nor_their_own(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent)
    with pytest.raises(NotAllowed, match="card"):
        approvals.approve(asked.key, by=lina, seen=1, text="Your card 4111 1111 1111 1111 is charged")
    for by in (agent, a_person(ticket.brand)):
        with pytest.raises(NotAllowed):
            approvals.approve(asked.key, by=by, seen=1)
    assert fresh(asked).state == "asked"
    assert fresh(ticket).awaits_approval


def test_when_the_customer_wrote_meanwhile_it_waits_on(
    ticket: Ticket, channel: Channel, agent: User, lina: User
) -> None:
    asked = waits(ticket, agent)
    receive(channel, a_post("never mind, solved", conversation_key="t1"))
    with pytest.raises(replies.MovedOn):
        approvals.approve(asked.key, by=lina, seen=1)
    assert (fresh(asked).state, fresh(ticket).awaits_approval) == ("asked", True)


def test_returned_with_a_note_the_words_are_its_writers_draft_again(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent)
    with pytest.raises(approvals.NothingToSay):
        approvals.give_back(asked.key, note="  ", by=lina)
    approvals.give_back(asked.key, note="Less of the fault, more of the fee.", by=lina)
    assert Draft.objects.get(user=agent).text == BLAMES
    assert not fresh(ticket).awaits_approval
    assert isinstance(ask(ticket, agent, KIND), Delivery)


def test_its_writer_withdraws_it_and_a_colleague_does_not(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent)
    with pytest.raises(NotAllowed):
        approvals.withdraw(asked.key, by=a_person(ticket.brand))
    approvals.withdraw(asked.key, by=agent)
    assert fresh(asked).state == "withdrawn"
    assert not fresh(ticket).awaits_approval


# --- rules ----------------------------------------------------------------------------------------------------------
def a_rule(ticket: Ticket, conditions: dict[str, Any], **fields: Any) -> ApprovalRule:
    given = {"name": "Dear refunds", "updated_at": timezone.now(), "minutes": 15} | fields
    return ApprovalRule.objects.create(brand=ticket.brand, conditions=conditions, **given)


def test_a_rule_on_the_amount_holds_an_answer_back_for_its_own_time(ticket: Ticket, agent: User, lina: User) -> None:
    a_rule(ticket, {"field": "amount", "op": "at_least", "value": 500})
    assert isinstance(ask(ticket, agent, "We refund 120 SAR tonight, the fee was ours."), Delivery)
    held = waits(ticket, agent, text="We refund 1,200 SAR tonight for all three months, the fee was ours.")
    assert held.reasons[0] == {"rule": "Dear refunds"}
    assert held.due_at - held.asked_at == timedelta(minutes=15)


def test_a_rule_holds_supervisors_answers_back_no_more_than_the_guard_does(ticket: Ticket, lina: User) -> None:
    a_rule(ticket, {})
    assert isinstance(ask(ticket, lina, KIND), Delivery)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("nothing", None),
     ("We refund $1,200.50 and 40 SAR", 1200.5), ("نعيد 750 ريال اليوم", 750), ("نعيد ٧٥٠ ريال", 750),
     ("Case 4411", None), ("1.200,50 EUR", 1200.5)],
)  # fmt: skip
def test_the_largest_sum_of_money_is_found(text: str, amount: float | None) -> None:
    assert amount_in(text) == amount


# --- its clock ------------------------------------------------------------------------------------------------------
def test_an_answer_that_waits_too_long_is_told_once(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent)
    assert approvals.alarm(asked.due_at - timedelta(seconds=1)) == 0
    assert [approvals.alarm(asked.due_at) for _time in range(2)] == [1, 0]
    assert Notice.objects.filter(user=lina, kind="approval").count() == 2


def test_others_brands_answers_are_not_in_the_queue(ticket: Ticket, agent: User, lina: User) -> None:
    asked = waits(ticket, agent)
    assert list(approvals.waiting_for(lina)) == [asked]
    assert not approvals.waiting_for(a_person(role=Role.SUPERVISOR)).exists()


def test_an_answer_sent_the_plain_way_needs_nobody(ticket: Ticket, agent: User) -> None:
    assert an_answer(ticket, KIND, by=agent).state == "waiting"


# --- asked for by the rule that routed the ticket ---------------------------------------------------------------------
def routed(ticket: Ticket, name: str = "Watched", *, approval: bool = True) -> None:
    data = {"rule": 1, "name": name, "approval": approval}
    Activity.objects.create(ticket=ticket, verb="routed", data=data, at=timezone.now())


def test_an_answer_on_a_ticket_whose_rule_asks_for_a_second_person_waits_for_one(
    ticket: Ticket, agent: User, lina: User
) -> None:
    routed(ticket)
    asked = waits(ticket, agent, KIND)
    assert (asked.rule, asked.reasons[0]) == (None, {"rule": "Watched"})
    assert not Delivery.objects.exists()
    approvals.approve(asked.key, by=lina, seen=1)
    assert Delivery.objects.get().message.text == KIND


def test_the_last_rule_that_routed_it_decides(ticket: Ticket, agent: User, lina: User) -> None:
    routed(ticket)
    routed(ticket, "Plain", approval=False)
    assert isinstance(ask(ticket, agent, KIND), Delivery)


def test_those_who_may_send_alone_wait_for_nobody(ticket: Ticket, lina: User) -> None:
    routed(ticket)
    assert isinstance(ask(ticket, lina, KIND), Delivery)


def test_what_was_merged_into_a_ticket_brings_its_second_person_along(
    ticket: Ticket, channel: Channel, agent: User, lina: User
) -> None:
    other = a_ticket(channel, "the app is down", by="sami", conversation_key="t2")
    routed(other)
    merging.merge(other.pk, into=ticket.pk, by=agent)
    assert isinstance(ask(ticket, agent, KIND), Approval)


def test_an_approval_rule_may_ask_what_every_rule_may(ticket: Ticket, agent: User, lina: User) -> None:
    tier = Tier.objects.create(brand=ticket.brand, name="Gold", rank=1, is_default=True)
    gold = {"all": [{"field": "tier", "op": "in", "value": [tier.pk]}]}
    rule = ApprovalRule.objects.create(name="Gold", conditions=gold, updated_at=timezone.now())
    assert waits(ticket, agent, KIND).rule == rule
