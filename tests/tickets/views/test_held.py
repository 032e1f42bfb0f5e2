"""The box of a ticket shows the answer that the customer overtook, and takes what a person decides about it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ingest.models import Channel, Delivery
from tests.cast import a_post, an_answer, fresh, receive
from tests.tickets.views.conftest import HTMX
from tickets.models import Ticket


@pytest.fixture
def overtaken(ticket: Ticket, channel: Channel, agent: User) -> Delivery:
    row = an_answer(ticket, "It is paid back tomorrow.", by=agent, at=timezone.now() + timedelta(hours=1))
    receive(channel, a_post("and it is still wrong", conversation_key="t1"))
    return fresh(row)


def test_changed_its_words_stand_in_the_box(overtaken: Delivery, ticket: Ticket, desk: Client) -> None:
    page = desk.post(f"/deliveries/{overtaken.key}/held", {"do": "change"}, headers=HTMX)
    assert "It is paid back tomorrow.</textarea>" in page.content.decode()
    assert 'id="held-form"' not in page.content.decode()


def test_the_page_of_the_ticket_offers_all_three_and_carries_them_out(
    overtaken: Delivery, ticket: Ticket, desk: Client
) -> None:
    page = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert all(f'id="held-{do}"' in page for do in ("send", "change", "drop"))
    where, stale = f"/deliveries/{overtaken.key}/held", {"do": "send", "seen": "1"}
    assert desk.post(where, stale, headers=HTMX).status_code == 409
    assert desk.post(where, stale | {"seen": str(fresh(ticket).position)}).status_code == 302
    assert Delivery.objects.filter(state="waiting").count() == 1
    assert desk.post(where, {"do": "drop"}, headers=HTMX).status_code == 422
