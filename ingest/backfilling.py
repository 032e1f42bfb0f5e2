"""Backfill: the past of a channel, read in the background, page by page, behind everything that is live.

A page is read only while no channel waits for its look and the reader keeps up; its posts, the cursor and the progress
are saved together, so that whatever dies goes on from its last page.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ingest import adapters, collect, doorbell, spending
from ingest.cleaning import clean
from ingest.models import Backfill, Channel, Message
from ingest.platforms.base import Backfills, Page, PlatformError

log = structlog.get_logger(__name__)

State = Backfill.State
# Further back nobody looks, and platforms seldom give.
MOST_DAYS = 365
# A channel whose look is overdue by this much is waiting: it comes first.
PATIENCE = timedelta(seconds=5)
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=30)
# While spending is ahead of the month.
REST_AHEAD = timedelta(hours=1)
# Of a rate limit, the share that is left to live posts.
KEPT_FOR_LIVE = 0.25


class NoPast(Exception):
    """This channel's platform gives no past."""


# --- verbs ------------------------------------------------------------------------------------------------------------
def start(channel: Channel, since: datetime, now: datetime | None = None) -> Backfill:
    """Read what was posted since then, in the background. Raises NoPast, and PlatformError for a channel set up badly.

    One that is at work and reaches as far back is the one; one that does not gives way to a new one.
    """
    if not isinstance(adapters.of(channel), Backfills):
        raise NoPast(channel.platform)
    now = now or timezone.now()
    with transaction.atomic():
        # Whoever starts one at the same moment waits here, and sees ours.
        Channel.objects.select_for_update().only("id").get(pk=channel.pk)
        at_work = Backfill.objects.filter(channel=channel, state=State.WORKING).first()
        if at_work is not None and at_work.since <= since:
            return at_work
        Backfill.objects.filter(channel=channel, state=State.WORKING).update(**_ended(State.STOPPED, now))
        begun = Backfill.objects.create(channel=channel, since=since, due_at=now, started_at=now)
        doorbell.ring("radd.backfill")
    return begun


def stop(backfill_id: int, now: datetime | None = None) -> bool:
    """End it where it is; what was read stays. False if it had ended already."""
    at_work = Backfill.objects.filter(pk=backfill_id, state=State.WORKING)
    return bool(at_work.update(**_ended(State.STOPPED, now or timezone.now())))


def progress(backfill: Backfill) -> float:
    """How much of its time has been read, from 0 to 1."""
    if backfill.state == State.DONE:
        return 1.0
    whole = backfill.started_at - backfill.since
    if backfill.reached is None or whole <= timedelta(0):
        return 0.0
    return min(max((backfill.started_at - backfill.reached) / whole, 0.0), 1.0)


# --- the stage --------------------------------------------------------------------------------------------------------
def read_some() -> int:
    """Read one page of one backfill; 1 if one was tried, 0 when none is due or live posts come first."""
    now = timezone.now()
    if not Backfill.objects.filter(state=State.WORKING, due_at__lte=now).exists() or _live_posts_wait(now):
        return 0
    backfill = _claim(now)
    if backfill is None:
        return 0
    try:
        _read_page(backfill)
    except PlatformError as error:
        _note_trouble(backfill, error)
    except Exception as error:
        log.exception("backfill failed", channel=backfill.channel.name)
        _note_trouble(backfill, PlatformError("unexpected", f"{type(error).__name__}: {error}"))
    return 1


def _live_posts_wait(now: datetime) -> bool:
    unread = Message.objects.unread().order_by("id").values("id")[: settings.BACKFILL_UNREAD]
    return bool(collect.due(now - PATIENCE)) or unread.count() >= settings.BACKFILL_UNREAD


