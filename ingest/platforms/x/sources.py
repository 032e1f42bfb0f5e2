"""Where an account's posts are read: its mentions, one search for each query of its keywords, its direct messages.

`gather` goes on from the last post known, `look_back` reads the past.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from ingest.platforms.base import BadItem, Json, Page, PlatformError, Post
from ingest.platforms.x import inbox as x_inbox
from ingest.platforms.x import prices as x_prices
from ingest.platforms.x import search as x_search
from ingest.platforms.x.calls import Calls
from ingest.platforms.x.parse import FOUND_BY, Found, age, read_page
from ingest.platforms.x.walk import Ask, Step, step

PAGE_SIZE = 100
WALK = ("pending", "since_id")
# Where the cursor of the direct messages lies; no search has such a name.
DMS = "dms"
# These say no to one kind of call: another may still be open.
ONE_KIND = {"forbidden", "rate_limited", "rejected"}
# X reads no further back than seven days, counted when it gets to the question.
KEPT = x_search.KEPT - timedelta(minutes=5)


def gather(calls: Calls, cursor: Json) -> Page:
    """A page of each source, told as one. One that says no does not keep back what the others have told."""
    gathered = _Gathered(cursor)
    for source in _sources(calls, cursor):
        try:
            gathered.take(source, source.step())
        except PlatformError as error:
            gathered.error = gathered.error or error
            if error.code not in ONE_KIND:
                break
    return gathered.page(calls)


def look_back(calls: Calls, since: datetime, cursor: Json) -> Page:
    """The next page of what was posted since then: all mentions that X still has, then what each search finds."""
    queries = x_search.queries(calls.account.options, calls.account.handle)
    place = int(cursor.get("place") or 0)
    if place > len(queries):
        return Page((), cursor)
    if not place:
        ask: Ask = partial(ask_mentions, calls)
    else:
        since, ask = max(since, datetime.now(UTC) - KEPT), _searching(calls, queries[place - 1])
    begin = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    walk = {"newest_id": "", "next_token": "", "since_id": "", "start_time": begin}
    told = step(cursor.get("walk") or {"pending": walk}, ask)
    after = {"place": place, "walk": told.cursor} if told.more else {"place": place + 1}
    more = told.more or place < len(queries)
    return Page(told.found.posts, after, told.found.bad, more=more, charged=told.charged, room=calls.room)


def ask_mentions(calls: Calls, page: Json) -> tuple[Found, Mapping[str, int]]:
    """One page of posts that name us: `since_id` or `start_time`, and `next_token`."""
    params = {"pagination_token": page.get("next_token"), "max_results": PAGE_SIZE, **_from(page)}
    answer = calls.posts(f"/2/users/{calls.me}/mentions", params)
    own = calls.account.options.get("owns_app", True)
    price = x_prices.OWN_MENTION_READ if own else x_prices.POST_READ
    return read_page(answer), x_prices.of_reading(answer, price)


def ask_search(calls: Calls, query: str, page: Json) -> tuple[Found, Mapping[str, int]]:
    """One page of what a query finds, our own posts left out."""
    params = {"query": query, "next_token": page.get("next_token"), "max_results": PAGE_SIZE, **_from(page)}
    answer = calls.posts(x_search.RECENT, params)
    found = read_page(answer, calls.us)
    theirs = (post for post in found.posts if post.author.external_id != calls.account.external_id)
    told = tuple(replace(post, raw={**post.raw, FOUND_BY: "search"}) for post in theirs)
    return replace(found, posts=told), x_prices.of_reading(answer)


def _from(page: Json) -> Json:
    return {name: page[name] for name in ("since_id", "start_time") if page.get(name)}


@dataclass(frozen=True, slots=True)
class _Source:
    """One list and where its walk stands. `name`: that of its query, empty for the mentions."""

    name: str
    before: Json
    cursor: Json
    ask: Ask

    def step(self) -> Step:
        return step(self.cursor, self.ask, marks_expire=bool(self.name))


@dataclass(frozen=True, slots=True)
class _Inbox:
    """The direct messages, looked at when their time has come."""

    before: Json
    calls: Calls
    now: datetime
    name: str = DMS

    def step(self) -> Step:
        return x_inbox.look(self.calls, self.before, self.now)


def _sources(calls: Calls, cursor: Json) -> list["_Source | _Inbox"]:
    walk = {key: cursor[key] for key in WALK if key in cursor}
    mentions = _Source("", walk, walk, lambda page: ask_mentions(calls, page))
    known: Json = cursor.get("searches") or {}
    asked = x_search.queries(calls.account.options, calls.account.handle)
    begun = x_search.cursors(known, asked, datetime.now(UTC))
    searches = [
        _Source(x_search.name_of(query), known.get(x_search.name_of(query), {}), walk, _searching(calls, query))
        for query, walk in begun.items()
    ]
    messages = _Inbox(cursor.get(DMS) or {}, calls, datetime.now(UTC))
    due = x_inbox.wanted(calls.account.options) and x_inbox.is_due(messages.before, messages.now)
    return [mentions, *searches, *([messages] if due else [])]


def _searching(calls: Calls, query: str) -> Callable[[Json], tuple[Found, Mapping[str, int]]]:
    return lambda page: ask_search(calls, query, page)


@dataclass
class _Gathered:
    """What the sources have told so far, and the cursor that goes with it."""

    cursor: Json
    posts: dict[str, Post] = field(default_factory=dict)
    bad: list[BadItem] = field(default_factory=list)
    charged: Mapping[str, int] = field(default_factory=dict)
    mentions: Json | None = None
    messages: Json | None = None
    searches: dict[str, Json] = field(default_factory=dict)
    moved: bool = False
    error: PlatformError | None = None

    def take(self, source: _Source | _Inbox, told: Step) -> None:
        """A post that names us and is found as well is told once, as the mention it is."""
        for post in told.found.posts:
            self.posts.setdefault(post.external_id, post)
        self.bad += told.found.bad
        self.charged = x_prices.together(self.charged, told.charged)
        walked = told.cursor.get("pending") != source.before.get("pending")
        self.moved = self.moved or walked or bool(told.found.posts or told.found.bad)
        if source.name == DMS:
            self.messages = told.cursor
        elif source.name:
            self.searches[source.name] = told.cursor
        else:
            self.mentions = told.cursor

    def page(self, calls: Calls) -> Page:
        """Raises the error that was met where nothing else came of it; else it is met again at the next call."""
        if self.error and not self.moved:
            raise self.error
        before = {key: self.cursor[key] for key in WALK if key in self.cursor}
        searches = {**(self.cursor.get("searches") or {}), **self.searches} if self.error else self.searches
        walks = [before if self.mentions is None else self.mentions, *searches.values()]
        messages = self.cursor.get(DMS) if self.messages is None else self.messages
        # A walk through messages that must rest is not gone on with at once.
        walking = [*walks, *([] if self.messages is None or "next_at" in self.messages else [self.messages])]
        kept = {"searches": searches, DMS: messages}
        return Page(
            posts=tuple(sorted(self.posts.values(), key=lambda post: age(str(post.raw.get("id") or "")))),
            cursor={**walks[0], **{name: known for name, known in kept.items() if known}},
            bad=tuple(self.bad),
            more=bool(self.error) or any("pending" in walk for walk in walking),
            charged=self.charged,
            room=calls.room,
        )
