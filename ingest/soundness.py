"""Whether a post is what adapters promise (ingest.platforms.base.Post), before any of its page is stored.

One that is not is set aside with its words, and the rest of its page goes on. What only the database can refuse is met
in ingest.collect.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from ingest.batch import as_json
from ingest.cleaning import clean, clean_json
from ingest.platforms.base import Author, BadItem, Kind, Post
from ingest.times import EARLIEST

# No platform's post and no letter is longer; a person could not read it, and a page could not show it.
LONGEST_TEXT = 1_000_000
LONGEST_ID, LONGEST_AUTHOR_ID = 512, 255
MOST_FOLLOWERS = 2**31 - 1
# No honest clock is so far ahead.
AHEAD = timedelta(days=1)
# Of what cannot be kept whole, so many letters.
WORDS = 5_000
IDS = ("external_id", "parent_id", "root_id", "ref_id")
TEXTS = ("text", "url", "lang_hint", "conversation_key")
NAMES = ("handle", "name", "avatar_url")
# What looking at a value of any type can end in.
ODD = (AttributeError, OverflowError, RecursionError, TypeError, ValueError)


class Unsound(ValueError):
    """It is not what adapters promise."""


def sifted(posts: Iterable[Post], now: datetime) -> tuple[list[Post], list[BadItem]]:
    """Those that are sound, in their order, and the others with the reason."""
    good, bad = [], []
    for post in posts:
        try:
            good.append(sound(post, now))
        except Unsound as error:
            bad.append(aside(post, error))
    return good, bad


def sound(post: Post, now: datetime) -> Post:
    """The post, every value of its promised type and of a size that can be kept. Raises Unsound.

    A deletion is of this moment at the latest; an edit said to be of tomorrow would hide all later ones.
    """
    _check(isinstance(post, Post), "post", post)
    _check_author(post.author)
    for name in IDS:
        _check_id(name, getattr(post, name), needed=name == "external_id")
    for name in TEXTS:
        _check_text(name, getattr(post, name))
    if len(post.text) > LONGEST_TEXT:
        raise Unsound(f"text has {len(post.text):,} letters")
    _check(isinstance(post.kind, Kind), "kind", post.kind)
    _check(isinstance(post.media, Sequence) and not isinstance(post.media, str), "media", post.media)
    _check(isinstance(post.metrics, Mapping), "metrics", post.metrics)
    _check(isinstance(post.raw, Mapping), "raw", post.raw)
    for name in ("posted_at", "edited_at", "deleted_at", "reachable_at"):
        _check_time(name, getattr(post, name), needed=name == "posted_at")
    if post.edited_at and not EARLIEST <= post.edited_at <= now + AHEAD:
        raise Unsound(f"edited_at cannot be {post.edited_at.isoformat()}")
    return replace(post, deleted_at=min(post.deleted_at, now)) if post.deleted_at else post


def aside(post: Any, error: Exception) -> BadItem:
    """A post that cannot be stored, as a bad item."""
    external_id = getattr(post, "external_id", "")
    try:
        payload = asdict(post)
    except ODD:
        payload = post
    return BadItem(external_id if isinstance(external_id, str) else "", payload, f"{type(error).__name__}: {error}")


def keepable(payload: Any) -> Any:
    """A bad item's payload as a JSON column can hold it: whole, else its words."""
    try:
        told = clean_json(payload)
        as_json([{"told": told}])
    except ODD:
        words = payload.get("text") if isinstance(payload, Mapping) else getattr(payload, "text", "")
        return {"text": clean(str(words))[:WORDS]}
    return told


def _check_author(author: Any) -> None:
    _check(isinstance(author, Author), "author", author)
    _check_id("author.external_id", author.external_id, needed=True, longest=LONGEST_AUTHOR_ID)
    for name in NAMES:
        _check_text(f"author.{name}", getattr(author, name))
    number = author.followers
    whole = isinstance(number, int) and not isinstance(number, bool) and -MOST_FOLLOWERS <= number <= MOST_FOLLOWERS
    _check(number is None or whole, "author.followers", number)


def _check_id(name: str, value: Any, *, needed: bool = False, longest: int = LONGEST_ID) -> None:
    _check_text(name, value)
    if needed and not value:
        raise Unsound(f"{name} is missing")
    # Shortened or mended it would be another post's.
    if len(value) > longest or clean(value) != value:
        raise Unsound(f"{name} cannot be kept: {value[:100]!r}")


def _check_text(name: str, value: Any) -> None:
    _check(isinstance(value, str), name, value)


def _check_time(name: str, value: Any, *, needed: bool = False) -> None:
    aware = isinstance(value, datetime) and value.tzinfo is not None
    _check(aware or (value is None and not needed), name, value)


def _check(holds: bool, name: str, value: Any) -> None:
    if not holds:
        raise Unsound(f"{name} cannot be {str(value)[:100]!r}")
