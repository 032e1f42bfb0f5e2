"""Telling people what happened to their tickets: a stage that follows the record, like the pages do.

Verbs that know best whom to tell (mentions, approvals, clocks, rules) write notices themselves, in their transaction.
What every verb's line says anyway (a ticket given to somebody, a customer who wrote again, an answer not sent) is read
from the record here, so that no verb can forget it. Each notice has a key, so reading a stretch twice tells nobody
twice; the place reached is kept in Redis, and where that is lost the newest lines are read again.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Role, User
from ingest import doorbell
from ingest.models import Channel, Message
from tickets.incidents.told import updates_of
from tickets.models import Activity, IncidentUpdate, Notice
from tickets.news import live

log = structlog.get_logger(__name__)

Verb, Kind = Activity.Verb, Notice.Kind
TOLD_OF = (Verb.ASSIGNED, Verb.JOINED, Verb.NOT_DELIVERED)
# So many lines a turn; a transaction never writes more (bulk work goes batch by batch).
MOST = 4000
# Where the place was lost, so many of the newest lines are read again.
AGAIN = 500
# Ids become visible out of order: so far behind the newest one a late one may still come.
LATE = 200


# --- from the record to notices ---------------------------------------------------------------------------------------
def tell_new() -> int:
    """Read on from the place reached; returns how many notices were made."""
    start = _place()
    now = live.position()
    lines = _since(start) if start is not None else _newest()
    made = tell(lines)
    full = len(lines) == MOST
    _keep_place(str(lines[-1].xact) if full else now)
    if made:
        doorbell.ring_pages()
    return made


def tell(lines: Sequence[Activity]) -> int:
    """The notices of these lines of the record, as far as they were not made before."""
    authors, to_many = _authors(lines), _to_many(lines)
    made = [notice for line in lines for notice in _notices(line, authors, to_many)]
    with transaction.atomic():
        before = Notice.objects.filter(key__in={one.key for one in made}).count()
        Notice.objects.bulk_create(made, ignore_conflicts=True)
        return Notice.objects.filter(key__in={one.key for one in made}).count() - before


def _notices(line: Activity, authors: dict[int, int], to_many: dict[int, IncidentUpdate]) -> Iterator[Notice]:
    ticket = line.ticket
    if line.verb == Verb.ASSIGNED and line.data.get("to") not in {None, line.actor_id}:
        yield _notice(line, line.data["to"], Kind.ASSIGNED, f"assigned:{line.pk}")
    elif line.verb == Verb.JOINED and ticket.assignee_id and ticket.waiting_since:
        # Ten posts in a row are one piece of news until they are answered.
        answered = int(ticket.last_answered_at.timestamp()) if ticket.last_answered_at else 0
        yield _notice(line, ticket.assignee_id, Kind.CUSTOMER_WROTE, f"wrote:{ticket.pk}:{answered}")
    elif line.verb == Verb.NOT_DELIVERED:
        author = authors.get(line.data.get("message", 0)) or ticket.assignee_id
        update = to_many.get(line.data.get("message", 0))
        if author and update is not None:
            # What failed on hundreds of tickets is one piece of news.
            yield _not_told(line, author, update)
        elif author:
            yield _notice(line, author, Kind.NOT_DELIVERED, f"not_delivered:{line.pk}", error=line.data.get("error"))


def _notice(line: Activity, user: int, kind: Notice.Kind, key: str, **data: Any) -> Notice:
    return Notice(
        user_id=user, kind=kind, ticket=line.ticket, actor_id=line.actor_id, key=key, at=line.at,
        data={"activity": line.pk, **data},
    )  # fmt: skip


def _not_told(line: Activity, author: int, update: IncidentUpdate) -> Notice:
    data = {"incident": update.incident_id, "update": str(update.key), "name": update.incident.name}
    return Notice(user_id=author, kind=Kind.NOT_DELIVERED, key=f"not_told:{update.pk}", data=data, at=line.at)


def _to_many(lines: Iterable[Activity]) -> dict[int, IncidentUpdate]:
    """The updates to everybody among the answers that were not sent."""
    failed = [line for line in lines if line.verb == Verb.NOT_DELIVERED and line.data.get("message")]
    return updates_of((line.data["message"], line.ticket_id, line.ticket.incident_id) for line in failed)


def _authors(lines: Iterable[Activity]) -> dict[int, int]:
    """Who wrote the answers that were not sent."""
    answers = {line.data.get("message") for line in lines if line.verb == Verb.NOT_DELIVERED} - {None}
    if not answers:
        return {}
    return dict(Message.objects.filter(pk__in=answers, author__isnull=False).values_list("id", "author_id"))


def _since(start: int) -> list[Activity]:
    lines = Activity.objects.filter(xact__gte=start, verb__in=TOLD_OF).select_related("ticket")
    return list(lines.order_by("xact", "id")[:MOST])


def _newest() -> list[Activity]:
    return list(Activity.objects.filter(verb__in=TOLD_OF).select_related("ticket").order_by("-id")[:AGAIN])[::-1]


def _place() -> int | None:
    try:
        kept = doorbell.connection().get(_key())
    except redis.RedisError:
        return None
    return int(kept) if isinstance(kept, bytes) and kept.isdigit() else None


def _keep_place(position: str) -> None:
    try:
        doorbell.connection().set(_key(), position)
    except redis.RedisError:
        log.warning("the place in the record could not be kept")


def _key() -> str:
    return f"{settings.REDIS_PREFIX}:told"


# --- channels -------------------------------------------------------------------------------------------------------
def tell_of_channel(channel: Channel, state: str, words: Sequence[str], now: datetime | None = None) -> None:
    """Admins hear within Radd that a channel fell ill, or is well again."""
    now = now or timezone.now()
    data = {"channel": channel.pk, "name": channel.name, "state": state, "words": " ".join(words)[:200]}
    admins = User.objects.filter(role=Role.ADMIN, is_active=True)
    key = f"channel:{channel.pk}:{state}:{now:%Y%m%d%H%M}"
    Notice.objects.bulk_create(
        [Notice(user=admin, kind=Kind.CHANNEL, key=key, at=now, data=data) for admin in admins], ignore_conflicts=True
    )
    doorbell.ring_pages()


# --- for the live stream --------------------------------------------------------------------------------------------
class Told:
    """Whose notices are new since this was last asked. Each is told once; the first asking tells none."""

    def __init__(self) -> None:
        self.newest: int | None = None
        self.seen: set[int] = set()

    def anew(self) -> frozenset[int]:
        """Ids of the people who have notices that were not told of before."""
        if self.newest is None:
            self.newest = Notice.objects.aggregate(newest=Max("id"))["newest"] or 0
            self.seen = set(Notice.objects.filter(id__gt=self.newest - LATE).values_list("id", flat=True))
            return frozenset()
        rows = dict(Notice.objects.filter(id__gt=self.newest - LATE).values_list("id", "user_id"))
        fresh = frozenset(user for pk, user in rows.items() if pk not in self.seen)
        self.seen = set(rows)
        self.newest = max([self.newest, *rows])
        return fresh
