"""Clocks run while the work is ours, stand still while it is not, and lose nothing when something changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.targets.clocks import (
    ANY,
    NOTHING,
    Alarm,
    Clocks,
    Facts,
    Of,
    Policy,
    Sign,
    Target,
    Targets,
    advance,
    alarms,
    choose,
)
from tickets.targets.sla import Hours, Span

START = datetime(2026, 11, 22, 7, tzinfo=UTC)  # Sunday, 10:00 in Riyadh
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OFFICE = Hours(ZoneInfo("Asia/Riyadh"), ((Span(540, 1020),),) * 4 + ((), (), (Span(540, 1020),)))
PLAIN = Targets(first_answer=3600, next_answer=1800, resolution=4 * 3600)


def facts(status="open", waiting=START, answered=False, opened=START):
    return Facts(status, opened, waiting, answered)


def after(*steps, targets=PLAIN, clocks=None):
    """Clocks after each (moment, facts)."""
    clocks = clocks or Clocks()
    for now, told in steps:
        clocks = advance(clocks, told, targets, now)
    return clocks


def test_the_answer_is_due_from_the_first_message_not_from_the_moment_it_was_looked_at():
    assert after((START + 5 * MINUTE, facts())).answer_due_at == START + HOUR


def test_another_message_of_the_same_customer_moves_no_clock():
    clocks = after((START, facts()), (START + 30 * MINUTE, facts()))
    assert clocks.answer_due_at == START + HOUR


def test_an_answer_stops_the_clock_and_the_next_message_starts_a_shorter_one():
    answered = facts("pending", waiting=None, answered=True)
    again = START + 2 * HOUR
    clocks = after((START, facts()), (START + 10 * MINUTE, answered))
    assert clocks.answer_due_at is None
    clocks = after((again, facts(waiting=again, answered=True)), clocks=clocks)
    assert clocks.answer_due_at == again + 30 * MINUTE


def test_an_answer_that_was_not_sent_after_all_leaves_the_clock_as_if_it_had_never_stopped():
    clocks = after(
        (START, facts()),
        (START + 10 * MINUTE, facts("pending", waiting=None, answered=True)),
        (START + 20 * MINUTE, facts()),
    )
    assert clocks.answer_due_at == START + HOUR


def test_a_snoozed_ticket_stands_still_and_wakes_with_what_was_left():
    asleep, awake = START + 20 * MINUTE, START + 5 * HOUR
    clocks = after((START, facts()), (asleep, facts("snoozed")))
    assert clocks.answer_due_at is None
    clocks = after((awake, facts()), clocks=clocks)
    assert clocks.answer_due_at == awake + 40 * MINUTE
    assert clocks.resolve_due_at == awake + 4 * HOUR - 20 * MINUTE


def test_a_ticket_snoozed_out_of_hours_does_not_count_its_sleep():
    office = Targets(first_answer=3600, hours=OFFICE)
    night = START - 12 * HOUR  # Saturday evening
    clocks = after((night, facts(waiting=night)), (night + HOUR, facts("snoozed", waiting=night)), targets=office)
    awake = START + 2 * HOUR
    clocks = after((awake, facts(waiting=night)), targets=office, clocks=clocks)
    assert timedelta(0) <= awake + HOUR - clocks.answer_due_at <= timedelta(seconds=1)


def test_the_solutions_clock_stands_still_while_the_customer_is_asked():
    clocks = after((START, facts()), (START + HOUR, facts("pending", waiting=None, answered=True)))
    assert (clocks.resolve_used, clocks.resolve_due_at) == (3600, None)
    back = START + 9 * HOUR
    clocks = after((back, facts(waiting=back, answered=True)), clocks=clocks)
    assert clocks.resolve_due_at == back + 3 * HOUR


def test_a_reopened_ticket_goes_on_where_its_clock_stood():
    clocks = after((START, facts()), (START + HOUR, facts("resolved", waiting=None, answered=True)))
    back = START + 48 * HOUR
    assert after((back, facts(waiting=back, answered=True)), clocks=clocks).resolve_due_at == back + 3 * HOUR


def test_a_graver_priority_moves_the_moment_and_keeps_what_was_used():
    clocks = after((START, facts()))
    strict = Targets(first_answer=900, resolution=3600)
    clocks = after((START + 10 * MINUTE, facts()), targets=strict, clocks=clocks)
    assert (clocks.answer_due_at, clocks.resolve_due_at) == (START + 15 * MINUTE, START + HOUR)


def test_without_a_policy_nothing_is_due():
    clocks = after((START, facts()), targets=Targets())
    assert (clocks.answer_due_at, clocks.resolve_due_at) == (None, None)


def test_a_calendar_that_never_opens_makes_nothing_due():
    never = Targets(first_answer=60, hours=Hours(ZoneInfo("UTC"), ((),) * 7))
    assert after((START, facts()), targets=never).answer_due_at is None


# --- alarms ---------------------------------------------------------------------------------------------------------
ANSWER_ONLY = Targets(first_answer=3600)
WARNING = Alarm(START + 45 * MINUTE, Sign.WARNING, Target.FIRST_ANSWER, START + HOUR)
BREACH = Alarm(START + HOUR, Sign.BREACH, Target.FIRST_ANSWER, START + HOUR)


def test_a_warning_comes_when_a_quarter_is_left_and_then_the_breach():
    clocks = after((START, facts()), targets=ANSWER_ONLY)
    assert alarms(clocks, facts(), ANSWER_ONLY) == [WARNING, BREACH]


def test_what_was_told_is_not_told_again():
    clocks = after((START, facts()), targets=ANSWER_ONLY)
    assert alarms(clocks, facts(), ANSWER_ONLY, warned=WARNING.at) == [BREACH]
    assert alarms(clocks, facts(), ANSWER_ONLY, breached=BREACH.at) == []


def test_the_next_clock_of_the_same_ticket_has_alarms_of_its_own():
    again = START + 3 * HOUR
    told = facts(waiting=again, answered=True)
    clocks = after((again, told))
    found = alarms(clocks, told, PLAIN, warned=WARNING.at, breached=BREACH.at)
    assert [alarm.target for alarm in found if alarm.sign == Sign.BREACH] == [Target.NEXT_ANSWER, Target.RESOLUTION]


def test_a_warning_follows_office_hours_too():
    office = Targets(first_answer=8 * 3600, hours=OFFICE)
    late = START + 6 * HOUR  # 16:00: one hour today, seven tomorrow
    clocks = after((late, facts(waiting=late)), targets=office)
    warning, breach = alarms(clocks, facts(waiting=late), office)
    assert breach.at == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert warning.at == datetime(2026, 11, 23, 11, tzinfo=UTC)


# --- policies -------------------------------------------------------------------------------------------------------
def test_the_first_policy_that_fits_is_the_tickets():
    urgent = Policy(1, PLAIN, priority=1)
    gold = Policy(2, PLAIN, tier=7)
    usual = Policy(3, PLAIN)
    policies = [urgent, gold, usual]
    assert choose(policies, brand=1, tier=7, priority=1) is urgent
    assert choose(policies, brand=1, tier=7, priority=3) is gold
    assert choose(policies, brand=1, tier=None, priority=3) is usual
    assert choose([Policy(4, PLAIN, brand=2)], brand=1, tier=None, priority=3) is None


def test_a_policy_for_high_is_one_for_urgent_too():
    assert choose([Policy(1, PLAIN, priority=2)], brand=1, tier=None, priority=1)
    assert not choose([Policy(1, PLAIN, priority=2)], brand=1, tier=None, priority=3)


# --- properties -----------------------------------------------------------------------------------------------------
steps = st.lists(
    st.tuples(st.integers(1, 600), st.sampled_from(["open", "pending", "snoozed", "resolved"])), max_size=8
)


@given(steps)
@settings(deadline=None)
def test_the_solutions_clock_has_run_exactly_while_the_ticket_was_open(story):
    now, status, ran, clocks = START, "open", 0, advance(Clocks(), facts(), PLAIN, START)
    for minutes, then in story:
        ran += minutes * 60 if status == "open" else 0
        now, status = now + minutes * MINUTE, then
        clocks = advance(clocks, facts(status), PLAIN, now)
    used = clocks.resolve_used + ((now - clocks.resolve_since).total_seconds() if clocks.resolve_since else 0)
    assert used == ran
    if status == "open" and ran < PLAIN.resolution:
        assert clocks.resolve_due_at == now + timedelta(seconds=PLAIN.resolution - ran)


@given(steps)
@settings(deadline=None)
def test_looking_at_a_clock_again_changes_nothing(story):
    now, clocks = START, Clocks()
    for minutes, status in story:
        now += minutes * MINUTE
        clocks = advance(clocks, facts(status), PLAIN, now)
        assert advance(clocks, facts(status), PLAIN, now) == clocks
        assert advance(clocks, facts(status), PLAIN, now + HOUR) == clocks


@pytest.mark.parametrize(
    ("policy", "of", "fits"),
    [
        (Policy(1, PLAIN, event=ANY), NOTHING, False),
        (Policy(1, PLAIN, event=ANY), Of(7), True),
        (Policy(1, PLAIN, event="outage"), Of(7, "outage"), True),
        (Policy(1, PLAIN, event="outage"), Of(7, "price"), False),
        (Policy(1, PLAIN, event="outage"), NOTHING, False),
        (Policy(1, PLAIN, incident=7), Of(7, "outage"), True),
        (Policy(1, PLAIN, incident=7), Of(8, "outage"), False),
        (Policy(1, PLAIN, incident=7), NOTHING, False),
        (Policy(1, PLAIN), Of(7, "outage"), True),
    ],
)
def test_a_policy_may_be_for_tickets_of_an_incident_alone(policy: Policy, of: Of, fits: bool) -> None:
    assert (choose([policy], brand=1, tier=None, priority=3, of=of) is policy) == fits
