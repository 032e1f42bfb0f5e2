"""Shifts and times away: who may say so, what becomes of the tickets in hand, and who covers the day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import travel

from accounts.models import AuditEntry, Away, Brand, Role, User
from ingest.models import Channel
from tests.cast import a_bell, a_brand, a_person, a_ticket, at_once, fresh, now, verbs
from tickets.models import Ticket
from tickets.permissions import NotAllowed
from tickets.steering import attendance, routing, standing_in
from tickets.steering.assignment import assign
from tickets.steering.attendance import Unfit
from tickets.targets.calendars import BadHours

pytestmark = pytest.mark.django_db
NINE_TO_FIVE = [["09:00", "17:00"]]
# A Monday, noon in Riyadh.
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def lead(brand: Brand) -> User:
    return a_person(brand, role=Role.SUPERVISOR, name="Maha")


def week(person: User) -> dict[str, list[list[str]]]:
    return attendance.week_kept(User.objects.get(pk=person.pk))


def away(person: User, by: User, **given: Any) -> Away:
    told = {"begins_at": now(), "ends_at": None, "reason": "", "hand_over": True} | given
    return attendance.plan_away(person.pk, **told, by=by)


# --- shifts ----------------------------------------------------------------------------------------------------------
def test_a_week_has_several_spans_a_day_and_midnight_is_the_days_end(agent: User, lead: User) -> None:
    told = {"0": [["16:30", "24:00"], ["09:00", "13:00"]], "5": [["00:00", "06:00"]]}
    attendance.set_shifts(agent.pk, told, by=lead)
    assert week(agent) == {"0": [["09:00", "13:00"], ["16:30", "24:00"]], "5": [["00:00", "06:00"]]}
    attendance.set_shifts(agent.pk, {"6": NINE_TO_FIVE}, by=lead)
    assert week(agent) == {"6": NINE_TO_FIVE}


def test_spans_that_meet_or_overlap_become_one(agent: User, lead: User) -> None:
    told = {"1": [["12:00", "15:00"], ["09:00", "12:00"], ["10:00", "11:00"]]}
    attendance.set_shifts(agent.pk, told, by=lead)
    assert week(agent) == {"1": [["09:00", "15:00"]]}


def test_hours_that_make_no_sense_change_nothing(agent: User, lead: User) -> None:
    attendance.set_shifts(agent.pk, {"0": NINE_TO_FIVE}, by=lead)
    for wrong in ({"0": [["17:00", "09:00"]]}, {"7": NINE_TO_FIVE}, {"0": [["9", "17:00"]]}):
        with pytest.raises(BadHours):
            attendance.set_shifts(agent.pk, wrong, by=lead)
    assert week(agent) == {"0": NINE_TO_FIVE}


def test_supervisors_of_other_brands_and_agents_set_nobodys_shifts(agent: User, channel: Channel) -> None:
    for by in (agent, a_person(a_brand(), role=Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            attendance.set_shifts(agent.pk, {"0": NINE_TO_FIVE}, by=by)


def test_the_record_tells_the_week_before_and_after_and_nothing_of_what_stays(agent: User, lead: User) -> None:
    attendance.set_shifts(agent.pk, {"0": NINE_TO_FIVE}, by=lead)
    attendance.set_shifts(agent.pk, {"0": NINE_TO_FIVE}, by=lead)
    (line,) = AuditEntry.objects.filter(verb="shifts.changed")
    assert line.data == {"changed": {"shifts": [[], ["0 09:00-17:00"]]}}


def test_who_is_off_shift_gets_no_ticket_until_the_shift_begins(
    agent: User, lead: User, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_bell(monkeypatch)
    User.objects.filter(pk=agent.pk).update(available=True, time_zone="Asia/Riyadh")
    attendance.set_shifts(agent.pk, {"0": [["13:00", "17:00"]]}, by=lead)
    with travel(NOON, tick=False) as clock:
        ticket = a_ticket(channel)
        routing.drain()
        assert fresh(ticket).assignee is None
        assert attendance.next_shift(fresh(agent), now()) == NOON + timedelta(hours=1)
        clock.shift(timedelta(minutes=61))
        routing.drain()
        assert fresh(ticket).assignee == agent
        assert attendance.next_shift(fresh(agent), now()) is None


def test_the_next_shift_may_be_a_week_away(agent: User, lead: User) -> None:
    User.objects.filter(pk=agent.pk).update(time_zone="Asia/Riyadh")
    attendance.set_shifts(agent.pk, {"0": [["09:00", "10:00"]]}, by=lead)
    assert attendance.next_shift(fresh(agent), NOON) == NOON + timedelta(days=7, hours=-3)


# --- away ------------------------------------------------------------------------------------------------------------
def test_who_goes_away_now_hands_over_what_they_hold_at_once(
    agent: User, lead: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_bell(monkeypatch)
    assign(ticket.pk, to=agent, by=agent)
    row = away(agent, lead, ends_at=now() + timedelta(days=2), reason="leave")
    assert fresh(ticket).assignee is None
    assert verbs(ticket)[-1] == "unassigned"
    assert fresh(row).handed_over_at is not None
    line = AuditEntry.objects.get(verb="away.planned")
    assert (line.subject_name, line.data["reason"], line.data["hand_over"]) == (agent.name, "leave", True)


def test_a_time_away_that_is_planned_hands_over_when_it_begins_and_once(
    agent: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_bell(monkeypatch)
    assign(ticket.pk, to=agent, by=agent)
    begins = now() + timedelta(hours=2)
    away(agent, agent, begins_at=begins, ends_at=begins + timedelta(days=1))
    assert attendance.hand_over_due() == 0
    assert fresh(ticket).assignee == agent
    with travel(begins + timedelta(seconds=1), tick=False):
        assert attendance.hand_over_due() == 1
        assert fresh(ticket).assignee is None
        assign(ticket.pk, to=agent, by=agent)
        assert attendance.hand_over_due() == 0
        assert fresh(ticket).assignee == agent


def test_without_handing_over_their_tickets_stay(agent: User, lead: User, ticket: Ticket) -> None:
    assign(ticket.pk, to=agent, by=agent)
    away(agent, lead, hand_over=False)
    assert attendance.hand_over_due() == 0
    assert fresh(ticket).assignee == agent


def test_one_that_was_over_before_anybody_looked_hands_nothing_over(agent: User, ticket: Ticket) -> None:
    assign(ticket.pk, to=agent, by=agent)
    begins = now() + timedelta(hours=1)
    away(agent, agent, begins_at=begins, ends_at=begins + timedelta(hours=1))
    with travel(begins + timedelta(hours=3), tick=False):
        attendance.hand_over_due()
    assert fresh(ticket).assignee == agent


def test_who_is_away_gets_nothing_and_is_back_by_themselves_when_it_ends(
    agent: User, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_bell(monkeypatch)
    User.objects.filter(pk=agent.pk).update(available=True)
    ends = now() + timedelta(hours=1)
    away(agent, agent, ends_at=ends)
    ticket = a_ticket(channel)
    routing.drain()
    assert fresh(ticket).assignee is None
    with travel(ends + timedelta(seconds=1), tick=False):
        routing.drain()
    assert fresh(ticket).assignee == agent


def test_it_is_ended_early_and_one_that_has_not_begun_is_taken_back(agent: User) -> None:
    begun, ahead = away(agent, agent), away(agent, agent, begins_at=now() + timedelta(days=3))
    attendance.end_away(begun.pk, by=agent)
    attendance.end_away(ahead.pk, by=agent)
    assert fresh(begun).ends_at <= now()
    assert not Away.objects.filter(pk=ahead.pk).exists()
    told = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert told == ["away.planned", "away.planned", "away.ended", "away.cancelled"]


def test_here_again_on_the_board_ends_a_planned_absence_too(agent: User, lead: User) -> None:
    away(agent, agent, ends_at=now() + timedelta(days=2))
    standing_in.bring_back(agent.pk, by=lead)
    assert attendance.away_now([agent], now()) == {}


def test_others_than_oneself_and_ones_supervisors_enter_and_end_nothing(agent: User, brand: Brand) -> None:
    row = away(agent, agent)
    for by in (a_person(brand), a_person(a_brand(), role=Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            away(agent, by)
        with pytest.raises(NotAllowed):
            attendance.end_away(row.pk, by=by)


@pytest.mark.parametrize("given", [{"begins_at": -4000}, {"begins_at": 4000}, {"begins_at": 1, "ends_at": 4000}])
def test_a_slip_in_the_year_is_asked_about_and_nothing_is_kept(agent: User, given: dict[str, int]) -> None:
    with pytest.raises(Unfit, match="year"):
        away(agent, agent, **{name: now() + timedelta(days=days) for name, days in given.items()})
    assert not agent.aways.exists()


def test_what_ends_before_it_begins_or_is_over_is_refused(agent: User) -> None:
    for begins, ends in ((2, 1), (-5, -1)):
        with pytest.raises(Unfit):
            away(agent, agent, begins_at=now() + timedelta(hours=begins), ends_at=now() + timedelta(hours=ends))
    assert not Away.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_that_hand_over_at_once_do_it_once(channel: Channel) -> None:
    agent = a_person(channel.brand)
    ticket = a_ticket(channel)
    assign(ticket.pk, to=agent, by=agent)
    Away.objects.create(user=agent, begins_at=now() - timedelta(minutes=1), hand_over=True, set_by=agent)
    assert sorted(at_once(attendance.hand_over_due, attendance.hand_over_due)) in ([0, 1], [1, 0])
    assert verbs(ticket).count("unassigned") == 1


# --- who covers the day ----------------------------------------------------------------------------------------------
def test_an_hour_counts_those_on_shift_by_their_own_clock_and_not_away(agent: User, lead: User, brand: Brand) -> None:
    cairo = a_person(brand, time_zone="Africa/Cairo")
    a_person(brand)
    User.objects.filter(pk=agent.pk).update(time_zone="Asia/Riyadh")
    attendance.set_shifts(agent.pk, {"0": [["09:00", "13:00"]]}, by=lead)
    attendance.set_shifts(cairo.pk, {"0": [["09:00", "13:00"]]}, by=lead)
    midnight = NOON - timedelta(hours=12)
    Away.objects.create(user=agent, begins_at=midnight + timedelta(hours=11), ends_at=midnight + timedelta(hours=12))
    people = list(User.objects.prefetch_related("shifts"))
    counts = {one.hour: one.people for one in attendance.cover(people, midnight) if one.people}
    # Cairo is an hour behind Riyadh in winter.
    assert counts == {9: 1, 10: 2, 11: 1, 12: 2, 13: 1}
