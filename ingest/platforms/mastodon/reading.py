"""Reading page by page: mentions, then each hashtag, from where the cursor stands.

A cursor: {"mentions": PLACE, "tags": {tag: PLACE}, "roots": [[status, root], ...], "turn": whose page is next}. A
PLACE is {"min_id"} once what was there at first is read; until then {"newest", "max_id", "pages"}: how far back it got.
{"begun"} says that a first look found nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ingest.platforms.base import BadItem, Json, Page, PlatformError, Post
from ingest.platforms.mastodon.parse import NOT_UNDERSTOOD, bad_item, moment, notified, read_status, status_of
from ingest.platforms.mastodon.threads import Roots
from ingest.platforms.mastodon.wire import Answer, Wire
from ingest.platforms.told import id_of

NOTIFICATIONS = "/api/v1/notifications"
MENTIONS = "mentions"
PAGE_SIZE = "40"
# The first reading goes no further back: 800 mentions, and the newest of a hashtag. A backfill does.
FIRST_PAGES = 20
FIRST_TAG_PAGES = 1
# Refusals of a hashtag's timeline that say something about the server as a whole.
ABOUT_ALL = frozenset({"bad_credentials", "rate_limited"})


@dataclass(frozen=True, slots=True)
class Found:
    """One page as the server told it, newest first."""

    answer: Answer
    items: list[Any] = field(default_factory=list)


class Reader:
    """Reads for one account. `tags`: hashtags to follow, without #. `quotes`: the server notifies of quotes."""

    def __init__(self, wire: Wire, us: str, tags: tuple[str, ...], *, quotes: bool) -> None:
        self._wire = wire
        self._us = us
        self._tags = tags
        self._types = [("types[]", "mention"), *([("types[]", "quote")] if quotes else [])]

    def fetch(self, cursor: Json) -> Page:
        """The next page, oldest first. Raises PlatformError."""
        turn = self._turn(cursor)
        roots = Roots(self._wire, cursor.get("roots") or ())
        if turn == MENTIONS:
            place = cursor.get(MENTIONS) or {}
            found = self._mentions(_asked(place))
            moved, more = _moved(place, found, FIRST_PAGES)
            page = self._page(found, roots, mentions=True)
            return self._turned(cursor, page, roots, turn, moved, more=more)
        place = (cursor.get("tags") or {}).get(turn) or {}
        page = Page((), {})
        try:
            found = self._tagged(turn, _asked(place))
            page = self._page(found, roots, mentions=False)
        except PlatformError as error:
            if error.code in ABOUT_ALL:
                raise
            # No such endpoint here, or not now. Its place stands, and the mentions do not wait for it.
            return self._turned(cursor, page, roots, turn, place, more=False)
        moved, more = _moved(place, found, FIRST_TAG_PAGES)
        return self._turned(cursor, page, roots, turn, moved, more=more)

    def backfill(self, since: datetime, cursor: Json) -> Page:
        """The next page of what came since then, newest pages first, each told oldest first. Raises PlatformError."""
        turn, older = self._turn(cursor), str(cursor.get("max_id") or "")
        roots = Roots(self._wire, cursor.get("roots") or ())
        asked = {"max_id": older} if older else {}
        try:
            found = self._mentions(asked) if turn == MENTIONS else self._tagged(turn, asked)
        except PlatformError as error:
            if turn == MENTIONS or error.code in ABOUT_ALL or not error.permanent:
                raise
            found = Found(Answer(404, []))
        young = [item for item in found.items if not _is_before(item, since)]
        page = self._page(Found(found.answer, young), roots, mentions=turn == MENTIONS)
        further = _older(found) if len(young) == len(found.items) else ""
        kept: Json = {"roots": roots.pairs()}
        if further and further != older:
            return _with(page, {**kept, "turn": turn, "max_id": further}, more=True)
        following = self._after(turn)
        return _with(page, {**kept, "turn": following} if following else {}, more=bool(following))

    def newest(self) -> tuple[Page, str]:
        """The newest page of mentions, and the id of the notification that is newest."""
        found = self._mentions({})
        return self._page(found, Roots(self._wire), mentions=True), _newest(found)

    def _turn(self, cursor: Json) -> str:
        turn = str(cursor.get("turn") or "")
        # A hashtag that is followed no longer gives up its turn.
        return turn if turn in self._tags else MENTIONS

    def _after(self, turn: str) -> str:
        turns = [MENTIONS, *self._tags]
        return next(iter(turns[turns.index(turn) + 1 :]), "")

    def _turned(self, cursor: Json, page: Page, roots: Roots, turn: str, place: Json, *, more: bool) -> Page:
        """The page with the cursor behind it: the same turn where it has more, else the next one."""
        places = {tag: (cursor.get("tags") or {}).get(tag) or {} for tag in self._tags}
        mentions = place if turn == MENTIONS else cursor.get(MENTIONS) or {}
        if turn != MENTIONS:
            places[turn] = place
        following = turn if more else self._after(turn)
        moved: Json = {"turn": following, MENTIONS: mentions, "tags": places, "roots": roots.pairs()}
        return _with(page, {name: value for name, value in moved.items() if value}, more=bool(following))

    def _mentions(self, asked: dict[str, str]) -> Found:
        answer = self._wire.get(NOTIFICATIONS, [*self._types, ("limit", PAGE_SIZE), *asked.items()])
        return Found(answer, answer.items())

    def _tagged(self, tag: str, asked: dict[str, str]) -> Found:
        answer = self._wire.get(f"/api/v1/timelines/tag/{quote(tag, safe='')}", {"limit": PAGE_SIZE, **asked})
        return Found(answer, answer.items())

    def _page(self, found: Found, roots: Roots, *, mentions: bool) -> Page:
        """Posts of a page, oldest first; its cursor is yet to come."""
        posts: dict[str, Post] = {}
        bad: list[BadItem] = []
        for item in reversed(found.items):
            try:
                status = status_of(item) if mentions else item
                post = read_status(status, self._us) if status is not None else None
                post = notified(post, item) if post and mentions else post
            except NOT_UNDERSTOOD as error:
                bad.append(bad_item(item, error))
                continue
            if post is not None and (mentions or post.author.external_id != self._us):
                posts[post.external_id] = roots.placed(post)
        return Page(tuple(posts.values()), {}, bad=tuple(bad), room=found.answer.room)


