"""Made-up history must be what Radd itself would have written: the books balance and every ticket is in step."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ingest.models import Channel, Message
from tests.cast import a_channel, a_post, receive
from tickets.models import Activity, Ticket, TicketMessage
from tickets.reports.balance import balance
from tickets.standing import MEASURED, settle

pytestmark = pytest.mark.django_db(transaction=True)


def seed(*words: str) -> str:
    out = StringIO()
    call_command("seed_scale", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def indexes() -> Iterator[None]:
    """Every index and constraint of the database, which must be the same after the test."""
    before = definitions()
    yield
    assert definitions() ^ before == set()


def definitions() -> set[tuple[object, ...]]:
    """Words of conditions are left out: PostgreSQL writes the same one in two ways once it has read its own writing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT indexrelid::regclass::text, indkey::text, indoption::text, indisunique, indpred IS NULL FROM pg_index
             UNION ALL
            SELECT conrelid::regclass || '.' || conname, conkey::text, confrelid::text, condeferred, convalidated
              FROM pg_constraint
            """
        )
        return set(cursor.fetchall())


@pytest.mark.usefixtures("indexes")
def test_made_up_history_has_the_sizes_asked_for_and_its_books_balance() -> None:
    said = seed("--tickets", "300", "--messages", "1500")
    assert "done" in said
    assert (Ticket.objects.count(), Message.objects.count()) == (300, 1500)
    assert not balance().problems
    live = Ticket.objects.live().count()
    assert 0.04 < live / 300 < 0.13
    assert {"ar", "en"} <= set(Ticket.objects.values_list("language", flat=True))
    assert {"ticket", "join", "no_answer", "spam", "folded", "ours"} == set(
        Message.objects.values_list("decision", flat=True)
    )
    assert Activity.objects.filter(verb="opened").count() == 300


def test_every_ticket_stands_as_its_messages_say() -> None:
    seed("--tickets", "200", "--messages", "1000", "--seed", "7")
    tickets = list(Ticket.objects.order_by("id"))
    names = [name for name in MEASURED if name != "updated_at"]
    before = [[getattr(ticket, name) for name in names] for ticket in tickets]
    settle(tickets, timezone.now())
    assert [[getattr(ticket, name) for name in names] for ticket in tickets] == before
    first = TicketMessage.objects.order_by("message").select_related("ticket", "message").first()
    assert first is not None
    assert first.message.posted_at == first.ticket.opened_at


@pytest.mark.usefixtures("indexes")
def test_a_second_run_adds_to_what_is_there_and_new_posts_find_room() -> None:
    channel = a_channel(name="Nawa on X")
    (message,) = receive(channel, a_post("my bill is wrong"))
    for _turn in range(2):
        seed("--tickets", "30", "--messages", "60", "--channel", "Nawa on X")
    assert Message.objects.filter(channel=channel).count() == 121
    (later,) = receive(channel, a_post("and the app is down", by="sara"))
    assert later.decision == "ticket"
    assert later.pk > message.pk + 120
    assert not balance().problems


def test_fresh_forgets_what_was_there_but_not_the_channels() -> None:
    channel = a_channel()
    receive(channel, a_post("my bill is wrong"))
    seed("--tickets", "10", "--messages", "10", "--fresh", "--noinput")
    assert Message.objects.count() == 10
    assert Channel.objects.filter(pk=channel.pk).exists()
    assert not balance().problems


def test_fewer_messages_than_tickets_are_refused() -> None:
    with pytest.raises(CommandError, match="at least as many messages"):
        seed("--tickets", "10", "--messages", "9")
