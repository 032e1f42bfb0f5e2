"""Books that balance: everything is counted, and whatever is not accounted for is found and named."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from ingest.collect import store
from ingest.models import Backfill, BadItem, Channel, Delivery, InboundEvent, Message
from tests.cast import (
    a_channel,
    a_person,
    a_platform,
    a_post,
    a_ticket,
    an_answer,
    an_own_post,
    deliver,
    receive,
)
from tickets.incoming import examine
from tickets.models import Ticket, TicketMessage
from tickets.reports.balance import FORGIVEN, balance
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(minutes=1) + FORGIVEN


@pytest.fixture(autouse=True)
def _a_working_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of everything: answered, resolved, spam, a repost, an own post, praise, a live ticket."""
    a_platform(monkeypatch)
    channel = a_channel(platform="fake")
    agent = a_person(channel.brand)
    answered, resolved = a_ticket(channel, by="answered"), a_ticket(channel, by="resolved")
    an_answer(answered, by=agent)
    deliver()
    lifecycle.resolve(resolved.pk, by=agent)
    receive(channel, a_post("buy crypto", by="spammer"), a_post("I love it", by="fan"), an_own_post("Offers!"))
    receive(channel, a_post("my app is down", by="live"))


def audit(*options: str) -> tuple[int, str]:
    """The exit status of the command and what it printed."""
    out = StringIO()
    try:
        call_command("audit_flow", *options, stdout=out, no_color=True)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def sql(statement: str) -> None:
    """Take a guard of the database away, so that what it prevents can be planted. Comes back with the rollback."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


def copied(row: Any, **fields: Any) -> Any:
    row.pk = None
    row._state.adding = True
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


# --- planting -------------------------------------------------------------------------------------------------------
def a_double() -> None:
    sql("DROP INDEX message_once")
    copied(Message.objects.filter(direction="in", decision="spam").get())


def an_undecided() -> None:
    sql("ALTER TABLE ingest_message DROP CONSTRAINT triaged_has_disposition")
    Message.objects.filter(decision="spam").update(disposition="")


def a_ticketless() -> None:
    Message.objects.filter(decision="spam").update(decision="ticket")


def a_forgotten() -> None:
    Ticket.objects.filter(status="new").update(status="resolved")


def an_empty_ticket() -> None:
    TicketMessage.objects.filter(ticket__status="resolved").delete()
    Message.objects.filter(contact__handle="resolved").update(decision="no_answer")


def a_second_live_ticket() -> None:
    sql("DROP INDEX one_live_ticket")
    ticket = copied(Ticket.objects.get(status="new"))
    TicketMessage.objects.create(ticket=ticket, message=Message.objects.get(decision="spam"))


def an_unsent_answer() -> None:
    Delivery.objects.all().delete()


def an_unrecorded_examination() -> None:
    Message.objects.filter(decision="spam").update(examined_at=timezone.now())


def a_dead_reader() -> None:
    store(Channel.objects.get(), [a_post()])
    Message.objects.filter(state="new").update(lease_until=timezone.now() - LONG_AGO)


def a_dead_sender() -> None:
    Delivery.objects.update(state="sending", lease_until=timezone.now() - LONG_AGO)


def a_dead_collector() -> None:
    Channel.objects.update(lease_until=timezone.now() - LONG_AGO)


def a_dead_hearer() -> None:
    late = timezone.now() - LONG_AGO
    told = {"channel": Channel.objects.get(), "key": "e1", "payload": {}, "received_at": late, "lease_until": late}
    InboundEvent.objects.create(**told)


def a_dead_reader_of_the_past() -> None:
    late = timezone.now() - LONG_AGO
    times = dict.fromkeys(("since", "due_at", "started_at", "lease_until"), late)
    Backfill.objects.create(channel=Channel.objects.get(), **times)


PLANTED: list[tuple[Callable[[], None], str]] = [
    (a_double, "doubled_messages"),
    (an_undecided, "without_disposition"),
    (a_ticketless, "ticketless"),
    (a_forgotten, "awaiting_on_no_live_ticket"),
    (an_empty_ticket, "empty_tickets"),
    (a_second_live_ticket, "doubled_tickets"),
    (an_unsent_answer, "answers_without_delivery"),
    (an_unrecorded_examination, "unrecorded_examinations"),
    (a_dead_reader, "overdue_leases"),
    (a_dead_sender, "overdue_leases"),
    (a_dead_collector, "overdue_leases"),
    (a_dead_hearer, "overdue_leases"),
    (a_dead_reader_of_the_past, "overdue_leases"),
]


def test_an_orderly_day_balances() -> None:
    status, text = audit()
    assert status == 0
    assert "The books balance." in text
    assert "UNACCOUNTED" not in text


@pytest.mark.parametrize(("plant", "name"), PLANTED, ids=[plant.__name__ for plant, _name in PLANTED])
def test_what_is_not_accounted_for_is_found_and_is_an_error(plant: Callable[[], None], name: str) -> None:
    plant()
    status, text = audit("--json")
    assert status == 1
    told = json.loads(text)
    assert told["problems"] == {name: 1}
    assert told["balanced"] is False


def test_a_problem_is_said_in_words_to_people() -> None:
    a_forgotten()
    status, text = audit()
    assert status == 1
    assert "UNACCOUNTED FOR: 1 messages awaiting an answer on a closed ticket" in text


def test_every_message_is_in_the_count_whatever_its_state() -> None:
    channel = Channel.objects.get()
    (held,) = receive(channel, a_post("wrong", by="held"))
    Message.objects.filter(pk=held.pk).update(state="held")
    store(channel, [a_post("unread")])
    sections = {section.name: section for section in balance().sections}
    total = Message.objects.count()
    assert sections["messages_by_state"].total == sections["by_disposition"].total == total
    assert sections["inbound_by_decision"].total == Message.objects.filter(direction="in").count()
    assert sections["tickets"].total == Ticket.objects.count()
    assert sections["deliveries"].total == 1
    states = {code: count for code, _label, count in sections["messages_by_state"].rows}
    assert (states["new"], states["held"]) == (1, 1)


def test_what_was_set_aside_is_accounted_for_by_who_looked_at_it() -> None:
    channel = Channel.objects.get()
    agent = a_person(channel.brand)
    posts = receive(channel, *[a_post("I love it", by=f"fan{number}") for number in range(5)])
    examine.confirm([posts[0].pk], by=agent)
    examine.overturn(posts[1].pk, by=agent)
    Message.objects.filter(pk=posts[2].pk).update(negative=0.3, neutral=0.3, positive=0.4)
    Message.objects.filter(pk=posts[3].pk).update(deleted_at=timezone.now())
    books = balance()
    (section,) = [section for section in books.sections if section.name == "set_aside"]
    told = {code: count for code, _label, count in section.rows}
    # The day began with spam and praise.
    assert told == {"to_examine": 1, "sampled": 3, "confirmed": 1, "overturned": 1, "gone": 1}
    decided_by_triage = Message.objects.filter(disposition__in=["no_answer", "spam"], decided_by=None)
    assert section.total - told["overturned"] == decided_by_triage.count()
    assert books.underway["to_examine"] == 1
    assert not books.problems


def test_what_is_under_way_is_counted_and_is_no_problem() -> None:
    channel = Channel.objects.get()
    store(channel, [a_post("unread")])
    BadItem.objects.create(channel=channel, external_id="b1", payload={}, error="odd")
    an_answer(Ticket.objects.get(status="new"), resolve=True)
    books = balance()
    assert not books.problems
    assert books.underway == {
        "unread": 1,
        "untriaged": 0,
        "set_aside": 0,
        "could_not_be_read": 0,
        "to_examine": 0,
        "bad_items": 1,
        "answers_on_their_way": 1,
    }


def test_a_lease_that_ran_out_a_moment_ago_is_forgiven() -> None:
    Channel.objects.update(lease_until=timezone.now() - FORGIVEN / 2)
    assert not balance().problems


def test_the_json_counts_by_codes() -> None:
    _status, text = audit("--json")
    told = json.loads(text)
    assert told["tickets"] == {"new": 1, "pending": 1, "resolved": 1}
    assert told["deliveries"] == {"sent": 1}
    assert told["balanced"] is True
    assert set(told["underway"].values()) == {0}


def test_an_empty_installation_balances() -> None:
    Channel.objects.all().delete()
    status, text = audit()
    assert status == 0
    assert "Tickets by status: 0" in text
