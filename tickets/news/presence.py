"""Who has which ticket before their eyes at this moment, and who is writing on it.

Each open tab says so every fifteen seconds and when something changes; what it said lives in Redis for forty, so a
crashed browser, a laptop asleep and a cut line all look the same: nobody there. A hint for colleagues, never a lock;
whether an answer may go out is the ticket's position to say (tickets.answering.replies). Where Redis cannot be reached
nobody is seen, and nothing else fails.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import redis
import structlog
from django.conf import settings

from accounts.models import User
from ingest import doorbell
from tickets.models import Ticket

log = structlog.get_logger(__name__)

LASTS = 40
WRITING, VIEWING, HERE = "writing", "viewing", "here"
# What one tab may say of itself; `here`: it shows no ticket.
DOINGS = (WRITING, VIEWING, HERE)
RING = b"presence"
LONGEST_TAB = 40
# User id, name, what they do.
Person = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Tab:
    """What one tab said last. `ticket` and `brand` are 0 where it shows none; `active_at`: when a hand last moved."""

    user: int
    name: str
    doing: str
    ticket: int = 0
    brand: int = 0
    active_at: float = 0
    until: float = 0


@dataclass(frozen=True, slots=True)
class Sitting:
    """The people at one ticket, each once however many tabs, writers first."""

    brand: int
    people: tuple[Person, ...]


Picture = Mapping[int, Sitting]


def say(user: User, tab: str, doing: str, ticket: Ticket | None = None, *, idle: int = 0) -> bool:
    """Keep what a tab of this person shows, for LASTS seconds. `idle`: seconds since they touched it.

    True if that is news: another ticket than before, or something else done there.
    """
    now = time.time()
    said = Tab(
        user.pk,
        user.name,
        doing if ticket else HERE,
        ticket.pk if ticket else 0,
        ticket.brand_id if ticket else 0,
        now - idle,
        now + LASTS,
    )
    try:
        before = _tab(cast("bytes | None", doorbell.connection().hget(_key(), _field(user, tab))))
        pipe = doorbell.connection().pipeline(transaction=False)
        pipe.hset(_key(), _field(user, tab), json.dumps([getattr(said, name) for name in Tab.__slots__]))
        pipe.expire(_key(), 2 * LASTS)
        if news := _differs(before, said, now):
            pipe.publish(doorbell.live_channel(), RING)
        pipe.execute()
    except redis.RedisError:
        log.warning("presence unreachable")
        return True
    return news


def leave(user: User, tab: str) -> None:
    """A tab was closed or hidden."""
    try:
        pipe = doorbell.connection().pipeline(transaction=False)
        pipe.hdel(_key(), _field(user, tab))
        pipe.publish(doorbell.live_channel(), RING)
        pipe.execute()
    except redis.RedisError:
        log.warning("presence unreachable")


def _differs(before: Tab | None, said: Tab, now: float) -> bool:
    gone = before is None or before.until < now
    return gone or before is None or (before.ticket, before.doing) != (said.ticket, said.doing)


def tabs(now: float | None = None) -> list[Tab]:
    """Every tab that is open; what has run out is swept away. Nobody where Redis cannot be reached."""
    now = time.time() if now is None else now
    try:
        found = {field: _tab(raw) for field, raw in doorbell.fields_of(_key()).items()}
        over = [field for field, tab in found.items() if tab is None or tab.until < now]
        if over:
            doorbell.connection().hdel(_key(), *over)
    except redis.RedisError:
        log.warning("presence unreachable")
        return []
    return [tab for tab in found.values() if tab is not None and tab.until >= now]


def picture(now: float | None = None) -> Picture:
    """The people at each ticket."""
    doing: dict[int, dict[int, Person]] = defaultdict(dict)
    brands: dict[int, int] = {}
    for tab in tabs(now):
        if tab.ticket and (tab.user not in doing[tab.ticket] or tab.doing == WRITING):
            doing[tab.ticket][tab.user] = (tab.user, tab.name, tab.doing)
            brands[tab.ticket] = tab.brand
    return {ticket: Sitting(brands[ticket], _in_order(people.values())) for ticket, people in doing.items()}


def _in_order(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(sorted(people, key=lambda one: (one[2] != WRITING, one[1], one[0])))


def moved(before: Picture, after: Picture) -> Picture:
    """What is another between two pictures; a ticket that everybody left has nobody at it."""
    changed = {ticket: sitting for ticket, sitting in after.items() if before.get(ticket) != sitting}
    left = {ticket: Sitting(was.brand, ()) for ticket, was in before.items() if ticket not in after}
    return changed | left


def told_to(brands: frozenset[int] | None, seen: Picture) -> dict[str, list[Person]]:
    """A picture as JSON for somebody who sees these brands (None: all)."""
    return {
        str(ticket): list(sitting.people)
        for ticket, sitting in seen.items()
        if brands is None or sitting.brand in brands
    }


def _tab(raw: bytes | None) -> Tab | None:
    """What was kept; None for what another release wrote."""
    try:
        return Tab(*json.loads(raw)) if raw else None
    except (ValueError, TypeError):
        return None


def _key() -> str:
    return f"{settings.REDIS_PREFIX}:presence"


def _field(user: User, tab: str) -> str:
    # A person can only speak for tabs of their own.
    return f"{user.pk}.{tab[:LONGEST_TAB]}"
