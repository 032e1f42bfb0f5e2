"""What platforms tell by webhook: stored raw before the call is answered, understood afterwards.

A call's signature is checked on its raw bytes, its events become rows, and only then it is answered 200; a call told
again finds its events known. `take_in_events` reads what waits, by lease, and stores its posts. An event that cannot
be understood costs nobody else anything: after EVENT_ATTEMPTS tries it is kept with its error and may be replayed.
"""

import traceback
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from ingest import adapters, doorbell
from ingest.cleaning import clean, clean_json, told
from ingest.collect import store_page
from ingest.models import Channel, InboundEvent
from ingest.platforms.base import Event, Json, Page, PlatformError, Receives

log = structlog.get_logger(__name__)

State = InboundEvent.State
BATCH = 100
RETRIES_A_ROUND = 5
REST_AFTER_FAILURE = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)
PRUNED_AT_ONCE = 5000


class NoHook(Exception):
    """Nobody listens at this address."""


class BadAddress(ValueError):
    """It is no address that a platform can call."""


class NotRegistered(Exception):
    """This platform is told of webhooks in another way."""


@runtime_checkable
class Registers(Protocol):
    """The platform can be told to call an address."""

    def register_webhook(self, url: str) -> str:
        """Have it call this address of ours; returns the webhook's id. Raises PlatformError."""
        ...


def register(channel: Channel, url: str) -> tuple[str, str]:
    """Have the channel's platform call us; returns the address it calls and the webhook's id there.

    `url`: where this desk is reached from outside, or the whole address of the channel's webhook. Raises BadAddress,
    NotRegistered, PlatformError.
    """
    parts, path = urlsplit(url.strip()), reverse("hook", args=[channel.hook])
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise BadAddress(f"{url} is not an https address")
    if parts.path.rstrip("/") not in {"", path.rstrip("/")}:
        raise BadAddress(f"{url} is not the address of {channel.name}, whose path is {path}")
    adapter = adapters.of(channel)
    if not isinstance(adapter, Registers):
        raise NotRegistered(channel.platform)
    address = f"https://{parts.netloc}{path}"
    return address, adapter.register_webhook(address)


# --- being called -----------------------------------------------------------------------------------------------------
def answer_challenge(hook: UUID, query: Mapping[str, str]) -> Json | None:
    """What proves that we are who registered the webhook; None if nothing was asked. Raises NoHook, PlatformError."""
    _channel, adapter = _receiver(hook)
    return adapter.challenge(query)


def take(hook: UUID, headers: Mapping[str, str], body: bytes, now: datetime) -> int:
    """Keep the events of one call; returns how many were new. Raises NoHook, PlatformError.

    Channels that are paused keep theirs too: they are taken in when the channel goes on.
    """
    channel, adapter = _receiver(hook)
    events = adapter.events(headers, body, now)
    rows = [InboundEvent(channel=channel, key=_key(event), payload=clean_json(event.payload), received_at=now)
            for event in events]  # fmt: skip
    with transaction.atomic():
        known = InboundEvent.objects.filter(channel=channel, key__in=[row.key for row in rows]).count() if rows else 0
        InboundEvent.objects.bulk_create(rows, ignore_conflicts=True)
        if known < len(rows):
            doorbell.ring("radd.take_in")
    return len({row.key for row in rows}) - known


def _receiver(hook: UUID) -> tuple[Channel, Receives]:
    channel = Channel.objects.filter(hook=hook).first()
    if channel is None:
        raise NoHook
    adapter = adapters.of(channel)
    if not isinstance(adapter, Receives):
        raise NoHook
    return channel, adapter


def _key(event: Event) -> str:
    """The key as the column holds it; one that is too long is told apart by its digest."""
    key = clean(event.key)
    return key if 0 < len(key) <= 255 else sha256(key.encode() or repr(event.payload).encode()).hexdigest()


# --- taking in --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Claim:
    """One event in our hands until the lease ends."""

    id: int
    channel_id: int
    payload: Json
    attempts: int


def take_in_events(limit: int = BATCH) -> int:
    """Take in one round of events; returns how many were tried, 0 when none waits.

    Fresh ones are taken together. Whatever was claimed before without success is taken alone, one after the other, so
    that an event which kills the process is the only one to run out of attempts.
    """
    fresh = _claim(limit, fresh=True)
    by_channel: dict[int, list[Claim]] = defaultdict(list)
    for claim in fresh:
        by_channel[claim.channel_id].append(claim)
    channels = Channel.objects.in_bulk(by_channel)
    for channel_id, claims in by_channel.items():
        # One that was removed meanwhile has taken its events with it.
        if channel := channels.get(channel_id):
            _take_in(channel, claims)
    tried = len(fresh)
    for _turn in range(RETRIES_A_ROUND):
        again = _claim(1, fresh=False)
        tried += len(again)
        for claim in again:
            _try_again(claim)
        if not again:
            break
    return tried


