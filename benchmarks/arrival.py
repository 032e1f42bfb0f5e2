"""From a customer's post on a network to its ticket in an open inbox: by stream, and by poll.

A whole desk of real processes as `make run` starts them (listener, worker, reader with its model, beat, live stream),
five fakes that speak the platforms' own protocols, and one signed-in page that listens for changes. Goals: on streams
95 of 100 within 3 s, on polls within the time between two looks and 3 s.
"""

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import requests
from django.utils import timezone

from accounts.models import User
from benchmarks.counterparts import Network, networks
from benchmarks.list_visitor import session_of
from benchmarks.printing import tell
from benchmarks.processes import Crew, beat, crew, manage, uvicorn, worker
from benchmarks.storm import connected
from ingest.models import Channel, Message
from launch.ports import free_port
from tickets.models import TicketMessage

NAMES = ("x", "mastodon", "gotosocial", "bluesky", "email")
POSTS = int(os.environ.get("ARRIVAL", "50"))
# Seconds over which each network's posts are strewn.
SPREAD = 1.8 * POSTS
# Seconds between looks, while there is no stream; and while there is one, so that no look comes before it.
LOOK, SELDOM = 10, 7200
PATIENCE = 60.0
WORDS = "my bill {n} is wrong again, I was charged twice and nobody answers. Refund me!"


@dataclass
class Inbox:
    """A page that is open: when each ticket was told to it."""

    told: dict[int, datetime] = field(default_factory=dict)

    def listen(self, url: str, cookie: str) -> None:
        """Until the stream ends."""
        with (
            suppress(requests.RequestException),
            requests.get(url, headers={"Cookie": cookie}, stream=True, timeout=(5, 60)) as response,
        ):
            response.raise_for_status()
            for line in response.iter_lines(chunk_size=1):
                if line.startswith(b"data: "):
                    now = datetime.now(UTC)
                    for change in json.loads(line[6:]).get("changes", ()):
                        self.told.setdefault(change["ticket"], now)


def main() -> None:
    with networks(*NAMES) as nets, tempfile.TemporaryDirectory() as home:
        channels = connected(nets)
        Channel.objects.update(poll_seconds=SELDOM)
        with running(Path(home)) as (desk, inbox):
            await_streams(nets)
            report("stream", channels, said(nets, seed=1), inbox, "")
            desk.kill("listener")
            del desk.running["listener"]
            Channel.objects.update(poll_seconds=LOOK, next_poll_at=timezone.now())
            time.sleep(LOOK)
            report("poll", channels, said(nets, seed=2), inbox, f"looked at every {LOOK} s; ")
            desk.check()


@contextmanager
def running(home: Path) -> Iterator[tuple[Crew, Inbox]]:
    """The desk, and the page that is open on it."""
    port, inbox = free_port(), Inbox()
    with crew(home) as desk:
        desk.start("live", uvicorn(port))
        desk.start("worker", worker("work", "collect,triage,delivery", "-P", "threads", "-c", "4"))
        desk.start("reader", worker("reader", "scoring,shadow", "-P", "solo"))
        desk.settled("live", "worker", "reader")
        desk.start("beat", beat(home))
        desk.start("listener", manage("listen"))
        url, cookie = f"http://127.0.0.1:{port}/live/?since=0", f"sessionid={session_of(User.objects.get())}"
        threading.Thread(target=inbox.listen, args=[url, cookie], daemon=True).start()
        yield desk, inbox


def await_streams(nets: Sequence[Network]) -> None:
    """Until the listener hears every network, and the reader has read something."""
    until = time.monotonic() + PATIENCE
    while not all(heard(network) for network in nets):
        if time.monotonic() > until:
            raise SystemExit(f"not heard: {[network.name for network in nets if not heard(network)]}")
        time.sleep(0.2)
    for network in nets:
        network.say("warmer", WORDS.format(n=0))
    while Message.objects.filter(state=Message.State.TRIAGED).count() < len(nets):
        if time.monotonic() > until:
            raise SystemExit("the first posts never arrive")
        time.sleep(0.2)


def heard(network: Network) -> bool:
    fake = network.fake
    listeners: dict[str, Callable[[], Any]] = {
        "x": lambda: fake.activity.streams, "mastodon": lambda: fake.streams, "gotosocial": lambda: fake.streams,
        "bluesky": lambda: fake.open, "email": lambda: any("IDLE" in said for said in fake.commands),
    }  # fmt: skip
    return bool(listeners[network.name]())


def said(nets: Sequence[Network], seed: int) -> dict[str, datetime]:
    """Posts of as many customers, strewn over the time; when each was made, by its id."""
    dice = Random(seed)
    times = sorted((dice.uniform(0, SPREAD), turn, network) for network in range(len(nets)) for turn in range(POSTS))
    began, made = time.monotonic(), {}
    for at, turn, which in times:
        time.sleep(max(began + at - time.monotonic(), 0))
        now = datetime.now(UTC)
        made[nets[which].say(f"customer{seed}n{turn}", WORDS.format(n=seed * 1000 + turn))] = now
    return made


def report(way: str, channels: Sequence[Channel], made: Mapping[str, datetime], inbox: Inbox, note: str) -> None:
    """Once all have arrived, or patience is over."""
    until = time.monotonic() + PATIENCE
    while len(arrived := tickets(made)) < len(made) or not arrived.keys() <= inbox.told.keys():
        if time.monotonic() > until:
            break
        time.sleep(0.5)
    for channel in channels:
        waits, where = [], []
        for ticket, message in arrived.items():
            if message.channel_id == channel.pk and ticket in inbox.told and message.decided_at:
                steps = [made[message.external_id], message.received_at, message.decided_at, inbox.told[ticket]]
                where.append([(b - a) / timedelta(seconds=1) for a, b in pairwise(steps)])
                waits.append((steps[-1] - steps[0]) / timedelta(seconds=1))
        if len(waits) < POSTS:
            raise SystemExit(f"{channel.name}: {len(waits)} of {POSTS} posts came into the inbox by {way}")
        split = ", ".join(f"{median(step):.2f}" for step in zip(*where, strict=True))
        note_of = f"{note}p50; stored, decided, told after {split} s each"
        tell(f"arrival_{way}_{channel.name.lower()}", median(waits), "s", n=len(waits), note=note_of)
        tell(f"arrival_{way}_{channel.name.lower()}_p95", quantiles(waits, n=20)[-1], "s", n=len(waits), note="p95")


def tickets(made: Mapping[str, datetime]) -> dict[int, Message]:
    """The messages of these posts that are on a ticket, by the ticket's id."""
    entries = TicketMessage.objects.filter(message__external_id__in=made).select_related("message")
    return {entry.ticket_id: entry.message for entry in entries}
