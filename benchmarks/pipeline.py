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
from tickets import intake, routing
from tickets.models import Ticket

WORKERS = 2
POSTS = 6000
PAGE = 100
LONGEST = 240
# Every post opens a ticket of its own; then as a day brings them: some from the same people, some for nobody.
MIXES = {
    "pipeline": (("complaint",), 0),
    "pipeline_mixed": (("complaint", "question", "complaint", "thanks", "praise"), POSTS // 2),
}


def main() -> None:
    for turn, (name, (topics, people)) in enumerate(MIXES.items()):
        channel = a_channel(f"Nawa {turn}", agents=20)
        made = list(posts(POSTS, topics, people=people, first=turn * 1_000_000))
        before = Ticket.objects.count()
        spent = work(channel, made)
        tickets = Ticket.objects.count() - before
        check(channel)
        note = f"{WORKERS} workers, {POSTS} posts in pages of {PAGE}, {POSTS / spent.wall:.0f} posts/s"
        show(name, tickets / spent.wall, "tickets/s", n=tickets, spent=spent, note=note)


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


def stub(texts: Sequence[str]) -> list[Reading | Failure]:
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
