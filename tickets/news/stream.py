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
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

import redis.asyncio
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from accounts.permissions import brand_ids
from ingest import doorbell
from tickets.news import live, presence, telling
from tickets.news.live import News
from tickets.news.presence import Picture

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)

HEARTBEAT = 15.0
# With the doorbell silent, the record is looked at this often.
LOOK_EVERY = 3.0
LISTEN_FOR = 2.0
# Changes within this many seconds travel together.
GATHER = 0.15
QUEUE = 50
# Those who come back within this many seconds read together.
TOGETHER = 0.02
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
                    news = await _read(live.since, self.position)
                    noticed = await _read(self.told.anew)
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
            seen = await _read(presence.picture)
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


class Returning:
    """Reads what those have missed who come back: once for all who come together, however many they are."""

    def __init__(self) -> None:
        self.waiting: dict[str, asyncio.Future[News]] = {}
        self.task: asyncio.Task[None] | None = None

    async def missed(self, start: str) -> News:
        """What was written since this position. Subscribe before asking: the read begins after it."""
        if self.task is None or self.task.done():
            self.waiting = {}
            self.task = asyncio.create_task(self.read())
        answer = self.waiting.setdefault(start, asyncio.get_running_loop().create_future())
        # One who leaves takes the answer from nobody else.
        return await asyncio.shield(answer)

    async def read(self) -> None:
        """Until nobody waits."""
        await asyncio.sleep(TOGETHER)
        while self.waiting:
            asked, self.waiting = self.waiting, {}
            try:
                found = await _read(live.since_each, tuple(asked))
            except Exception as error:  # noqa: BLE001 (each stream ends with it, and its page comes back by itself)
                for answer in asked.values():
                    answer.set_exception(error)
            else:
                for start, answer in asked.items():
                    answer.set_result(found[start])
            await asyncio.sleep(TOGETHER)


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
returning = Returning()
written = Written()


async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """GET /live/?since=POSITION: events `changes` and `reload`, each with the position as its id; `here` (who is at
    which ticket, as far as it changed) and `notices` (there are new ones for you) without.
    """
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponse(status=403)
    brands = await _read(brand_ids, user)
    start = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    response = StreamingHttpResponse(_events(brands, start, user.pk), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    _allow_own_pages(request, response)
    return response


async def _events(brands: frozenset[int] | None, start: str, user: int = 0) -> AsyncIterator[bytes]:
    """Subscribe first, then catch up: nothing falls between the two. The first event says who is here, too."""
    queue = follower.join()
    try:
        yield b"retry: 2000\n\n"
        missed = await returning.missed(start)
        follower.begin(missed.position)
        yield written.of(missed, brands, lambda: _caught_up(missed, brands))
        while True:
            try:
                item = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if told := written.of(item, brands, partial(_told, item, brands)):
                yield told
            if isinstance(item, Around) and user in item.noticed:
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


async def _read(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A database read from the event loop, on a connection that is known to be alive."""

    def work() -> R:
        close_old_connections()
        return function(*args, **kwargs)

    return await sync_to_async(work)()
