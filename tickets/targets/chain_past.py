"""What became of a ticket as a chain would have seen it: who waited since when, how grave it was, how its clocks stood.

Pure; it knows no database.

A ticket's life falls into stretches between the things that happened: a message came or went out, somebody resolved it,
put it to sleep, reopened it. Within a stretch only time goes on, so a chain can begin at few moments alone: when the
stretch begins, when a clock warns or runs out, and when somebody has waited as long as a condition asks.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from tickets.measure import Entry, Standing, measure
from tickets.targets import clocks
from tickets.targets.clocks import Alarm, Clocks, Facts, Sign, Targets

RESOLVED, SNOOZED, PENDING, OPEN = "resolved", "snoozed", "pending", "open"


class Turn(Enum):
    """What people did to a ticket besides writing on it."""

    ENDED = "ended"
    REOPENED = "reopened"
    SLEPT = "slept"
    WOKE = "woke"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A ticket from one happening to the next. `ends` of the last: the moment up to which is looked."""

    begins: datetime
    ends: datetime
    status: str
    standing: Standing
    urgency: str
    alarms: tuple[Alarm, ...]

    @property
    def wants_us(self) -> bool:
        return self.status == OPEN

    def since(self, opened_at: datetime) -> datetime:
        """Since when this wait lasts."""
        return self.standing.waiting_since or opened_at

    def signs(self, at: datetime) -> list[str]:
        """What its clocks have said by this moment, as conditions name it (escalation.alarms_of)."""
        said = {alarm.sign for alarm in self.alarms if alarm.at <= at}
        if Sign.BREACH in said:
            return ["warned", "breached"]
        return ["warned"] if said else []

    def moments(self, waits: Iterable[timedelta]) -> list[datetime]:
        """When conditions may begin to hold within it; `waits`: how long customers wait in what is asked."""
        since = self.standing.waiting_since
        later = [alarm.at for alarm in self.alarms] + ([since + wait for wait in waits] if since else [])
        return [self.begins, *sorted({at for at in later if self.begins < at < self.ends})]


def stretches(
    entries: Sequence[Entry],
    turns: Iterable[tuple[datetime, Turn]],
    targets_of: Callable[[str], Targets],
    opened_at: datetime,
    now: datetime,
) -> Iterator[Stretch]:
    """The life of a ticket from its first message on. `targets_of`: what is owed, by urgency."""
    happened = _in_order(entries, turns)
    ends = [*(at for at, _what in happened[1:]), now]
    said: list[Entry] = []
    state, urgency, run = OPEN, "normal", Clocks()
    for (at, what), end in zip(happened, ends, strict=True):
        state = _after(state, what)
        if isinstance(what, Entry):
            said.append(what)
        if end <= at or not said:
            continue
        standing = measure(said)
        urgency = standing.urgency if standing.waiting_since else urgency
        targets = targets_of(urgency)
        facts = Facts(_status(state, standing), opened_at, standing.waiting_since, bool(standing.first_answered_at))
        run = clocks.advance(run, facts, targets, at)
        yield Stretch(at, end, facts.status, standing, urgency, tuple(clocks.alarms(run, facts, targets)))


def _in_order(entries: Sequence[Entry], turns: Iterable[tuple[datetime, Turn]]) -> list[tuple[datetime, Entry | Turn]]:
    """All that happened, in order of time; messages at the moment when they reached us."""
    in_turn = sorted(entries, key=lambda entry: entry.turn)
    happened: list[tuple[datetime, Entry | Turn]] = [(entry.received_at, entry) for entry in in_turn]
    return sorted([*happened, *turns], key=lambda one: one[0])


def _after(state: str, what: Entry | Turn) -> str:
    """The state after this; a message of the customer's wakes what sleeps and reopens what was done."""
    if isinstance(what, Entry):
        return state if what.ours else OPEN
    return {Turn.ENDED: RESOLVED, Turn.SLEPT: SNOOZED}.get(what, OPEN)


def _status(state: str, standing: Standing) -> str:
    """Open while somebody waits for us, as tickets.standing has it."""
    if state != OPEN:
        return state
    return PENDING if standing.waiting_since is None and standing.last_answered_at is not None else OPEN


@dataclass(frozen=True, slots=True)
class Climb:
    """One way up that would have been: when it begins, and when an answer or the end of the ticket ends it."""

    began_at: datetime
    ended_at: datetime


def climbs(
    life: Sequence[Stretch], fits: Callable[[Stretch, datetime], bool], waits: Sequence[timedelta], opened_at: datetime
) -> Iterator[Climb]:
    """When a chain would have begun: once for each wait, and not while it is on its way up already."""
    had: datetime | None = None
    until = life[0].begins if life else opened_at
    for place, stretch in enumerate(life):
        since = stretch.since(opened_at)
        if not stretch.wants_us or stretch.begins < until or (had is not None and had >= since):
            continue
        began = next((at for at in stretch.moments(waits) if fits(stretch, at)), None)
        if began is not None:
            had, until = began, _ends(life[place:], began)
            yield Climb(began, until)


def _ends(life: Sequence[Stretch], began: datetime) -> datetime:
    for stretch in life[1:]:
        answered = stretch.standing.last_answered_at
        if stretch.status in {RESOLVED, PENDING} or (answered is not None and answered > began):
            return stretch.begins
    return life[-1].ends
