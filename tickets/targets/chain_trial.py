"""The dry run of a chain: what it would have done with the last week's tickets, before it is saved. It writes nothing.

Each ticket is gone through as it happened (tickets.targets.chain_past): its messages with their readings, what was
resolved, put to sleep and reopened, its clocks by the targets as they are now. Priority, tags, tier, reach and incident
are taken as they are now, for what they were is not kept. Nobody is taken to have acknowledged anything.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from django.utils import timezone

from tickets.models import Activity, Ticket
from tickets.standing import entries_of
from tickets.steering import conditions
from tickets.steering.conditions import Json
from tickets.steering.rule_trial import MILLISECONDS, WEEK, newest
from tickets.targets.chain_keeping import Told
from tickets.targets.chain_past import Climb, Stretch, Turn, climbs, stretches
from tickets.targets.chain_steps import due_at
from tickets.targets.chain_words import names_of, step_words, whom_words
from tickets.targets.clocks import Targets
from tickets.targets.escalation import of_now, waited
from tickets.targets.policies import Targeting, desks_own, targeting
from tickets.targets.sla import Hours
from tickets.time_limit import time_limit

Verb = Activity.Verb
# Tickets asked for at once, how many messages one may have, and seconds for all of it.
BATCH, LONGEST, PATIENCE = 250, 300, 5.0
SHOWN = 10
TURNS = {
    Verb.RESOLVED: Turn.ENDED, Verb.CLOSED: Turn.ENDED, Verb.NO_ANSWER: Turn.ENDED, Verb.SPAM: Turn.ENDED,
    Verb.MERGED: Turn.ENDED, Verb.REOPENED: Turn.REOPENED, Verb.SNOOZED: Turn.SLEPT, Verb.WOKEN: Turn.WOKE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket that a step would have been taken for, and when first."""

    id: int
    subject: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """How many tickets on one day, by the desk's own clock."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What would have come of one step. `says`: when and whom, in words."""

    place: int
    says: str
    whom: str
    count: int
    days: list[Day]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it. `capped`: there were more tickets in the week than were looked at."""

    looked: int
    capped: bool
    since: datetime
    began: int
    steps: list[Taken]


def dry_run(told: Told, now: datetime) -> Trial:
    """What this chain would have done last week. It has no problems. Raises tickets.time_limit.TooSlow.

    At most six queries for every 250 tickets, and a few. What is not looked at within its time is left out, the oldest
    first.
    """
    run = _Run(told, now, monotonic() + PATIENCE, _waits(told.conditions))
    with time_limit(MILLISECONDS):
        rows = Ticket.objects.filter(brand=told.brand) if told.brand else Ticket.objects.all()
        tickets, capped = newest(rows.filter(position__lte=LONGEST), now)
        for start in range(0, len(tickets), BATCH):
            run.look(tickets[start : start + BATCH])
    names = names_of([], told.steps)
    steps = [
        Taken(place, step_words(step, names), whom_words(step["to"], names), *_summed(run.taken[place]))
        for place, step in enumerate(told.steps, start=1)
    ]
    return Trial(run.looked, capped or run.looked < len(tickets), now - WEEK, run.began, steps)


def _waits(tree: Json) -> list[timedelta]:
    """How long a customer waits wherever it is asked; longer than a week nobody did."""
    asked = [leaf["value"] for leaf in conditions.leaves(tree) if leaf["field"] == "minutes_waiting"]
    return [timedelta(minutes=value) for value in asked if 0 <= value <= WEEK / timedelta(minutes=1)]


def _summed(lines: Sequence[Line]) -> tuple[int, list[Day], list[Line]]:
    """How many, on which days, and the newest ten."""
    counted = Counter(timezone.localdate(line.at) for line in lines)
    days = [Day(day, count) for day, count in sorted(counted.items())]
    return len(lines), days, sorted(lines, key=lambda line: (line.at, line.id), reverse=True)[:SHOWN]


@dataclass(slots=True)
class _Run:
    """A dry run under way. `until`: of the monotonic clock; `taken`: for each step its tickets, with the first time."""

    told: Told
    now: datetime
    until: float
    waits: Sequence[timedelta]
    taken: dict[int, list[Line]] = field(default_factory=lambda: defaultdict(list))
    began: int = 0
    looked: int = 0

    def look(self, tickets: Sequence[Ticket]) -> None:
        """One batch, ticket by ticket while there is time."""
        if monotonic() > self.until:
            return
        owed, entries, turns = targeting(tickets, self.now), entries_of(row.pk for row in tickets), _turns(tickets)
        for ticket in tickets:
            if monotonic() > self.until:
                return
            self.looked += 1
            targets = partial(_targets, ticket, owed)
            life = list(stretches(entries[ticket.pk], turns[ticket.pk], targets, ticket.opened_at, self.now))
            ways = list(climbs(life, self._fits(of_now(ticket, owed)), self.waits, ticket.opened_at))
            if ways:
                self.began += 1
                self._note(ticket, ways, owed.of(ticket)[1].hours)

    def _fits(self, kept: Mapping[str, Any]) -> Callable[[Stretch, datetime], bool]:
        """Whether the chain's conditions hold at a moment of a life; `kept`: what holds of the ticket at every one."""

        def fits(stretch: Stretch, at: datetime) -> bool:
            case = {
                **kept,
                "clock": stretch.signs(at),
                "minutes_waiting": waited(stretch.standing.waiting_since, at),
                "urgency": stretch.urgency,
                "sentiment": stretch.standing.latest_valence,
            }
            return bool(conditions.fits(self.told.conditions, case))

        return fits

    def _note(self, ticket: Ticket, ways: Sequence[Climb], hours: Hours | None) -> None:
        """The steps that would have been taken for one ticket, each counted once for it."""
        for place, step in enumerate(self.told.steps, start=1):
            dues = [(due_at(step, way.began_at, hours), way.ended_at) for way in ways]
            taken = [due for due, ended in dues if due < ended]
            if taken:
                self.taken[place].append(Line(ticket.pk, ticket.subject, ticket.language, min(taken)))


def _turns(tickets: Sequence[Ticket]) -> dict[int, list[tuple[datetime, Turn]]]:
    """What people did to these tickets besides writing."""
    rows = Activity.objects.filter(ticket__in=tickets, verb__in=TURNS).order_by("ticket", "at")
    turns: dict[int, list[tuple[datetime, Turn]]] = defaultdict(list)
    for ticket, verb, at in rows.values_list("ticket_id", "verb", "at"):
        turns[ticket].append((at, TURNS[Verb(verb)]))
    return turns


def _targets(ticket: Ticket, owed: Targeting, urgency: str) -> Targets:
    policy, targets = owed.of(ticket)
    return targets if policy else desks_own(urgency)
