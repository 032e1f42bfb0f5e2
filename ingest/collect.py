"""Collecting: look at one channel, store each post once.

Every source delivers again, late and out of order. What makes a post one post is (channel, external id), held by the
database; storing is an upsert of the author, the conversation and the message, and the cursor is saved in the same
transaction.

Other people's words that a platform tells only so that a thread can be understood (`Post.context`) are stored as
decided: no reader and no triage sees them. When such a post comes again as one that was meant for us, it starts anew.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from math import inf
from typing import Any

import structlog
from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ingest import adapters, changes, doorbell, looks, prices, readback, rows, spending, tombstones
from ingest.batch import as_json
from ingest.cleaning import clean, clean_json, told
from ingest.models import BadItem, Channel, Message
from ingest.platforms import base
from ingest.platforms.base import Json, PlatformError, Post
from ingest.soundness import ODD, aside, keepable, sifted, sound
from ingest.times import believed

__all__ = ["Stored", "clean", "clean_json", "due", "poll", "store", "store_page"]

log = structlog.get_logger(__name__)

# One look reads at most this many pages, so that a long backlog on one channel does not starve the others.
PAGES_A_LOOK = 10
LONGEST_WAIT = timedelta(minutes=15)
# What a post ends in that cannot be written as a row: a number too large, a value too deep.
REFUSED = (DataError, IntegrityError, *ODD)


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of a batch of posts: stored now, known before, known but changed since."""

    new: int = 0
    known: int = 0
    changed: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(self.new + other.new, self.known + other.known, self.changed + other.changed)


# --- looking --------------------------------------------------------------------------------------------------------
def due(now: datetime) -> list[int]:
    """Ids of the channels whose time to look has come."""
    waiting = Channel.objects.filter(state=Channel.State.ACTIVE).filter(Q(next_poll_at=None) | Q(next_poll_at__lte=now))
    return list(waiting.filter(Q(lease_until=None) | Q(lease_until__lt=now)).values_list("id", flat=True))


def poll(channel_id: int) -> int:
    """Look at a channel once; returns how many new posts were stored.

    The channel is leased, not locked: nobody waits while the platform thinks.
    """
    now = timezone.now()
    lease = now + settings.COLLECT_LEASE
    claimed = (
        Channel.objects.filter(pk=channel_id, state=Channel.State.ACTIVE)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .update(lease_until=lease, attempts=F("attempts") + 1, last_polled_at=now)
    )
    if not claimed:
        return 0
    channel = Channel.objects.get(pk=channel_id)
    budget = spending.budget(channel)
    if budget.gone:
        _held(channel).update(lease_until=None, attempts=0, next_poll_at=now + LONGEST_WAIT)
        return 0
    try:
        new, charged = _read_pages(channel)
    except PlatformError as error:
        _note_trouble(channel, error)
        return 0
    except Exception as error:
        log.exception("collecting failed", channel=channel.name)
        _note_trouble(channel, PlatformError("unexpected", f"{type(error).__name__}: {error}"))
        return 0
    usual = timedelta(seconds=channel.poll_seconds)
    _note_health(channel, new, budget.wait(usual, prices.cost(channel.platform, charged)))
    return new


def _read_pages(channel: Channel) -> tuple[int, Mapping[str, int]]:
    """How many posts were new, and what the platform charged for."""
    adapter = adapters.of(channel)
    cursor: Json = channel.cursor
    new, charged = 0, Counter[str]()
    for _turn in range(PAGES_A_LOOK):
        page = adapter.fetch(cursor)
        new += store_page(channel, page, cursor=page.cursor).new
        charged.update(page.charged)
        cursor = page.cursor
        if not page.more:
            break
    return new, charged


def store_page(
    channel: Channel,
    page: base.Page,
    *,
    cursor: Json | None = None,
    stream_cursor: Json | None = None,
    past: bool = False,
) -> Stored:
    """As `store`, with what the page cost; a post that is not sound, or that the database refuses, is set aside as a
    bad item, and the others are stored: where the database refused, one by one.
    """
    posts, unsound = sifted(page.posts, timezone.now())
    bad = [*page.bad, *unsound]
    try:
        with transaction.atomic():
            stored = store(channel, posts, cursor=cursor, stream_cursor=stream_cursor, bad=bad, past=past)
            # Rows are locked in the same order by everybody: the channel's own comes last.
            spending.note_call(channel, page.charged, page.room)
            return stored
    except REFUSED:
        log.exception("a post was refused; going on one by one", channel=channel.name)
    stored = Stored()
    for post in posts:
        try:
            stored += store(channel, [post], past=past)
        except REFUSED as error:
            bad.append(aside(post, error))
    with transaction.atomic():
        store(channel, [], cursor=cursor, stream_cursor=stream_cursor, bad=bad)
        spending.note_call(channel, page.charged, page.room)
    return stored


def _held(channel: Channel) -> QuerySet[Channel]:
    """The row while it is still in our hands."""
    return Channel.objects.filter(pk=channel.pk, lease_until=channel.lease_until)


