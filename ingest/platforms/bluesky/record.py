"""The record of an answer: its key, its time, what it answers. The same at every attempt, so it is one post."""

import hashlib
from datetime import UTC, datetime

from ingest.platforms.base import Json, Outgoing
from ingest.platforms.bluesky.parse import POSTS, dict_of, uri_of

# Base 32 in an order that sorts as the numbers do.
LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
TID_LENGTH = 13
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def record_key(outgoing: Outgoing) -> str:
    """A TID: the milliseconds of the first attempt, and below them 20 bits (less 48 values) out of the key.

    A TID holds 53 bits of microseconds and 10 bits that tell apart what was made at once. Nobody needs the
    microseconds, so they tell apart too.
    """
    since = outgoing.first_tried_at - EPOCH
    milliseconds = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
    mark = int.from_bytes(hashlib.sha256(outgoing.key.encode(errors="replace")).digest()[:8])
    number = (milliseconds * 1000 + mark % 1000) << 10 | mark // 1000 % 1024
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(TID_LENGTH)))


def created_at(outgoing: Outgoing) -> str:
    """The time the answer carries: that of the first attempt."""
    return outgoing.first_tried_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reply_refs(outgoing: Outgoing, parent: Json) -> Json:
    """Root and parent, each with its version, as they were read; `parent`: the post as it is now, for what is missing.

    Raises KeyError where neither holds them.
    """
    raw = outgoing.parent_raw
    own = {"uri": outgoing.parent_id, "cid": str(raw.get("cid") or parent["cid"])}
    root = _root(raw) or _root(parent) or own
    return {"root": root, "parent": own}


def answers(value: Json, outgoing: Outgoing) -> bool:
    """Whether that record, found under our key, is this answer."""
    return uri_of(dict_of(dict_of(value, "reply"), "parent")) == outgoing.parent_id


def uri_in(did: str, rkey: str) -> str:
    """Where a post of that account stands."""
    return f"at://{did}/{POSTS}/{rkey}"


def _root(view: Json) -> Json | None:
    root = dict_of(dict_of(dict_of(view, "record"), "reply"), "root")
    return {"uri": root["uri"], "cid": root["cid"]} if root.get("uri") and root.get("cid") else None
