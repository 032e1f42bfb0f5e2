"""Bluesky's JSON made into our posts.

A notification, a post view and a commit of the firehose all hold `uri`, `cid`, `author`, `record`; the rest may be
missing. An item that makes no sense is set aside and the rest of its page goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.platforms.base import Author, BadItem, Json, Kind, Post
from ingest.platforms.told import dicts_in

SITE = "https://bsky.app"
POSTS = "app.bsky.feed.post"
NOT_UNDERSTOOD = (AttributeError, KeyError, OverflowError, TypeError, ValueError)
METRICS = {"likeCount": "like_count", "repostCount": "repost_count", "replyCount": "reply_count",
           "quoteCount": "quote_count"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Items understood, in the order they were told, and those that were not."""

    posts: tuple[Post, ...]
    bad: tuple[BadItem, ...]


def read_items(items: Iterable[Any], me: str) -> Found:
    """Understand what can be understood. `me`: our DID."""
    posts: list[Post] = []
    bad: list[BadItem] = []
    for item in items:
        try:
            posts.append(read_post(item, me))
        except NOT_UNDERSTOOD as error:
            bad.append(BadItem(uri_of(item), item, f"{type(error).__name__}: {error}"))
    return Found(tuple(posts), tuple(bad))


def read_post(item: Json, me: str, *, context: bool = False) -> Post:
    """One item as a post. Raises one of NOT_UNDERSTOOD when it is none."""
    uri, record = item["uri"], item["record"]
    if not isinstance(uri, str) or not uri.startswith("at://"):
        raise ValueError(f"no uri: {uri!r}")
    author, text = read_author(item["author"]), record["text"]
    if not isinstance(text, str):
        raise TypeError(f"text is no text: {text!r}")
    parent, root = (_uri_in(dict_of(record, "reply"), name) for name in ("parent", "root"))
    langs = record.get("langs")
    return Post(
        external_id=uri,
        author=author,
        kind=kind_of(record, me),
        text=text,
        posted_at=_moment(record, item),
        conversation_key=root or uri,
        parent_id=parent,
        root_id=root or uri,
        ref_id=quoted(record),
        url=url_of(uri),
        lang_hint=str(langs[0]) if isinstance(langs, list) and langs else "",
        media=_media(item),
        metrics={ours: item[theirs] for theirs, ours in METRICS.items() if isinstance(item.get(theirs), int)},
        context=context and author.external_id != me,
        raw=item,
    )


def read_author(told: Json) -> Author:
    """A profile as an author. The DID stays when the handle changes. Raises KeyError when it has none."""
    did, followers = told["did"], told.get("followersCount")
    if not isinstance(did, str) or not did.startswith("did:"):
        raise ValueError(f"no DID: {did!r}")
    return Author(
        external_id=did,
        # So Bluesky calls a handle that no longer leads to its account.
        handle="" if told.get("handle") == "handle.invalid" else str(told.get("handle") or ""),
        name=str(told.get("displayName") or ""),
        avatar_url=str(told.get("avatar") or ""),
        followers=followers if isinstance(followers, int) else None,
    )


def kind_of(record: Json, me: str) -> Kind:
    """What a post is to us, the same by whichever way it came. POST: it neither names us, quotes us nor answers."""
    ours, reply = f"at://{me}/", dict_of(record, "reply")
    if _uri_in(reply, "parent").startswith(ours):
        return Kind.REPLY
    if me in named(record):
        return Kind.MENTION
    if quoted(record).startswith(ours):
        return Kind.QUOTE
    return Kind.REPLY if reply else Kind.POST


def concerns(record: Json, me: str) -> bool:
    """Whether Bluesky would tell us of it: it names us, quotes us, or stands in a thread of ours."""
    ours, reply = f"at://{me}/", dict_of(record, "reply")
    pointed = (_uri_in(reply, "parent"), _uri_in(reply, "root"), quoted(record))
    return me in named(record) or any(uri.startswith(ours) for uri in pointed)


def named(record: Json) -> set[str]:
    """The DIDs of those the post names."""
    features = [feature for facet in dicts_in(record, "facets") for feature in dicts_in(facet, "features")]
    return {str(feature["did"]) for feature in features if feature.get("did")}


def quoted(record: Json) -> str:
    """The uri of the post it quotes; empty if it quotes none."""
    embed = dict_of(record, "embed")
    # A quote with pictures has the reference one floor deeper.
    return _uri_in(embed, "record") or _uri_in(dict_of(embed, "record"), "record")


def uri_of(item: Any) -> str:
    """The uri an item names, if it does."""
    uri = item.get("uri") if isinstance(item, dict) else None
    return uri if isinstance(uri, str) else ""


def url_of(uri: str) -> str:
    """Where people see the post. With the DID in it, it outlives a change of the handle."""
    did, _, rkey = uri.removeprefix("at://").partition(f"/{POSTS}/")
    return f"{SITE}/profile/{did}/post/{rkey}"


def dict_of(holder: Any, name: str) -> Json:
    """The dict of that name, or an empty one."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def moment(told: Any) -> datetime | None:
    """A time as Bluesky writes them, in UTC; None where it is none."""
    try:
        at = datetime.fromisoformat(told)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, TypeError, ValueError):
        return None


def _moment(record: Json, item: Json) -> datetime:
    """The earlier of what the author's app claims and when the network saw it: nobody posts from the future."""
    moments = [at for at in (moment(record.get("createdAt")), moment(item.get("indexedAt"))) if at]
    if not moments:
        raise ValueError("it has no time")
    return min(moments)


def _media(item: Json) -> tuple[Json, ...]:
    seen, said = _pictured(item.get("embed")), _pictured(item["record"].get("embed"))
    return tuple(
        {
            "type": "video" if "playlist" in medium or "video" in medium else "photo",
            "url": str(medium.get("fullsize") or medium.get("playlist") or ""),
            "preview_url": str(medium.get("thumb") or medium.get("thumbnail") or ""),
            "alt": str(medium.get("alt") or ""),
        }
        for medium in seen or said
    )


def _pictured(embed: Any) -> list[Json]:
    """The pictures, or the video, of an embed: of a view with addresses, of a record without."""
    media = dict_of(embed, "media") or (embed if isinstance(embed, dict) else {})
    pictures = [*dicts_in(media, "images"), *dicts_in(media, "items")]
    return pictures or ([media] if "playlist" in media or "video" in media else [])


def _uri_in(holder: Json, name: str) -> str:
    return uri_of(holder.get(name))
