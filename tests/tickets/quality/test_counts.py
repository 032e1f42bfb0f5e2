"""What was reviewed is counted, and a person's own lift is of their own tickets alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_person, a_ticket
from tickets.models import Review, Ticket
from tickets.quality import counts

pytestmark = pytest.mark.django_db


def with_lift(channel: Channel, agent: User, lift: float, days_ago: int) -> None:
    ticket = a_ticket(channel, by=f"lift{Ticket.objects.count()}")
    at = timezone.now() - timedelta(days=days_ago)
    Ticket.objects.filter(pk=ticket.pk).update(
        assignee=agent, assigned_at=at, before_valence=-0.5, after_valence=-0.5 + lift
    )


def test_own_lift_is_of_ones_own_tickets_in_four_weeks_beside_the_four_before(channel: Channel, agent: User) -> None:
    for lift, days in ((0.6, 1), (-0.2, 20), (0.1, 30), (0.9, 60)):
        with_lift(channel, agent, lift, days)
    with_lift(channel, a_person(channel.brand), -0.4, 2)
    found = counts.own_lift(agent, timezone.now())
    assert found.mean == pytest.approx(0.2)
    assert found.before == pytest.approx(0.1)
    assert (found.measured, found.better, found.worse) == (2, 1, 1)


def test_without_anybody_who_wrote_again_there_is_no_lift(agent: User) -> None:
    found = counts.own_lift(agent, timezone.now())
    assert (found.mean, found.before, found.measured) == (None, None, 0)


def test_waiting_done_skipped_and_answered_are_counted(channel: Channel, agent: User) -> None:
    now, lead = timezone.now(), a_person(channel.brand, role=Role.SUPERVISOR)
    states = ("waiting", "done", "done", "skipped", "waiting")
    for number, state in enumerate(states):
        ticket = a_ticket(channel, by=f"count{number}")
        whose = lead if number == 4 else agent
        answered = now if number == 1 else None
        Review.objects.create(
            ticket=ticket, agent=whose, why="chance", state=state, sampled_at=now, answered_at=answered
        )
    Review.objects.filter(state="skipped").update(sampled_at=now)
    assert counts.progress(lead, now) == counts.Progress(waiting=1, done=2, skipped=1, answered=1)
    people = {row["agent_id"]: (row["waiting"], row["done"], row["skipped"]) for row in counts.by_person(lead, now)}
    assert people == {agent.pk: (1, 2, 1), lead.pk: (1, 0, 0)}
    assert counts.progress(a_person(role=Role.SUPERVISOR), now) == counts.Progress(0, 0, 0, 0)
