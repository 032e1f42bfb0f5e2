"""Who writes again while they wait rises by one step, once for each wait."""

from datetime import timedelta

import pytest

from accounts.models import User
from ingest.models import Channel, Message
from tests.cast import a_post, an_answer, deliver, fresh, now, receive
from tickets.models import Activity, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]


def again(channel: Channel, ticket: Ticket, minutes: int, thread: str = "t1") -> Ticket:
    """The customer's next post, so long after their wait began."""
    began = now() - timedelta(minutes=minutes)
    Message.objects.update(received_at=began, reachable_at=None)
    Ticket.objects.filter(waiting_since__isnull=False).update(waiting_since=began)
    Activity.objects.filter(verb="prioritised").update(at=began + timedelta(minutes=40))
    receive(channel, a_post("still wrong!", conversation_key=thread, posted_at=now()))
    return fresh(ticket)


def test_a_repeat_contact_joins_the_live_ticket_and_rises_one_step(channel: Channel, ticket: Ticket) -> None:
    risen = again(channel, ticket, 45, thread="t2")
    assert (risen.position, risen.priority) == (2, 2)
    line = ticket.activities.get(verb="prioritised")
    assert (line.actor, line.data) == (None, {"to": 2, "was": 3, "why": "repeat"})


def test_several_posts_in_one_breath_are_no_repeat(channel: Channel, ticket: Ticket) -> None:
    assert again(channel, ticket, 5).priority == 3


def test_a_wait_raises_once(channel: Channel, ticket: Ticket) -> None:
    again(channel, ticket, 45)
    assert again(channel, ticket, 90).priority == 2


def test_nothing_is_more_urgent_than_urgent(channel: Channel, ticket: Ticket) -> None:
    Ticket.objects.update(priority=1)
    assert again(channel, ticket, 45).priority == 1


def test_who_was_answered_and_writes_again_does_not_rise(channel: Channel, ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent)
    deliver()
    assert again(channel, ticket, 600).priority == 3
