"""Assignment by people: take, hand over, put back; never to somebody who may not see the ticket."""

import pytest

from accounts.models import Role, User
from tests.cast import a_brand, a_person, verbs
from tickets.models import Ticket
from tickets.permissions import NotAllowed
from tickets.steering import routing
from tickets.steering.assignment import assign
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


def test_who_takes_a_ticket_has_it_and_it_is_open(ticket: Ticket, agent: User) -> None:
    taken = assign(ticket.pk, to=agent, by=agent)
    assert (taken.assignee, taken.status) == (agent, "open")
    assert taken.assigned_at is not None
    line = ticket.activities.get(verb="assigned")
    assert (line.actor, line.data) == (agent, {"to": agent.pk, "name": "Huda Al-Amri", "was": None})


def test_a_ticket_is_handed_over(ticket: Ticket, agent: User) -> None:
    colleague = a_person(ticket.brand)
    assign(ticket.pk, to=agent, by=agent)
    assert assign(ticket.pk, to=colleague, by=agent).assignee == colleague
    assert verbs(ticket) == ["opened", "assigned", "assigned"]


def test_a_ticket_put_back_is_new_and_waits_in_its_queue_again(ticket: Ticket, agent: User) -> None:
    assign(ticket.pk, to=agent, by=agent)
    back = assign(ticket.pk, to=None, by=agent)
    assert (back.assignee, back.assigned_at, back.status) == (None, None, "new")
    assert verbs(ticket)[-1] == "unassigned"
    assert list(Ticket.objects.waiting_in(ticket.team)) == [ticket]


def test_giving_a_ticket_to_who_has_it_changes_nothing(ticket: Ticket, agent: User) -> None:
    before = assign(ticket.pk, to=agent, by=agent)
    after = assign(ticket.pk, to=agent, by=agent)
    assert after.updated_at == before.updated_at
    assert verbs(ticket) == ["opened", "assigned"]


def test_a_person_may_be_given_more_than_they_have_room_for(ticket: Ticket) -> None:
    full = a_person(ticket.brand, capacity=0)
    assert assign(ticket.pk, to=full, by=full).assignee == full


@pytest.mark.parametrize("status", ["pending", "resolved", "closed"])
def test_assigning_what_waits_for_nobody_keeps_its_status(ticket: Ticket, agent: User, status: str) -> None:
    Ticket.objects.update(status=status)
    assert assign(ticket.pk, to=agent, by=agent).status == status
    assert assign(ticket.pk, to=None, by=agent).status == status


def test_somebody_of_another_team_neither_gives_nor_takes(ticket: Ticket, agent: User) -> None:
    stranger = a_person(a_brand())
    for to, by in ((stranger, agent), (agent, stranger), (stranger, stranger), (None, stranger)):
        with pytest.raises(NotAllowed):
            assign(ticket.pk, to=to, by=by)
    assert verbs(ticket) == ["opened"]


def test_somebody_who_left_is_given_nothing(ticket: Ticket, agent: User) -> None:
    gone = a_person(ticket.brand, is_active=False, name="Omar")
    with pytest.raises(NotAllowed, match="Omar"):
        assign(ticket.pk, to=gone, by=agent)


def test_an_admin_gives_a_ticket_of_any_brand_and_may_have_it(ticket: Ticket) -> None:
    admin = a_person(role=Role.ADMIN)
    assert assign(ticket.pk, to=admin, by=admin).assignee == admin


def test_giving_a_ticket_away_rings_for_the_room_it_leaves(
    ticket: Ticket, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(routing, "ring", lambda: rung.append(True))
    assign(ticket.pk, to=agent, by=agent)
    assert rung == [True]


def test_a_ticket_put_back_and_resolved_is_in_no_queue(ticket: Ticket, agent: User) -> None:
    lifecycle.resolve(ticket.pk, by=agent)
    assign(ticket.pk, to=None, by=agent)
    assert list(Ticket.objects.waiting_in(ticket.team)) == []
