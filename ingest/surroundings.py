"""What was said around a message that opened a ticket: the thread is asked for once, and stored as context.

No table is needed for it. Once triaged, a message's own lease and attempts are free: they tell here whether its thread
is being asked for, was asked for (the lease then lasts beyond SURROUND_WITHIN, after which nobody asks), or how often
that failed. A thread that was asked for within SURROUND_EVERY is not asked for again by another message in it.
"""

from dataclasses import replace
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from ingest import adapters, spending
from ingest.collect import store_page
from ingest.models import Channel, Message
from ingest.platforms.base import Author, Kind, PlatformError, Post, TellsThreads
from ingest.platforms.registry import adapter_of

log = structlog.get_logger(__name__)

BATCH = 10
ATTEMPTS = 3
REST_AFTER_FAILURE = timedelta(minutes=1)


def look_around(limit: int = BATCH) -> int:
    """Ask for the threads of messages that opened tickets; returns how many were tried."""
    channels = _channels()
    messages = _claim(list(channels), limit) if channels else []
    for message in messages:
        message.channel = channels[message.channel_id]
        _ask(message)
    return len(messages)


def _channels() -> dict[int, Channel]:
    """The channels that tell threads and may spend on them, by id; the option `threads` turns it off."""
    active = Channel.objects.filter(state=Channel.State.ACTIVE)
    telling = [c for c in active if c.options.get("threads") != "off" and _tells_threads(c.platform)]
    capped = [channel for channel in telling if channel.monthly_cap is not None]
    budgets = spending.budgets(capped) if capped else {}
    short = {pk for pk, budget in budgets.items() if budget.ahead or budget.gone}
    return {channel.pk: channel for channel in telling if channel.pk not in short}


def _tells_threads(platform: str) -> bool:
    try:
        return issubclass(adapter_of(platform), TellsThreads)
    except KeyError:
        return False


def _claim(channels: list[int], limit: int) -> list[Message]:
    """Take messages whose threads nobody has asked for lately, one of each thread.

    Bound by the posts' own time, for which there is an index: whoever wrote long ago is not told around.
    """
    now = timezone.now()
    since = now - settings.SURROUND_WITHIN
    with connection.cursor() as sql:
        sql.execute(
            """
            WITH recent AS MATERIALIZED (
                SELECT id, channel_id, coalesce(nullif(root_external_id, ''), external_id) AS root, decision,
                       decided_at, deleted_at, attempts, lease_until
                  FROM ingest_message
                 WHERE posted_at > %(since)s AND channel_id = ANY(%(channels)s) AND state = 'triaged'
                   AND decision IN ('ticket', 'join') AND kind <> ALL(%(private)s)),
            wanted AS (
                SELECT DISTINCT ON (channel_id, root) id FROM recent r
                 WHERE decision = 'ticket' AND decided_at > %(since)s AND deleted_at IS NULL
                   AND attempts < %(attempts)s AND (lease_until IS NULL OR lease_until < %(now)s)
                   AND NOT EXISTS (SELECT FROM recent o WHERE o.channel_id = r.channel_id AND o.root = r.root
                                                          AND o.lease_until > %(asked)s)
                 ORDER BY channel_id, root, id),
            next AS MATERIALIZED (
                SELECT m.id FROM ingest_message m JOIN wanted w ON w.id = m.id
                 WHERE m.state = 'triaged' AND (m.lease_until IS NULL OR m.lease_until < %(now)s)
                 ORDER BY m.id DESC LIMIT %(limit)s FOR UPDATE OF m SKIP LOCKED)
            UPDATE ingest_message m SET lease_until = %(lease)s, attempts = m.attempts + 1
              FROM next WHERE m.id = next.id
            RETURNING m.id
            """,
            {
                "since": since,
                "channels": channels,
                "private": [Kind.DM.value, Kind.MAIL.value, Kind.REVIEW.value],
                "attempts": ATTEMPTS,
                "now": now,
                "asked": now + settings.SURROUND_WITHIN - settings.SURROUND_EVERY,
                "limit": limit,
                "lease": now + settings.COLLECT_LEASE,
            },
        )
        ids = [row[0] for row in sql.fetchall()]
    return list(Message.objects.filter(pk__in=ids).select_related("contact", "conversation").order_by("-id"))


def _ask(message: Message) -> None:
    try:
        adapter = adapters.of(message.channel)
        if isinstance(adapter, TellsThreads):
            page = adapter.thread(as_post(message))
            # Whatever an adapter forgot to mark: nothing that is only found around a message is a ticket of its own.
            posts = tuple(replace(post, context=True) for post in page.posts)
            store_page(message.channel, replace(page, posts=posts))
        # Asked for: this lease outlives the time in which anybody asks.
        _let_go(message, settings.SURROUND_WITHIN)
    except PlatformError as error:
        log.warning("thread not told", message=message.pk, code=error.code, words=error.words[:200])
        _let_go(message, timedelta(seconds=error.retry_after) if error.retry_after else _rest(message))
    except Exception:
        log.exception("thread not told", message=message.pk)
        _let_go(message, _rest(message))


def _rest(message: Message) -> timedelta:
    return REST_AFTER_FAILURE * int(4 ** (message.attempts - 1))


def _let_go(message: Message, until: timedelta) -> None:
    """While it is still triaged and in our hands: one that went back to the reader has another use for its lease."""
    mine = Message.objects.filter(pk=message.pk, state=Message.State.TRIAGED, lease_until=message.lease_until)
    mine.update(lease_until=timezone.now() + until)


def as_post(message: Message) -> Post:
    """A stored message as its platform told it."""
    contact = message.contact
    return Post(
        external_id=message.external_id,
        author=Author(contact.external_id, contact.handle, contact.name, contact.avatar_url, contact.followers),
        kind=Kind(message.kind),
        text=message.text,
        posted_at=message.posted_at,
        conversation_key=message.conversation.key,
        parent_id=message.parent_external_id,
        root_id=message.root_external_id,
        ref_id=message.ref_external_id,
        url=message.url,
        lang_hint=message.lang_hint,
        raw=message.raw,
    )
