"""What each channel costs: counted as the platform charges, priced by the table, held against the month's cap.

Days and months are those of UTC, as platforms count them. At the cap reading stops; it slows before; answers never do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ingest import prices
from ingest.batch import as_json
from ingest.models import Channel, Spend
from ingest.platforms.base import Room

# Reading that must slow down still looks once in this time.
SLOWEST = timedelta(hours=1)
# How far ahead of the calendar a month's spending may be before reading slows: what one day may cost.
SLACK = timedelta(days=1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Day:
    """US dollars of one day."""

    day: date
    reading: Decimal = ZERO
    answers: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.reading + self.answers


@dataclass(frozen=True, slots=True)
class Budget:
    """A month's money at one moment: US dollars spent so far, and the cap (None: no bound)."""

    spent: Decimal
    cap: Decimal | None
    now: datetime

    @property
    def month(self) -> tuple[datetime, datetime]:
        """When this month began, and when it ends."""
        first = self.now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return first, (first + timedelta(days=32)).replace(day=1)

    @property
    def projected(self) -> Decimal:
        """What the month will have cost if it goes on as it went."""
        first, end = self.month
        # The first hours of a month say little of it.
        elapsed = max(self.now - first, timedelta(hours=6))
        return self.spent * Decimal((end - first) / elapsed)

    @property
    def gone(self) -> bool:
        """The month's money is used up: nothing more is read."""
        return self.cap is not None and self.spent >= self.cap

    @property
    def ahead(self) -> bool:
        """More is spent than the calendar allows: reading slows, and what can be spared is not read."""
        if self.cap is None:
            return False
        first, end = self.month
        return self.spent > self.cap * Decimal(min((self.now - first + SLACK) / (end - first), 1.0))

    def wait(self, usual: timedelta, cost: Decimal) -> timedelta:
        """How long to wait after a look that cost so much, so that the rest of the month lasts at such looks."""
        if not self.ahead or self.cap is None:
            return usual
        left = self.cap - self.spent
        if left <= 0:
            return max(usual, SLOWEST)
        needed = (self.month[1] - self.now).total_seconds() * float(cost / left)
        return max(usual, min(timedelta(seconds=needed), SLOWEST))


# --- keeping --------------------------------------------------------------------------------------------------------
def note(channel: Channel, charged: Mapping[str, int], now: datetime | None = None) -> None:
    """Add what a platform charged us for, in the caller's transaction. Safe beside others; one statement."""
    rows = [{"item": item[:32], "count": count} for item, count in sorted(charged.items()) if count > 0]
    if not rows:
        return
    with connection.cursor() as sql:
        sql.execute(
            """
            INSERT INTO ingest_spend AS s (channel_id, day, item, count)
            SELECT %s, %s, r.item, r.count FROM jsonb_to_recordset(%s::jsonb) AS r(item text, count int)
             ORDER BY r.item
                ON CONFLICT (channel_id, day, item) DO UPDATE SET count = s.count + excluded.count
            """,
            [channel.pk, _today(now), as_json(rows)],
        )


def note_call(channel: Channel, charged: Mapping[str, int], room: Room | None) -> None:
    """What a call to the platform was charged as, and what its rate limit allows after it."""
    note(channel, charged)
    if room is not None:
        Channel.objects.filter(pk=channel.pk).update(room=as_kept(room))


def as_kept(room: Room) -> dict[str, Any]:
    """A rate limit as `Channel.room` keeps it."""
    resets_at = room.resets_at.isoformat() if room.resets_at else None
    return {"limit": room.limit, "remaining": room.remaining, "resets_at": resets_at}


# --- asking ---------------------------------------------------------------------------------------------------------
def budget(channel: Channel, now: datetime | None = None) -> Budget:
    """Where the channel stands this month. Asks nothing of the database where there is no cap."""
    now = now or timezone.now()
    if channel.monthly_cap is None:
        return Budget(ZERO, None, now)
    return budgets([channel], now)[channel.pk]


def budgets(channels: Iterable[Channel], now: datetime | None = None) -> dict[int, Budget]:
    """Where each of these stands this month, by id; one query."""
    now = now or timezone.now()
    caps = {channel.pk: channel for channel in channels}
    spent: dict[int, Decimal] = defaultdict(Decimal)
    first = Budget(ZERO, None, now).month[0].date()
    rows = Spend.objects.filter(channel__in=caps, day__gte=first).values_list("channel", "item", "count")
    for pk, item, count in rows:
        spent[pk] += prices.cost(caps[pk].platform, {item: count})
    return {pk: Budget(spent[pk], channel.monthly_cap, now) for pk, channel in caps.items()}


def by_day(channel: Channel, days: int, now: datetime | None = None) -> list[Day]:
    """What each of the last days cost, oldest first, with those on which nothing was charged."""
    today = _today(now)
    first = today - timedelta(days=days - 1)
    spent: dict[date, list[Decimal]] = {first + timedelta(days=n): [ZERO, ZERO] for n in range(days)}
    for row in Spend.objects.filter(Q(day__gte=first), Q(day__lte=today), channel=channel):
        spent[row.day][prices.is_answer(row.item)] += prices.cost(channel.platform, {row.item: row.count})
    return [Day(day, reading, answers) for day, (reading, answers) in spent.items()]


def _today(now: datetime | None) -> date:
    return (now or timezone.now()).astimezone(UTC).date()
