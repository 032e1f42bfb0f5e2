"""Examining: a confirmation and an overturn are both a person's word, kept to train from; either can be taken back."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ingest.corrections import write
from ingest.lessons import lessons
from ingest.models import Channel, Correction, Message
from tests.cast import (
    a_bell,
    a_brand,
    a_channel,
    a_person,
    a_post,
    an_answer,
    at_once,
    deliver,
    fresh,
    receive,
    said,
    ticket_of,
)
from tickets.incoming import examine
from tickets.incoming.corrections import correct
from tickets.incoming.examine import LookedAt, TooLate, confirm, overturn, take_back
from tickets.incoming.unexamined import unexamined
from tickets.models import Activity, Examination, Ticket, TicketMessage
from tickets.reports.balance import balance
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]


def columns(message: Message) -> dict[str, Any]:
    """What examining may change of a message."""
    now = fresh(message)
    return {name: getattr(now, name) for name in (*examine.KEPT, "decided_by", "examined_at", "doubt")}


def waits(message: Message, user: User) -> bool:
    return unexamined(user).filter(pk=message.pk).exists()


# --- confirming -----------------------------------------------------------------------------------------------------
def test_what_was_confirmed_waits_no_longer_and_says_who(channel: Channel, agent: User) -> None:
    message = said(channel, "I love it")
    assert waits(message, agent)
    assert confirm([message.pk], by=agent) == [message.pk]
    assert not waits(message, agent)
    look = Examination.objects.get()
    assert (look.user, look.verdict, look.message, look.ticket) == (agent, "confirmed", message, None)
    assert look.at == fresh(message).examined_at
    assert fresh(message).disposition == "no_answer"
    assert fresh(message).decided_by is None
    assert not Ticket.objects.exists()


def test_a_confirmation_is_kept_to_train_from_as_one_that_changed_nothing(channel: Channel, agent: User) -> None:
    message = said(channel, "I love it")
    Message.objects.filter(pk=message.pk).update(follow_up=0.2, threshold=0.4)
    confirm([message.pk], by=agent)
    row = Correction.objects.get()
    assert (row.label, row.old, row.new, row.user) == ("follow_up", "no", "no", agent)
    assert (row.reader, row.reader_version) == (message.reader, message.reader_version)
    (lesson,) = lessons()
    assert (lesson["text"], lesson["follow_up"], lesson["confirmed"]) == ("I love it", "no", ["follow_up"])
    assert Examination.objects.get().before["follow_up"] == 0.2


def test_the_message_says_that_a_person_said_so(channel: Channel, agent: User) -> None:
    knows, knows_not = said(channel, "I love it"), said(channel, "I love it", by="sara")
    Message.objects.filter(pk=knows.pk).update(follow_up=0.2, threshold=0.4, person_said=["sentiment"])
    confirm([knows.pk, knows_not.pk], by=agent)
    assert (fresh(knows).follow_up, fresh(knows).threshold) == (0.0, 0.4)
    assert fresh(knows).person_said == ["sentiment", "follow_up"]
    assert (fresh(knows_not).follow_up, fresh(knows_not).threshold) == (0.0, None)
    assert fresh(knows_not).person_said == ["follow_up"]


@pytest.mark.parametrize("threshold", [None, 0.4])
def test_a_confirmation_writes_what_a_correction_writes(channel: Channel, agent: User, threshold: float | None) -> None:
    confirmed, corrected = said(channel, "I love it"), said(channel, "I love it", by="sara")
    Message.objects.update(follow_up=None, threshold=threshold, read_error="odd", person_said=["aim"])
    confirm([confirmed.pk], by=agent)
    write(fresh(corrected), "follow_up", "no", by=agent)
    written = ("follow_up", "threshold", "person_said", "read_error", "doubt")
    one, other = Message.objects.order_by("id").values(*written)
    assert one == other == {**one, "threshold": threshold, "person_said": ["follow_up", "aim"]}


def test_a_page_is_confirmed_in_one_go(channel: Channel, agent: User) -> None:
    messages = receive(channel, *[a_post("I love it", by=f"fan{number}") for number in range(25)])
    unexamined(agent).exists()  # the brands are known from here on
    with CaptureQueriesContext(connection) as queries:
        assert len(confirm([message.pk for message in messages], by=agent)) == 25
    # Savepoint, rows, corrections, messages, examinations, release.
    assert len(queries) == 6
    assert Correction.objects.count() == Examination.objects.count() == 25


def test_what_is_not_there_to_confirm_is_left_alone(channel: Channel, agent: User) -> None:
    complaint, elsewhere = said(channel, "my bill is wrong"), said(a_channel(a_brand()), "I love it")
    done = said(channel, "I love it", by="sara")
    confirm([done.pk], by=agent)
    assert confirm([complaint.pk, elsewhere.pk, done.pk, 999_999_999], by=agent) == []
    assert Correction.objects.count() == 1
    assert fresh(complaint).disposition == "awaiting"
    assert fresh(elsewhere).examined_at is None


# --- overturning ----------------------------------------------------------------------------------------------------
def test_what_was_overturned_becomes_a_ticket(channel: Channel, agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    message = said(channel, "I love it")
    rung = a_bell(monkeypatch)
    ticket = overturn(message.pk, by=agent)
    assert not waits(message, agent)
    assert ticket.status == "new"
    assert list(ticket.entries.values_list("message", flat=True)) == [message.pk]
    now = fresh(message)
    assert (now.disposition, now.decision, now.decided_by) == ("awaiting", "ticket", agent)
    look = Examination.objects.get()
    assert (look.verdict, look.ticket, look.opened) == ("overturned", ticket, True)
    assert {line.verb for line in ticket.activities.all()} >= {"opened", "corrected"}
    row = Correction.objects.get()
    assert (row.label, row.old, row.new, look.correction) == ("follow_up", "no", "yes", row)
    assert rung is not None


def test_it_joins_its_authors_live_ticket(channel: Channel, agent: User) -> None:
    praise = said(channel, "I love it", by="reem")
    complaint = said(channel, "my bill is wrong", by="reem")
    ticket = overturn(praise.pk, by=agent)
    assert ticket == ticket_of(complaint)
    assert Ticket.objects.count() == 1
    assert not Examination.objects.get().opened
    assert fresh(praise).disposition == "awaiting"


def test_thanks_on_a_resolved_ticket_reopens_it(channel: Channel, agent: User) -> None:
    said(channel, "my bill is wrong", by="reem", conversation_key="t1")
    lifecycle.resolve(Ticket.objects.get().pk, by=agent)
    thanks = said(channel, "thank you", by="reem", conversation_key="t1")
    assert waits(thanks, agent)
    ticket = overturn(thanks.pk, by=agent)
    assert ticket.is_live
    assert Examination.objects.get().opened
    assert fresh(thanks).disposition == "awaiting"


def test_nothing_is_overturned_twice_nor_after_a_colleague_looked(channel: Channel, agent: User) -> None:
    twice, confirmed = said(channel, "I love it"), said(channel, "I love it", by="sara")
    overturn(twice.pk, by=agent)
    confirm([confirmed.pk], by=a_person(channel.brand))
    elsewhere = said(a_channel(a_brand()), "I love it")
    for message in (twice, confirmed, elsewhere):
        with pytest.raises(LookedAt):
            overturn(message.pk, by=agent)
    assert Examination.objects.count() == 2
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_message_make_one_examination(channel: Channel) -> None:
    one, two = a_person(channel.brand), a_person(channel.brand)
    for turn in range(3):
        message = said(channel, "I love it", by=f"fan{turn}")

        def over(by: User = one, pk: int = message.pk) -> bool:
            try:
                overturn(pk, by=by)
            except LookedAt:
                return False
            return True

        done = at_once(over, lambda pk=message.pk: bool(confirm([pk], by=two)))
        assert sorted(done) == [False, True]
        assert Examination.objects.filter(message=message).count() == 1
        assert Correction.objects.filter(message=message).count() == 1
    assert not balance().problems


# --- taking back ----------------------------------------------------------------------------------------------------
def test_a_confirmation_taken_back_leaves_the_message_as_it_was(channel: Channel, agent: User) -> None:
    message = said(channel, "I love it")
    Message.objects.filter(pk=message.pk).update(
        follow_up=0.2, threshold=0.4, read_error="odd", person_said=["sentiment"]
    )
    before = columns(message)
    confirm([message.pk], by=agent)
    assert columns(message) != before
    assert take_back([message.pk], by=agent) == [message.pk]
    assert columns(message) == before
    assert waits(message, agent)
    assert not Correction.objects.exists()
    assert Examination.objects.get().taken_back_at is not None
    confirm([message.pk], by=agent)
    assert Examination.objects.filter(taken_back_at=None).count() == 1
    assert not balance().problems


def test_an_overturn_taken_back_resolves_the_ticket_it_opened(channel: Channel, agent: User) -> None:
    message = said(channel, "I love it")
    before = columns(message)
    ticket = overturn(message.pk, by=agent)
    assert take_back([message.pk], by=agent) == [message.pk]
    assert columns(message) == before
    assert waits(message, agent)
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    assert list(ticket.activities.values_list("verb", flat=True).order_by("id"))[-2:] == ["corrected", "resolved"]
    assert not Correction.objects.exists()
    assert not balance().problems


def test_an_overturn_taken_back_leaves_a_ticket_with_other_work_open(channel: Channel, agent: User) -> None:
    praise = said(channel, "I love it", by="reem")
    ticket = overturn(praise.pk, by=agent)
    said(channel, "and my bill is wrong", by="reem")
    take_back([praise.pk], by=agent)
    ticket.refresh_from_db()
    assert ticket.status == "new"
    assert fresh(praise).disposition == "no_answer"
    assert not balance().problems


def test_what_was_taken_back_can_be_overturned_again(channel: Channel, agent: User) -> None:
    message = said(channel, "I love it")
    ticket = overturn(message.pk, by=agent)
    take_back([message.pk], by=agent)
    assert overturn(message.pk, by=agent) == ticket
    ticket.refresh_from_db()
    assert ticket.is_live
    assert TicketMessage.objects.count() == 1
    assert not balance().problems


@pytest.mark.parametrize("happens", ["answered", "resolved"])
def test_it_is_too_late_once_the_ticket_has_gone_on(channel: Channel, agent: User, happens: str) -> None:
    message, other = said(channel, "I love it"), said(channel, "I love it", by="sara")
    ticket = overturn(message.pk, by=agent)
    confirm([other.pk], by=agent)
    if happens == "answered":
        an_answer(ticket, by=agent)
        deliver()
    else:
        lifecycle.resolve(ticket.pk, by=agent)
    before = columns(message)
    with pytest.raises(TooLate):
        take_back([message.pk, other.pk], by=agent)
    assert columns(message) == before
    assert not waits(other, agent)


def test_one_takes_back_only_ones_own(channel: Channel, agent: User) -> None:
    message = said(channel, "I love it")
    confirm([message.pk], by=agent)
    assert take_back([message.pk], by=a_person(channel.brand)) == []
    assert take_back([message.pk, 999_999_999], by=agent) == [message.pk]
    assert take_back([message.pk], by=agent) == []


def test_what_somebody_corrected_since_is_not_taken_back(channel: Channel, agent: User) -> None:
    message = said(channel, "I love it")
    confirm([message.pk], by=agent)
    correct(message.pk, label="follow_up", value="yes", by=a_person(channel.brand))
    assert take_back([message.pk], by=agent) == []
    assert fresh(message).disposition == "awaiting"
    assert Activity.objects.filter(verb="opened").exists()
    assert not balance().problems


def test_a_page_is_taken_back_in_one_go(channel: Channel, agent: User) -> None:
    messages = receive(channel, *[a_post("I love it", by=f"fan{number}") for number in range(5)])
    ids = [message.pk for message in messages]
    confirm(ids, by=agent)
    assert take_back(ids, by=agent) == ids
    assert all(waits(message, agent) for message in messages)
