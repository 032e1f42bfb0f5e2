"""A post that is deleted before it comes here leaves nothing behind but that fact, and never comes in alive."""

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ingest import collect, reconcile, rows
from ingest.collect import Stored, store
from ingest.models import Channel, Contact, Conversation, Message, Tombstone
from ingest.platforms.base import Author, Kind, Page, Post
from tests.cast import a_bell, a_channel, a_platform, a_post, at_once

pytestmark = pytest.mark.django_db


def deletion(post: Post, at: datetime | None = None) -> Post:
    """As platforms tell it: an id, an author, and no words."""
    when = at or timezone.now()
    author = Author(post.author.external_id)
    return Post(post.external_id, author, Kind.POST, "", when, conversation_key=post.external_id, deleted_at=when)


def test_the_deletion_of_what_never_came_leaves_no_conversation_no_person_and_no_message() -> None:
    channel = a_channel()
    assert store(channel, [deletion(a_post())]) == Stored(known=1)
    assert not Message.objects.exists()
    assert not Conversation.objects.exists()
    assert not Contact.objects.exists()


def test_a_post_that_comes_after_its_deletion_does_not_come_in() -> None:
    channel, post = a_channel(), a_post("my number is 05x")
    store(channel, [deletion(post)])
    assert store(channel, [post, a_post("another")]) == Stored(new=1, known=1)
    assert store(channel, [replace(post, text="edited", edited_at=timezone.now())]) == Stored(known=1)
    assert list(Message.objects.values_list("text", flat=True)) == ["another"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_page_with_a_post_and_its_deletion_brings_neither(order: int) -> None:
    post = a_post()
    store(a_channel(), [post, deletion(post)][::order])
    assert not Message.objects.exists()
    assert Tombstone.objects.get().external_id == post.external_id


def test_the_same_id_in_another_channel_is_another_post() -> None:
    post = a_post()
    store(a_channel(), [deletion(post)])
    assert store(a_channel(), [post]) == Stored(new=1)


def test_what_is_here_is_blanked_by_its_deletion_and_needs_no_tombstone() -> None:
    channel, post = a_channel(), a_post("my number is 05x")
    store(channel, [post])
    assert store(channel, [deletion(post)]) == Stored(known=1, changed=1)
    assert (Message.objects.get().text, Tombstone.objects.count()) == ("", 0)


def test_a_deletion_told_twice_or_of_tomorrow_is_kept_once_and_as_of_now() -> None:
    channel, post, now = a_channel(), a_post(), timezone.now()
    for _turn in range(2):
        store(channel, [deletion(post, now + timedelta(days=900))])
    assert Tombstone.objects.get().deleted_at - now < timedelta(minutes=5)


def test_the_reconciler_does_not_miss_what_was_deleted_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    platform = a_platform(monkeypatch)
    channel = a_channel(platform="fake")
    now = timezone.now()
    Channel.objects.update(created_at=now - timedelta(days=3))
    gone = a_post(posted_at=now - timedelta(hours=1, minutes=30))
    store(channel, [deletion(gone)])
    platform.pages.append(Page((gone,), {}))
    assert reconcile.check(channel.pk, now) == 0
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_comes_while_its_post_is_being_stored_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    channel, post = a_channel(), a_post("my number is 05x")
    written = Event()
    plain = rows.store_messages

    def slowly(*args: Any, **kwargs: Any) -> set[str]:
        new = plain(*args, **kwargs)
        written.set()
        # Not committed yet: the deletion sees nothing of it, unless it waits.
        with connection.cursor() as sql:
            sql.execute("SELECT pg_sleep(0.3)")
        return new

    def delete() -> Stored:
        assert written.wait(30)
        return store(channel, [deletion(post)])

    monkeypatch.setattr(rows, "store_messages", slowly)
    at_once(lambda: store(channel, [post]), delete)
    message = Message.objects.get()
    assert (message.text, message.deleted_at is None) == ("", False)


@pytest.mark.django_db(transaction=True)
def test_posts_and_their_deletions_by_two_workers_at_once_leave_none_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    channel = a_channel()
    for _round in range(10):
        posts = [a_post(by=f"person{turn % 5}") for turn in range(20)]
        gone = [deletion(post) for post in posts]
        at_once(lambda: collect.store_page(channel, Page(tuple(posts), {})),  # noqa: B023  (called before the loop goes on)
                lambda: collect.store_page(channel, Page(tuple(gone), {})))  # noqa: B023  (called before the loop goes on)  # fmt: skip
    assert not Message.objects.filter(deleted_at=None).exists()
    assert Message.objects.count() + Tombstone.objects.count() == 200
