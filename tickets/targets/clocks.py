"""The two clocks of a ticket: the answer that is owed, and the solution. Pure; they count open time (`sla`).

The answer's clock runs while a customer waits for us, from their first unanswered message on, and begins anew with the
next one. The solution's runs from the ticket's opening while the work is ours; it stands still while the customer is
asked (pending) or the ticket sleeps (snoozed), and goes on where it stood when the ticket is reopened. What a clock has
run is kept in seconds of open time, so a change of policy, priority or calendar moves the moment it is due and nothing
of what was used is lost (docs/sla.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tickets.targets import sla
from tickets.targets.sla import Hours, NeverOpen

OURS = frozenset({"new", "open"})
ASLEEP = "snoozed"


class Target(StrEnum):
    """What is owed."""

    FIRST_ANSWER = "first_answer"
    NEXT_ANSWER = "next_answer"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Targets:
    """A policy as its clocks need it: seconds of open time, None for no target. `warn_share`: of a target, what is left
    when a warning is due, from 0 to 1.
    """

    first_answer: int | None = None
    next_answer: int | None = None
    resolution: int | None = None
    hours: Hours | None = None
    warn_share: float = 0.25


@dataclass(frozen=True, slots=True)
class Facts:
    """What clocks go by."""

    status: str
    opened_at: datetime
    waiting_since: datetime | None
    answered: bool


@dataclass(frozen=True, slots=True)
class Clocks:
    """What a ticket keeps of its clocks, by the names of its columns.

    `*_used`: seconds of open time run up to `*_since`, which is null while a clock stands still. A clock that was
    stopped has used a second at least: by that it is told from one that never began.
    """

    answer_used: int = 0
    answer_since: datetime | None = None
    answer_due_at: datetime | None = None
    resolve_used: int = 0
    resolve_since: datetime | None = None
    resolve_due_at: datetime | None = None


def advance(before: Clocks, facts: Facts, targets: Targets, now: datetime) -> Clocks:
    """The clocks as they stand now. Doing it twice changes nothing."""
    return _resolution(_answer(before, facts, targets, now), facts, targets, now)


def _answer(before: Clocks, facts: Facts, targets: Targets, now: datetime) -> Clocks:
    if facts.waiting_since is None or facts.status not in OURS | {ASLEEP}:
        return replace(before, answer_used=0, answer_since=None, answer_due_at=None)
    if facts.status == ASLEEP:
        used = _stopped(before.answer_used, before.answer_since, targets, now)
        return replace(before, answer_used=used, answer_since=None, answer_due_at=None)
    since = before.answer_since or now
    if before.answer_used == 0:
        since = facts.waiting_since
    seconds = targets.next_answer if facts.answered else targets.first_answer
    due = _due(targets.hours, since, seconds, before.answer_used)
    return replace(before, answer_since=since, answer_due_at=due)


def _resolution(before: Clocks, facts: Facts, targets: Targets, now: datetime) -> Clocks:
    if facts.status not in OURS:
        used = _stopped(before.resolve_used, before.resolve_since, targets, now)
        return replace(before, resolve_used=used, resolve_since=None, resolve_due_at=None)
    since = before.resolve_since or (now if before.resolve_used else facts.opened_at)
    due = _due(targets.hours, since, targets.resolution, before.resolve_used)
    return replace(before, resolve_since=since, resolve_due_at=due)


def _stopped(used: int, since: datetime | None, targets: Targets, now: datetime) -> int:
    """What a clock has used once it stands still."""
    if since is None:
        return used
    return max(used + round(sla.elapsed(targets.hours, since, now)), 1)


def _due(hours: Hours | None, since: datetime, seconds: int | None, used: int) -> datetime | None:
    if seconds is None:
        return None
    try:
        return sla.due(hours, since, seconds - used)
    except NeverOpen:
        return None


# --- alarms ---------------------------------------------------------------------------------------------------------
class Sign(StrEnum):
    """What an alarm says."""

    WARNING = "warning"
    BREACH = "breach"


@dataclass(frozen=True, slots=True, order=True)
class Alarm:
    """A moment at which people must hear of a clock. `due`: when that clock runs out."""

    at: datetime
    sign: Sign
    target: Target
    due: datetime


def alarms(
    clocks: Clocks, facts: Facts, targets: Targets, *, warned: datetime | None = None, breached: datetime | None = None
) -> list[Alarm]:
    """The alarms that have not been told yet, in order of time.

    `warned`, `breached`: the moment of the latest alarm of each kind that was told; what lies before it was told too.
    """
    found = [*_alarms_of_answer(clocks, facts, targets), *_alarms_of_resolution(clocks, targets)]
    told = {Sign.WARNING: warned, Sign.BREACH: breached}

    def is_news(alarm: Alarm) -> bool:
        last = told[alarm.sign]
        # A warning for a clock that has run out is none.
        return (last is None or alarm.at > last) and not (
            alarm.sign == Sign.WARNING and breached is not None and alarm.due <= breached
        )

    return sorted(alarm for alarm in found if is_news(alarm))


def _alarms_of_answer(clocks: Clocks, facts: Facts, targets: Targets) -> Iterator[Alarm]:
    target = Target.NEXT_ANSWER if facts.answered else Target.FIRST_ANSWER
    seconds = targets.next_answer if facts.answered else targets.first_answer
    since, due, used = clocks.answer_since, clocks.answer_due_at, clocks.answer_used
    yield from _pair(target, seconds, targets, since=since, due=due, used=used)


def _alarms_of_resolution(clocks: Clocks, targets: Targets) -> Iterator[Alarm]:
    since, due, used = clocks.resolve_since, clocks.resolve_due_at, clocks.resolve_used
    yield from _pair(Target.RESOLUTION, targets.resolution, targets, since=since, due=due, used=used)


def _pair(
    target: Target, seconds: int | None, targets: Targets, *, since: datetime | None, due: datetime | None, used: int
) -> Iterator[Alarm]:
    if since is None or due is None or seconds is None:
        return
    warn = _due(targets.hours, since, round(seconds * (1 - targets.warn_share)), used)
    if warn is not None and warn < due:
        yield Alarm(warn, Sign.WARNING, target, due)
    yield Alarm(due, Sign.BREACH, target, due)


# --- which policy ---------------------------------------------------------------------------------------------------
ANY = "any"


@dataclass(frozen=True, slots=True)
class Of:
    """The incident that a ticket is of, and its kind where somebody asks for it."""

    incident: int | None = None
    kind: str = ""


NOTHING = Of()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy and what it is for; None stands for any. `priority`: this one or a graver (1 is the gravest).

    `event`: for tickets of an incident, of any or of this kind; "" for all. `incident`: for those of this one.
    """

    id: int
    targets: Targets
    brand: int | None = None
    tier: int | None = None
    priority: int | None = None
    event: str = ""
    incident: int | None = None

    def fits(self, brand: int, tier: int | None, priority: int, of: Of) -> bool:
        """Whether it is for such a ticket."""
        return (
            self.brand in {None, brand}
            and (self.tier is None or self.tier == tier)
            and (self.priority is None or priority <= self.priority)
            and (self.incident is None or self.incident == of.incident)
            and (not self.event or (of.incident is not None and self.event in {ANY, of.kind}))
        )


def choose(
    policies: Sequence[Policy], *, brand: int, tier: int | None, priority: int, of: Of = NOTHING
) -> Policy | None:
    """The first policy that fits; None where none does."""
    return next((policy for policy in policies if policy.fits(brand, tier, priority, of)), None)
