"""Answers: written once, in one piece, and refused when the conversation moved on."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Cannot, Kind, PlatformError
from tests.cast import (
    FakePlatform,
    a_brand,
    a_channel,
    a_person,
    a_post,
    a_ticket,
    an_answer,
    deliver,
    fresh,
    receive,
    verbs,
)
from tests.tickets.conftest import question
from tickets.answering import replies
from tickets.models import Ticket
from tickets.permissions import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]
REFUSED = PlatformError("not_allowed", "You may not reply", permanent=True)


# --- writing --------------------------------------------------------------------------------------------------------
def test_an_answer_its_outbox_row_its_line_in_the_record_and_the_tickets_state_come_together(
    ticket: Ticket, agent: User
) -> None:
    delivery = an_answer(ticket, "  We are on it.\r\nNawa  ", by=agent)
    message = delivery.message
    assert (message.text, message.author, message.direction, message.kind) == (
        "We are on it.\nNawa", agent, "out", "reply",
    )  # fmt: skip
    assert (message.state, message.decision, message.disposition) == ("triaged", "ours", "ours")
    assert (message.parent_external_id, message.contact.is_own) == ("q1", True)
    assert delivery.state == "waiting"
    assert fresh(ticket).status == "pending"
    assert fresh(ticket).waiting_since is None
    assert verbs(ticket) == ["opened", "assigned", "answered"]


def test_an_answer_that_cannot_be_recorded_is_not_written_at_all(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "record", lambda *args, **data: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        an_answer(ticket)
    assert not Delivery.objects.exists()
    assert not Message.objects.filter(direction="out").exists()
    assert fresh(ticket).assignee is None


def test_who_answers_a_ticket_that_is_nobodys_has_it(ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent)
    assert fresh(ticket).assignee == agent
    assert fresh(ticket).assigned_at is not None


def test_answering_for_a_colleague_leaves_the_ticket_with_them(ticket: Ticket, agent: User) -> None:
    Ticket.objects.update(assignee=agent)
    an_answer(ticket)
    assert fresh(ticket).assignee == agent


@pytest.mark.parametrize("text", ["", "  \r\n ", "\x00"])
def test_an_empty_answer_is_refused(ticket: Ticket, text: str) -> None:
    with pytest.raises(replies.EmptyAnswer):
        an_answer(ticket, text)


def test_an_answer_longer_than_the_platform_takes_is_refused_with_its_length(ticket: Ticket) -> None:
    with pytest.raises(replies.TooLong) as refused:
        an_answer(ticket, "x" * 281)
    assert (refused.value.length.used, refused.value.length.limit) == (281, 280)
    assert an_answer(ticket, "x" * 280)


def test_an_answer_in_arabic_with_broken_pairs_is_stored_clean(ticket: Ticket, platform: type[FakePlatform]) -> None:
    an_answer(ticket, "سنحل المشكلة \ud83d الآن\x00")
    deliver()
    assert platform.texts() == ["سنحل المشكلة ? الآن"]


def test_a_ticket_of_another_team_is_not_answered(ticket: Ticket) -> None:
    with pytest.raises(NotAllowed):
        an_answer(ticket, by=a_person(a_brand()))
    assert not Delivery.objects.exists()


def test_a_ticket_that_is_not_there_says_so(agent: User) -> None:
    with pytest.raises(Ticket.DoesNotExist):
        replies.send(0, text="hello", by=agent, seen=0, key=uuid4())


def test_a_form_posted_twice_sends_once(ticket: Ticket, agent: User, platform: type[FakePlatform]) -> None:
    key = uuid4()
    first = an_answer(ticket, by=agent, key=key)
    assert an_answer(ticket, by=agent, key=key) == first
    deliver()
    assert an_answer(ticket, by=agent, key=key, seen=0) == first
    deliver()
    assert len(platform.posted) == 1
    assert verbs(ticket).count("answered") == 1


# --- where an answer goes -------------------------------------------------------------------------------------------
def test_an_answer_goes_under_the_newest_message_that_is_still_there(ticket: Ticket, channel: Channel) -> None:
    receive(channel, a_post("still wrong", external_id="q2"), a_post("wrong!", external_id="q3"))
    Message.objects.filter(external_id="q3").update(deleted_at=timezone.now())
    assert an_answer(ticket).message.parent_external_id == "q2"


def test_a_note_of_absence_does_not_stand_before_what_the_person_said(ticket: Ticket, channel: Channel) -> None:
    receive(channel, a_post("still wrong", external_id="q2"), a_post("I am away", external_id="q3"))
    Message.objects.filter(external_id="q3").update(raw={"automatic": True})
    assert an_answer(ticket).message.parent_external_id == "q2"
    Message.objects.exclude(external_id="q3").update(deleted_at=timezone.now())
    assert replies.answers_to(ticket) == Message.objects.get(external_id="q3")


def test_a_private_message_is_answered_in_private(channel: Channel) -> None:
    assert an_answer(a_ticket(channel, kind=Kind.DM)).message.kind == "dm"


def test_nothing_left_to_answer_is_said_in_words(ticket: Ticket) -> None:
    Message.objects.update(deleted_at=timezone.now())
    assert replies.can_answer(ticket) == Cannot.GONE
    with pytest.raises(replies.Unsendable, match="no longer there"):
        an_answer(ticket)


def test_imported_history_cannot_be_answered() -> None:
    ticket = a_ticket(a_channel())
    with pytest.raises(replies.Unsendable, match="cannot send"):
        an_answer(ticket)


def test_a_channel_that_cannot_be_used_cannot_send(ticket: Ticket, channel: Channel) -> None:
    Channel.objects.update(platform="gone")
    assert replies.can_answer(fresh(ticket)) == Cannot.NO_ACCOUNT


def test_the_platform_is_told_whether_the_customer_named_us(
    channel: Channel, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    def can_reply(self: object, kind: Kind, *, names_us: bool, raw: object = None) -> Cannot | None:
        return None if names_us else Cannot.NOT_SUMMONED

    monkeypatch.setattr(platform, "can_reply", can_reply)
    assert replies.can_answer(a_ticket(channel, "@Nawa_Care my bill is wrong")) is None
    overheard = a_ticket(channel, "nawa's bill is wrong", by="sara")
    with pytest.raises(replies.Unsendable) as refused:
        an_answer(overheard)
    assert refused.value.reason == Cannot.NOT_SUMMONED


# --- moved on -------------------------------------------------------------------------------------------------------
def test_a_conversation_that_moved_on_is_not_answered_and_the_news_is_handed_over(
    ticket: Ticket, channel: Channel
) -> None:
    newer = receive(channel, a_post("never mind", conversation_key="t1"), a_post("or do mind", conversation_key="t1"))
    with pytest.raises(replies.MovedOn) as refused:
        an_answer(ticket, seen=1)
    assert refused.value.newer == newer
    assert an_answer(ticket, seen=3)


def test_a_colleagues_answer_is_news_too(ticket: Ticket) -> None:
    theirs = an_answer(ticket, "I have it.")
    with pytest.raises(replies.MovedOn) as refused:
        an_answer(ticket, "Me too.", seen=1)
    assert refused.value.newer == [theirs.message]


def test_the_news_is_what_came_late_even_if_it_was_said_long_ago(ticket: Ticket, channel: Channel) -> None:
    long_ago = question().posted_at - timedelta(days=3)
    (late,) = receive(channel, a_post("wrong since monday", posted_at=long_ago))
    with pytest.raises(replies.MovedOn) as refused:
        an_answer(ticket, seen=1)
    assert refused.value.newer == [late]


def test_an_answer_that_failed_does_not_hide_that_the_conversation_moved_on(
    ticket: Ticket, channel: Channel, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(REFUSED)
    an_answer(ticket)
    seen = fresh(ticket).position
    deliver()
    (newer,) = receive(channel, a_post("it works again, thanks"))
    with pytest.raises(replies.MovedOn) as refused:
        an_answer(ticket, seen=seen)
    assert refused.value.newer == [newer]