def _claim(now: datetime) -> Backfill | None:
    with connection.cursor() as sql:
        sql.execute(
            """
            WITH next AS (
                SELECT b.id FROM ingest_backfill b JOIN ingest_channel c ON c.id = b.channel_id
                 WHERE b.state = 'working' AND b.due_at <= %s AND (b.lease_until IS NULL OR b.lease_until < %s)
                   AND c.state = 'active'
                 ORDER BY b.due_at, b.id LIMIT 1 FOR UPDATE OF b SKIP LOCKED)
            UPDATE ingest_backfill b SET lease_until = %s, attempts = b.attempts + 1
              FROM next WHERE b.id = next.id
            RETURNING b.id
            """,
            [now, now, now + settings.COLLECT_LEASE],
        )
        row = sql.fetchone()
    return Backfill.objects.select_related("channel").get(pk=row[0]) if row else None


def _read_page(backfill: Backfill) -> None:
    channel = backfill.channel
    if backfill.attempts > settings.BACKFILL_ATTEMPTS:
        raise PlatformError("gave_up", backfill.error or "The process ended while it read.", permanent=True)
    budget = spending.budget(channel)
    if budget.ahead or budget.gone:
        _rest(backfill, REST_AHEAD, attempts=backfill.attempts - 1)
        return
    adapter = adapters.of(channel)
    if not isinstance(adapter, Backfills):
        raise PlatformError("no_past", channel.platform, permanent=True)
    page = adapter.backfill(backfill.since, backfill.cursor)
    if page.more and not page.posts and page.cursor == backfill.cursor:
        raise PlatformError("stuck", "It gives the same page again and again.")
    with transaction.atomic():
        stored = collect.store_page(channel, page, past=True)
        _note_page(backfill, page, stored.new)


def _note_page(backfill: Backfill, page: Page, new: int) -> None:
    """Where it has come to; not if it was stopped, or taken over by another, meanwhile."""
    now = timezone.now()
    # A post dated before the world was made has not brought us there.
    times = [max(post.reachable_at or post.posted_at, backfill.since) for post in page.posts]
    times += [backfill.reached] if backfill.reached else []
    fields: dict[str, Any] = {"due_at": _next(page, now)} if page.more else _ended(State.DONE, now)
    _held(backfill).update(
        cursor=page.cursor,
        pages=backfill.pages + 1,
        found=backfill.found + len(page.posts),
        stored=backfill.stored + new,
        reached=min(times, default=None),
        attempts=0,
        error="",
        **({"lease_until": None} | fields),
    )


def _next(page: Page, now: datetime) -> datetime:
    """When the next page is due: at once, or when the rate limit has room for more than live posts again."""
    room = page.room
    if room and room.resets_at and room.remaining < room.limit * KEPT_FOR_LIVE:
        return max(room.resets_at, now)
    return now


def _note_trouble(backfill: Backfill, error: PlatformError) -> None:
    now = timezone.now()
    log.warning("backfill trouble", channel=backfill.channel.name, code=error.code, words=error.words[:200])
    # A platform that asks us to wait has not refused: such tries are not counted.
    patient = error.code == "rate_limited"
    words = clean(str(error))[:2000]
    if error.permanent or (backfill.attempts >= settings.BACKFILL_ATTEMPTS and not patient):
        _held(backfill).update(**_ended(State.STOPPED, now), error=words)
        return
    wait = timedelta(seconds=error.retry_after) if error.retry_after else FIRST_REST * 2 ** (backfill.attempts - 1)
    _rest(
        backfill,
        wait if error.retry_after else min(wait, LONGEST_REST),
        attempts=backfill.attempts - patient,
        error=words,
    )


def _rest(backfill: Backfill, wait: timedelta, **fields: Any) -> None:
    _held(backfill).update(lease_until=None, due_at=timezone.now() + wait, **fields)


def _held(backfill: Backfill) -> QuerySet[Backfill]:
    """The row while it is still in our hands, and nobody has stopped it."""
    return Backfill.objects.filter(pk=backfill.pk, state=State.WORKING, lease_until=backfill.lease_until)


def _ended(state: Backfill.State, now: datetime) -> dict[str, Any]:
    return {"state": state, "finished_at": now, "lease_until": None}
