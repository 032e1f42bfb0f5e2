"""Merging and splitting: messages move, clocks go by what waits, and undo moves back exactly what was moved."""

from datetime import timedelta

import pytest

from accounts.models import User
from ingest.models import Channel, Message
from tests.cast import (
    FakePlatform,
    a_brand,
    a_channel,
    a_person,
    a_post,
    a_ticket,
    an_answer,
    deliver,
    fresh,
    now,
    receive,
    verbs,
)
from tickets.models import Ticket, TicketLink, TicketMessage
from tickets.permissions import NotAllowed
from tickets.reports.balance import balance
from tickets.verbs import merging, parting, undoing
from tickets.verbs.lifecycle import resolve

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]


@pytest.fixture
def other(channel: Channel, ticket: Ticket) -> Ticket:
    """Another customer's ticket, younger than the first."""
    return a_ticket(channel, "the app is down", by="sami", conversation_key="t2")


def on(ticket: Ticket) -> set[int]:
    return set(TicketMessage.objects.filter(ticket=ticket).values_list("message_id", flat=True))


def test_all_messages_move_and_the_emptied_ticket_points_to_the_other(
    ticket: Ticket, other: Ticket, agent: User
) -> None:
    moved = on(other)
    merging.merge(other.pk, into=ticket.pk, by=agent)
    emptied, whole = fresh(other), fresh(ticket)
    assert (emptied.status, emptied.merged_into_id, emptied.position, emptied.due_at) == ("closed", ticket.pk, 0, None)
    assert (whole.position, moved <= on(ticket)) == (2, True)
    assert verbs(ticket) == ["opened", "merged"]
    assert verbs(other) == ["opened", "merged"]


def test_the_older_opening_the_graver_priority_and_somebody_stay(ticket: Ticket, other: Ticket, agent: User) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(priority=2, assignee=agent)
    merging.merge(ticket.pk, into=other.pk, by=agent)
    whole = fresh(other)
    assert (whole.priority, whole.assignee, whole.opened_at) == (2, agent, ticket.opened_at)


def test_an_answer_on_one_ticket_answers_nothing_that_waits_on_the_other(
    ticket: Ticket, other: Ticket, agent: User
) -> None:
    an_answer(other, by=agent)
    deliver()
    assert fresh(other).waiting_since is None
    merging.merge(ticket.pk, into=other.pk, by=agent)
    whole = fresh(other)
    assert whole.waiting_since == ticket.waiting_since
    assert (whole.status, whole.answer_due_at is not None) == ("open", True)


def test_an_answer_on_its_way_settles_what_its_writer_saw_and_nothing_else(
    ticket: Ticket, other: Ticket, agent: User
) -> None:
    an_answer(other, by=agent)
    merging.merge(ticket.pk, into=other.pk, by=agent)
    deliver()
    waiting = Message.objects.filter(disposition="awaiting")
    assert [message.external_id for message in waiting] == ["q1"]
    assert fresh(other).waiting_since is not None


def test_answers_under_way_on_both_tickets_are_delivered_each_to_its_own_customer_once(
    platform: type[FakePlatform], ticket: Ticket, other: Ticket, agent: User
) -> None:
    an_answer(ticket, "Your bill is put right.", by=agent)
    later = an_answer(other, "The app is up again.", by=agent, at=now() + timedelta(hours=1))
    merging.merge(other.pk, into=ticket.pk, by=agent)
    assert fresh(later).state == "waiting"
    deliver()
    deliver()
    assert sorted((post.text, post.to_handle) for post in platform.posted) == [
        ("The app is up again.", "sami"), ("Your bill is put right.", "reem"),
    ]  # fmt: skip
    assert not Message.objects.filter(disposition="awaiting").exists()
    assert (fresh(ticket).status, fresh(ticket).waiting_since) == ("pending", None)
    assert not balance().problems


def test_undo_moves_back_exactly_what_was_moved(channel: Channel, ticket: Ticket, other: Ticket, agent: User) -> None:
    mine, theirs = on(ticket), on(other)
    before = {t.pk: (t.opened_at, t.waiting_since, t.priority, t.status) for t in (fresh(ticket), fresh(other))}
    line = merging.merge(other.pk, into=ticket.pk, by=agent)
    later = receive(channel, a_post("and still wrong", conversation_key="t1"))
    undoing.undo(line.pk, by=agent)
    assert (on(other), on(ticket)) == (theirs, mine | {later[0].pk})
    for t in (fresh(ticket), fresh(other)):
        assert (t.opened_at, t.waiting_since, t.priority, t.status) == before[t.pk]
        assert t.merged_into is None
    assert verbs(other) == ["opened", "merged", "unmerged"]
    assert not balance().problems


