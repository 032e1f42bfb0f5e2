"""Reading inside the pipeline against the same model called directly, batch by batch in turn, in one run.

Target: 85 % of the raw speed. What lies between is claiming the rows, writing the readings and counting.
"""

from statistics import median

from django.conf import settings

from benchmarks.figures import Spent, show, spending
from benchmarks.posts import a_channel, posts
from ingest import scoring
from ingest.collect import store
from ingest.models import Message
from ingest.platforms.base import Post
from sentiment import engine

BATCHES = 8


def main() -> None:
    channel = a_channel()
    size = settings.READ_BATCH
    made = list(posts(size * (BATCHES + 1)))
    engine.read([post.text for post in made[:32]], settings.READER)
    direct, inside = [], []
    for turn in range(BATCHES + 1):
        batch = made[turn * size : (turn + 1) * size]
        store(channel, batch)
        pair = {"direct": read_directly, "inside": read_inside}
        # Whoever goes second finds warmer caches: take turns.
        spent = {name: pair[name](batch) for name in sorted(pair, reverse=turn % 2 == 0)}
        if turn:
            direct.append(spent["direct"])
            inside.append(spent["inside"])
    report("reading_raw", direct, size, f"{settings.READER}, batches of {size}")
    report("reading_in_pipeline", inside, size, f"{settings.READER}, batches of {size}")
    wall = median(raw.wall / piped.wall for raw, piped in zip(direct, inside, strict=True))
    show("reading_ratio_by_clock", wall * 100, "%", n=BATCHES, note="raw time over pipeline time, median of the pairs")
    cpu = sum(raw.cpu for raw in direct) / sum(piped.cpu for piped in inside)
    show("reading_ratio_by_cpu", cpu * 100, "%", n=BATCHES, note="CPU time raw over CPU time in the pipeline")


def read_directly(batch: list[Post]) -> Spent:
    texts = [post.text for post in batch]
    with spending() as spent:
        engine.read(texts, settings.READER)
    return spent


def read_inside(batch: list[Post]) -> Spent:
    with spending() as spent:
        done = scoring.read_new(limit=len(batch))
    if done != len(batch) or Message.objects.unread().exists():
        raise SystemExit(f"{done} of {len(batch)} messages were read")
    return spent


def report(name: str, turns: list[Spent], size: int, note: str) -> None:
    rate = size / median(turn.wall for turn in turns)
    show(name, rate, "messages/s", n=size * len(turns), spent=sum(turns, Spent()), note=note)