def _note_health(channel: Channel, new: int, wait: timedelta) -> None:
    now = timezone.now()
    looks.note(channel.pk, now, failed=False)
    fields: dict[str, Any] = {"last_new_at": now} if new else {}
    _held(channel).update(
        lease_until=None,
        attempts=0,
        last_ok_at=now,
        error_code="",
        last_error="",
        next_poll_at=now + wait,
        **fields,
    )


def _note_trouble(channel: Channel, error: PlatformError) -> None:
    """Say what is wrong where an admin sees it, and when to look again; only a person mends a permanent error."""
    wait = timedelta(seconds=error.retry_after or min(channel.poll_seconds * 2**channel.attempts, 900))
    looks.note(channel.pk, timezone.now(), failed=True, code=error.code[:40])
    log.warning("channel trouble", channel=channel.name, code=error.code, words=error.words[:200])
    fields: dict[str, Any] = {"state": Channel.State.BROKEN} if error.permanent else {}
    _held(channel).update(
        lease_until=None,
        error_code=error.code[:40],
        last_error=clean(error.words)[:2000],
        next_poll_at=timezone.now() + (wait if error.retry_after else min(wait, LONGEST_WAIT)),
        **fields,
    )


# --- storing --------------------------------------------------------------------------------------------------------
def store(
    channel: Channel,
    posts: Sequence[Post],
    *,
    cursor: Json | None = None,
    stream_cursor: Json | None = None,
    bad: Sequence[base.BadItem] = (),
    own_ids: frozenset[str] = frozenset(),
    past: bool = False,
) -> Stored:
    """Store a page of posts, its bad items and its cursor in one transaction. Safe to repeat, in any order.

    Posts by the channel's own account, by an account of `own_ids`, or by one already known as the brand's own are
    ours: they are stored as outgoing and are never read as a customer's message. `stream_cursor`: where a stream is,
    which is not where `fetch` is. `past`: these were asked for as a piece of the past (see ingest.times).

    Raises Unsound, or one of REFUSED, for a post that cannot be stored; nothing is stored then.
    """
    now = timezone.now()
    newest = _each_once([sound(post, now) for post in posts])
    with transaction.atomic():
        unique = tombstones.only_living(channel, newest) if newest else []
        if unique:
            rows.store_contacts(channel, unique, own_ids | ({channel.external_id} - {""}))
            rows.store_conversations(channel, unique)
            readback.adopt(channel, unique)
        new = rows.store_messages(channel, unique, now, past=past) if unique else set()
        known = [post for post in unique if post.external_id not in new]
        promoted = _promote(channel, known, now)
        changed = changes.follow(channel, known)
        BadItem.objects.bulk_create((_bad_item(channel, item) for item in bad), ignore_conflicts=True)
        _save_cursors(channel, cursor=cursor, stream_cursor=stream_cursor)
        if promoted or changed or any(post.external_id in new and not post.context for post in unique):
            doorbell.ring("radd.read")
    return Stored(new=len(new) + promoted, known=len(posts) - len(new) - promoted, changed=changed)


def _each_once(posts: Sequence[Post]) -> list[Post]:
    """The newest version of each id, in whatever order they are told, where the first of them stands.

    A deletion is newer than any edit, an edit than none; of two that say the same the later told. One that was told as
    meant for us is not lost behind its copy as context.
    """
    found: dict[str, Post] = {}
    for post in posts:
        known = found.get(post.external_id, post)
        newest = post if _version(post) >= _version(known) else known
        found[post.external_id] = replace(newest, context=known.context and post.context)
    return list(found.values())


def _version(post: Post) -> tuple[bool, float]:
    return post.deleted_at is not None, post.edited_at.timestamp() if post.edited_at else -inf


def _save_cursors(channel: Channel, **cursors: Json | None) -> None:
    told = {name: cursor for name, cursor in cursors.items() if cursor is not None}
    if told:
        Channel.objects.filter(pk=channel.pk).update(**told)


def _promote(channel: Channel, known: Sequence[Post], now: datetime) -> int:
    """What was kept as context and is told now as meant for us begins as any new message; how many these were."""
    meant = {post.external_id: post for post in known if not post.context}
    if not meant:
        return 0
    kept = Message.objects.filter(channel=channel, external_id__in=meant, decision=Message.Decision.CONTEXT)
    promoted = 0
    for pk, external_id in kept.select_for_update().order_by("id").values_list("id", "external_id"):
        post = meant[external_id]
        raw = {} if post.deleted_at else clean_json(post.raw)
        promoted += Message.objects.filter(pk=pk).update(
            state=Message.State.NEW, decision="", disposition="", decided_at=None, lease_until=None, attempts=0,
            kind=post.kind.value, raw=raw, received_at=now, **asdict(believed(post, now, channel.created_at)),
        )  # fmt: skip
    return promoted


def _bad_item(channel: Channel, item: base.BadItem) -> BadItem:
    payload = keepable(item.payload)
    return BadItem(
        channel=channel,
        # Items without an id are told apart by what they hold, so that none hides another.
        external_id=clean(item.external_id)[:512] or sha256(as_json([{"item": payload}]).encode()).hexdigest(),
        payload=payload,
        error=told(item.error),
    )
