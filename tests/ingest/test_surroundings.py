"""Surroundings: the thread around a message that opened a ticket is asked for once, whoever dies and however often."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ingest import scoring, surroundings
from ingest.collect import store
from ingest.models import Channel, Message
from ingest.platforms import registry
from ingest.platforms.base import Kind, Page, PlatformError, Post
from tests.cast import FakePlatform, a_channel, a_platform, a_post, a_reader, an_own_post, at_once, receive

pytestmark = pytest.mark.django_db


class Telling(FakePlatform):
    """A platform that tells threads: `around` is used up from the front, then nothing is."""

    around: list[Page | Exception] = []
    asked: list[Post] = []

    def thread(self, post: Post) -> Page:
        self.asked.append(post)
        page = self.around.pop(0) if self.around else Page((), {})
        if isinstance(page, Exception):
            raise page
        return page


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setitem(registry.PLATFORMS, "telling", Telling)
    monkeypatch.setattr(Telling, "around", [])
    monkeypatch.setattr(Telling, "asked", [])
    return a_channel(platform="telling")


def complain(channel: Channel, text: str = "my bill is wrong", **fields: Any) -> Message:
    (message,) = receive(channel, a_post(text, **({"posted_at": timezone.now()} | fields)))
    return message


def rested() -> None:
    Message.objects.exclude(lease_until=None).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_what_was_said_around_it_is_stored_as_context_and_ours_as_ours(channel: Channel) -> None:
    root = an_own_post("New prices!", external_id="root")
    others = a_post("same here", by="sara", parent_id="root", root_id="root")
    Telling.around.append(Page((root, others), {}))
    message = complain(channel, external_id="q1", parent_id="root", root_id="root", raw={"cid": "c1"})
    assert surroundings.look_around() == 1
    assert Message.objects.get(text="same here").decision == "context", "whether or not the adapter marked it"
    assert Message.objects.get(text="New prices!").direction == "out"
    assert Message.objects.get(pk=message.pk).decision == "ticket"
    (asked,) = Telling.asked
    assert (asked.external_id, asked.parent_id, asked.root_id, asked.raw) == ("q1", "root", "root", {"cid": "c1"})
    assert (asked.author.external_id, asked.kind) == ("acct-reem", Kind.MENTION)


def test_a_thread_is_asked_for_once(channel: Channel) -> None:
    complain(channel)
    assert [surroundings.look_around() for _turn in range(3)] == [1, 0, 0]
    assert len(Telling.asked) == 1


def test_many_complaints_in_one_thread_ask_once_within_the_hour(channel: Channel) -> None:
    for person in ("sara", "omar", "lina"):
        complain(channel, by=person, root_id="launch", parent_id="launch")
    assert surroundings.look_around() == 1
    assert surroundings.look_around() == 0
    complain(channel, by="huda", root_id="launch", parent_id="launch")
    assert surroundings.look_around() == 0
    later = timezone.now() - timedelta(hours=2)
    Message.objects.exclude(lease_until=None).update(lease_until=later + timedelta(hours=24))
    assert surroundings.look_around() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "thank you, love it"},
        {"kind": Kind.DM},
        {"kind": Kind.MAIL},
        {"posted_at": timezone.now() - timedelta(days=9)},
    ],
    ids=["no ticket", "private", "mail", "old"],
)
def test_only_public_messages_that_opened_a_ticket_lately_are_told_around(
    channel: Channel, fields: dict[str, Any]
) -> None:
    complain(channel, **fields)
    assert surroundings.look_around() == 0


@pytest.mark.parametrize("fields", [{"state": "paused"}, {"options": {"threads": "off"}}, {"platform": "gone"}])
def test_a_channel_that_is_paused_or_does_not_want_it_asks_nothing(channel: Channel, fields: dict[str, Any]) -> None:
    complain(channel)
    Channel.objects.update(**fields)
    assert surroundings.look_around() == 0


def test_where_no_platform_tells_threads_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    a_platform(monkeypatch)
    complain(a_channel(platform="fake"))
    with CaptureQueriesContext(connection) as queries:
        assert surroundings.look_around() == 0
    assert len(queries) == 1


@pytest.mark.parametrize("trouble", [PlatformError("platform_down"), KeyError("odd")])
def test_a_platform_in_trouble_is_asked_again_later_and_not_for_ever(channel: Channel, trouble: Exception) -> None:
    Telling.around += [trouble] * 9
    complain(channel)
    tried = 0
    for _turn in range(6):
        tried += surroundings.look_around()
        assert surroundings.look_around() == 0, "it rests"
        rested()
    assert tried == surroundings.ATTEMPTS


def test_a_rate_limit_says_when(channel: Channel) -> None:
    Telling.around.append(PlatformError("rate_limited", retry_after=900))
    complain(channel)
    surroundings.look_around()
    lease = Message.objects.get().lease_until
    assert lease is not None
    assert timedelta(seconds=880) < lease - timezone.now() <= timedelta(seconds=900)


def test_a_message_that_is_edited_after_its_thread_was_told_is_read_at_once(channel: Channel) -> None:
    post = a_post("my bill is wrong", posted_at=timezone.now())
    receive(channel, post)
    surroundings.look_around()
    store(channel, [replace(post, text="my bill is still wrong", edited_at=timezone.now())])
    assert scoring.read_new(read=a_reader) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_once(channel: Channel) -> None:
    for person in ("sara", "omar"):
        complain(channel, by=person)
    assert sum(at_once(surroundings.look_around, surroundings.look_around, surroundings.look_around)) == 2
    assert len(Telling.asked) == 2