def _with(page: Page, cursor: Json, *, more: bool) -> Page:
    return Page(page.posts, cursor, bad=page.bad, more=more, room=page.room)


def _asked(place: Json) -> dict[str, str]:
    """min_id pages from the oldest on and leaves no gap, as since_id would; max_id goes back."""
    return {name: str(place[name]) for name in ("min_id", "max_id") if place.get(name)}


def _moved(place: Json, found: Found, most_pages: int) -> tuple[Json, bool]:
    """Where the place stands after this page, and whether more waits behind it."""
    if place.get("min_id"):
        newest = _newest(found) or place["min_id"]
        return {"min_id": newest}, newest != place["min_id"]
    newest, older, pages = place.get("newest") or _newest(found), _older(found), int(place.get("pages") or 0) + 1
    begun = {"begun": True} if place.get("begun") else {}
    if older and older != place.get("max_id") and (begun or pages < most_pages):
        return {**begun, "newest": newest, "max_id": older, "pages": pages}, True
    # Where nothing was there yet, all that comes is new: the next look back has no bounds.
    return ({"min_id": newest} if newest else {"begun": True}), False


def _newest(found: Found) -> str:
    """What to ask for newer ones with: the Link header's word, else the id on top."""
    told = found.answer.newer
    return told.get("min_id") or told.get("since_id") or _edge(found.items)


def _older(found: Found) -> str:
    """What to ask for older ones with; empty at the end. Servers that send no Link header are asked by the last id."""
    if found.answer.linked:
        return found.answer.older.get("max_id", "") if found.items else ""
    return _edge(found.items[::-1])


def _edge(items: list[Any]) -> str:
    """The id of the first item that has one."""
    for item in items:
        try:
            return id_of(item)
        except NOT_UNDERSTOOD:
            continue
    return ""


def _is_before(item: Any, since: datetime) -> bool:
    try:
        return moment(item["created_at"]) < since
    except NOT_UNDERSTOOD:
        return False
