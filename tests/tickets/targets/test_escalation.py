"""A ticket goes up its chain step by step, until somebody acknowledges it or the customer is answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Brand, Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_person, a_post, a_ticket, an_answer, at_once, deliver, fresh, receive, said, verbs
from tickets.models import Escalation, EscalationChain, Notice, SlaPolicy, Ticket
from tickets.permissions import NotAllowed
from tickets.targets import alarms, escalation
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BREACHED = {"all": [{"field": "clock", "op": "any", "value": ["breached"]}]}
WAITING_20 = {"all": [{"field": "minutes_waiting", "op": "at_least", "value": 20}]}


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    SlaPolicy.objects.create(name="Usual", first_answer=40)


@pytest.fixture
def supervisor(brand: Brand) -> User:
    return a_person(brand, role=Role.SUPERVISOR, name="Lina")


@pytest.fixture
def boss(db: None) -> User:
    return a_person(role=Role.ADMIN, name="Omar")


def a_chain(tree: dict[str, object] | None = None, **fields: object) -> EscalationChain:
    steps = [{"after": 0, "to": {"role": "supervisor"}}, {"after": 15, "to": {"role": "admin"}}]
    given = {"name": "Late", "conditions": tree or BREACHED, "steps": steps, "updated_at": timezone.now()} | fields
    return EscalationChain.objects.create(**given)


def sweep(ticket: Ticket, minutes: float) -> int:
    """As if it were so many minutes after the customer wrote."""
    now = ticket.waiting_since + minutes * MINUTE
    alarms.sound(now)
    return escalation.sweep(now)


def told(user: User) -> int:
    return Notice.objects.filter(user=user, kind="escalated").count()


def test_a_clock_that_ran_out_begins_the_chain_and_the_next_step_follows(
    ticket: Ticket, supervisor: User, boss: User
) -> None:
    a_chain()
    sweep(ticket, 39)
    assert not Escalation.objects.exists()
    sweep(ticket, 40)
    assert (told(supervisor), told(boss)) == (1, 0)
    assert fresh(ticket).escalated
    sweep(ticket, 54)
    assert told(boss) == 0
    sweep(ticket, 55)
    sweep(ticket, 500)
    assert (told(supervisor), told(boss)) == (1, 1)
    assert verbs(ticket)[-2:] == ["escalated", "escalated"]
    assert ticket.activities.filter(verb="escalated").order_by("id").last().data["chain"] == "Late"


def test_a_warning_begins_a_chain_that_asks_for_it(ticket: Ticket, supervisor: User) -> None:
    a_chain({"all": [{"field": "clock", "op": "any", "value": ["warned"]}]})
    sweep(ticket, 29)
    assert told(supervisor) == 0
    sweep(ticket, 30)
    assert told(supervisor) == 1


@pytest.mark.parametrize(
    ("tree", "column", "value"),
    [
        ({"field": "urgency", "op": "in", "value": ["high"]}, "urgency", "high"),
        ({"field": "sentiment", "op": "at_most", "value": -0.95}, "latest_valence", -0.99),
        ({"field": "reach", "op": "at_least", "value": 1000}, "reach", 5000),
        ({"field": "priority", "op": "at_most", "value": 1}, "priority", 1),
    ],
)
def test_a_grave_ticket_begins_a_chain(
    ticket: Ticket, supervisor: User, tree: dict[str, object], column: str, value: object
) -> None:
    a_chain({"all": [tree]})
    sweep(ticket, 1)
    assert told(supervisor) == 0
    Ticket.objects.filter(pk=ticket.pk).update(**{column: value})
    sweep(ticket, 1)
    assert told(supervisor) == 1


def test_whoever_acknowledges_it_stops_the_next_step(ticket: Ticket, supervisor: User, boss: User) -> None:
    a_chain(WAITING_20)
    sweep(ticket, 20)
    assert len(escalation.acknowledge(ticket.pk, by=supervisor)) == 1
    assert escalation.acknowledge(ticket.pk, by=supervisor) == []
    sweep(ticket, 60)
    assert told(boss) == 0
    assert not fresh(ticket).escalated
    assert "acknowledged" in verbs(ticket)


def test_an_answer_ends_it_and_the_next_wait_may_begin_it_again(
    platform: object, channel: Channel, agent: User, supervisor: User, boss: User
) -> None:
    a_chain(WAITING_20)
    ticket = a_ticket(channel)
    now = ticket.waiting_since + 20 * MINUTE
    escalation.begin_due(now)
    Escalation.objects.update(began_at=timezone.now() - MINUTE)
    an_answer(ticket, by=agent)
    deliver()
    escalation.end_done(timezone.now())
    assert Escalation.objects.get().ended_at is not None
    assert not fresh(ticket).escalated
    again = said(channel, "still wrong")
    escalation.begin_due(again.received_at + 21 * MINUTE)
    assert Escalation.objects.filter(ended_at=None).count() == 1


def test_a_resolved_ticket_is_on_no_chain(ticket: Ticket, agent: User, supervisor: User) -> None:
    a_chain(WAITING_20)
    sweep(ticket, 20)
    lifecycle.resolve(ticket.pk, by=agent)
    sweep(ticket, 21)
    assert not Escalation.objects.filter(ended_at=None).exists()


def test_steps_missed_while_nobody_swept_are_taken_once(ticket: Ticket, supervisor: User, boss: User) -> None:
    a_chain(WAITING_20)
    sweep(ticket, 20)
    Escalation.objects.update(step=0, next_at=ticket.waiting_since)
    sweep(ticket, 300)
    sweep(ticket, 301)
    assert told(boss) == 1


def test_a_step_may_name_a_person_or_a_team(ticket: Ticket, brand: Brand, agent: User) -> None:
    other = a_person(brand)
    steps = [{"after": 0, "to": {"person": agent.pk}}, {"after": 1, "to": {"team": brand.teams.get().pk}}]
    a_chain(WAITING_20, steps=steps)
    sweep(ticket, 20)
    assert (told(agent), told(other)) == (1, 0)
    sweep(ticket, 21)
    assert (told(agent), told(other)) == (2, 1)


def test_a_chain_of_another_brand_or_one_that_is_off_or_broken_does_nothing(ticket: Ticket, supervisor: User) -> None:
    a_chain(WAITING_20, brand=a_brand())
    a_chain(WAITING_20, is_on=False)
    a_chain({"all": [{"field": "no_such_field", "op": "in", "value": [1]}]})
    sweep(ticket, 60)
    assert not Escalation.objects.exists()


def test_it_is_sent_up_by_hand_and_further_each_time(ticket: Ticket, agent: User, supervisor: User, boss: User) -> None:
    escalation.escalate(ticket.pk, by=agent)
    assert (told(supervisor), told(boss)) == (1, 0)
    escalation.acknowledge(ticket.pk, by=supervisor)
    escalation.escalate(ticket.pk, by=agent)
    assert (told(supervisor), told(boss)) == (1, 1)
    assert fresh(ticket).escalated
    escalation.escalate(ticket.pk, by=agent, to={"person": supervisor.pk})
    assert told(supervisor) == 2


def test_strangers_and_resolved_tickets_are_refused(ticket: Ticket, agent: User) -> None:
    stranger = a_person(a_brand())
    for verb in (escalation.escalate, escalation.acknowledge):
        with pytest.raises(NotAllowed):
            verb(ticket.pk, by=stranger)
    lifecycle.resolve(ticket.pk, by=agent)
    with pytest.raises(NotAllowed):
        escalation.escalate(ticket.pk, by=agent)


@pytest.mark.django_db(transaction=True)
def test_two_who_sweep_at_once_take_each_step_once(channel: Channel) -> None:
    a_chain(WAITING_20)
    boss = a_person(role=Role.ADMIN)
    receive(channel, *(a_post("bill is wrong", by=f"customer{turn}") for turn in range(8)))
    now = timezone.now() + 30 * MINUTE
    at_once(lambda: escalation.sweep(now), lambda: escalation.sweep(now))
    escalation.sweep(now)
    assert Escalation.objects.count() == 8
    assert told(boss) == 8
