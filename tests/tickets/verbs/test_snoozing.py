"""Snoozing: a ticket rests until its time or until the customer writes, and nothing else wakes it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_brand, a_person, a_post, an_answer, fresh, receive, verbs
from tickets.models import Ticket
from tickets.permissions import NotAllowed
from tickets.standing import settle
from tickets.verbs import snoozing, undoing

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
RIYADH = ZoneInfo("Asia/Riyadh")


def sleep(ticket: Ticket, agent: User, *, hours: int | None = 2) -> Ticket:
    until = timezone.now() + hours * HOUR if hours else None
    snoozing.snooze(ticket.pk, until=until, by=agent)
    return fresh(ticket)


def test_a_snoozed_ticket_rests_until_its_time_with_its_clocks_standing(ticket: Ticket, agent: User) -> None:
    asleep = sleep(ticket, agent)
    assert (asleep.status, asleep.due_at) == ("snoozed", asleep.snoozed_until)
    assert (asleep.answer_since, asleep.answer_due_at) == (None, None)
    assert verbs(ticket) == ["opened", "snoozed"]
    settle([asleep], timezone.now())
    assert fresh(ticket).status == "snoozed"


def test_snoozing_to_the_same_time_changes_nothing(ticket: Ticket, agent: User) -> None:
    until = timezone.now() + HOUR
    assert snoozing.snooze(ticket.pk, until=until, by=agent)
    assert snoozing.snooze(ticket.pk, until=until, by=agent) is None
    assert verbs(ticket) == ["opened", "snoozed"]


def test_its_time_wakes_it_once_and_it_is_due_at_once(ticket: Ticket, agent: User) -> None:
    asleep = sleep(ticket, agent)
    assert asleep.snoozed_until is not None
    assert snoozing.wake_due(asleep.snoozed_until - timedelta(seconds=1)) == 0
    assert [snoozing.wake_due(asleep.snoozed_until) for _time in range(2)] == [1, 0]
    awake = fresh(ticket)
    assert (awake.status, awake.snoozed_until) == ("new", None)
    assert verbs(ticket) == ["opened", "snoozed", "woken"]


def test_one_that_was_answered_is_looked_at_when_it_wakes(ticket: Ticket, agent: User, platform: object) -> None:
    an_answer(ticket, by=agent)
    asleep = sleep(ticket, agent)
    assert asleep.snoozed_until is not None
    snoozing.wake_due(asleep.snoozed_until)
    assert (fresh(ticket).status, fresh(ticket).due_at) == ("pending", asleep.snoozed_until)


@pytest.mark.parametrize("hours", [2, None])
def test_the_customers_next_message_wakes_it(channel: Channel, ticket: Ticket, agent: User, hours: int | None) -> None:
    sleep(ticket, agent, hours=hours)
    receive(channel, a_post("still wrong!", conversation_key="t1"))
    assert (fresh(ticket).status, fresh(ticket).snoozed_until) == ("new", None)
    assert verbs(ticket) == ["opened", "snoozed", "joined", "woken"]


def test_thanks_wake_it_too(channel: Channel, ticket: Ticket, agent: User) -> None:
    sleep(ticket, agent, hours=None)
    receive(channel, a_post("thank you", conversation_key="t1"))
    assert fresh(ticket).status != "snoozed"


def test_one_that_waits_for_a_reply_is_woken_by_no_time(ticket: Ticket, agent: User) -> None:
    sleep(ticket, agent, hours=None)
    assert snoozing.wake_due(timezone.now() + timedelta(days=300)) == 0


def test_undo_wakes_it_as_it_was(ticket: Ticket, agent: User) -> None:
    due = fresh(ticket).due_at
    assert due is not None
    line = snoozing.snooze(ticket.pk, until=None, by=agent)
    assert line is not None
    undoing.undo(line.pk, by=agent)
    back = fresh(ticket)
    assert (back.status, back.snoozed_until) == ("new", None)
    # The clock stood still while it slept.
    assert back.due_at is not None
    assert abs(back.due_at - due) < timedelta(minutes=1)
    assert verbs(ticket) == ["opened", "snoozed", "undone"]


def test_undo_of_a_change_of_mind_returns_to_the_first_time(ticket: Ticket, agent: User) -> None:
    first = sleep(ticket, agent, hours=2).snoozed_until
    line = snoozing.snooze(ticket.pk, until=None, by=agent)
    assert line is not None
    undoing.undo(line.pk, by=agent)
    assert (fresh(ticket).status, fresh(ticket).snoozed_until) == ("snoozed", first)


def test_undo_comes_too_late_once_it_is_awake(ticket: Ticket, agent: User) -> None:
    line = snoozing.snooze(ticket.pk, until=None, by=agent)
    assert line is not None
    snoozing.wake(ticket.pk, by=agent)
    with pytest.raises(NotAllowed, match="awake already"):
        undoing.undo(line.pk, by=agent)


def test_what_is_over_the_past_and_other_teams_tickets_are_not_snoozed(ticket: Ticket, agent: User) -> None:
    with pytest.raises(NotAllowed, match="another team"):
        snoozing.snooze(ticket.pk, until=None, by=a_person(a_brand()))
    with pytest.raises(NotAllowed, match="from now on"):
        snoozing.snooze(ticket.pk, until=timezone.now() - HOUR, by=agent)
    Ticket.objects.update(status="resolved")
    with pytest.raises(NotAllowed, match="Reopen it first"):
        snoozing.snooze(ticket.pk, until=None, by=agent)


def offered(user: User, *moment: int) -> list[str]:
    zone = snoozing.zone_of(user)
    found = snoozing.choices(user, datetime(*moment, tzinfo=zone))
    return [f"{choice.code} {choice.at:%a %H:%M}" if choice.at else choice.code for choice in found]


def test_times_are_offered_by_the_persons_own_clock_and_week(agent: User) -> None:
    agent.time_zone = "Asia/Riyadh"
    assert offered(agent, 2026, 11, 18, 14, 20) == [
        "hour Wed 15:20", "evening Wed 18:00", "tomorrow Thu 09:00", "week Sun 09:00", "reply"
    ]  # fmt: skip
    agent.time_zone = "Europe/Berlin"
    assert offered(agent, 2026, 11, 18, 20, 0) == ["hour Wed 21:00", "tomorrow Thu 09:00", "week Mon 09:00", "reply"]
    agent.preferences = {"week": "sunday"}
    assert "week Sun 09:00" in offered(agent, 2026, 11, 18, 20, 0)


def test_the_first_day_is_not_offered_twice(agent: User) -> None:
    agent.time_zone = "Asia/Riyadh"
    assert offered(agent, 2026, 11, 21, 19, 0) == ["hour Sat 20:00", "tomorrow Sun 09:00", "reply"]


def test_a_date_is_read_by_the_persons_clock(agent: User) -> None:
    agent.time_zone = "Asia/Riyadh"
    moment = snoozing.moment_of("2026-12-01T08:30", agent, timezone.now())
    assert moment == datetime(2026, 12, 1, 8, 30, tzinfo=RIYADH)
    with pytest.raises(NotAllowed):
        snoozing.moment_of("whenever", agent, timezone.now())
