"""The way from post to ticket without the model: store, read (a stub), triage, route, in two worker processes.

Target: 400 tickets a second. The stages are those of care/pipeline.py, run by processes instead of Celery tasks.
"""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection

from django.db import connections

from benchmarks.figures import Spent, show, spending
from benchmarks.posts import a_channel, posts
from ingest import doorbell, scoring
from ingest.collect import store
from ingest.models import Channel, Message
from ingest.platforms.base import Post
from sentiment.reading import Failure, Reading
from tickets.incoming import intake
from tickets.models import Ticket
from tickets.steering import routing

WORKERS = 2
POSTS = 6000
PAGE = 100
LONGEST = 240
# Of 6,000 posts as a day brings them some come from the same people, and some need nobody.
A_DAY = ("complaint", "question", "complaint", "thanks", "praise")


def main() -> None:
    channel = a_channel("Nawa", agents=20)
    spent = work(channel, list(posts(POSTS, ("complaint",))))
    check(channel)
    tickets = Ticket.objects.filter(channel=channel).count()
    note = f"{WORKERS} workers, pages of {PAGE}, each post opens a ticket"
    show("pipeline_tickets", tickets / spent.wall, "tickets/s", n=tickets, spent=spent, note=note)
    channel = a_channel("Salam", agents=20)
    spent = work(channel, list(posts(POSTS, A_DAY, people=POSTS // 2, first=10_000_000)))
    check(channel)
    tickets = Ticket.objects.filter(channel=channel).count()
    note = f"{WORKERS} workers, pages of {PAGE}, a day's mix that makes {tickets} tickets"
    show("pipeline_messages", POSTS / spent.wall, "messages/s", n=POSTS, spent=spent, note=note)


def work(channel: Channel, made: Sequence[Post]) -> Spent:
    """Let the workers take in their shares; wall time from the first start to the last end, CPU of all."""
    connections.close_all()
    doorbell.connection().close()
    context = multiprocessing.get_context("fork")
    ends = []
    began = time.monotonic()
    for share in range(WORKERS):
        ours, theirs = context.Pipe()
        process = context.Process(target=worker, args=(channel, made[share::WORKERS], theirs))
        process.start()
        ends.append((ours, process))
    spent = Spent()
    for ours, process in ends:
        spent = spent + ours.recv()
        process.join()
    spent.wall = time.monotonic() - began
    return spent


def worker(channel: Channel, share: Sequence[Post], end: Connection) -> None:
    """Store page by page, and after each carry on whatever waits, as the doorbell would have it."""
    stages: list[Callable[[], int]] = [partial(scoring.read_new, read=stub), intake.triage_new, routing.drain]
    with spending() as spent:
        for first in range(0, len(share), PAGE):
            store(channel, share[first : first + PAGE])
            for stage in stages:
                stage()
        end_by = time.monotonic() + LONGEST
        while sum(stage() for stage in stages):
            if time.monotonic() > end_by:
                raise SystemExit("the stages never come to an end")
    end.send(spent)


def stub(texts: Sequence[str], _parents: Sequence[str | None]) -> list[Reading | Failure]:
    """A reading without a model: content where thanks are said, unhappy elsewhere."""
    return [_unhappy if not _content(text) else _happy for text in texts]


def _content(text: str) -> bool:
    return any(word in text.lower() for word in ("thank", "love", "best", "amazing", "شكرا", "ممتازة", "روعة"))


_unhappy = Reading("en", 0.9, 0.07, 0.03, ("complaint",), "normal", "stub", "1")
_happy = Reading("en", 0.03, 0.07, 0.9, ("thanks",), "low", "stub", "1")


def check(channel: Channel) -> None:
    """A figure for work that was not done would be no figure."""
    left = Message.objects.filter(channel=channel).exclude(state=Message.State.TRIAGED).count()
    unrouted = Ticket.objects.filter(channel=channel, assignee=None).count()
    if left or unrouted:
        raise SystemExit(f"{left} messages not triaged, {unrouted} tickets not routed")
