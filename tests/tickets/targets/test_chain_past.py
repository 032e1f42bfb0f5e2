"""What became of a ticket, as a chain would have seen it: pure, minute by minute."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tickets.measure import Entry
from tickets.targets.chain_past import Climb, Stretch, Turn, climbs, stretches
from tickets.targets.clocks import Targets

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TARGETS = Targets(first_answer=40 * 60, next_answer=20 * 60)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def wrote(minutes: float, *, ours: bool = False, turn: int | None = None, **more: Any) -> Entry:
    when, place = at(minutes), int(minutes) if turn is None else turn
    return Entry(ours, when, when, turn=place, awaiting=not ours, written_here=ours, **more)


def life_of(*entries: Entry, turns: list[tuple[datetime, Turn]] | None = None, until: float = 600) -> list[Stretch]:
    return list(stretches(entries, turns or [], lambda _urgency: TARGETS, NINE, at(until)))


def began(life: list[Stretch], sign: str = "breached") -> list[tuple[float, float]]:
    """When a chain that asks for this sign would have begun and ended, in minutes."""
    found = climbs(life, lambda stretch, moment: sign in stretch.signs(moment), [], NINE)
    return [(_minutes(climb.began_at), _minutes(climb.ended_at)) for climb in found]


def _minutes(moment: datetime) -> float:
    return (moment - NINE).total_seconds() / 60


def test_it_begins_when_the_clock_ran_out_and_ends_with_the_answer() -> None:
    assert began(life_of(wrote(0), wrote(90, ours=True))) == [(40, 90)]
    assert began(life_of(wrote(0), wrote(90, ours=True)), "warned") == [(30, 90)]
    assert began(life_of(wrote(0), wrote(39, ours=True))) == []


def test_another_message_of_who_waits_already_begins_nothing_anew() -> None:
    assert began(life_of(wrote(0), wrote(20), wrote(70), wrote(90, ours=True))) == [(40, 90)]


def test_the_next_wait_may_begin_it_again_by_the_target_of_next_answers() -> None:
    life = life_of(wrote(0), wrote(50, ours=True), wrote(100), until=300)
    assert began(life) == [(40, 50), (120, 300)]


def test_what_lies_ahead_is_not_told() -> None:
    assert began(life_of(wrote(0), until=39)) == []


@pytest.mark.parametrize(("turn", "ends"), [(Turn.ENDED, 60), (Turn.SLEPT, 600)])
def test_the_end_of_a_ticket_ends_it_and_sleep_does_not(turn: Turn, ends: float) -> None:
    assert began(life_of(wrote(0), turns=[(at(60), turn)])) == [(40, ends)]


def test_nothing_begins_while_it_sleeps_and_its_clock_goes_on_when_it_wakes() -> None:
    life = life_of(wrote(0), turns=[(at(30), Turn.SLEPT), (at(100), Turn.WOKE)])
    assert began(life) == [(110, 600)]
    woken_by_the_customer = life_of(wrote(0), wrote(100), turns=[(at(30), Turn.SLEPT)])
    assert began(woken_by_the_customer) == [(110, 600)]


def test_waiting_is_counted_from_the_first_message_nobody_answered() -> None:
    def waits(stretch: Stretch, moment: datetime) -> bool:
        since = stretch.standing.waiting_since
        return since is not None and moment - since >= timedelta(minutes=45)

    life = life_of(wrote(0), wrote(30), until=300)
    assert list(climbs(life, waits, [timedelta(minutes=45)], NINE)) == [Climb(at(45), at(300))]


def test_urgency_and_feeling_are_those_of_the_moment() -> None:
    life = life_of(wrote(0, valence=0.2), wrote(10, urgency="high", valence=-0.9))
    assert [(stretch.urgency, stretch.standing.latest_valence) for stretch in life] == [("normal", 0.2), ("high", -0.9)]
