"""The ticket's page tells its clocks and the policy they run by, and sends it up by one button."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_person, a_ticket, an_answer, deliver, fresh, verbs
from tests.tickets.views.conftest import HTMX
from tickets.models import Notice, SlaPolicy, Ticket
from tickets.targets import alarms

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(db: None) -> SlaPolicy:
    return SlaPolicy.objects.create(name="Gold customers", first_answer=40, resolution=480)


@pytest.fixture
def ticket(policy: SlaPolicy, channel: Channel) -> Ticket:
    return a_ticket(channel)


def page(desk: Client, ticket: Ticket) -> str:
    return desk.get(f"/inbox/all/{ticket.pk}/").content.decode()


def panel(desk: Client, ticket: Ticket) -> str:
    return page(desk, ticket).split('id="person"')[1]


def test_the_panel_shows_both_clocks_and_the_policys_name(desk: Client, ticket: Ticket) -> None:
    shown = panel(desk, ticket)
    assert "Gold customers" in shown
    for due in (ticket.answer_due_at, ticket.resolve_due_at):
        assert f'data-due="{due.timestamp():.0f}"' in shown


def test_a_clock_that_stands_still_says_so(desk: Client, ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent)
    deliver()
    shown = panel(desk, ticket)
    assert "Resolution" in shown
    assert "paused" in shown
    assert "First answer" not in shown


def test_without_a_policy_the_desks_own_targets_are_named(desk: Client, ticket: Ticket, policy: SlaPolicy) -> None:
    Ticket.objects.update(policy=None)
    assert "own targets" in panel(desk, ticket)


def test_what_clocks_did_stands_in_the_record(desk: Client, ticket: Ticket) -> None:
    alarms.sound(ticket.waiting_since + timedelta(minutes=30))
    alarms.sound(timezone.now() + timedelta(minutes=60))
    shown = page(desk, ticket)
    assert "The first answer is due soon" in shown
    assert "The first answer is late" in shown


def test_it_is_escalated_and_acknowledged_by_a_button_each(desk: Client, ticket: Ticket, channel: Channel) -> None:
    boss = a_person(channel.brand, role=Role.SUPERVISOR)
    assert "Acknowledge" not in panel(desk, ticket)
    answer = desk.post(f"/tickets/{ticket.pk}/escalate", {"view": "all"}, headers=HTMX)
    assert answer.status_code == 200
    assert "Acknowledge" in answer.content.decode()
    assert "escalated it to" in answer.content.decode()
    assert Notice.objects.filter(user=boss, kind="escalated").exists()
    desk.post(f"/tickets/{ticket.pk}/acknowledge", {"view": "all"}, headers=HTMX)
    assert verbs(ticket)[-2:] == ["escalated", "acknowledged"]
    assert not fresh(ticket).escalated


def test_a_ticket_of_another_brand_does_not_exist(desk: Client) -> None:
    other = a_ticket(by="salem")
    for verb in ("escalate", "acknowledge"):
        assert desk.post(f"/tickets/{other.pk}/{verb}", {"view": "all"}).status_code == 404
