"""A step of a chain: counted on the wall or in open hours, told to people, teams, roles and whoever leads the agent."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Brand, Membership, Role, User
from tests.cast import a_bell, a_person, a_team, fresh
from tickets.models import Calendar, EscalationChain, Notice, SlaPolicy, Ticket
from tickets.news import at_once
from tickets.targets import escalation
from tickets.targets.chain_steps import due_at, problem_of, whom
from tickets.targets.sla import Hours, Span
from tickets.targets.ways_up import ways_of

MONDAY_MORNING = datetime(2026, 11, 2, 8, tzinfo=UTC)
SUPERVISORS = {"role": "supervisor"}
MINUTE = timedelta(minutes=1)


def a_step(after: int = 0, to: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"after": after, "to": to or SUPERVISORS, **more}


# --- when -----------------------------------------------------------------------------------------------------------
def test_minutes_count_on_the_wall_unless_the_step_says_open_hours() -> None:
    nine_to_five = (Span(9 * 60, 17 * 60),)
    hours = Hours(ZoneInfo("UTC"), tuple(nine_to_five for _day in range(7)))
    assert due_at(a_step(90), MONDAY_MORNING, hours) == MONDAY_MORNING + 90 * MINUTE
    assert due_at(a_step(90, of="open"), MONDAY_MORNING, hours) == MONDAY_MORNING + 150 * MINUTE
    assert due_at(a_step(90, of="open"), MONDAY_MORNING, None) == MONDAY_MORNING + 90 * MINUTE


def test_by_hours_that_never_open_a_step_is_due_by_the_wall() -> None:
    never = Hours(ZoneInfo("UTC"), tuple(() for _day in range(7)))
    assert due_at(a_step(90, of="open"), MONDAY_MORNING, never) == MONDAY_MORNING + 90 * MINUTE


@pytest.mark.django_db
def test_open_hours_are_those_of_the_tickets_own_target(ticket: Ticket) -> None:
    closed = {str(day): [] for day in range(7)}
    spans = {**closed, str((timezone.now() + timedelta(days=2)).weekday()): [["09:00", "17:00"]]}
    calendar = Calendar.objects.create(name="Far", spans=spans)
    SlaPolicy.objects.create(name="Usual", first_answer=40, calendar=calendar)
    waits = {"field": "minutes_waiting", "op": "at_least", "value": 0}
    for name, of in (("Wall", "wall"), ("Open", "open")):
        EscalationChain.objects.create(
            name=name, conditions=waits, steps=[a_step(30, of=of)], updated_at=timezone.now()
        )
    now = timezone.now()
    escalation.begin_due(now)
    soon, later = (ticket.escalations.get(chain__name=name).next_at for name in ("Wall", "Open"))
    assert soon == now + 30 * MINUTE
    assert later > now + timedelta(days=1)


# --- whom -----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_may_tell_whoever_has_it_and_those_who_lead_them(ticket: Ticket, brand: Brand, agent: User) -> None:
    lead = a_person(brand, role=Role.SUPERVISOR)
    night = a_team(brand, "Night", is_default=False)
    by_night = a_person(role=Role.SUPERVISOR)
    Membership.objects.create(team=night, user=by_night)
    assert whom({"role": "assignee"}, ticket).people == {lead.pk}
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    given = fresh(ticket)
    assert (whom({"role": "assignee"}, given).people, whom({"role": "assignee"}, given).code) == (
        {agent.pk},
        "assignee",
    )
    assert whom({"role": "lead"}, given).people == {lead.pk}
    Membership.objects.filter(user=agent).update(team=night)
    assert whom({"role": "lead"}, given).people == {by_night.pk}


@pytest.mark.django_db
def test_who_leads_themselves_is_told_of_by_those_above(ticket: Ticket, brand: Brand) -> None:
    boss, lead = a_person(role=Role.ADMIN), a_person(brand, role=Role.SUPERVISOR)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=lead)
    assert boss.pk not in whom({"role": "lead"}, fresh(ticket)).people
    assert whom({"role": "admin"}, fresh(ticket)).people == {boss.pk}


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([], "no_step"),
        ([a_step()] * 11, "too_many"),
        ([{"after": None, "to": SUPERVISORS}], "no_minutes"),
        ([a_step(100_000)], "no_minutes"),
        ([a_step(0, {"role": "king"})], "nobody"),
        ([{"after": 0, "to": {}}], "nobody"),
        ([a_step(10), a_step(5)], "not_later"),
        ([a_step(0), a_step(15, {"team": 3}, of="open", by=["mail"])], ""),
    ],
)
def test_what_is_wrong_with_steps_is_said(steps: list[dict[str, Any]], code: str) -> None:
    assert problem_of(steps) == code


# --- by which ways --------------------------------------------------------------------------------------------------
@pytest.fixture
def lina(brand: Brand) -> User:
    return a_person(brand, role=Role.SUPERVISOR, interface_language="ar")


def go_up(ticket: Ticket, *steps: dict[str, Any]) -> None:
    waits = {"field": "minutes_waiting", "op": "at_least", "value": 0}
    EscalationChain.objects.create(name="Late", conditions=waits, steps=list(steps), updated_at=timezone.now())
    escalation.sweep(timezone.now())


@pytest.mark.django_db
def test_a_step_by_mail_is_mailed_at_once_and_once_in_the_readers_language(
    ticket: Ticket, lina: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    bell = a_bell(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        go_up(ticket, a_step(by=["mail"]))
    assert "radd.mail_notices" in bell
    assert (at_once.send_due(), at_once.send_due()) == (1, 0)
    (sent,) = mail.outbox
    assert sent.to == [lina.email]
    assert "صُعّدت" in sent.subject


@pytest.mark.django_db
def test_without_mail_nothing_is_mailed_at_once_nor_what_was_read_meanwhile(ticket: Ticket, lina: User) -> None:
    go_up(ticket, a_step())
    assert at_once.send_due() == 0
    Notice.objects.update(data={"mail": True}, read_at=timezone.now())
    assert at_once.send_due() == 0


# --- on the ticket --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_ticket_tells_who_was_told_and_what_comes_next(ticket: Ticket, lina: User) -> None:
    boss = a_person(role=Role.ADMIN, name="Omar Said")
    go_up(ticket, a_step(), a_step(15, {"person": boss.pk}))
    (way,) = ways_of(fresh(ticket))
    assert (way.chain, way.step, way.steps, way.told) == ("Late", 1, 2, "the supervisors")
    assert "Omar Said" in way.next
    assert way.next_at == ticket.escalations.get().began_at + 15 * MINUTE
    escalation.acknowledge(ticket.pk, by=lina)
    assert ways_of(fresh(ticket)) == []


@pytest.mark.django_db
def test_a_ticket_that_is_on_no_way_up_costs_no_query(ticket: Ticket, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert ways_of(ticket) == []
