"""The drawings of a channel's page: hours that were proved, and what days cost. Only numbers go in and come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from ingest.models import ChannelHour
from ingest.spending import Day

HOURS = 24
# Of the drawings, in their own units.
HEIGHT = 64
STEP, BAR = 40, 37
DAY_STEP, DAY_BAR, DAY_HEIGHT = 34, 22, 96


@dataclass(frozen=True, slots=True)
class HourBar:
    """One hour: where it stands, and its pieces from the ground up as (class, y, height)."""

    label: str
    x: int
    middle: float
    pieces: tuple[tuple[str, float, float], ...]
    checked: bool
    running: bool


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day's money: reading at the bottom, answers on it."""

    label: str
    x: int
    middle: float
    reading: tuple[float, float]
    answers: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Money:
    """The drawing of spending: its days, and where the line of an even day's share of the cap stands."""

    days: tuple[DayBar, ...]
    cap_y: float | None
    cap: Decimal | None


def hours(rows: Mapping[datetime, ChannelHour], now: datetime) -> list[HourBar]:
    """The last 24 hours, oldest first; those that were not checked stand empty."""
    last = now.replace(minute=0, second=0, microsecond=0)
    most = max((row.expected for row in rows.values()), default=0) or 1
    bars = []
    for turn in range(HOURS):
        hour = last - timedelta(hours=HOURS - 1 - turn)
        row, x = rows.get(hour), turn * STEP
        label = f"{timezone.localtime(hour):%H}"
        pieces = _stacked(row, most) if row else ()
        bars.append(HourBar(label, x, x + BAR / 2, pieces, row is not None, turn == HOURS - 1))
    return bars


def _stacked(row: ChannelHour, most: int) -> tuple[tuple[str, float, float], ...]:
    pieces, top = [], float(HEIGHT)
    for name, count in (("b2", row.present), ("lt", row.late), ("ms", row.missing)):
        if count:
            # However little it is, it must be seen.
            height = max(HEIGHT * count / most, 4.0)
            top -= height
            pieces.append((name, round(top, 1), round(height, 1)))
    return tuple(pieces)


def money(days: Sequence[Day], cap: Decimal | None) -> Money:
    """What each day cost, against an even day's share of the month's cap."""
    share = cap / 30 if cap else None
    most = max([day.total for day in days] + [share or Decimal(0), Decimal("0.01")])
    bars = []
    for turn, day in enumerate(days):
        x = 6 + turn * DAY_STEP
        reading, answers = (float(DAY_HEIGHT * part / most) for part in (day.reading, day.answers))
        floor = DAY_HEIGHT + 14.0
        bars.append(
            DayBar(
                label=str(day.day.day) if turn % 3 == (len(days) - 1) % 3 else "",
                x=x,
                middle=x + DAY_BAR / 2,
                reading=(round(floor - reading, 1), round(reading, 1)),
                answers=(round(floor - reading - answers, 1), round(answers, 1)),
            )
        )
    cap_y = round(DAY_HEIGHT + 14 - float(DAY_HEIGHT * share / most), 1) if share else None
    return Money(tuple(bars), cap_y, share)
