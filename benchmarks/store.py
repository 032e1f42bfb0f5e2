"""Storing: posts through ingest.collect.store() in pages. Target: 5,000 messages a second."""

from statistics import median

from benchmarks.figures import Spent, show, spending
from benchmarks.posts import a_channel, posts
from ingest.collect import store
from ingest.models import Channel
from ingest.platforms.base import Post


def main() -> None:
    channel = a_channel()
    store(channel, list(posts(1000, first=10_000_000)))
    for size, pages in ((1000, 20), (100, 100)):
        made = [list(posts(size, first=size * 1_000_000 + page * size)) for page in range(pages)]
        report(f"store_pages_of_{size}", [timed(channel, page) for page in made], size, "new posts of as many people")
        if size == 100:
            report("store_again", [timed(channel, page) for page in made], size, "the same pages a second time")


def timed(channel: Channel, page: list[Post]) -> Spent:
    with spending() as spent:
        store(channel, page)
    return spent


def report(name: str, turns: list[Spent], size: int, note: str) -> None:
    rate = size / median(turn.wall for turn in turns)
    show(name, rate, "messages/s", n=size * len(turns), spent=sum(turns, Spent()), note=f"median of pages; {note}")
