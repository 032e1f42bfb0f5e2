"""Direct messages of the old, unencrypted kind, read by polling where the option `dms` asks for it.

X lists the events of the last 30 days, newest first, fifteen calls in a quarter of an hour, each event at a price. It
knows no `since_id`: a walk goes down until it meets a message known from before. What X's encrypted chat carries is not
in the list, and cannot be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.platforms.base import BadItem, Json, Kind, PlatformError, Post
from ingest.platforms.told import clean
from ingest.platforms.x.activity import LEGACY_DM
from ingest.platforms.x.calls import Calls
from ingest.platforms.x.parse import NOT_UNDERSTOOD, SITE, Found, age, id_at, moment, read_author, unescaped
from ingest.platforms.x.prices import DM_READ, USER_READ
from ingest.platforms.x.walk import NOTHING, Step

EVENTS = "/2/dm_events"
# A walk's first page is small: where nothing is new, what is known is paid for again every day.
FIRST_PAGE, PAGE = 20, 100
# Seven or eight of the fifteen calls: the others are left to walks, and to look-ups of answers.
EVERY = timedelta(minutes=2)
# The first look reads no more of the past than this.
FIRST_LOOK = timedelta(days=1)
KEPT = 200
REST = 900.0
USERS = "name,profile_image_url,public_metrics,username"
OLD_NAMES = {
    "dm_event.fields": "attachments,created_at,dm_conversation_id,event_type,id,sender_id,text",
    "expansions": "attachments.media_keys,sender_id",
    "user.fields": USERS,
    "media.fields": "alt_text,media_key,preview_image_url,type,url",
}
# Since OpenAPI 2.167 who sent it is an expansion alone, and its conversation is told unasked.
NEW_NAMES = {**OLD_NAMES, "dm_event.fields": "attachments,created_at,event_type,id,text"}


def wanted(options: Json) -> bool:
    """Whether direct messages are to be polled."""
    return str(options.get("dms") or "").strip().lower() in {"1", "on", "true", "yes"}


def is_due(cursor: Json, now: datetime) -> bool:
    """Whether it is time to ask again."""
    return not cursor.get("next_at") or datetime.fromisoformat(cursor["next_at"]) <= now


def look(calls: Calls, cursor: Json, now: datetime) -> Step:
    """The next page of messages not known yet.

    A cursor: {"known": ids seen, newest first; "floor": nothing below this id is told; "pending": {"token", "seen"} of
    a walk under way; "next_at": when to ask again; "paid": {"day", "ids"}, what X has charged for on that day (it
    charges once a day); "names": "new" where X no longer takes the old names}. Raises PlatformError.
    """
    if not calls.can_write:
        # As every refusal of one kind of call it does not keep the others from reading.
        raise PlatformError("forbidden", "Direct messages are read in the account's own name, with keys or a sign-in")
    told_from = {**cursor, "floor": cursor.get("floor") or id_at(now - FIRST_LOOK)}
    walk: Json = cursor.get("pending") or {"token": "", "seen": []}
    try:
        answer, names = _asked(calls, walk, cursor)
    except PlatformError as error:
        if error.code != "rate_limited":
            raise
        # Its own limit, far below the others': they need not wait for it.
        return Step(NOTHING, {**cursor, "next_at": _at(now, error.retry_after or REST)})
    page = _read(answer, calls.account.external_id)
    return _moved(told_from | names, walk, page, _bill(answer, cursor, now), now)


@dataclass(frozen=True, slots=True)
class _Page:
    """Of one page: every id, those understood with their ids, those not, and where the next one begins."""

    ids: Sequence[str]
    posts: Sequence[tuple[str, Post]]
    bad: Sequence[tuple[str, BadItem]]
    token: str


def _asked(calls: Calls, walk: Json, cursor: Json) -> tuple[Json, Json]:
    """A page, and what is to be remembered of how X wants to be asked."""
    size = PAGE if walk["token"] or not cursor.get("known") else FIRST_PAGE
    params = {"event_types": "MessageCreate", "max_results": size, "pagination_token": walk["token"]}
    known_new = "new" in (cursor.get("names"), calls.account.options.get("names"))
    try:
        return calls.get(EVENTS, {**params, **(NEW_NAMES if known_new else OLD_NAMES)}, as_us=True), {}
    except PlatformError as error:
        if error.code != "rejected" or known_new or "dm_event.fields" not in error.words:
            raise
    return calls.get(EVENTS, {**params, **NEW_NAMES}, as_us=True), {"names": "new"}


def _moved(cursor: Json, walk: Json, page: _Page, bill: tuple[Json, Mapping[str, int]], now: datetime) -> Step:
    """What of the page is new, and where the walk stands behind it."""
    known, floor = set(cursor.get("known") or ()), age(cursor["floor"])
    new = [event_id for event_id in page.ids if event_id not in known and age(event_id) >= floor]
    found = Found(
        tuple(post for event_id, post in page.posts if event_id in new)[::-1],
        tuple(item for event_id, item in page.bad if event_id in new or not event_id),
        "",
        page.token,
    )
    seen = [*walk["seen"], *(event_id for event_id in page.ids if event_id not in walk["seen"])]
    paid, charged = bill
    kept = {"floor": cursor["floor"], "paid": paid, **({"names": cursor["names"]} if "names" in cursor else {})}
    # All of the page is new, and more lies below: what is known has not been met.
    if page.token and page.token != walk["token"] and new and len(new) == len(page.ids):
        pending = {"token": page.token, "seen": seen[:KEPT]}
        return Step(found, {**kept, "known": cursor.get("known") or [], "pending": pending}, charged)
    newest = sorted({*seen, *known}, key=age, reverse=True)[:KEPT]
    # Older ones than those kept cannot be told from new ones: they are below the floor.
    raised = newest[-1] if len(newest) == KEPT else cursor["floor"]
    done = {**kept, "known": newest, "floor": max(raised, cursor["floor"], key=age)}
    return Step(found, {**done, "next_at": _at(now, EVERY.total_seconds())}, charged)


def _bill(answer: Json, cursor: Json, now: datetime) -> tuple[Json, Mapping[str, int]]:
    """What was charged for today by now, and what this page adds to it."""
    day, before = now.astimezone(UTC).date().isoformat(), cursor.get("paid") or {}
    paid: list[str] = list(before.get("ids") or ()) if before.get("day") == day else []
    includes = answer.get("includes")
    people = _told(includes.get("users")) if isinstance(includes, dict) else []
    charged = {}
    for item, entries, mark in ((DM_READ, _told(answer.get("data")), "m"), (USER_READ, people, "u")):
        fresh = dict.fromkeys(f"{mark}{entry.get('id')}" for entry in entries)
        new = [name for name in fresh if name not in paid]
        paid = [*new, *paid]
        charged[item] = len(new)
    return {"day": day, "ids": paid[: 2 * KEPT]}, {item: count for item, count in charged.items() if count}


def _read(answer: Json, us: str) -> _Page:
    told = clean(answer)
    meta, includes = told.get("meta"), told.get("includes")
    if not isinstance(meta, dict):
        raise PlatformError("garbled_answer", "neither data nor meta", retry_after=60)
    included: Json = includes if isinstance(includes, dict) else {}
    people = {str(user.get("id")): user for user in _told(included.get("users"))}
    media = {str(medium.get("media_key")): medium for medium in _told(included.get("media"))}
    ids, posts, bad = [], [], []
    for item in told.get("data") or ():
        event_id = str(item.get("id") or "") if isinstance(item, dict) else ""
        event_id = event_id if event_id.isdecimal() else ""
        ids += [event_id] if event_id else []
        try:
            if item.get("event_type", "MessageCreate") == "MessageCreate":
                posts.append((event_id, read_message(item, people, media, us)))
        except NOT_UNDERSTOOD as error:
            named = f"dm-{event_id}" if event_id else ""
            bad.append((event_id, BadItem(named, item, f"{type(error).__name__}: {error}")))
    return _Page(ids, posts, bad, str(meta.get("next_token") or ""))


def read_message(told: Json, people: Mapping[str, Json], media: Mapping[str, Json], us: str) -> Post:
    """An event of the list as a post. Raises one of NOT_UNDERSTOOD."""
    event_id, sender = str(int(told["id"])), str(int(told["sender_id"]))
    conversation = conversation_of(told, sender, us)
    at = datetime.fromisoformat(told["created_at"]) if told.get("created_at") else moment(event_id)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    keys = (told.get("attachments") or {}).get("media_keys") or ()
    return Post(
        # As ingest.platforms.x.activity names the same message.
        external_id=f"dm-{event_id}",
        author=read_author(people.get(sender) or {"id": sender}),
        kind=Kind.DM,
        text=unescaped(str(told.get("text") or "")),
        posted_at=at,
        reachable_at=at,
        conversation_key=f"dm-{conversation}",
        url=f"{SITE}/messages/{conversation}",
        media=tuple(_medium(media[str(key)]) for key in keys if str(key) in media),
        raw={**told, LEGACY_DM: True},
    )


def conversation_of(told: Json, sender: str, us: str) -> str:
    """The id of its conversation: two people have one, named by both; a group's is a number. Raises ValueError."""
    named = str(told.get("dm_conversation_id") or "")
    if not named and sender == us:
        raise ValueError("a message of ours that does not tell whom it is for")
    people = named.split("-") if named else [sender, us]
    return "-".join(sorted(people, key=age))


def _medium(told: Json) -> Json:
    names = {"type": "type", "url": "url", "preview_url": "preview_image_url", "alt": "alt_text"}
    return {ours: str(told.get(theirs) or "") for ours, theirs in names.items()}


def _told(entries: Any) -> list[Json]:
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _at(now: datetime, seconds: float) -> str:
    return (now + timedelta(seconds=seconds)).isoformat()
