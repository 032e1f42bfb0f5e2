"""Posts as rows: their authors, conversations and messages, each upserted in one statement for a whole page."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.db import connection

from accounts.names import plain
from ingest.batch import as_json
from ingest.cleaning import clean, clean_json
from ingest.models import Channel
from ingest.platforms import base
from ingest.platforms.base import Json, Post
from ingest.threads import conversation_key
from ingest.times import believed


def store_contacts(channel: Channel, posts: Iterable[Post], own_ids: frozenset[str]) -> None:
    """Newest profile wins; an empty field never wipes a known one. Ordered, so that two batches cannot deadlock."""
    authors: dict[str, base.Author] = {}
    for post in posts:
        known = authors.get(post.author.external_id, post.author)
        authors[known.external_id] = _newer_profile(known, post.author)
    rows = [
        {
            "external_id": author.external_id,
            "handle": plain(clean(author.handle))[:255],
            "name": plain(clean(author.name))[:255],
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


def store_conversations(channel: Channel, posts: Iterable[Post]) -> None:
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


def store_messages(channel: Channel, posts: Sequence[Post], now: datetime, *, past: bool = False) -> set[str]:
    """Insert those not known yet; returns their external ids. Our own posts skip the reader; context, triage too."""
    with connection.cursor() as sql:
        sql.execute(
            """
            INSERT INTO ingest_message (channel_id, conversation_id, contact_id, direction, state, kind, external_id,
                   parent_external_id, root_external_id, ref_external_id, url, text, lang_hint, media, metrics, raw,
                   posted_at, claimed_at, reachable_at, received_at, edited_at, deleted_at, attempts, last_error,
                   language, cues, urgency, trigger, aim, evidence, person_said, reader, reader_version,
                   read_error, reasons, decision, disposition, decided_at)
            SELECT %s, v.id, c.id, CASE WHEN c.is_own THEN 'out' ELSE 'in' END,
                   CASE WHEN c.is_own THEN 'scored' WHEN r.context THEN 'triaged' ELSE 'new' END, r.kind, r.external_id,
                   r.parent_id, r.root_id, r.ref_id, r.url, r.text, r.lang_hint, r.media, r.metrics, r.raw,
                   r.posted_at, r.claimed_at, r.reachable_at, %s, r.edited_at, r.deleted_at, 0, '', '', '{}', '',
                   '', '', '[]', '{}', '', '', '', '[]',
                   told.decision, told.decision, CASE WHEN told.decision = '' THEN NULL ELSE %s END
              FROM jsonb_to_recordset(%s::jsonb) AS r(seq int, author text, key text, kind text, external_id text,
                   parent_id text, root_id text, ref_id text, url text, text text, lang_hint text, media jsonb,
                   metrics jsonb, raw jsonb, posted_at timestamptz, claimed_at timestamptz, reachable_at timestamptz,
                   edited_at timestamptz, deleted_at timestamptz, context boolean)
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
                as_json(
                    {"seq": seq, **_message_row(post), **asdict(believed(post, now, channel.created_at, past=past))}
                    for seq, post in enumerate(posts)
                ),
                channel.brand_id,
                channel.platform,
                channel.pk,
            ],
        )
        return {row[0] for row in sql.fetchall()}


def _message_row(post: Post) -> Json:
    return {
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
        "edited_at": post.edited_at,
        "deleted_at": post.deleted_at,
        "context": post.context,
    }
