"""The live stream: server-sent events from one small asynchronous process.

One follower a process reads the record (rung by Redis, and every few seconds in case a ring was lost) and hands the
news to each client's bounded queue; a client that does not keep up is told to draw its page anew. The same follower
looks who is at which ticket (tickets.news.presence), and whose notices are new: of those a page hears only that there
are. What is told is written once for all who see the same brands, and those who come back at the same moment (after the
line was cut for everybody) read what they missed together.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

import redis.asyncio
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from accounts.permissions import brand_ids
from accounts.signed_in import people_of
from ingest import doorbell
from tickets.news import live, presence, telling
from tickets.news.live import News
from tickets.news.presence import Picture
from tickets.news.together import Together, read

log = structlog.get_logger(__name__)

HEARTBEAT = 15.0
# With the doorbell silent, the record is looked at this often.
LOOK_EVERY = 3.0
LISTEN_FOR = 2.0
# Changes within this many seconds travel together.
GATHER = 0.15
QUEUE = 50
# Seconds after which it is looked up again whether somebody who listens still may.
KNOWN_FOR = 60.0
# So many of the newest tellings are kept as they were written.
KEPT = 64


@dataclass(frozen=True, slots=True)
class Around:
    """Beside the record: who came to tickets or left them, and the people who have notices they have not heard of."""

    moved: Picture = field(default_factory=dict)
    noticed: frozenset[int] = frozenset()


Item = News | Around
Queue = asyncio.Queue[Item]


class Follower:
    """Reads the record once for all clients of this process."""

    def __init__(self) -> None:
        self.clients: set[Queue] = set()
        self.rung = asyncio.Event()
        self.moved = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.position = ""
        self.seen: set[int] = set()
        self.here: Picture = {}
        self.told = telling.Told()

    def join(self) -> Queue:
        """A new client's queue; the first client starts the follower."""
        queue: Queue = asyncio.Queue(QUEUE)
        self.clients.add(queue)
        if self.task is None or self.task.done():
            self.position = ""
            self.moved.set()
            self.task = asyncio.create_task(self.follow())
        return queue

    def begin(self, position: str) -> None:
        """A client has caught up to here: whatever comes after is to be told, from the first client's beginning on."""
        self.position = min(self.position or position, position, key=int)

    def leave(self, queue: Queue) -> None:
        self.clients.discard(queue)

    async def follow(self) -> None:
        """Until nobody listens: wait for a ring or the time to look, read, hand out."""
        beside = [asyncio.create_task(self.listen()), asyncio.create_task(self.look_around())]
        try:
            while self.clients:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.rung.wait(), LOOK_EVERY)
                    await asyncio.sleep(GATHER)
                self.rung.clear()
                if not self.position:
                    continue
                try:
                    news = await read(live.since, self.position)
                    noticed = await read(self.told.anew)
                except Exception:
                    log.exception("the record could not be read")
                    await asyncio.sleep(LOOK_EVERY)
                    continue
                self.position = news.position
                self.hand_out(self.fresh(news))
                self.hand_out(Around(noticed=noticed))
        finally:
            for task in beside:
                task.cancel()

    async def look_around(self) -> None:
        """See who comes and goes: at a ring, and every few seconds for those who left without a word."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.moved.wait(), LOOK_EVERY)
                await asyncio.sleep(GATHER)
            self.moved.clear()
            seen = await read(presence.picture)
            self.here, before = seen, self.here
            self.hand_out(Around(moved=presence.moved(before, seen)))

    def fresh(self, news: News) -> News:
        """Without what was handed out before: a slow transaction elsewhere makes the record repeat itself."""
        told = [change for change in news.changes if change.id not in self.seen]
        self.seen = {change.id for change in news.changes}
        return News(news.position, told, news.reload)

    def hand_out(self, item: Item) -> None:
        if not any((item.changes, item.reload) if isinstance(item, News) else (item.moved, item.noticed)):
            return
        for queue in self.clients:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                position = item.position if isinstance(item, News) else self.position
                queue.put_nowait(News(position, reload=True))
            else:
                queue.put_nowait(item)

    async def listen(self) -> None:
        """Hear the bell; a lost connection is tried again, the follower looks by itself meanwhile."""
        this = asyncio.current_task()
        # Cancelled while it connects, the Redis client may forget about it: the bell is put down now and then to look.
        while this is not None and not this.cancelling():
            with contextlib.suppress(redis.RedisError, OSError):
                async with redis.asyncio.from_url(settings.REDIS_URL) as connection, connection.pubsub() as bell:
                    await bell.subscribe(doorbell.live_channel())
                    while not this.cancelling():
                        if rung := await bell.get_message(timeout=LISTEN_FOR):
                            (self.moved if rung["data"] == presence.RING else self.rung).set()
            await asyncio.sleep(1)


class Written:
    """What was told last, as bytes: those who see the same brands are sent the same."""

    def __init__(self) -> None:
        self.kept: dict[int, tuple[Item, dict[frozenset[int] | None, bytes]]] = {}

    def of(self, item: Item, brands: frozenset[int] | None, write: Callable[[], bytes]) -> bytes:
        """The bytes of this very item for these brands."""
        if id(item) not in self.kept:
            if len(self.kept) >= KEPT:
                del self.kept[next(iter(self.kept))]
            # The item is kept beside its bytes: nothing else can have its id meanwhile.
            self.kept[id(item)] = (item, {})
        copies = self.kept[id(item)][1]
        if brands not in copies:
            copies[brands] = write()
        return copies[brands]


follower = Follower()
# By their sessions: who they are. By their positions: what they missed, read once they have subscribed.
arriving = Together(people_of)
returning = Together(live.since_each)
written = Written()


@dataclass(slots=True)
class Listener:
    """Whoever sits before an open page, by the session that the page came with."""

    session: str
    user: int = 0
    brands: frozenset[int] | None = frozenset()
    known_until: float = 0.0

    async def may_listen(self) -> bool:
        """Looked up now and then: a stream lasts for hours, and who signed out or was shut out hears no more."""
        if time.monotonic() < self.known_until:
            return True
        person = await arriving.ask(self.session)
        if person is None:
            return False
        self.user, self.brands, self.known_until = person.pk, brand_ids(person), time.monotonic() + KNOWN_FOR
        return True


async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """GET /live/?since=POSITION: events `changes` and `reload`, each with the position as its id; `here` (who is at
    which ticket, as far as it changed) and `notices` (there are new ones for you) without.
    """
    listener = Listener(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    if not await listener.may_listen():
        return HttpResponse(status=403)
    start = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    response = StreamingHttpResponse(_events(listener, start), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    _allow_own_pages(request, response)
    return response


async def _events(listener: Listener, start: str) -> AsyncIterator[bytes]:
    """Subscribe first, then catch up: nothing falls between the two. The first event says who is here, too."""
    queue = follower.join()
    try:
        yield b"retry: 2000\n\n"
        missed = await returning.ask(start)
        follower.begin(missed.position)
        yield written.of(missed, listener.brands, lambda: _caught_up(missed, listener.brands))
        while await listener.may_listen():
            try:
                item = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if told := written.of(item, listener.brands, partial(_told, item, listener.brands)):
                yield told
            if isinstance(item, Around) and listener.user in item.noticed:
                yield NOTICED
    finally:
        follower.leave(queue)


def _caught_up(missed: News, brands: frozenset[int] | None) -> bytes:
    """The first event of a stream: what was missed, and who is here."""
    return _event(live.told_to(brands, missed) | {"here": presence.told_to(brands, follower.here)})


def _told(item: Item, brands: frozenset[int] | None) -> bytes:
    """What those who see these brands hear of it; empty where that is nothing."""
    if isinstance(item, News):
        told = live.told_to(brands, item)
        if told.get("reload"):
            told["here"] = presence.told_to(brands, follower.here)
        return _event(told) if told.get("reload") or told.get("changes") else b""
    here = presence.told_to(brands, item.moved)
    return _plain("here", here) if here else b""


def _plain(name: str, told: object) -> bytes:
    """An event that does not move the page's position."""
    return f"event: {name}\ndata: {json.dumps(told)}\n\n".encode()


NOTICED = _plain("notices", {})


def _event(told: dict[str, object]) -> bytes:
    name = "reload" if told.get("reload") else "changes"
    return f"id: {told['position']}\nevent: {name}\ndata: {json.dumps(told)}\n\n".encode()


def _allow_own_pages(request: HttpRequest, response: StreamingHttpResponse) -> None:
    """Pages of the same host, whatever their port, may listen: `make run` serves the stream on a port of its own."""
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).hostname == urlsplit(f"//{request.get_host()}").hostname:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Vary"] = "Origin"
