"""A message that changes on its platform after its ticket was made: words and copies follow, decisions stand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ingest.collect import store
from ingest.models import Channel, Message
from ingest.platforms.base import Post
from tests.cast import (
    a_person,
    a_post,
    an_answer,
    an_own_post,
    deliver,
    fresh,
    receive,
    ticket_of,
    verbs,
    work_off,
)
from tests.cast import now as moment
from tickets.models import Ticket
from tickets.reports.balance import balance
from tickets.thread import line_of
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> Post:
    return a_post("my bill is wrong, I live at 5 Palm Street", external_id="p1")


@pytest.fixture
def theirs(channel: Channel, post: Post, platform: Any) -> Ticket:
    return ticket_of(receive(channel, post)[0])


def change(channel: Channel, post: Post, **fields: Any) -> Message:
    store(channel, [replace(post, **fields)])
    work_off()
    return Message.objects.get(external_id=post.external_id)


def test_a_deleted_post_leaves_no_words_on_its_ticket(channel: Channel, post: Post, theirs: Ticket) -> None:
    assert "Palm Street" in theirs.subject
    message = change(channel, post, deleted_at=moment())
    assert (message.text, message.state, message.decision) == ("", "triaged", "ticket")
    ticket = fresh(theirs)
    assert (ticket.subject, ticket.preview, ticket.status) == ("", "", "new")
    assert verbs(ticket)[-1] == "changed"
    assert str(line_of(ticket.activities.order_by("id").last())) == "The customer deleted a message"
    assert balance().problems == []


def test_an_edited_post_is_read_again_and_opens_no_second_ticket(channel: Channel, post: Post, theirs: Ticket) -> None:
    assert theirs.first_valence is not None
    message = change(channel, post, text="thank you, love it", edited_at=moment())
    assert message.sentiment == "positive"
    ticket = Ticket.objects.get()
    assert (ticket.pk, ticket.subject, ticket.preview) == (theirs.pk, "thank you, love it", "thank you, love it")
    assert ticket.first_valence is not None
    assert ticket.first_valence > theirs.first_valence
    assert message.disposition == "awaiting"
    assert ticket.position == 1
    assert verbs(ticket) == ["opened", "changed"]


def test_an_edit_of_what_was_answered_leaves_it_answered(channel: Channel, post: Post, theirs: Ticket) -> None:
    an_answer(theirs)
    deliver()
    message = change(channel, post, text="my bill is still wrong", edited_at=moment())
    assert message.disposition == "answered"
    assert fresh(theirs).status == "pending"


def test_an_edit_does_not_bring_back_a_resolved_ticket(channel: Channel, post: Post, theirs: Ticket) -> None:
    lifecycle.resolve(theirs.pk, by=a_person(channel.brand))
    change(channel, post, text="my bill is wrong!!", edited_at=moment())
    assert fresh(theirs).status == "resolved"
    assert Ticket.objects.count() == 1


def test_what_needed_no_answer_and_now_complains_becomes_a_ticket(channel: Channel) -> None:
    kind = a_post("thank you", external_id="k1")
    (message,) = receive(channel, kind)
    assert message.decision == "no_answer"
    assert change(channel, kind, text="it is broken again", edited_at=moment()).decision == "ticket"
    assert Ticket.objects.count() == 1


def test_what_needed_no_answer_and_is_deleted_still_needs_none(channel: Channel) -> None:
    kind = a_post("thank you", external_id="k1")
    receive(channel, kind)
    message = change(channel, kind, deleted_at=moment())
    assert (message.state, message.decision, message.text) == ("triaged", "no_answer", "")


def test_a_later_message_changes_the_preview_and_not_the_subject(channel: Channel, theirs: Ticket) -> None:
    later = a_post("and the app is down", conversation_key="t9", posted_at=moment())
    receive(channel, later)
    subject = theirs.subject
    change(channel, later, text="and the app is broken", edited_at=moment())
    ticket = fresh(theirs)
    assert (ticket.subject, ticket.preview) == (subject, "and the app is broken")


def test_our_own_words_stay_when_our_post_is_deleted(channel: Channel, theirs: Ticket) -> None:
    own = an_own_post("We refunded you.", parent_id="p1", external_id="o1", posted_at=moment())
    receive(channel, own)
    message = change(channel, own, deleted_at=moment())
    assert message.text == "We refunded you."
    assert message.deleted_at is not None


def test_told_twice_it_changes_once(channel: Channel, post: Post, theirs: Ticket) -> None:
    later = moment() + timedelta(minutes=1)
    for _turn in range(2):
        change(channel, post, text="my bill is so wrong", edited_at=later)
    assert verbs(theirs) == ["opened", "changed"]
