"""Customers in the API: read, linked, placed, noted; refusals with their codes."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Brand, User
from tests.cast import a_channel, a_ticket, fresh
from tests.tickets.api.conftest import Ask, body, doing
from tickets.models import Customer, Ticket, Tier

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(brand: Brand, ticket: Ticket) -> Ticket:
    """A ticket of another account."""
    return a_ticket(a_channel(brand, platform="imported"), "my line is down", by="reem_mail")


def test_a_ticket_knows_its_customer_over_all_accounts(client: APIClient, ticket: Ticket, other: Ticket) -> None:
    who = body(client.get(doing(ticket, "customer")), 200)
    assert (who["id"], who["name"], len(who["accounts"]), who["figures"]["tickets"]) == (None, "Reem", 1, 1)
    assert (who["notes_by"], who["notes_at"]) == ("", None)
    line = body(client.post(doing(ticket, "link-account"), {"account": other.contact_id}), 200)
    who = body(client.get(doing(ticket, "customer")), 200)
    assert who["id"] == Customer.objects.get().pk
    assert [one["handle"] for one in who["accounts"]] == ["reem", "reem_mail"]
    assert who["figures"]["tickets"] == 2
    assert client.post(doing(ticket, "link-account"), {"account": other.contact_id}).status_code == 204
    body(client.post(doing(ticket, "undo"), {"activity": line["id"]}), 200)
    assert fresh(other).customer_id is None


def test_an_account_is_unlinked(client: APIClient, ticket: Ticket, other: Ticket) -> None:
    client.post(doing(ticket, "link-account"), {"account": other.contact_id})
    body(client.post(doing(ticket, "unlink-account"), {"account": other.contact_id}), 200)
    assert fresh(other).customer_id is None


def test_tier_and_name_are_said(client: APIClient, brand: Brand, ticket: Ticket) -> None:
    plus = Tier.objects.create(brand=brand, name="Plus", rank=1)
    body(client.post(doing(ticket, "customer-tier"), {"tier": plus.pk}), 200)
    body(client.post(doing(ticket, "customer-name"), {"name": "Reem Al-Otaibi"}), 200)
    who = body(client.get(doing(ticket, "customer")), 200)
    assert (who["tier"], who["name"]) == (plus.pk, "Reem Al-Otaibi")
    assert body(client.post(doing(ticket, "customer-tier"), {"tier": 10**9}), 403)["code"] == "not_allowed"


def test_notes_are_refused_with_what_stands_there(client: APIClient, ticket: Ticket, agent: User) -> None:
    seen = body(client.get(doing(ticket, "customer")), 200)["notes_mark"]
    body(client.post(doing(ticket, "customer-notes"), {"notes": "Calls at noon.", "seen": seen}), 200)
    who = body(client.get(doing(ticket, "customer")), 200)
    assert (who["notes_by"], who["notes_at"] is not None) == (agent.name, True)
    told = body(client.post(doing(ticket, "customer-notes"), {"notes": "Prefers mail.", "seen": seen}), 409)
    assert (told["code"], told["notes"]) == ("notes_changed", "Calls at noon.")


def test_solved_tickets_like_it_are_told(client: APIClient, ticket: Ticket) -> None:
    assert body(client.get(doing(ticket, "similar")), 200) == []


def test_strangers_find_nothing(ask: Ask, ticket: Ticket, stranger: User) -> None:
    assert ask(stranger).get(doing(ticket, "customer")).status_code == 404


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody of no brand."""
    return User.objects.create_user("stranger@nawa.example", "a-good-password", name="Stranger")
