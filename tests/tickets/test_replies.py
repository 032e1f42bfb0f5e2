"""Answers: written once, refused when things moved on, and counted for exactly what their writer had seen."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ingest import scoring
from ingest.collect import store
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Cannot, Kind, OutcomeUnknown, PlatformError
from tests.cast import (
    AfterTheFact,
    FakePlatform,
    a_brand,
    a_channel,
    a_person,
    a_platform,
    a_post,
    a_reader,
    a_ticket,
    an_answer,
    deliver,
    receive,
    work_off,
)
from tickets import intake, lifecycle, replies
from tickets.models import Activity, Ticket, TicketMessage
from tickets.permissions import NotAllowed
from tickets.reports.balance import balance

pytestmark = pytest.mark.django_db
REFUSED = PlatformError("not_allowed", "You may not reply", permanent=True)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> type[FakePlatform]:
    return a_platform(monkeypatch)


@pytest.fixture
def channel(platform: type[FakePlatform]) -> Channel:
    return a_channel(platform="fake")


@pytest.fixture
def agent(channel: Channel) -> User:
    return a_person(channel.brand)


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    return a_ticket(channel, external_id="q1", conversation_key="t1")


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def question() -> Message:
    return Message.objects.get(external_id="q1")


def verbs(ticket: Ticket) -> list[str]:
    return list(ticket.activities.order_by("id").values_list("verb", flat=True))


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
    assert now_of(ticket).status == "pending"
    assert now_of(ticket).waiting_since is None
    assert verbs(ticket) == ["opened", "assigned", "answered"]


def test_an_answer_that_cannot_be_recorded_is_not_written_at_all(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "record", lambda *args, **data: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        an_answer(ticket)
    assert not Delivery.objects.exists()
    assert not Message.objects.filter(direction="out").exists()
    assert now_of(ticket).assignee is None


def test_who_answers_a_ticket_that_is_nobodys_has_it(ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent)
    assert now_of(ticket).assignee == agent
    assert now_of(ticket).assigned_at is not None


def test_answering_for_a_colleague_leaves_the_ticket_with_them(ticket: Ticket, agent: User) -> None:
    Ticket.objects.update(assignee=agent)
    an_answer(ticket)
    assert now_of(ticket).assignee == agent


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
    assert replies.can_answer(now_of(ticket)) == Cannot.NO_ACCOUNT


def test_the_platform_is_told_whether_the_customer_named_us(
    channel: Channel, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    def can_reply(self: object, kind: Kind, *, names_us: bool) -> Cannot | None:
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
    seen = now_of(ticket).position
    deliver()
    (newer,) = receive(channel, a_post("it works again, thanks"))
    with pytest.raises(replies.MovedOn) as refused:
        an_answer(ticket, seen=seen)
    assert refused.value.newer == [newer]


# --- how it ends ----------------------------------------------------------------------------------------------------
def test_a_delivered_answer_answers_what_waited_by_the_person_who_wrote_it(ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent)
    assert question().disposition == "awaiting"
    deliver()
    assert (question().disposition, question().decided_by) == ("answered", agent)
    assert now_of(ticket).status == "pending"
    assert verbs(ticket)[-1] == "delivered"


def test_taking_note_twice_changes_nothing(ticket: Ticket) -> None:
    an_answer(ticket)
    deliver()
    before = (verbs(ticket), Ticket.objects.values().get())
    assert replies.settle_finished() == 0
    assert (verbs(ticket), Ticket.objects.values().get()) == before


def test_an_answer_that_failed_leaves_the_customer_waiting_since_the_beginning(
    ticket: Ticket, platform: type[FakePlatform]
) -> None:
    before = now_of(ticket)
    platform.troubles.append(REFUSED)
    delivery = an_answer(ticket)
    deliver()
    after = now_of(ticket)
    assert question().disposition == "awaiting"
    assert after.waiting_since == before.waiting_since
    assert after.due_at == before.due_at
    assert (after.status, after.first_answered_at, after.before_valence) == ("open", None, None)
    failed = Activity.objects.get(verb="not_delivered")
    assert failed.data == {"message": delivery.message_id, "error": "You may not reply"}


def test_what_comes_after_the_answer_waits_for_the_next_one(ticket: Ticket, channel: Channel) -> None:
    an_answer(ticket)
    (more,) = receive(channel, a_post("and the app is down"))
    deliver()
    assert question().disposition == "answered"
    assert Message.objects.get(pk=more.pk).disposition == "awaiting"
    assert now_of(ticket).status == "open"
    assert now_of(ticket).waiting_since == more.received_at


@pytest.mark.parametrize("delivered_first", [False, True], ids=["triaged before delivery", "triaged after delivery"])
def test_a_message_that_had_reached_us_but_not_the_ticket_is_not_taken_for_answered(
    ticket: Ticket, channel: Channel, delivered_first: bool
) -> None:
    store(channel, [a_post("the app is down too", external_id="q2")])
    scoring.read_new(read=a_reader)
    an_answer(ticket)
    if delivered_first:
        deliver()
    intake.triage_new()
    deliver()
    assert Message.objects.get(external_id="q2").disposition == "awaiting"
    assert now_of(ticket).waiting_since is not None
    assert now_of(ticket).status == "open"


def test_a_message_with_a_date_next_year_is_answered_like_any_other(channel: Channel) -> None:
    ticket = a_ticket(channel, external_id="q1", posted_at=timezone.now() + timedelta(days=365))
    an_answer(ticket)
    deliver()
    assert question().disposition == "answered"
    assert now_of(ticket).status == "pending"


def test_the_customers_next_message_gives_the_lift(ticket: Ticket, channel: Channel) -> None:
    an_answer(ticket)
    deliver()
    assert now_of(ticket).lift is None
    receive(channel, a_post("thanks, love it", posted_at=timezone.now() + timedelta(minutes=1)))
    lifted = now_of(ticket)
    assert lifted.before_valence == pytest.approx(-0.87)
    assert lifted.after_valence == pytest.approx(0.87)
    assert lifted.lift == pytest.approx(1.74)
    assert lifted.status == "pending"


# --- resolving with the answer --------------------------------------------------------------------------------------
def test_an_answer_that_resolves_closes_its_message_as_answered_when_it_arrives(ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent, resolve=True)
    assert now_of(ticket).status == "resolved"
    assert question().disposition == "awaiting"
    deliver()
    assert (question().disposition, question().decided_by) == ("answered", agent)
    assert (now_of(ticket).status, now_of(ticket).waiting_since) == ("resolved", None)
    assert not balance().problems


def test_resolving_closes_what_the_answer_under_way_does_not_answer(
    ticket: Ticket, channel: Channel, agent: User
) -> None:
    an_answer(ticket)
    (more,) = receive(channel, a_post("and the app is down"))
    lifecycle.resolve(ticket.pk, by=agent)
    deliver()
    assert question().disposition == "answered"
    assert Message.objects.get(pk=more.pk).disposition == "no_answer"
    assert not balance().problems


def test_resolving_closes_a_message_that_was_said_before_an_answer_that_is_long_delivered(
    ticket: Ticket, channel: Channel, agent: User
) -> None:
    an_answer(ticket)
    deliver()
    before_it = question().posted_at + timedelta(seconds=1)
    (late,) = receive(channel, a_post("wrong, wrong", posted_at=before_it))
    Message.objects.filter(pk=late.pk).update(received_at=question().received_at)
    lifecycle.resolve(ticket.pk, by=agent)
    assert Message.objects.get(pk=late.pk).disposition == "no_answer"


def test_a_ticket_resolved_over_an_answer_that_fails_comes_back(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    before = now_of(ticket)
    platform.troubles.append(REFUSED)
    an_answer(ticket, by=agent, resolve=True)
    deliver()
    back = now_of(ticket)
    assert (back.status, back.assignee, back.resolved_at) == ("open", agent, None)
    assert back.waiting_since == before.waiting_since
    assert verbs(ticket)[-2:] == ["not_delivered", "reopened"]
    assert not balance().problems


def test_it_comes_back_beside_a_newer_ticket_of_the_same_customer(
    ticket: Ticket, channel: Channel, platform: type[FakePlatform]
) -> None:
    an_answer(ticket, resolve=True)
    platform.troubles.append(REFUSED)
    newer = a_ticket(channel, "the app is broken", conversation_key="t2")
    deliver()
    assert newer != ticket
    assert (now_of(ticket).status, now_of(ticket).split_off, now_of(ticket).reopened) == ("open", True, 1)
    assert now_of(newer).status == "new"
    assert not balance().problems


# --- taking back, trying again --------------------------------------------------------------------------------------
def test_an_answer_that_has_not_left_can_be_taken_back(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    before = now_of(ticket)
    delivery = an_answer(ticket, by=agent)
    assert replies.take_back(delivery.key, by=agent)
    deliver()
    assert platform.posted == []
    assert Delivery.objects.get().state == "cancelled"
    assert now_of(ticket).waiting_since == before.waiting_since
    assert question().disposition == "awaiting"
    assert verbs(ticket)[-1] == "taken_back"
    assert not balance().problems


def test_taking_back_an_answer_that_resolved_brings_the_ticket_back(ticket: Ticket, agent: User) -> None:
    delivery = an_answer(ticket, by=agent, resolve=True)
    assert replies.take_back(delivery.key, by=agent)
    assert now_of(ticket).status == "open"
    assert now_of(ticket).waiting_since is not None
    assert not balance().problems


@pytest.mark.parametrize("state", ["sending", "unknown", "sent", "failed", "cancelled"])
def test_what_left_or_ended_cannot_be_taken_back(ticket: Ticket, agent: User, state: str) -> None:
    delivery = an_answer(ticket, by=agent)
    Delivery.objects.update(state=state)
    assert not replies.take_back(delivery.key, by=agent)
    assert Delivery.objects.get().state == state


def test_an_answer_waits_out_the_time_in_which_it_can_be_taken_back(
    ticket: Ticket, settings: object, platform: type[FakePlatform]
) -> None:
    settings.UNDO_SECONDS = 5  # type: ignore[attr-defined]
    delivery = an_answer(ticket)
    assert timedelta(seconds=4) < delivery.due_at - timezone.now() <= timedelta(seconds=5)


def test_only_people_of_the_brand_take_back_or_try_again(ticket: Ticket) -> None:
    delivery = an_answer(ticket)
    stranger = a_person(a_brand())
    for verb in (replies.take_back, replies.try_again):
        with pytest.raises(NotAllowed):
            verb(delivery.key, by=stranger)


def test_a_failed_answer_can_be_tried_again_and_is_looked_for_first(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(AfterTheFact(REFUSED))
    delivery = an_answer(ticket, by=agent)
    deliver()
    assert now_of(ticket).waiting_since is not None
    assert replies.try_again(delivery.key, by=agent)
    assert now_of(ticket).waiting_since is None
    deliver()
    assert len(platform.posted) == 1
    assert Delivery.objects.get().state == "sent"
    assert question().disposition == "answered"


def test_only_a_failed_answer_can_be_tried_again(ticket: Ticket, agent: User) -> None:
    delivery = an_answer(ticket, by=agent)
    for state in ("waiting", "sending", "unknown", "sent", "cancelled"):
        Delivery.objects.update(state=state)
        assert not replies.try_again(delivery.key, by=agent)


def test_an_answer_of_unknown_outcome_counts_as_on_its_way(ticket: Ticket, platform: type[FakePlatform]) -> None:
    platform.troubles.append(OutcomeUnknown("timeout"))
    an_answer(ticket)
    deliver()
    assert now_of(ticket).waiting_since is None
    assert now_of(ticket).status == "pending"
    assert question().disposition == "awaiting"
    deliver()
    assert question().disposition == "answered"


def test_an_answer_read_back_adds_nothing_to_the_ticket(
    ticket: Ticket, channel: Channel, platform: type[FakePlatform]
) -> None:
    delivery = an_answer(ticket)
    deliver()
    post = a_post("We are on it.", external_id=f"answer-{delivery.key}", parent_id="q1", by="care")
    store(channel, [post], own_ids=frozenset({"acct-care"}))
    work_off()
    assert TicketMessage.objects.filter(ticket=ticket).count() == now_of(ticket).position == 2
