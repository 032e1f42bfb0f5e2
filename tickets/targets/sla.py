"""The arithmetic of targets: how much open time lies between two moments, and when so much of it will have passed.

Pure: values in, values out, no database and no clock of its own. A moment is open when the wall clock of the calendar's
time zone shows a time inside one of that day's spans; all the rest follows from this one sentence, through days without
spans, split shifts, holidays, other hours in Ramadan, and nights on which the wall clock is put forward or back
(docs/sla.md explains it with examples).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

# Beyond this no target is looked for: a calendar that opens so seldom has none.
FARTHEST = timedelta(days=3 * 366)
DAY = timedelta(days=1)
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one minute of a day to another, in minutes since midnight by the wall clock; 1440 is the day's end."""

    begins: int
    ends: int

    def __post_init__(self) -> None:
        if not 0 <= self.begins < self.ends <= 1440:
            raise ValueError(f"a span runs from 0 to 1440 minutes of a day, not {self.begins} to {self.ends}")


Week = tuple[tuple[Span, ...], ...]
"""Spans of each weekday, Monday first."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days on which other hours hold than usual, both ends included; no week: closed."""

    first: date
    last: date
    week: Week = ((),) * 7


@dataclass(frozen=True, slots=True)
class Hours:
    """When a clock runs. Of `days` that overlap the later one in the list holds."""

    zone: ZoneInfo
    week: Week
    days: tuple[Days, ...] = ()

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The spans of one day by the wall clock, in order and apart from each other."""
        week = self.week
        for other in self.days:
            if other.first <= day <= other.last:
                week = other.week
        return joined(week[day.weekday()])


def joined(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The same minutes in as few spans as it takes, in order."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and span.begins <= whole[-1].ends:
            whole[-1] = Span(whole[-1].begins, max(whole[-1].ends, span.ends))
        else:
            whole.append(span)
    return tuple(whole)


class NeverOpen(ValueError):
    """So much open time does not come within FARTHEST."""


def due(hours: Hours | None, start: datetime, seconds: float) -> datetime:
    """The moment by which so much open time has passed since `start`; a target of nothing is due at once.

    `hours` None: the clock never stops. Raises NeverOpen.
    """
    if seconds <= 0:
        return start
    if hours is None:
        return start + timedelta(seconds=seconds)
    left = timedelta(seconds=seconds)
    for begins, ends in open_from(hours, start):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    raise NeverOpen(f"{seconds:.0f} s of open time")


def elapsed(hours: Hours | None, start: datetime, end: datetime) -> float:
    """Seconds of open time from `start` to `end`; 0 where the end is not later."""
    if end <= start:
        return 0.0
    if hours is None:
        return (end - start).total_seconds()
    passed = timedelta(0)
    for begins, ends in open_from(hours, start, end):
        passed += ends - begins
    return passed.total_seconds()


def is_open(hours: Hours | None, moment: datetime) -> bool:
    """Whether the clock runs at this moment."""
    if hours is None:
        return True
    wall = moment.astimezone(hours.zone)
    minute = (wall - wall.replace(hour=0, minute=0, second=0, microsecond=0, fold=wall.fold)).total_seconds() / 60
    # The difference of two walls of one zone is taken by the wall, whatever happened to the clock between them.
    return any(span.begins <= minute < span.ends for span in hours.spans_on(wall.date()))


def open_from(hours: Hours, start: datetime, end: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
    """The open stretches from `start` on, in UTC and in order, up to `end` or as far as FARTHEST."""
    last = min(end, start + FARTHEST) if end else start + FARTHEST
    day = start.astimezone(hours.zone).date()
    final = last.astimezone(hours.zone).date()
    while day <= final:
        for begins, ends in _stretches(hours, day):
            if ends > start and begins < last:
                yield max(begins, start.astimezone(UTC)), min(ends, last.astimezone(UTC))
        day += DAY


@lru_cache(maxsize=4096)
def _stretches(hours: Hours, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The open stretches of one day of the wall clock, in UTC."""
    spans = hours.spans_on(day)
    if not spans:
        return ()
    midnight = datetime.combine(day, MIDNIGHT, UTC)
    found = []
    for begins, ends, offset in _pieces(hours.zone, day):
        for span in spans:
            opens = max(midnight + timedelta(minutes=span.begins) - offset, begins)
            closes = min(midnight + timedelta(minutes=span.ends) - offset, ends)
            if opens < closes:
                found.append((opens, closes))
    return tuple(sorted(found))


@lru_cache(maxsize=4096)
def _pieces(zone: ZoneInfo, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """One day of the wall clock as pieces of UTC within which the zone's offset is one: (from, until, offset).

    Most days are one piece. A day on which the clock is put forward or back is two: the hour that is shown twice is in
    both, the hour that is never shown in none.
    """
    midnight = datetime.combine(day, MIDNIGHT, UTC)
    # No zone is more than a day away from UTC, so the whole day lies between these two.
    edges = [midnight - DAY, *_changes(zone, midnight - DAY, midnight + 2 * DAY), midnight + 2 * DAY]
    pieces = []
    for begins, ends in pairwise(edges):
        offset = _offset(zone, begins)
        first, last = max(begins, midnight - offset), min(ends, midnight + DAY - offset)
        if first < last:
            pieces.append((first, last, offset))
    return tuple(pieces)


def _changes(zone: ZoneInfo, begins: datetime, ends: datetime) -> list[datetime]:
    """The moments, to the second, at which the zone's offset changes. Looked for hour by hour."""
    found = []
    step = timedelta(hours=1)
    while begins < ends:
        if _offset(zone, begins) != _offset(zone, begins + step):
            low, high = begins, begins + step
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds() // 2))
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, begins) else (low, middle)
            found.append(high)
        begins += step
    return found


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
