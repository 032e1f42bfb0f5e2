"""Our own posts, read back or loaded from a file, find the ticket of the message they answer, in whatever order."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from ingest import scoring
from ingest.collect import store
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Post
from tests.cast import (
    a_channel,
    a_platform,
    a_post,
    a_reader,
    a_ticket,
    an_answer,
    an_own_post,
    deliver,
    fresh,
    receive,
    work_off,
)
from tickets.incoming import intake
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def a_thread() -> tuple[Post, Post, Post]:
    """A complaint, our answer under it, and a second post of ours under the first."""
    question = a_post("bill is wrong", external_id="q1")
    answer = an_own_post("We look into it.", external_id="a1", parent_id="q1")
    return question, answer, an_own_post("Mended.", external_id="a2", parent_id="a1")


def rested() -> None:
    Message.objects.update(lease_until=None)


@pytest.mark.parametrize("order", list(permutations([0, 1])), ids=str)
def test_an_own_post_and_what_it_answers_meet_on_one_ticket(channel: Channel, order: tuple[int, ...]) -> None:
    thread = a_thread()
    for index in order:
        receive(channel, thread[index])
    ticket = Ticket.objects.get()
    assert ticket.position == 2
    assert Message.objects.get(external_id="q1").disposition == "answered_outside"
    assert (ticket.status, ticket.waiting_since) == ("pending", None)


def test_a_second_post_of_ours_under_the_first_is_on_the_ticket_too(channel: Channel) -> None:
    receive(channel, *a_thread())
    assert Ticket.objects.get().position == 3


def test_a_second_post_of_ours_that_comes_later_is_on_the_ticket_too(channel: Channel) -> None:
    for post in a_thread():
        receive(channel, post)
    assert Ticket.objects.get().position == 3


def test_an_own_post_to_nobody_is_on_no_ticket(channel: Channel) -> None:
    a_ticket(channel)
    receive(channel, an_own_post("Spring offers are here"))
    assert Ticket.objects.get().position == 1


def test_an_own_post_under_what_needed_no_ticket_is_on_none(channel: Channel) -> None:
    receive(channel, a_post("I love it", external_id="q1"), an_own_post("Thank you!", parent_id="q1"))
    assert set(Message.objects.values_list("state", flat=True)) == {"triaged"}
    assert not Ticket.objects.exists()


def test_an_own_post_in_another_channel_with_the_same_parent_id_is_not_taken_for_an_answer(channel: Channel) -> None:
    a_ticket(channel, external_id="q1")
    receive(a_channel(), an_own_post("Elsewhere.", parent_id="q1"))
    assert Ticket.objects.get().position == 1


def test_an_own_post_waits_while_what_it_answers_is_still_being_read(channel: Channel) -> None:
    question, answer, _second = a_thread()
    store(channel, [question, answer])
    intake.triage_new()
    assert Message.objects.get(external_id="a1").state == "scored"
    scoring.read_new(read=a_reader)
    rested()
    work_off()
    assert Ticket.objects.get().position == 2
    assert Message.objects.get(external_id="a1").state == "triaged"


def test_an_own_post_does_not_wait_for_a_message_that_triage_gave_up_on(channel: Channel) -> None:
    question, answer, _second = a_thread()
    store(channel, [question])
    Message.objects.update(state=Message.State.HELD)
    receive(channel, answer)
    assert Message.objects.get(external_id="a1").state == "triaged"
    intake.replay_held([Message.objects.get(external_id="q1").pk])
    work_off()
    assert Ticket.objects.get().position == 2


def test_an_own_post_waits_while_an_answer_under_the_same_message_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_platform(monkeypatch)
    channel = a_channel(platform="fake")
    an_answer(a_ticket(channel, external_id="q1"))
    (post,) = receive(channel, an_own_post("Written by hand.", parent_id="q1"))
    assert post.state == "scored"
    deliver()
    rested()
    work_off()
    assert fresh(post).state == "triaged"
    assert Ticket.objects.get().position == 3
    assert Delivery.objects.get().state == "sent"


def test_an_answer_outside_closes_only_what_was_said_before_it(channel: Channel) -> None:
    receive(channel, a_post("bill is wrong", external_id="q1"))
    answer = an_own_post("Mended.", parent_id="q1", posted_at=timezone.now())
    later = a_post("app is down", external_id="q2", posted_at=timezone.now() + timedelta(seconds=1))
    receive(channel, later, answer)
    found = dict(Message.objects.filter(direction="in").values_list("external_id", "disposition"))
    assert found == {"q1": "answered_outside", "q2": "awaiting"}
    assert Ticket.objects.get().status == "new"


def test_an_answer_outside_to_a_resolved_ticket_leaves_it_resolved_and_gives_the_lift(channel: Channel) -> None:
    ticket = a_ticket(channel, external_id="q1", conversation_key="t1")
    Ticket.objects.update(status="resolved", resolved_at=timezone.now())
    receive(channel, an_own_post("Mended.", parent_id="q1"))
    receive(channel, a_post("thanks", conversation_key="t1"))
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    assert ticket.lift is not None
