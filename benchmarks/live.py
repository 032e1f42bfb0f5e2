"""The live stream with 500 open browsers: how soon every one of them is told of a change, and how soon they have caught
up when all of them come back together after a break.

    make bench ARGS=live        (LIVE_BROWSERS=500, LIVE_CHANGES=40)

The stream is served as in operation (uvicorn, one process). The browsers are clients of this process that speak
server-sent events over plain sockets, each with a session of its own person; all share the machine with the server.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from asgiref.sync import sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.models import Brand, Membership, Team, User
from benchmarks.printing import tell
from benchmarks.processes import crew, uvicorn
from ingest.models import Channel, Contact
from tickets.models import Ticket
from tickets.news import live
from tickets.verbs import lifecycle

BROWSERS = int(os.environ.get("LIVE_BROWSERS", "500"))
CHANGES = int(os.environ.get("LIVE_CHANGES", "40"))
# Told while they were away: what a busy desk does in five minutes.
MISSED = 250
PORT = int(os.environ.get("LIVE_PORT_BENCH", "8719"))
PATIENCE = 60.0


class Browser:
    """One open page: when it heard of each change, by what the change said."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.heard: dict[str, float] = {}
        self.caught_up = 0.0
        self.tickets: set[int] = set()
        self.task: asyncio.Task[None] | None = None

    async def listen(self, since: str) -> None:
        """Until it is cancelled. The first event is the catching up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        head = f"GET /live/?since={since} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={self.session}\r\n\r\n"
        writer.write(head.encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self.take(json.loads(line[6:]))
        finally:
            writer.close()

    def take(self, told: dict[str, object]) -> None:
        now = time.monotonic()
        self.caught_up = self.caught_up or now
        changes = told.get("changes")
        for change in changes if isinstance(changes, list) else ():
            self.tickets.add(change["ticket"])
            self.heard.setdefault(str(change["ticket"]), now)


def main() -> None:
    """Print the two figures."""
    people, tickets = furnish()
    with tempfile.TemporaryDirectory() as home, crew(Path(home), RADD_ALLOWED_HOSTS="localhost") as processes:
        processes.start("live", uvicorn(PORT))
        asyncio.run(measure(people, tickets))


def furnish() -> tuple[list[str], list[int]]:
    """A session for each person, and tickets of their brand."""
    brand = Brand.objects.create(name="Nawa")
    team = Team.objects.create(name="Care")
    team.brands.add(brand)
    channel = Channel.objects.create(brand=brand, name="Nawa", platform="imported", external_id="care")
    people = User.objects.bulk_create(
        [User(email=f"person{n}@nawa.example", name=f"Person {n}", password="!") for n in range(BROWSERS)]
    )
    Membership.objects.bulk_create([Membership(team=team, user=person) for person in people])
    now = timezone.now()
    contacts = Contact.objects.bulk_create(
        [
            Contact(brand=brand, platform="imported", external_id=f"c{n}", handle=f"c{n}")
            for n in range(CHANGES + MISSED)
        ]
    )
    tickets = Ticket.objects.bulk_create(
        [Ticket(brand=brand, channel=channel, team=team, contact=c, opened_at=now, due_at=now, updated_at=now)
         for c in contacts]
    )  # fmt: skip
    return [session_of(person) for person in people], [ticket.pk for ticket in tickets]


def session_of(person: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "accounts.backends.PersonBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return str(store.session_key)


async def measure(sessions: list[str], tickets: list[int]) -> None:
    author = await User.objects.afirst()
    assert author is not None
    await answers()
    browsers = [Browser(session) for session in sessions]
    await open_all(browsers, await sync_to_async(live.position)())
    waits = []
    for ticket in tickets[:CHANGES]:
        await sync_to_async(lifecycle.note)(ticket, text="looked at", by=author)
        committed = time.monotonic()
        await until(partial(everybody, browsers, ticket))
        waits += [one.heard[str(ticket)] - committed for one in browsers]
    waits.sort()
    tell("live: a change is in the browser, p95", at(waits, 0.95) * 1000, "ms", n=len(waits), note=f"{BROWSERS} open")
    tell("live: a change is in the last browser, worst", waits[-1] * 1000, "ms", n=CHANGES)
    await close_all(browsers)
    since = await sync_to_async(live.position)()
    for ticket in tickets[CHANGES:]:
        await sync_to_async(lifecycle.note)(ticket, text="meanwhile", by=author)
    again = [Browser(session) for session in sessions]
    began = time.monotonic()
    await open_all(again, since)
    late = sorted(one.caught_up - began for one in again)
    assert all(len(one.tickets) >= MISSED for one in again)
    note = f"{MISSED} missed, all at once"
    tell("live: back after a break, caught up, p95", at(late, 0.95) * 1000, "ms", n=BROWSERS, note=note)
    await close_all(again)
    alone = Browser(sessions[0])
    began = time.monotonic()
    await open_all([alone], since)
    tell("live: one browser back, caught up", (alone.caught_up - began) * 1000, "ms", n=1, note=f"{MISSED} missed")
    await close_all([alone])


def everybody(browsers: list[Browser], ticket: int) -> bool:
    return all(str(ticket) in one.heard for one in browsers)


def at(values: list[float], share: float) -> float:
    """The value below which this share of them, in order, lies."""
    return values[min(round(share * len(values)), len(values) - 1)]


async def open_all(browsers: list[Browser], since: str) -> None:
    for browser in browsers:
        browser.task = asyncio.create_task(browser.listen(since))
    await until(lambda: all(browser.caught_up for browser in browsers))


async def close_all(browsers: list[Browser]) -> None:
    tasks = [browser.task for browser in browsers if browser.task]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("not every browser heard of it")
        await asyncio.sleep(0.002)


async def answers() -> None:
    """Until the stream's process is there."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        except OSError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)
        else:
            writer.close()
            return
