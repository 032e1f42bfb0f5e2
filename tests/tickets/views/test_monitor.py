"""Books, channels and the first look at lift."""

import pytest
from django.test import Client

from accounts.models import User
from ingest.models import BadItem, Channel, Message
from tests.cast import a_bell, a_brand, a_channel, a_ticket
from tickets.models import Ticket


def test_the_books_are_for_supervisors(desk: Client, supervisor: Client, ticket: Ticket) -> None:
    refused = desk.get("/monitor/books/")
    assert refused.status_code == 403
    assert b"This is for supervisors." in refused.content
    assert b"Balanced" in supervisor.get("/monitor/books/").content


def test_books_that_do_not_balance_say_what(supervisor: Client, ticket: Ticket) -> None:
    ticket.entries.all().delete()
    html = supervisor.get("/monitor/books/").content.decode()
    assert "Not accounted for" in html
    assert "tickets without a message" in html


def test_channels_show_their_health_in_words(desk: Client, channel: Channel) -> None:
    Channel.objects.update(state="broken", error_code="bad_credentials")
    assert "An admin must enter new ones." in desk.get("/monitor/channels/").content.decode()
    Channel.objects.update(error_code="never_heard_of", last_error="odd <thing>")
    assert "odd &lt;thing&gt;" in desk.get("/monitor/channels/").content.decode()
    assert a_channel(a_brand()).name not in desk.get("/monitor/channels/").content.decode()


def test_what_was_set_aside_can_be_sent_again_by_supervisors(
    desk: Client, supervisor: Client, channel: Channel, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_bell(monkeypatch)
    Message.objects.update(state="held", last_error="boom")
    BadItem.objects.create(channel=channel, external_id="1", payload={}, error="no author")
    html = supervisor.get("/monitor/channels/").content.decode()
    assert all(part in html for part in ("boom", "no author", 'value="held"'))
    assert desk.post("/monitor/channels/replay", {"kind": "held"}).status_code == 403
    response = supervisor.post("/monitor/channels/replay", {"kind": "held"}, follow=True)
    assert "1 message is on its way again." in response.content.decode()
    assert Message.objects.get().state != "held"


@pytest.mark.parametrize("data", [{}, {"kind": "odd"}, {"kind": "held", "message": "x"}, {"kind": "unreadable"}])
def test_a_replay_of_nothing_does_nothing(supervisor: Client, ticket: Ticket, data: dict[str, str]) -> None:
    before = list(Message.objects.values_list("state", flat=True))
    assert supervisor.post("/monitor/channels/replay", data).status_code == 302
    assert list(Message.objects.values_list("state", flat=True)) == before


def test_lift_leads_to_its_tickets(desk: Client, channel: Channel, agent: User) -> None:
    for by, after in (("a", 0.5), ("b", -0.9), ("c", None)):
        made = a_ticket(channel, by=by)
        Ticket.objects.filter(pk=made.pk).update(before_valence=-0.4, after_valence=after)
    html = desk.get("/analyse/").content.decode()
    assert "+0.20" in html  # the mean of +0.90 and -0.50
    assert "over 2 customers who wrote again" in html
    assert html.count('href="/inbox/all/') >= 2
    Ticket.objects.update(after_valence=None)
    assert "Nothing to measure yet" in desk.get("/analyse/").content.decode()
