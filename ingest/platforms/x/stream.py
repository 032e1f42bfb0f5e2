"""Posts as X pushes them over one HTTP connection: the events of our account, or what the filtered stream's rules find.

X says nothing more often than an empty line every twenty seconds. Reading waits in a thread of its own, so that
whoever listens hears of the silence in time, and closing ends it at once. Coming back after the connection ended is
the listener's business, as is reading what was missed: only the enterprise plan tells it again.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Thread

import requests

from ingest.platforms.base import BEAT, BadItem, Json, Page, PlatformError
from ingest.platforms.told import clean
from ingest.platforms.x.activity import is_for, read_event
from ingest.platforms.x.calls import OLD_NAMES, Calls
from ingest.platforms.x.parse import FOUND_BY, NOT_UNDERSTOOD, Us, read_post
from ingest.platforms.x.prices import of_reading
from ingest.platforms.x.subscriptions import keep_rules, subscribe

# A connection on which not even X's empty lines come is dead.
QUIET = 2 * BEAT + 5.0
LONGEST_LINE = 4_000_000
MOST_BACKFILL = 5
RETRY = 5.0


def listen(calls: Calls, cursor: Json) -> Iterator[Page | None]:
    """Pages as they are pushed; None as soon as the stream is open, and whenever nothing came."""
    filtered = calls.account.options.get("stream") == "filtered"
    tag = f"radd-{calls.account.channel_id}"
    params: Json = {"backfill_minutes": _missed(calls, cursor)}
    if filtered:
        keep_rules(calls, tag)
        # The stream takes the old names, whatever the rest of X takes.
        params |= OLD_NAMES
    else:
        subscribe(calls)
    path = "/2/tweets/search/stream" if filtered else "/2/activity/stream"
    lines = _Lines(calls.stream(path, params, QUIET))
    try:
        yield None
        while True:
            line = lines.next()
            yield _page(line, calls.us, tag if filtered else "") if line else None
    finally:
        lines.close()


class _Lines:
    """The lines of a response, b"" where nothing came within a beat."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self._told: SimpleQueue[bytes | PlatformError] = SimpleQueue()
        Thread(target=self._read, name="x-stream", daemon=True).start()

    def next(self) -> bytes:
        """Raises PlatformError where the connection has ended."""
        try:
            told = self._told.get(timeout=BEAT)
        except Empty:
            return b""
        if isinstance(told, PlatformError):
            raise told
        return told.strip()

    def close(self) -> None:
        """End the connection, also under a thread that waits for it."""
        with suppress(OSError, RuntimeError, ValueError):
            self._response.raw.shutdown()
        self._response.close()

    def _read(self) -> None:
        held = b""
        try:
            for chunk in self._response.iter_content(chunk_size=None):
                *whole, held = (held + chunk).split(b"\n")
                for line in whole:
                    self._told.put(line)
                if len(held) > LONGEST_LINE:
                    raise ValueError("a line without an end")
            words = "X ended the stream"
        except (AttributeError, OSError, ValueError) as error:
            # requests' own errors are OSErrors; the other two are what a connection closed by us comes to.
            words = f"{type(error).__name__}: {error}"
        self._told.put(PlatformError("unreachable", words[:500], retry_after=RETRY))


def _page(line: bytes, us: Us, tag: str) -> Page | None:
    """What a line tells: None where it is not for us. Raises PlatformError where it tells of the stream's end."""
    cursor = {"told_at": datetime.now(UTC).isoformat(timespec="seconds")}
    try:
        told = clean(json.loads(line))
    except (ValueError, RecursionError) as error:
        return Page((), cursor, bad=(BadItem("", line.decode(errors="replace")[:2000], str(error)),))
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, dict):
        raise _ended(told)
    if tag:
        return _found(told, us, tag, cursor)
    page = read_event(data, us) if is_for(data, us.id) else None
    return replace(page, cursor=cursor) if page and (page.posts or page.bad) else None


def _found(told: Json, us: Us, tag: str, cursor: Json) -> Page | None:
    """A post that one of our rules found: one connection serves all channels of an app."""
    matched = told.get("matching_rules")
    if not any(isinstance(rule, dict) and rule.get("tag") == tag for rule in matched or ()):
        return None
    item = told["data"]
    charged = of_reading(told)
    try:
        post = read_post(item, told.get("includes"), us)
    except NOT_UNDERSTOOD as error:
        bad = BadItem(str(item.get("id") or ""), item, f"{type(error).__name__}: {error}")
        return Page((), cursor, bad=(bad,), charged=charged)
    if post.author.external_id == us.id:
        return None
    return Page((replace(post, raw={**post.raw, FOUND_BY: "search"}),), cursor, charged=charged)


def _ended(told: object) -> PlatformError:
    problems = told.get("errors") if isinstance(told, dict) else None
    first = problems[0] if isinstance(problems, list) and problems and isinstance(problems[0], dict) else {}
    words = str(first.get("detail") or first.get("title") or "A line that is no event")
    return PlatformError("platform_down", words[:500], retry_after=RETRY)


def _missed(calls: Calls, cursor: Json) -> int | None:
    """Minutes to be told again, where X does that: enterprise alone, and five at most."""
    told_at = cursor.get("told_at")
    if not told_at or calls.account.options.get("plan") != "enterprise":
        return None
    gone = datetime.now(UTC) - datetime.fromisoformat(told_at)
    return min(int(gone / timedelta(minutes=1)) + 1, MOST_BACKFILL)
