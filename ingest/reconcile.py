"""Reconciling: each channel's recent past is read again, and everything there is proved to be here, hour by hour.

Posts that were not here are taken in as any others. Where a platform only pushes there is nothing to hold against what
is here: such a channel cannot be checked, and its page says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from ingest import adapters, collect, doorbell, spending, tombstones
from ingest.looking_again import can_spare
from ingest.models import Channel, ChannelHour, Message
from ingest.platforms.base import Adapter, Backfills, Json, Page, PlatformError, Post, Receives

log = structlog.get_logger(__name__)

WINDOW = timedelta(hours=3)
HOUR = timedelta(hours=1)
# A little less than an hour, so that the sweep does not skip every other turn.
EVERY = timedelta(minutes=55)
# A window that takes more pages than this is not proved.
MOST_PAGES = 40
LOCK_CLASS = 0x7265636F


@dataclass(slots=True)
class Tally:
    """What was found of one hour."""

    expected: int = 0
    late: int = 0
    missing: int = 0


class NotProved(Exception):
    """The platform had more to tell of the window than could be read."""


def can_check(adapter: Adapter) -> bool:
    """Whether the platform can be asked for what it has. One that only calls us cannot."""
    return isinstance(adapter, Backfills) or not isinstance(adapter, Receives)


def checkable(channel: Channel) -> bool:
    """The same of a channel; False too while it has no working adapter."""
    try:
        return can_check(adapters.of(channel))
    except PlatformError:
        return False


def due(now: datetime) -> list[int]:
    """Ids of the channels that were not checked within the hour."""
    newest = Channel.objects.filter(state=Channel.State.ACTIVE).annotate(checked=Max("hours__checked_at"))
    return list(newest.filter(Q(checked=None) | Q(checked__lt=now - EVERY)).values_list("id", flat=True))


def ring_due() -> int:
    """Send somebody to check each channel whose hour has come; how many."""
    channels = due(timezone.now())
    for channel_id in channels:
        doorbell.ring("radd.reconcile", channel_id)
    return len(channels)


def check(channel_id: int, now: datetime | None = None) -> int:
    """Check the last hours of one channel; returns how many posts were missing, and are here now."""
    now = now or timezone.now()
    channel = Channel.objects.filter(pk=channel_id, state=Channel.State.ACTIVE).first()
    if channel is None or not can_spare(channel, now):
        return 0
    # What came before the channel was connected was never ours to have; what is young may still be on its way.
    since = max(_floor(now - WINDOW), channel.created_at)
    until = now - late_after(channel)
    try:
        adapter = adapters.of(channel)
        if not can_check(adapter):
            return 0
        posts = _posts(channel, adapter, since)
    except (PlatformError, NotProved) as error:
        log.warning("not reconciled", channel=channel.name, why=str(error)[:200])
        return 0
    wanted = {p.external_id: p for p in posts if since <= _said_at(p) < until and not (p.context or p.deleted_at)}
    # What was deleted before it came stays away, though the platform may still show it somewhere.
    gone = tombstones.of_channel(channel, list(wanted))
    return _write(channel, [post for post in wanted.values() if post.external_id not in gone], since, until, now)


def _said_at(post: Post) -> datetime:
    """When it could be had, where somebody vouches for that; else when its author says to have written it."""
    return post.reachable_at or post.posted_at


def late_after(channel: Channel) -> timedelta:
    """How long a post may take to get here before it counts as late: polled ones wait for the next look."""
    return max(settings.LATE_AFTER, timedelta(seconds=2 * channel.poll_seconds))


# --- asking ---------------------------------------------------------------------------------------------------------
def _posts(channel: Channel, adapter: Adapter, since: datetime) -> list[Post]:
    """All posts since then as the platform tells them now. Raises NotProved, PlatformError."""
    posts: list[Post] = []
    cursor: Json = {}
    for _turn in range(MOST_PAGES):
        page = adapter.backfill(since, cursor) if isinstance(adapter, Backfills) else adapter.fetch(cursor)
        spending.note_call(channel, page.charged, page.room)
        posts += page.posts
        cursor = page.cursor
        if not page.more:
            return posts
    raise NotProved("too much to read again")


# --- writing --------------------------------------------------------------------------------------------------------
def _write(channel: Channel, posts: Sequence[Post], since: datetime, until: datetime, now: datetime) -> int:
    """Take in what is missing and write the hours, in one transaction; two at once do it one after the other."""
    with transaction.atomic():
        with connection.cursor() as sql:
            sql.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, channel.pk])
        received = _received(channel, posts)
        missing = [post for post in posts if post.external_id not in received]
        if missing:
            log.warning("posts were missing", channel=channel.name, missing=len(missing))
            collect.store_page(channel, Page(tuple(missing), {}))
        _write_hours(channel, _tallies(posts, received, since, until, late_after(channel)), now)
    return len(missing)


def _received(channel: Channel, posts: Iterable[Post]) -> dict[str, datetime]:
    here = Message.objects.filter(channel=channel, external_id__in=[post.external_id for post in posts])
    return dict(here.values_list("external_id", "received_at"))


def _tallies(
    posts: Iterable[Post], received: Mapping[str, datetime], since: datetime, until: datetime, late: timedelta
) -> dict[datetime, Tally]:
    """Each hour of the window, also those in which nothing was posted."""
    hours: dict[datetime, Tally] = defaultdict(Tally)
    hour = _floor(since)
    while hour < until:
        hours[hour] = Tally()
        hour += HOUR
    for post in posts:
        tally = hours[_floor(_said_at(post))]
        tally.expected += 1
        came = received.get(post.external_id)
        tally.missing += came is None
        tally.late += came is not None and came - _said_at(post) > late
    return hours


def _write_hours(channel: Channel, hours: Mapping[datetime, Tally], now: datetime) -> None:
    """What an earlier check of the same hour took in came late to this one, and stays on record as missing."""
    before = dict(ChannelHour.objects.filter(channel=channel, hour__in=hours).values_list("hour", "missing"))
    rows = []
    for hour, tally in sorted(hours.items()):
        known = min(before.get(hour, 0), tally.late)
        late, missing = tally.late - known, tally.missing + before.get(hour, 0)
        rows.append(
            ChannelHour(
                channel=channel,
                hour=hour,
                expected=tally.expected,
                present=max(tally.expected - late - missing, 0),
                late=late,
                missing=missing,
                checked_at=now,
            )
        )
    ChannelHour.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["channel", "hour"],
        update_fields=["expected", "present", "late", "missing", "checked_at"],
    )


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
