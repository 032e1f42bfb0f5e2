"""Listening: what the stream tells, made into pages."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ingest.platforms.base import BEAT, Json, Page, PlatformError, Post
from ingest.platforms.mastodon.parse import NOT_UNDERSTOOD, bad_item, names, notified, read_status, status_of
from ingest.platforms.mastodon.reading import MENTIONS, Reader
from ingest.platforms.mastodon.stream import Pushed, opened
from ingest.platforms.mastodon.threads import Roots
from ingest.platforms.mastodon.wire import Wire
from ingest.platforms.told import id_of

# Posts that a deletion can be told of: the stream names an id and nothing else.
REMEMBERED = 2000


class Listener:
    """Listens for one account. Its cursor is {"min_id"}: the newest notification it has seen."""

    def __init__(self, wire: Wire, reader: Reader, us: str) -> None:
        self._wire = wire
        self._reader = reader
        self._us = us
        self._roots = Roots(wire)
        self._posts: dict[str, Post] = {}
        self._cursor: Json = {}

    def pages(self, streaming: str, cursor: Json) -> Iterator[Page | None]:
        """As base.Streams.listen."""
        with opened(self._wire, streaming) as events:
            # Connected first and read then: nothing falls between.
            yield from self._caught_up(cursor)
            said = time.monotonic()
            while True:
                pushed = events.next(max(said + BEAT - time.monotonic(), 0.01))
                page = self._page(pushed) if pushed else None
                if page or time.monotonic() >= said + BEAT:
                    yield page
                    said = time.monotonic()

    def _caught_up(self, cursor: Json) -> Iterator[Page]:
        """What came while nobody listened. With no cursor nothing is told: listening begins now."""
        page, newest = self._reader.newest()
        self._remember(page.posts)
        if not cursor.get("min_id"):
            self._cursor = {"min_id": newest} if newest else {}
            return
        self._cursor, place, more = {"min_id": cursor["min_id"]}, {MENTIONS: {"min_id": cursor["min_id"]}}, True
        while more:
            page = self._reader.fetch(place)
            place, more, self._cursor = page.cursor, page.more, page.cursor[MENTIONS]
            self._remember(page.posts)
            if page.posts or page.bad:
                yield replace(page, cursor=self._cursor, more=False)

    def _page(self, pushed: Pushed) -> Page | None:
        """The page that an event makes, if it makes one."""
        makers = {"notification": self._notified, "status.update": self._edited, "delete": self._deleted}
        # Some servers write the dot of a name as their libraries do.
        make = makers.get(pushed.name.replace("_", "."))
        if make is None:
            return None
        try:
            post = make(pushed.payload)
        except NOT_UNDERSTOOD as error:
            return Page((), self._cursor, bad=(bad_item(pushed.payload, error),))
        except PlatformError as error:
            if error.code == "bad_credentials":
                raise
            # Its thread could not be asked for. The next reading by pages brings it.
            return None
        return Page((post,), self._cursor) if post else None

    def _notified(self, told: Any) -> Post | None:
        status = status_of(told)
        if status is None:
            return None
        post = notified(self._placed(status), told)
        self._cursor = {"min_id": id_of(told)}
        return post

    def _edited(self, told: Any) -> Post | None:
        """An edit, if it is one of a post that names us or that we know: the stream tells of everybody we follow."""
        known = id_of(told) in self._posts or self._us in names(told)
        return self._placed(told) if known and told.get("edited_at") else None

    def _deleted(self, told: Any) -> Post | None:
        post = self._posts.pop(str(told), None)
        if post is None:
            return None
        return replace(post, text="", media=(), metrics={}, raw={}, deleted_at=datetime.now(UTC))

    def _placed(self, status: Json) -> Post:
        post = self._roots.placed(read_status(status, self._us))
        self._remember((post,))
        return post

    def _remember(self, posts: tuple[Post, ...]) -> None:
        self._posts.update({post.external_id: post for post in posts})
        for post_id in list(self._posts)[:-REMEMBERED]:
            del self._posts[post_id]
