"""A ticket's life: resolved, reopened, closed, noted; each once, each by somebody who may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, an_own_post, receive, verbs
from tickets.models import Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


def test_resolving_closes_what_waited_by_the_person_who_resolved(ticket: Ticket, agent: User) -> None:
    resolved = lifecycle.resolve(ticket.pk, by=agent)
    assert (resolved.status, resolved.waiting_since, resolved.due_at) == ("resolved", None, None)
    assert resolved.resolved_at is not None
    message = Message.objects.get()
    assert (message.disposition, message.decided_by) == ("no_answer", agent)
    assert verbs(ticket) == ["opened", "resolved"]


def test_resolving_twice_changes_nothing(ticket: Ticket, agent: User) -> None:
    first = lifecycle.resolve(ticket.pk, by=agent)
    again = lifecycle.resolve(ticket.pk, by=a_person(ticket.brand))
    assert again.resolved_at == first.resolved_at
    assert verbs(ticket) == ["opened", "resolved"]


def test_a_reopened_ticket_is_live_with_who_had_it(ticket: Ticket, agent: User) -> None:
    Ticket.objects.update(assignee=agent)
    lifecycle.resolve(ticket.pk, by=agent)
    reopened = lifecycle.reopen(ticket.pk, by=agent)
    assert (reopened.status, reopened.assignee, reopened.reopened) == ("open", agent, 1)
    assert (reopened.resolved_at, reopened.due_at is None) == (None, False)
    assert verbs(ticket) == ["opened", "resolved", "reopened"]


def test_reopening_what_is_live_changes_nothing(ticket: Ticket, agent: User) -> None:
    assert lifecycle.reopen(ticket.pk, by=agent).reopened == 0
    assert verbs(ticket) == ["opened"]


def test_a_closed_ticket_can_be_reopened_by_a_person(ticket: Ticket, agent: User) -> None:
    Ticket.objects.update(status="closed", resolved_at=timezone.now())
    assert lifecycle.reopen(ticket.pk, by=agent).status == "new"


def test_a_ticket_is_not_reopened_beside_another_live_one_of_the_customer(
    ticket: Ticket, channel: Channel, agent: User
) -> None:
    lifecycle.resolve(ticket.pk, by=agent)
    a_ticket(channel, "the app is broken", conversation_key="t2")
    with pytest.raises(NotAllowed, match="another open ticket"):
        lifecycle.reopen(ticket.pk, by=agent)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopened) == ("resolved", 0)


def test_the_thread_of_the_older_of_two_resolved_tickets_reopens_that_one(channel: Channel, agent: User) -> None:
    older = a_ticket(channel, "bill is wrong", conversation_key="t1")
    lifecycle.resolve(older.pk, by=agent)
    newer = a_ticket(channel, "app is broken", conversation_key="t2")
    lifecycle.resolve(newer.pk, by=agent)
    receive(channel, a_post("the bill is wrong again", conversation_key="t1"))
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.status, older.position, newer.status) == ("new", 2, "resolved")


def test_thanks_in_the_thread_of_the_older_ticket_count_there(channel: Channel, agent: User) -> None:
    older = a_ticket(channel, "bill is wrong", conversation_key="t1", external_id="q1")
    receive(channel, an_own_post("Mended.", parent_id="q1"))
    lifecycle.resolve(older.pk, by=agent)
    newer = a_ticket(channel, "app is broken", conversation_key="t2")
    lifecycle.resolve(newer.pk, by=agent)
    receive(channel, a_post("thanks for the bill", conversation_key="t1"))
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.status, newer.status) == ("resolved", "resolved")
    assert older.lift is not None
    assert newer.position == 1


def test_a_complaint_and_its_like_in_one_batch_reopen_a_ticket_once(
    ticket: Ticket, channel: Channel, agent: User
) -> None:
    lifecycle.resolve(ticket.pk, by=agent)
    receive(channel, *[a_post(f"wrong again {turn}", conversation_key="t1") for turn in range(3)])
    ticket.refresh_from_db()
    assert (ticket.reopened, ticket.position) == (1, 4)
    assert verbs(ticket).count("reopened") == 1


# --- notes ----------------------------------------------------------------------------------------------------------
def test_a_note_is_kept_word_for_word_and_shown_to_nobody_outside(ticket: Ticket, agent: User) -> None:
    line = lifecycle.note(ticket.pk, text="  wants a refund\nاتصل به  ", by=agent)
    assert (line.verb, line.actor, line.data) == ("noted", agent, {"text": "wants a refund\nاتصل به"})
    assert Message.objects.count() == 1


def test_a_note_moves_the_ticket_up_the_list_of_all(ticket: Ticket, agent: User) -> None:
    lifecycle.note(ticket.pk, text="look", by=agent)
    assert Ticket.objects.get().updated_at > ticket.updated_at


@pytest.mark.parametrize("text", ["", " \n ", "\x00"])
def test_an_empty_note_is_refused(ticket: Ticket, agent: User, text: str) -> None:
    with pytest.raises(lifecycle.EmptyNote):
        lifecycle.note(ticket.pk, text=text, by=agent)


@pytest.mark.parametrize(("text", "kept"), [("half \ud83d", "half ?"), ("nul \x00", "nul")])
def test_a_note_with_broken_signs_is_kept(ticket: Ticket, agent: User, text: str, kept: str) -> None:
    assert lifecycle.note(ticket.pk, text=text, by=agent).data["text"] == kept


def test_a_note_as_long_as_a_book_is_refused_whole() -> None:
    ticket = a_ticket(a_channel())
    with pytest.raises(NotAllowed, match="10000"):
        lifecycle.note(ticket.pk, text="x" * 10_001, by=a_person(ticket.brand))
    assert not ticket.activities.filter(verb="noted").exists()


@pytest.mark.parametrize(
    "verb",
    [lifecycle.resolve, lifecycle.reopen, lambda pk, by: lifecycle.note(pk, text="mine", by=by)],
    ids=["resolve", "reopen", "note"],
)
def test_people_of_other_teams_do_nothing_to_a_ticket(ticket: Ticket, verb: Callable[..., Any]) -> None:
    with pytest.raises(NotAllowed):
        verb(ticket.pk, by=a_person(a_brand()))
    assert verbs(ticket) == ["opened"]


# --- closing --------------------------------------------------------------------------------------------------------
def test_resolved_tickets_close_when_their_thread_cannot_reopen_them_any_more(
    channel: Channel, agent: User, settings: Any
) -> None:
    old, young, live = (a_ticket(channel, by=by) for by in ("a", "b", "c"))
    for ticket in (old, young):
        lifecycle.resolve(ticket.pk, by=agent)
    Ticket.objects.filter(pk=old.pk).update(resolved_at=timezone.now() - settings.REOPEN_WITHIN - timedelta(seconds=1))
    assert [lifecycle.close_resolved(), lifecycle.close_resolved()] == [1, 0]
    status = dict(Ticket.objects.values_list("pk", "status"))
    assert (status[old.pk], status[young.pk], status[live.pk]) == ("closed", "resolved", "new")
    assert verbs(old) == ["opened", "resolved", "closed"]


def test_closing_takes_a_bounded_bite(channel: Channel, agent: User) -> None:
    for by in ("a", "b", "c"):
        lifecycle.resolve(a_ticket(channel, by=by).pk, by=agent)
    later = timezone.now() + timedelta(days=30)
    assert [lifecycle.close_resolved(later, limit=2), lifecycle.close_resolved(later, limit=2)] == [2, 1]


def test_a_closed_ticket_is_left_alone_when_its_thread_goes_on(ticket: Ticket, channel: Channel) -> None:
    Ticket.objects.update(status="closed", resolved_at=timezone.now())
    receive(channel, a_post("wrong again", conversation_key="t1"))
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    assert Ticket.objects.live().count() == 1
