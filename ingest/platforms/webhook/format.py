"""The generic channel's own JSON, as docs/generic-channel.md tells it, made into our posts.

A call holds one event or a batch of them. It is taken apart before anything in it is believed; an event that makes no
sense is set aside later, when it is read, and says by its id and place what is wrong with which field.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from ingest.platforms.base import Author, BadItem, Cannot, Event, Json, Kind, Page, PlatformError, Post
from ingest.platforms.webhook.fields import Fields, Wrong, clean

MOST_BYTES = 1_048_576
MOST_EVENTS = 500
LONGEST_TEXT = 20_000
LONGEST_EVENT_ID = 200
# Of messages and threads.
LONGEST_ID = 512
LONGEST_AUTHOR_ID = 200
LONGEST_NAME = 255
MOST_MEDIA = 20
MOST_METRICS = 50
MOST_DATA_BYTES = 8192
# Beyond this, JSON's readers disagree about what a number is.
LARGEST_FIGURE = 2**53
MOST_FOLLOWERS = 2**31 - 1
MEDIA_FIELDS = ("url", "preview_url")
TYPES = ("message.created", "message.updated", "message.deleted", "message.sent_by_us")


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is who in a channel's events: we by our id and handle, and the network that its authors' ids belong to.

    Contacts are one person's for all generic channels of a brand, so author 7 of one network must not be author 7 of
    another.
    """

    own_id: str
    own_handle: str
    network: str

    def author(self, told: Fields) -> Author:
        """Raises Wrong."""
        external_id = told.text("id", LONGEST_AUTHOR_ID, needed=True)
        return Author(
            external_id=external_id if external_id == self.own_id else f"{self.network}:{external_id}",
            handle=told.text("handle", LONGEST_NAME),
            name=told.text("name", LONGEST_NAME),
            avatar_url=told.link("avatar_url"),
            followers=told.count("followers", MOST_FOLLOWERS),
        )


# --- a call made into events ------------------------------------------------------------------------------------------
def split(body: bytes) -> tuple[Event, ...]:
    """The events of one call, each once. Raises PlatformError("bad_payload") when the call is none of ours."""
    told = _parsed(body)
    if isinstance(told, dict) and "events" not in told:
        return (_event("event", told),)
    listed = told.get("events") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise _bad_payload('a call holds one event, or {"events": [...]}')
    if len(listed) > MOST_EVENTS:
        raise _bad_payload(f"events has {len(listed)} entries; {MOST_EVENTS} are allowed")
    events: dict[str, Event] = {}
    for place, item in enumerate(listed):
        event = _event(f"events[{place}]", item)
        # An id told twice is one event; the first counts, as it does over two calls.
        events.setdefault(event.key, event)
    return tuple(events.values())


def check_size(body: bytes) -> None:
    """Raises PlatformError("too_large"): nobody should hash or parse more than this for a stranger."""
    if len(body) > MOST_BYTES:
        raise PlatformError("too_large", f"The body has more than {MOST_BYTES} bytes", permanent=True)


def _parsed(body: bytes) -> Any:
    try:
        return clean(json.loads(body.decode("utf-8"), parse_constant=_no_constant))
    except Wrong as error:
        raise _bad_payload(f"the body {error}") from error
    except RecursionError as error:
        raise _bad_payload("the body is nested too deep") from error
    except ValueError as error:
        raise _bad_payload(f"the body is not JSON in UTF-8: {error}") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _event(place: str, item: Any) -> Event:
    """With its place, which names it where its id cannot."""
    told = item.get("id") if isinstance(item, dict) else None
    if isinstance(told, str) and 0 < len(told) <= LONGEST_EVENT_ID:
        key = told
    else:
        # It will be set aside when it is read. Until then it is told apart by what it holds.
        key = "sha256:" + hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
    return Event(key, {"place": place, "event": item})


def _bad_payload(words: str) -> PlatformError:
    return PlatformError("bad_payload", words[:500], permanent=True)


