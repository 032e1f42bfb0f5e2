"""A server's JSON made into our posts.

Ids are opaque. Whatever a server leaves out when it is empty may be missing; an item that makes no sense is set aside
and the rest of its page goes on.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ingest.platforms.base import Author, BadItem, Json, Kind, Post
from ingest.platforms.mastodon.text import text_of
from ingest.platforms.told import dicts_in, id_of, text_in

NOT_UNDERSTOOD = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
# What notifications are about: others speak to us.
MENTION, QUOTE = "mention", "quote"
METRICS = {
    "reply_count": "replies_count",
    "repost_count": "reblogs_count",
    "like_count": "favourites_count",
    "quote_count": "quotes_count",
}


def read_author(told: Json) -> Author:
    """An account made into an author. Raises one of NOT_UNDERSTOOD when it has no id."""
    followers = told.get("followers_count")
    return Author(
        external_id=id_of(told),
        handle=text_in(told, "acct") or text_in(told, "username"),
        name=text_in(told, "display_name"),
        avatar_url=text_in(told, "avatar_static") or text_in(told, "avatar"),
        # Some servers say -1 for a number they hide.
        followers=followers if isinstance(followers, int) and followers >= 0 else None,
    )


def read_status(told: Json, us: str) -> Post:
    """A status made into a post whose thread is not known yet (see `in_thread`). `us`: our own account's id.

    Raises one of NOT_UNDERSTOOD.
    """
    edited_at = told.get("edited_at")
    quoted = _quoted(told)
    return Post(
        external_id=id_of(told),
        author=read_author(told["account"]),
        kind=_kind(told, us, quoted),
        text=_words(told, quoting=bool(quoted)),
        posted_at=moment(told["created_at"]),
        # Of another server's posts ours knows only what that server says.
        reachable_at=None if "@" in text_in(told["account"], "acct") else moment(told["created_at"]),
        parent_id=str(told.get("in_reply_to_id") or ""),
        ref_id=quoted,
        url=text_in(told, "url") or text_in(told, "uri"),
        lang_hint=text_in(told, "language"),
        media=tuple(_medium(medium) for medium in dicts_in(told, "media_attachments")),
        metrics={ours: told[theirs] for ours, theirs in METRICS.items() if isinstance(told.get(theirs), int)},
        edited_at=moment(edited_at) if edited_at else None,
        raw=told,
    )


def notified(post: Post, notification: Json) -> Post:
    """The post, with the moment at which our server told us of it. Raises one of NOT_UNDERSTOOD."""
    at = notification.get("created_at")
    return replace(post, reachable_at=moment(at)) if at else post


def in_thread(post: Post, root: str) -> Post:
    """The post, its thread known."""
    return replace(post, conversation_key=root, root_id=root)


def status_of(item: Any) -> Json | None:
    """The status that a notification is about; None where it is none of those that we follow, or its status is gone.

    Raises one of NOT_UNDERSTOOD.
    """
    status = item.get("status")
    return status if item["type"] in {MENTION, QUOTE} and status is not None else None


def bad_item(item: Any, error: Exception) -> BadItem:
    """An item set aside."""
    known = item.get("id") if isinstance(item, dict) else None
    return BadItem(str(known or ""), item, f"{type(error).__name__}: {error}")


def names(told: Json) -> set[str]:
    """The ids of the accounts that a status names."""
    return {str(name.get("id")) for name in dicts_in(told, "mentions")}


def moment(told: Any) -> datetime:
    """A time as an aware one. Raises ValueError or TypeError."""
    at = datetime.fromisoformat(told)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _kind(told: Json, us: str, quoted: str) -> Kind:
    if told.get("visibility") == "direct":
        return Kind.DM
    if told.get("in_reply_to_id"):
        return Kind.REPLY
    if us in names(told):
        return Kind.MENTION
    return Kind.QUOTE if quoted else Kind.POST


def _quoted(told: Json) -> str:
    """The id of the post that this one quotes."""
    quote = told.get("quote")
    if not isinstance(quote, dict):
        return ""
    inner = quote.get("quoted_status")
    # Others than Mastodon put the quoted status itself there.
    found = inner.get("id") if isinstance(inner, dict) else quote.get("quoted_status_id") or quote.get("id")
    return str(found or "")


def _words(told: Json, *, quoting: bool) -> str:
    """The content warning, the words, and the options of a poll, each on lines of its own."""
    people = {text_in(name, "url"): text_in(name, "acct") for name in dicts_in(told, "mentions") if name.get("acct")}
    poll = told.get("poll")
    options = (
        [f"- {text_in(option, 'title')}" for option in dicts_in(poll, "options")] if isinstance(poll, dict) else []
    )
    body = text_of(text_in(told, "content"), people, quoting=quoting)
    return "\n\n".join(part for part in (text_in(told, "spoiler_text").strip(), body, "\n".join(options)) if part)


def _medium(medium: Json) -> Json:
    return {
        "type": text_in(medium, "type"),
        # Null while a file is still being worked on, or when only its first server has it.
        "url": text_in(medium, "url") or text_in(medium, "remote_url"),
        "preview_url": text_in(medium, "preview_url"),
        "alt": text_in(medium, "description"),
    }
