"""Context: other people's words are kept to understand a thread, and start anew if they prove to be meant for us."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ingest import rereading, scoring
from ingest.collect import Stored, store
from ingest.models import Channel, Message
from ingest.platforms.base import Kind
from tests.cast import a_channel, a_post, an_own_post, receive, ticket_of, work_off
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_context_is_stored_as_decided_and_reaches_neither_reader_nor_triage() -> None:
    before = timezone.now()
    assert store(a_channel(), [a_post("angry too", context=True)]) == Stored(new=1)
    assert scoring.read_new() == 0
    work_off()
    message = Message.objects.get()
    assert (message.direction, message.state) == ("in", "triaged")
    assert (message.decision, message.disposition) == ("context", "context")
    assert message.decided_at is not None
    assert message.decided_at >= before
    assert not Ticket.objects.exists()


def test_context_alone_wakes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr("ingest.collect.doorbell.ring", rung.append)
    channel = a_channel()
    store(channel, [a_post(context=True)])
    assert rung == []
    store(channel, [a_post(context=True), a_post()])
    assert rung == ["radd.read"]


def test_a_post_of_ours_in_a_thread_is_ours() -> None:
    store(a_channel(), [an_own_post(context=True)])
    work_off()
    assert Message.objects.values_list("direction", "decision", "disposition").get() == ("out", "ours", "ours")


def test_context_that_comes_again_as_meant_for_us_becomes_a_new_message_and_a_ticket() -> None:
    channel, post = a_channel(), a_post("my bill is wrong", kind=Kind.REPLY, context=True)
    store(channel, [post])
    Message.objects.update(received_at=timezone.now() - timedelta(days=3))
    meant = replace(post, kind=Kind.MENTION, context=False, raw={"cid": "1"})
    assert store(channel, [meant]) == Stored(new=1)
    assert store(channel, [meant]) == Stored(known=1)
    message = Message.objects.get()
    assert (message.state, message.decision, message.disposition, message.decided_at) == ("new", "", "", None)
    assert (message.kind, message.raw) == ("mention", {"cid": "1"})
    assert timezone.now() - message.received_at < timedelta(minutes=5), "clocks begin when it was told as ours"
    work_off()
    assert ticket_of(message).subject == "my bill is wrong"


def test_a_message_of_a_customer_told_again_as_context_stays_what_it_is() -> None:
    channel, post = a_channel(), a_post("my bill is wrong")
    (message,) = receive(channel, post)
    store(channel, [replace(post, context=True)])
    message.refresh_from_db()
    assert (message.decision, message.disposition) == ("ticket", "awaiting")


@pytest.mark.parametrize("order", [1, -1])
def test_a_page_that_tells_a_post_both_ways_means_it_for_us(order: int) -> None:
    post = a_post()
    store(a_channel(), [replace(post, context=True), post][::order])
    assert Message.objects.get().state == "new"


def test_what_another_channel_keeps_as_context_does_not_hide_a_customer_here() -> None:
    elsewhere, post = a_channel(), a_post("my bill is wrong")
    store(elsewhere, [replace(post, context=True)])
    (message,) = receive(a_channel(elsewhere.brand), post)
    assert message.decision == "ticket"


def test_context_follows_edits_and_deletions_and_stays_context() -> None:
    channel, post, now = a_channel(), a_post("bil", context=True), timezone.now()
    store(channel, [post])
    store(channel, [replace(post, text="bill", edited_at=now)])
    assert Message.objects.get().text == "bill"
    store(channel, [replace(post, deleted_at=now)])
    work_off()
    assert Message.objects.values_list("text", "decision", "state").get() == ("", "context", "triaged")


def test_context_is_not_read_again_by_a_new_model() -> None:
    channel = a_channel()
    store(channel, [a_post(context=True)])
    receive(channel, a_post())
    wanted = rereading.wanted(timezone.now() - timedelta(days=3650), None, "new", "1")
    assert list(wanted.values_list("decision", flat=True)) == ["ticket"]


def test_storing_costs_the_same_however_many_posts_are_context() -> None:
    channel = a_channel()

    def cost(*posts: object) -> int:
        with CaptureQueriesContext(connection) as queries:
            store(channel, posts)
        return len(queries)

    assert cost(a_post(), a_post()) == cost(*[a_post(context=turn % 2 == 0) for turn in range(40)])
    assert Channel.objects.count() == 1