# --- an event made into a post ----------------------------------------------------------------------------------------
def read(payload: Json, sides: Sides) -> Page:
    """One event as `split` gave it: its post, or the reason why there is none."""
    place, item = str(payload.get("place") or "event"), payload.get("event")
    event = item if isinstance(item, dict) else {}
    event_id = event.get("id") if isinstance(event.get("id"), str) else ""
    try:
        if not isinstance(item, dict):
            raise Wrong("must be an object")
        return Page((_post(Fields(event), sides),), {})
    except Wrong as error:
        named = f"{place}, id {str(event_id)[:LONGEST_EVENT_ID]!r}" if event_id else place
        return Page((), {}, bad=(BadItem(str(event_id)[:LONGEST_ID], item, f"{named}: {error}"),))


def _post(event: Fields, sides: Sides) -> Post:
    event.text("id", LONGEST_EVENT_ID, needed=True)
    kind = event.choice("type", TYPES, needed=True)
    message = event.part("message", needed=True)
    if kind == "message.deleted":
        return _tombstone(message, sides)
    if kind == "message.sent_by_us":
        if not sides.own_id:
            raise Wrong("the channel has no account id, so nothing can be told to be ours")
        return _said(message, Author(sides.own_id, sides.own_handle), None, Kind.REPLY)
    edited_at = message.moment("edited_at", needed=kind == "message.updated")
    return _said(message, sides.author(message.part("author", needed=True)), edited_at, Kind.COMMENT)


def _said(message: Fields, author: Author, edited_at: datetime | None, usual: Kind) -> Post:
    media = tuple(_media(part) for part in message.parts("media", MOST_MEDIA))
    posted_at = message.moment("posted_at", needed=True)
    if posted_at is None:
        raise message.wrong("posted_at", "is missing")
    message.choice("no_answer", tuple(Cannot))
    return Post(
        external_id=message.text("id", LONGEST_ID, needed=True),
        author=author,
        kind=Kind(message.choice("kind", tuple(Kind), usual)),
        # A picture may speak for itself.
        text=message.text("text", LONGEST_TEXT, needed=not media),
        posted_at=posted_at,
        # The bridge signs for it: its network's own time.
        reachable_at=posted_at,
        conversation_key=message.text("thread_id", LONGEST_ID),
        parent_id=message.text("parent_id", LONGEST_ID),
        root_id=message.text("root_id", LONGEST_ID),
        ref_id=message.text("ref_id", LONGEST_ID),
        url=message.link("url"),
        lang_hint=message.text("lang", 16),
        media=media,
        metrics=_metrics(message.part("metrics")),
        edited_at=edited_at,
        context=message.flag("context"),
        raw=_raw(message),
    )


def _tombstone(message: Fields, sides: Sides) -> Post:
    deleted_at = message.moment("deleted_at", needed=True)
    if deleted_at is None:
        raise message.wrong("deleted_at", "is missing")
    return Post(
        external_id=message.text("id", LONGEST_ID, needed=True),
        author=sides.author(message.part("author", needed=True)),
        kind=Kind(message.choice("kind", tuple(Kind), Kind.COMMENT)),
        text="",
        posted_at=message.moment("posted_at") or deleted_at,
        conversation_key=message.text("thread_id", LONGEST_ID),
        deleted_at=deleted_at,
    )


def _media(part: Fields) -> Json:
    links = {name: part.link(name) for name in MEDIA_FIELDS}
    if not any(links.values()):
        raise part.wrong("url", "is missing")
    return {"type": part.text("type", 40) or "file", **links, "alt": part.text("alt", LONGEST_TEXT)}


def _metrics(part: Fields) -> Json:
    if len(part.told) > MOST_METRICS:
        raise Wrong(f"{part.path} has more than {MOST_METRICS} figures")
    for name, value in part.told.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise part.wrong(name, "must be a number")
        if abs(value) > LARGEST_FIGURE:
            raise part.wrong(name, f"must be within ±{LARGEST_FIGURE}")
    return dict(part.told)


def _raw(message: Fields) -> Json:
    """What the bridge said. `data` is its own, and goes back to it with an answer; so it must not grow."""
    data = message.part("data")
    if len(json.dumps(data.told, ensure_ascii=False).encode("utf-8", "replace")) > MOST_DATA_BYTES:
        raise message.wrong("data", f"has more than {MOST_DATA_BYTES} bytes as JSON")
    return message.told
