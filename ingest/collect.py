"""Collecting: look at one channel, store each post once.

Every source delivers again, late and out of order. What makes a post one post is (channel, external id), held by the
database; storing is an upsert of the author, the conversation and the message, and the cursor is saved in the same
transaction.

Other people's words that a platform tells only so that a thread can be understood (`Post.context`) are stored as
decided: no reader and no triage sees them. When such a post comes again as one that was meant for us, it starts anew.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog
from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ingest import adapters, changes, doorbell, looks, prices, readback, spending
from ingest.batch import as_json
from ingest.cleaning import clean, clean_json, told
from ingest.models import BadItem, Channel, Message
from ingest.platforms import base
from ingest.platforms.base import Json, PlatformError, Post
from ingest.threads import conversation_key

__all__ = ["Stored", "clean", "clean_json", "due", "poll", "store", "store_page"]

log = structlog.get_logger(__name__)

# One look reads at most this many pages, so that a long backlog on one channel does not starve the others.
PAGES_A_LOOK = 10
LONGEST_WAIT = timedelta(minutes=15)
# What the database says to a post that it cannot hold: an id too long, a number too large, no id at all.
REFUSED = (DataError, IntegrityError, ValueError)


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
    channel: Channel, page: base.Page, *, cursor: Json | None = None, stream_cursor: Json | None = None
) -> Stored:
    """As `store`, with what the page cost; a post that the database refuses is set aside as a bad item, and the others
    are stored one by one.
    """
    try:
        with transaction.atomic():
            stored = store(channel, page.posts, cursor=cursor, stream_cursor=stream_cursor, bad=page.bad)
            # Rows are locked in the same order by everybody: the channel's own comes last.
            spending.note_call(channel, page.charged, page.room)
            return stored
    except REFUSED:
        log.exception("a post was refused; going on one by one", channel=channel.name)
    stored, bad = Stored(), list(page.bad)
    for post in page.posts:
        try:
            stored += store(channel, [post])
        except REFUSED as error:
            bad.append(base.BadItem(post.external_id, asdict(post), f"{type(error).__name__}: {error}"))
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
) -> Stored:
    """Store a page of posts, its bad items and its cursor in one transaction. Safe to repeat, in any order.

    Posts by the channel's own account, by an account of `own_ids`, or by one already known as the brand's own are
    ours: they are stored as outgoing and are never read as a customer's message. `stream_cursor`: where a stream is,
    which is not where `fetch` is.
    """
    unique = _each_once(posts)
    with transaction.atomic():
        if unique:
            _store_contacts(channel, unique, own_ids | ({channel.external_id} - {""}))
            _store_conversations(channel, unique)
            readback.adopt(channel, unique)
        new = _store_messages(channel, unique) if unique else set()
        known = [post for post in unique if post.external_id not in new]
        promoted = _promote(channel, known)
        changed = changes.follow(channel, known)
        BadItem.objects.bulk_create((_bad_item(channel, item) for item in bad), ignore_conflicts=True)
        _save_cursors(channel, cursor=cursor, stream_cursor=stream_cursor)
        if promoted or changed or any(post.external_id in new and not post.context for post in unique):
            doorbell.ring("radd.read")
    return Stored(new=len(new) + promoted, known=len(posts) - len(new) - promoted, changed=changed)


def _each_once(posts: Sequence[Post]) -> list[Post]:
    """The last of each id; one that was told as meant for us is not lost behind its copy as context."""
    found: dict[str, Post] = {}
    for post in posts:
        before = found.get(post.external_id)
        found[post.external_id] = post if before is None or before.context else replace(post, context=False)
    return list(found.values())


def _save_cursors(channel: Channel, **cursors: Json | None) -> None:
    told = {name: cursor for name, cursor in cursors.items() if cursor is not None}
    if told:
        Channel.objects.filter(pk=channel.pk).update(**told)


def _store_contacts(channel: Channel, posts: Iterable[Post], own_ids: frozenset[str]) -> None:
    """Newest profile wins; an empty field never wipes a known one. Ordered, so that two batches cannot deadlock."""
    authors: dict[str, base.Author] = {}
    for post in posts:
        known = authors.get(post.author.external_id, post.author)
        authors[known.external_id] = _newer_profile(known, post.author)
    rows = [
        {
            "external_id": author.external_id,
            "handle": clean(author.handle)[:255],
            "name": clean(author.name)[:255],
            "avatar_url": clean(author.avatar_url),
            "followers": author.followers,
            "is_own": author.external_id in own_ids,
        }
        for author in sorted(authors.values(), key=lambda author: author.external_id)
    ]
    with connection.cursor() as sql:
        sql.execute(
            """
            INSERT INTO ingest_contact AS c
                   (brand_id, platform, external_id, handle, name, avatar_url, followers, is_own, first_seen_at)
            SELECT %s, %s, r.external_id, r.handle, r.name, r.avatar_url, r.followers, r.is_own, now()
              FROM jsonb_to_recordset(%s::jsonb) AS r(external_id text, handle text, name text, avatar_url text,
                                                      followers int, is_own boolean)
             ORDER BY r.external_id
                ON CONFLICT (brand_id, platform, external_id) DO UPDATE
               SET handle = coalesce(nullif(excluded.handle, ''), c.handle),
                   name = coalesce(nullif(excluded.name, ''), c.name),
                   avatar_url = coalesce(nullif(excluded.avatar_url, ''), c.avatar_url),
                   followers = coalesce(excluded.followers, c.followers),
                   is_own = c.is_own OR excluded.is_own
             WHERE (coalesce(nullif(excluded.handle, ''), c.handle), coalesce(nullif(excluded.name, ''), c.name),
                    coalesce(nullif(excluded.avatar_url, ''), c.avatar_url), coalesce(excluded.followers, c.followers),
                    c.is_own OR excluded.is_own)
                   IS DISTINCT FROM (c.handle, c.name, c.avatar_url, c.followers, c.is_own)
            """,
            [channel.brand_id, channel.platform, as_json(rows)],
        )


def _newer_profile(known: base.Author, told: base.Author) -> base.Author:
    return replace(
        told,
        handle=told.handle or known.handle,
        name=told.name or known.name,
        avatar_url=told.avatar_url or known.avatar_url,
        followers=known.followers if told.followers is None else told.followers,
    )


def _store_conversations(channel: Channel, posts: Iterable[Post]) -> None:
    pairs = sorted({(post.author.external_id, conversation_key(post)) for post in posts})
    with connection.cursor() as sql:
        sql.execute(
            """
            INSERT INTO ingest_conversation (channel_id, contact_id, key)
            SELECT %s, c.id, r.key
              FROM jsonb_to_recordset(%s::jsonb) AS r(author text, key text)
              JOIN LATERAL (SELECT id FROM ingest_contact
                             WHERE brand_id = %s AND platform = %s AND external_id = r.author LIMIT 1) c ON true
             ORDER BY c.id, r.key
                ON CONFLICT (channel_id, contact_id, key) DO NOTHING
            """,
            [channel.pk, as_json({"author": a, "key": k} for a, k in pairs), channel.brand_id, channel.platform],
        )


def _store_messages(channel: Channel, posts: Sequence[Post]) -> set[str]:
    """Insert those not known yet; returns their external ids. Our own posts skip the reader; context, triage too."""
    now = timezone.now()
    with connection.cursor() as sql:
        sql.execute(
            """
            INSERT INTO ingest_message (channel_id, conversation_id, contact_id, direction, state, kind, external_id,
                   parent_external_id, root_external_id, ref_external_id, url, text, lang_hint, media, metrics, raw,
                   posted_at, received_at, edited_at, deleted_at, attempts, last_error, language, cues, urgency,
                   trigger, aim, evidence, person_said, reader, reader_version, read_error, reasons,
                   decision, disposition, decided_at)
            SELECT %s, v.id, c.id, CASE WHEN c.is_own THEN 'out' ELSE 'in' END,
                   CASE WHEN c.is_own THEN 'scored' WHEN r.context THEN 'triaged' ELSE 'new' END, r.kind, r.external_id,
                   r.parent_id, r.root_id, r.ref_id, r.url, r.text, r.lang_hint, r.media, r.metrics, r.raw,
                   r.posted_at, %s, r.edited_at, r.deleted_at, 0, '', '', '{}', '',
                   '', '', '[]', '{}', '', '', '', '[]',
                   told.decision, told.decision, CASE WHEN told.decision = '' THEN NULL ELSE %s END
              FROM jsonb_to_recordset(%s::jsonb) AS r(seq int, author text, key text, kind text, external_id text,
                   parent_id text, root_id text, ref_id text, url text, text text, lang_hint text, media jsonb,
                   metrics jsonb, raw jsonb, posted_at timestamptz, edited_at timestamptz, deleted_at timestamptz,
                   context boolean)
              JOIN LATERAL (SELECT id, is_own FROM ingest_contact
                             WHERE brand_id = %s AND platform = %s AND external_id = r.author LIMIT 1) c ON true
              JOIN LATERAL (SELECT id FROM ingest_conversation
                             WHERE channel_id = %s AND contact_id = c.id AND key = r.key LIMIT 1) v ON true
              JOIN LATERAL (SELECT CASE WHEN r.context AND NOT c.is_own THEN 'context' ELSE '' END AS decision)
                   told ON true
             ORDER BY r.posted_at, r.seq
                ON CONFLICT (channel_id, external_id) WHERE NOT (external_id = '') DO NOTHING
            RETURNING external_id
            """,
            [
                channel.pk,
                now,
                now,
                as_json(_message_row(seq, post) for seq, post in enumerate(posts)),
                channel.brand_id,
                channel.platform,
                channel.pk,
            ],
        )
        return {row[0] for row in sql.fetchall()}


def _message_row(seq: int, post: Post) -> Json:
    if not (post.external_id and post.author.external_id):
        raise ValueError("a post, or its author, has no id")
    return {
        "seq": seq,
        "author": post.author.external_id,
        "key": conversation_key(post),
        "kind": post.kind.value,
        "external_id": post.external_id,
        "parent_id": post.parent_id,
        "root_id": post.root_id,
        "ref_id": post.ref_id,
        "url": clean(post.url),
        "text": "" if post.deleted_at else clean(post.text),
        "lang_hint": clean(post.lang_hint)[:16],
        "media": [] if post.deleted_at else clean_json(post.media),
        "metrics": clean_json(post.metrics),
        "raw": {} if post.deleted_at else clean_json(post.raw),
        "posted_at": post.posted_at,
        "edited_at": post.edited_at,
        "deleted_at": post.deleted_at,
        "context": post.context,
    }


def _promote(channel: Channel, known: Sequence[Post]) -> int:
    """What was kept as context and is told now as meant for us begins as any new message; how many these were."""
    meant = {post.external_id: post for post in known if not post.context}
    if not meant:
        return 0
    kept = Message.objects.filter(channel=channel, external_id__in=meant, decision=Message.Decision.CONTEXT)
    now = timezone.now()
    promoted = 0
    for pk, external_id in kept.select_for_update().order_by("id").values_list("id", "external_id"):
        post = meant[external_id]
        raw = {} if post.deleted_at else clean_json(post.raw)
        promoted += Message.objects.filter(pk=pk).update(
            state=Message.State.NEW, decision="", disposition="", decided_at=None, lease_until=None, attempts=0,
            kind=post.kind.value, raw=raw, received_at=now,
        )  # fmt: skip
    return promoted


def _bad_item(channel: Channel, item: base.BadItem) -> BadItem:
    payload = clean_json(item.payload)
    return BadItem(
        channel=channel,
        # Items without an id are told apart by what they hold, so that none hides another.
        external_id=clean(item.external_id)[:512] or sha256(as_json([{"item": payload}]).encode()).hexdigest(),
        payload=payload,
        error=told(item.error),
    )