def test_a_merged_ticket_comes_back_beside_one_that_was_opened_since(
    channel: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    line = merging.merge(other.pk, into=ticket.pk, by=agent)
    third = a_ticket(channel, "the app is down again", by="sami", conversation_key="t3")
    assert third.pk not in {ticket.pk, other.pk}
    undoing.undo(line.pk, by=agent)
    assert (fresh(other).is_live, fresh(other).split_off) == (True, True)


def test_undo_twice_or_by_somebody_else_is_refused(ticket: Ticket, other: Ticket, agent: User) -> None:
    line = merging.merge(other.pk, into=ticket.pk, by=agent)
    with pytest.raises(NotAllowed, match="Whoever did it"):
        undoing.undo(line.pk, by=a_person(ticket.brand))
    undoing.undo(line.pk, by=agent)
    with pytest.raises(NotAllowed, match="undone already"):
        undoing.undo(line.pk, by=agent)


def test_what_cannot_be_merged(ticket: Ticket, other: Ticket, agent: User) -> None:
    stranger = a_ticket(a_channel(a_brand(), platform="fake"), by="nour")
    with pytest.raises(NotAllowed, match="another ticket"):
        merging.merge(ticket.pk, into=ticket.pk, by=agent)
    with pytest.raises(NotAllowed, match="another team"):
        merging.merge(ticket.pk, into=stranger.pk, by=agent)
    resolve(other.pk, by=agent)
    with pytest.raises(NotAllowed, match="Reopen it first"):
        merging.merge(ticket.pk, into=other.pk, by=agent)


def test_the_customers_other_tickets_are_offered_first_and_any_is_found(
    channel: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    resolve(ticket.pk, by=agent)
    second = a_ticket(channel, "my line is broken", conversation_key="t9")
    assert merging.candidates(second, agent) == [ticket]
    assert merging.candidates(second, agent, "@sami") == [other]
    assert merging.candidates(second, agent, f"#{other.pk}") == [other]
    assert merging.candidates(second, a_person(a_brand()), f"#{other.pk}") == []


# --- splitting ---------------------------------------------------------------------------------------------
def two(channel: Channel) -> Message:
    """A second message on the first ticket."""
    return receive(channel, a_post("also the app is down", conversation_key="t1"))[0]


def test_chosen_messages_become_a_ticket_beside_the_old_one(channel: Channel, ticket: Ticket, agent: User) -> None:
    second = two(channel)
    new, _line = parting.part(ticket.pk, messages=[second.pk], by=agent)
    assert (on(new), fresh(ticket).position) == ({second.pk}, 1)
    split = fresh(new)
    assert (split.split_off, split.status, split.subject) == (True, "new", "also the app is down")
    assert split.waiting_since is not None
    assert TicketLink.objects.filter(first=ticket, second=new).exists()
    assert verbs(ticket) == ["opened", "joined", "split"]
    assert verbs(new) == ["split"]
    assert not balance().problems


def test_undo_of_a_split_brings_all_of_it_back(channel: Channel, ticket: Ticket, agent: User) -> None:
    waited = fresh(ticket).waiting_since
    second = two(channel)
    new, line = parting.part(ticket.pk, messages=[second.pk], by=agent)
    undoing.undo(line.pk, by=agent)
    assert (fresh(ticket).position, fresh(ticket).waiting_since) == (2, waited)
    assert (fresh(new).status, fresh(new).merged_into_id) == ("closed", ticket.pk)
    assert not TicketLink.objects.exists()


def test_both_keep_a_message_of_the_customers(channel: Channel, ticket: Ticket, agent: User) -> None:
    only = on(ticket)
    with pytest.raises(NotAllowed, match="Leave at least one"):
        parting.part(ticket.pk, messages=only, by=agent)
    answer = an_answer(ticket, by=agent).message
    with pytest.raises(NotAllowed, match="Choose at least one"):
        parting.part(ticket.pk, messages=[answer.pk], by=agent)
    assert now() > fresh(ticket).opened_at
