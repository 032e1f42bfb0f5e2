"""Eight hundred mentions, told twice, shuffled, by two processes at once: each is here once, as it was last."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

import pytest
from django.db import connection, connections
from django.utils import timezone

from ingest import doorbell
from ingest.collect import store_page
from ingest.models import BadItem, Channel, Contact, Conversation, Message, Tombstone
from ingest.platforms.base import Page, Post
from tests.cast import a_channel, a_post

MENTIONS, EDITED, DELETED, UNSEEN = 800, 100, 60, 40
PAGE = 50


def told() -> tuple[list[Post], list[Post]]:
    """800 mentions in a few threads, and what becomes of them: edits, deletions, and deletions of 40 more."""
    now = timezone.now()
    posts = [a_post(f"post {n}", by=f"person{n % 70}", conversation_key=f"thread{n % 200}") for n in range(MENTIONS)]
    edits = [
        replace(post, text=f"{post.text}, version {turn}", edited_at=now - timedelta(minutes=10 - turn))
        for post in posts[:EDITED]
        for turn in (1, 2)
    ]
    deletions = [replace(post, text="", deleted_at=now) for post in posts[-DELETED:]]
    unseen = [a_post(f"gone {n}", by="ghost") for n in range(UNSEEN)]
    return posts, [*edits, *deletions, *unseen, *(replace(post, text="", deleted_at=now) for post in unseen)]


def collect(channel_id: int, posts: Sequence[Post], start: Barrier) -> None:
    """One worker: its own process, its own connection, the posts page by page."""
    doorbell._ring_now = lambda task, args: None
    channel = Channel.objects.get(pk=channel_id)
    start.wait(60)
    for first in range(0, len(posts), PAGE):
        store_page(channel, Page(tuple(posts[first : first + PAGE]), {"at": first}), cursor={"at": first})
    connections.close_all()


def in_two_processes(channel: Channel, shares: Sequence[Sequence[Post]]) -> None:
    """Each share by a process of its own, begun at the same moment."""
    fork = get_context("fork")
    # A connection must not be shared with a child.
    connection.close()
    start = fork.Barrier(len(shares))
    workers = [fork.Process(target=collect, args=(channel.pk, share, start)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * len(shares)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_eight_hundred_mentions_told_twice_by_two_processes_are_eight_hundred_messages(seed: int) -> None:
    channel, (posts, changes) = a_channel(), told()
    shares = []
    for worker in range(2):
        share = [*posts, *changes]
        random.Random(seed * 10 + worker).shuffle(share)
        shares.append(share)
    in_two_processes(channel, shares)
    _prove(channel, posts)


def _prove(channel: Channel, posts: Sequence[Post]) -> None:
    texts = dict(Message.objects.filter(channel=channel).values_list("external_id", "text"))
    tombs = set(Tombstone.objects.filter(channel=channel).values_list("external_id", flat=True))
    # A deletion may come before its post, which then stays away: it is accounted for, too.
    assert {post.external_id for post in posts} <= set(texts) | tombs
    alive = posts[:-DELETED]
    assert [texts[p.external_id] for p in alive[:EDITED]] == [f"{p.text}, version 2" for p in alive[:EDITED]]
    assert [texts[p.external_id] for p in alive[EDITED:]] == [p.text for p in alive[EDITED:]]
    assert len(alive) == MENTIONS - DELETED
    assert not any(texts[key] for key in set(texts) - {post.external_id for post in alive})
    assert not set(texts) & tombs
    assert len(set(texts) | tombs) == MENTIONS + UNSEEN
    assert not BadItem.objects.exists()
    assert not Conversation.objects.filter(messages=None).exists()
    assert Contact.objects.count() <= 71


@pytest.mark.django_db(transaction=True)
def test_without_deletions_every_one_of_eight_hundred_is_here_once() -> None:
    channel, (posts, _) = a_channel(), told()
    shares = [random.Random(worker).sample(posts, len(posts)) * 2 for worker in range(2)]
    in_two_processes(channel, shares)
    assert Message.objects.count() == MENTIONS
    assert sorted(Message.objects.values_list("text", flat=True)) == sorted(post.text for post in posts)
