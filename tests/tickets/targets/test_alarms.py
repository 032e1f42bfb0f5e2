"""Clocks that run out are told of, once, to those they concern, whoever was down at that moment."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Brand, Role, User
from ingest.models import Channel
from tests.cast import a_person, a_post, a_team, a_ticket, an_answer, at_once, deliver, fresh, receive, verbs
from tickets.models import Activity, Notice, SlaPolicy, Ticket
from tickets.news import bell, crowding
from tickets.targets import alarms, retargeting
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def policy(db: None) -> SlaPolicy:
    return SlaPolicy.objects.create(name="Usual", first_answer=40, next_answer=20)


@pytest.fixture
def ticket(policy: SlaPolicy, channel: Channel) -> Ticket:
    return a_ticket(channel)


def sweep(ticket: Ticket, minutes: float) -> int:
    """As if it were so many minutes after the customer wrote."""
    return alarms.sound(ticket.waiting_since + minutes * MINUTE)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("at").values_list("kind", flat=True))


def test_nothing_is_said_before_the_moment(ticket: Ticket) -> None:
    assert sweep(ticket, 29.9) == 0
    assert sweep(ticket, 30) == 1
    assert verbs(ticket)[-1] == "warned"


def test_a_warning_and_then_the_breach_are_each_told_once(ticket: Ticket, agent: User) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    for minute in (30, 31, 35, 40, 41, 300):
        sweep(ticket, minute)
    assert verbs(ticket)[-2:] == ["warned", "breached"]
    assert told(agent) == ["breaching", "breached"]
    assert fresh(ticket).alarm_at is None


def test_what_came_while_nobody_swept_is_told_late_and_a_breach_alone(ticket: Ticket, agent: User) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    assert sweep(ticket, 500) == 1
    assert verbs(ticket)[-1] == "breached"
    assert "warned" not in verbs(ticket)
    assert told(agent) == ["breached"]
    assert sweep(ticket, 501) == 0


def test_the_teams_supervisors_hear_of_it_and_other_teams_do_not(ticket: Ticket, brand: Brand, agent: User) -> None:
    supervisor = a_person(brand, role=Role.SUPERVISOR)
    other_team = a_team(brand, is_default=False)
    stranger = a_person(role=Role.SUPERVISOR)
    other_team.memberships.create(user=stranger)
    admin = a_person(role=Role.ADMIN)
    sweep(ticket, 40)
    assert told(supervisor) == ["breached"]
    assert told(stranger) == told(admin) == told(agent) == []


def test_where_a_brand_has_no_supervisor_the_admins_hear_of_it(ticket: Ticket) -> None:
    admin = a_person(role=Role.ADMIN)
    sweep(ticket, 40)
    assert told(admin) == ["breached"]


def test_an_answer_in_time_leaves_nothing_to_tell(
    platform: object, policy: SlaPolicy, channel: Channel, agent: User
) -> None:
    ticket = a_ticket(channel)
    an_answer(ticket, by=agent)
    deliver()
    assert fresh(ticket).alarm_at is None
    assert sweep(ticket, 500) == 0


def test_a_resolved_ticket_is_silent(ticket: Ticket, agent: User) -> None:
    lifecycle.resolve(ticket.pk, by=agent)
    assert sweep(ticket, 500) == 0


def test_a_policy_made_stricter_is_told_at_once_and_one_made_laxer_takes_the_alarm_back(
    ticket: Ticket, policy: SlaPolicy
) -> None:
    with time_machine.travel(ticket.waiting_since + 10 * MINUTE, tick=False):
        SlaPolicy.objects.filter(pk=policy.pk).update(first_answer=400)
        assert retargeting.go_on(0) is None
        assert fresh(ticket).alarm_at == ticket.waiting_since + 300 * MINUTE
        SlaPolicy.objects.filter(pk=policy.pk).update(first_answer=5)
        retargeting.go_on(0)
        assert alarms.sound() == 1
    assert verbs(ticket)[-1] == "breached"


def test_the_bell_is_rung_for_open_pages(ticket: Ticket, bell: list[str], django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sweep(ticket, 40)
    assert "pages" in bell


def test_a_batch_costs_as_much_for_one_ticket_as_for_twenty(policy: SlaPolicy, channel: Channel) -> None:
    receive(channel, *(a_post("bill is wrong", by=f"customer{turn}") for turn in range(21)))
    now = timezone.now() + 60 * MINUTE
    with CaptureQueriesContext(connection) as one:
        assert alarms.sound(now, limit=1) == 1
    with CaptureQueriesContext(connection) as many:
        assert alarms.sound(now) == 20
    assert len(many) <= len(one)


@pytest.mark.django_db(transaction=True)
def test_two_who_sweep_at_the_same_moment_tell_it_once(policy: SlaPolicy, channel: Channel) -> None:
    receive(channel, *(a_post("bill is wrong", by=f"customer{turn}") for turn in range(10)))
    now = timezone.now() + 60 * MINUTE
    at_once(lambda: alarms.sound(now), lambda: alarms.sound(now))
    while alarms.sound(now):
        pass
    assert Activity.objects.filter(verb="breached").count() == 10


def test_batches_go_on_where_the_last_one_ended(policy: SlaPolicy, channel: Channel, monkeypatch) -> None:
    monkeypatch.setattr(retargeting, "BATCH", 2)
    receive(channel, *(a_post("bill is wrong", by=f"customer{turn}") for turn in range(5)))
    SlaPolicy.objects.update(first_answer=3)
    after, rounds = 0, 0
    while (further := retargeting.go_on(after)) is not None:
        after, rounds = further, rounds + 1
    assert rounds == 2
    assert {t.answer_due_at - t.waiting_since for t in Ticket.objects.all()} == {3 * MINUTE}


def test_a_hundred_clocks_at_once_are_one_more_notice_to_whoever_leads_and_each_to_whose_they_are(
    policy: SlaPolicy, channel: Channel, brand: Brand
) -> None:
    lead, agent = a_person(brand, role=Role.SUPERVISOR), a_person(brand)
    tickets = [a_ticket(channel, by=f"customer{number}") for number in range(crowding.FEW + 12)]
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(assignee=agent)
    second = timedelta(seconds=1)
    at = max(ticket.waiting_since for ticket in tickets) + 30 * MINUTE
    # Two moments of one quarter of an hour, whatever the clock says.
    at += second if (at + second).timestamp() % crowding.QUARTER.total_seconds() < 1 else 0 * second
    for moment in (at, at + second):
        alarms.sound(moment, limit=10)
    assert Notice.objects.filter(user=lead, ticket__isnull=False).count() == crowding.FEW
    many = Notice.objects.get(user=lead, ticket=None)
    assert (bell.line_of(many).title, bell.where(many)) == ("Many clocks run out soon", "/inbox/breaching/")
    assert Notice.objects.filter(user=agent).count() == crowding.FEW + 12
    Ticket.objects.update(alarm_at=at, warned_at=None)
    alarms.sound(at + 2 * crowding.QUARTER)
    assert Notice.objects.filter(user=lead, ticket=None).count() == 2