def replay(event_ids: Sequence[int]) -> int:
    """Put events that were not understood back in line, their attempts forgotten."""
    put_back = InboundEvent.objects.filter(pk__in=event_ids, state=State.FAILED).update(
        state=State.WAITING, attempts=0, lease_until=None, error=""
    )
    if put_back:
        doorbell.ring("radd.take_in")
    return put_back


def prune_events(now: datetime | None = None) -> int:
    """Forget events taken in longer ago than anybody tells them again; at most some thousands at a time."""
    before = (now or timezone.now()) - settings.EVENT_KEEP
    old = InboundEvent.objects.filter(state=State.DONE, received_at__lt=before).order_by("received_at")
    ids = list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    return InboundEvent.objects.filter(pk__in=ids).delete()[0]


def _claim(limit: int, *, fresh: bool) -> list[Claim]:
    """Take up to `limit` events, oldest first. Those of a paused channel wait until it goes on."""
    now = timezone.now()
    attempts = "attempts = 0" if fresh else "attempts > 0"
    with connection.cursor() as sql:
        sql.execute(
            f"""
            WITH next AS MATERIALIZED (
                SELECT e.id FROM ingest_inboundevent e
                 WHERE e.state = 'waiting' AND e.{attempts} AND (e.lease_until IS NULL OR e.lease_until < %s)
                   AND EXISTS (SELECT FROM ingest_channel c WHERE c.id = e.channel_id AND c.state <> 'paused')
                 ORDER BY e.id LIMIT %s FOR UPDATE SKIP LOCKED)
            UPDATE ingest_inboundevent e SET lease_until = %s, attempts = attempts + 1
              FROM next WHERE e.id = next.id
            RETURNING e.id
            """,  # noqa: S608  (one of two conditions of ours)
            [now, limit, now + settings.COLLECT_LEASE],
        )
        ids = [row[0] for row in sql.fetchall()]
    rows = InboundEvent.objects.filter(pk__in=ids).order_by("id") if ids else []
    return [Claim(row.pk, row.channel_id, row.payload, row.attempts) for row in rows]


def _take_in(channel: Channel, claims: Sequence[Claim]) -> None:
    """All of them together; if that fails, each alone."""
    try:
        _store(channel, claims)
    except Exception as error:  # noqa: BLE001  (told by _note_failure)
        if len(claims) == 1:
            _note_failure(claims[0], error)
            return
        log.warning("events are taken in one by one", channel=channel.name, error=type(error).__name__)
        for claim in claims:
            _take_in(channel, [claim])


def _try_again(claim: Claim) -> None:
    if claim.attempts > settings.EVENT_ATTEMPTS:
        # Every try but the one just claimed was begun and never ended.
        _fail(claim, "The process ended while this event was taken in.")
        return
    channel = Channel.objects.filter(pk=claim.channel_id).first()
    if channel is not None:
        _take_in(channel, [claim])


def _store(channel: Channel, claims: Sequence[Claim]) -> None:
    adapter = adapters.of(channel)
    if not isinstance(adapter, Receives):
        raise PlatformError("no_webhooks", channel.platform, permanent=True)
    pages = [adapter.read_event(claim.payload) for claim in claims]
    charged = Counter[str]()
    for page in pages:
        charged.update(page.charged)
    posts = tuple(post for page in pages for post in page.posts)
    whole = Page(posts, {}, bad=tuple(item for page in pages for item in page.bad), charged=charged)
    with transaction.atomic():
        stored = store_page(channel, whole)
        if stored.new:
            Channel.objects.filter(pk=channel.pk).update(last_new_at=timezone.now())
        InboundEvent.objects.filter(pk__in=[claim.id for claim in claims]).update(
            state=State.DONE, lease_until=None, error=""
        )


def _note_failure(claim: Claim, error: Exception) -> None:
    """Later once more, or set aside. What the error says may quote the event, so the log has only where it arose."""
    if isinstance(error, PlatformError):
        words, permanent, wait = str(error), error.permanent, error.retry_after
    else:
        words, permanent, wait = f"{type(error).__name__}: {error}", False, None
    log.warning("event not taken in", id=claim.id, error=type(error).__name__, at=origin(error))
    if permanent or claim.attempts >= settings.EVENT_ATTEMPTS:
        _fail(claim, words)
        return
    rest = timedelta(seconds=wait) if wait else min(REST_AFTER_FAILURE * 2 ** (claim.attempts - 1), LONGEST_REST)
    InboundEvent.objects.filter(pk=claim.id, state=State.WAITING).update(
        lease_until=timezone.now() + rest, error=told(words)
    )


def _fail(claim: Claim, words: str) -> None:
    InboundEvent.objects.filter(pk=claim.id, state=State.WAITING).update(
        state=State.FAILED, lease_until=None, error=told(words)
    )


def origin(error: BaseException) -> str:
    """File and line where an error arose, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
