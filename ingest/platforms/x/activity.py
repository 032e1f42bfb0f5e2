"""What X's Activity API tells, by stream or by webhook, made into posts.

An event wraps a post, the identity of a deleted one, or a direct message. Messages come in the form of API v1.1:
they are the old, unencrypted kind, and are labelled so; what X's encrypted chat carries cannot be read here.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.platforms.base import Author, BadItem, Json, Kind, Page, Post
from ingest.platforms.told import clean
from ingest.platforms.x.parse import NOT_UNDERSTOOD, SITE, Us, moment, read_author, read_post, unescaped
from ingest.platforms.x.prices import DM_EVENT, POST_EVENT

MENTION = "post.mention.create"
POSTED = {MENTION, "post.create", "post.reply.create", "post.quote.create", "post.repost.create"}
DELETED = "post.delete"
MESSAGES = {"dm.received", "dm.sent"}
# What a brand follows of its own account.
FOLLOWED = (MENTION, "post.reply.create", "post.quote.create", DELETED, "dm.received")
LEGACY_DM = "legacy_dm"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def key_of(event: Json) -> str:
    """The same whenever X tells the event again.

    Its own id is not enough: where it is that of the post, the post being a reply and a mention makes two events.
    """
    return f"{event.get('event_type') or ''}:{event.get('event_uuid') or ''}"


def is_for(event: Json, user_id: str) -> bool:
    """Whether it was told for this account: one app, and one stream, may serve many."""
    narrowed = event.get("filter")
    named = narrowed.get("user_id") if isinstance(narrowed, dict) else None
    return not named or not user_id or str(named) == user_id


def read_event(told: Json, us: Us) -> Page:
    """The posts of one event, none for those that concern nobody here; the cursor is {}."""
    event = clean(told)
    kind, payload = str(event.get("event_type") or ""), event.get("payload")
    try:
        if kind in POSTED:
            # X says that these name us, whatever the words.
            post = read_post(payload, event.get("includes"), None if kind == MENTION else us)
            return Page((post,), {}, charged={POST_EVENT: 1})
        if kind == DELETED:
            return Page((_deleted(payload, event.get("includes")),), {})
        if kind in MESSAGES:
            return _messages(payload)
    except NOT_UNDERSTOOD as error:
        item = BadItem(key_of(event), event, f"{type(error).__name__}: {error}")
        return Page((), {}, bad=(item,), charged={POST_EVENT: 1} if kind in POSTED else {})
    return Page((), {})


def told_at(event: Json) -> datetime | None:
    """When what it tells of happened, None where it does not say. X tells it within seconds."""
    payload = event.get("payload")
    try:
        if event.get("event_type") in POSTED and isinstance(payload, dict):
            return moment(str(payload["id"]))
        if event.get("event_type") in MESSAGES and isinstance(payload, dict):
            return max(_sent_at(message) for message in payload["direct_message_events"])
    except NOT_UNDERSTOOD:
        pass
    return None


def _deleted(payload: Any, includes: Any) -> Post:
    """A tombstone. It may name any version of an edited post; what it misses, looking up finds."""
    identity = {"id": payload["id"], "author_id": payload["author_id"], "text": ""}
    gone = read_post(identity, includes)
    return replace(gone, kind=Kind.POST, deleted_at=datetime.now(UTC), raw={})


def _messages(payload: Any) -> Page:
    users = payload.get("users")
    people: Json = users if isinstance(users, dict) else {}
    posts, bad = [], []
    for message in payload["direct_message_events"]:
        try:
            posts.append(_message(message, people))
        except NOT_UNDERSTOOD as error:
            bad.append(BadItem("", message, f"{type(error).__name__}: {error}"))
    posts.sort(key=lambda post: post.posted_at)
    return Page(tuple(posts), {}, bad=tuple(bad), charged={DM_EVENT: len(posts) + len(bad)})


def _message(told: Json, people: Json) -> Post:
    created = told["message_create"]
    sender, target = str(created["sender_id"]), str(created["target"]["recipient_id"])
    data = created["message_data"]
    # Two people have one conversation, and X names it by both.
    conversation = "-".join(sorted((sender, target), key=lambda i: (len(i), i)))
    return Post(
        # Posts and messages are counted apart: the same number may stand for one of each.
        external_id=f"dm-{int(told['id'])}",
        author=_sender(sender, people.get(sender)),
        kind=Kind.DM,
        text=unescaped(str(data.get("text") or "")),
        posted_at=_sent_at(told),
        reachable_at=_sent_at(told),
        conversation_key=f"dm-{conversation}",
        url=f"{SITE}/messages/{conversation}",
        media=_attached(data.get("attachment")),
        raw={**told, LEGACY_DM: True},
    )


def _sender(user_id: str, told: Any) -> Author:
    if not isinstance(told, dict):
        return Author(user_id)
    names: Mapping[str, str] = {"screen_name": "username", "profile_image_url_https": "profile_image_url"}
    user = {names.get(key, key): value for key, value in told.items()}
    return read_author({**user, "id": user_id, "public_metrics": {"followers_count": told.get("followers_count")}})


def _sent_at(told: Json) -> datetime:
    return EPOCH + timedelta(milliseconds=int(told["created_timestamp"]))


def _attached(told: Any) -> tuple[Json, ...]:
    medium = told.get("media") if isinstance(told, dict) else None
    if not isinstance(medium, dict):
        return ()
    # The address opens to the two of them alone.
    alt = str(medium.get("ext_alt_text") or "")
    address = str(medium.get("media_url_https") or "")
    return ({"type": str(medium.get("type") or ""), "url": address, "preview_url": "", "alt": alt},)
