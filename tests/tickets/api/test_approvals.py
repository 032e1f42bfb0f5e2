"""Answers that wait for a second person, through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Role, User
from ingest.models import Delivery
from tests.cast import a_brand, a_person, fresh
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]
# This platform takes 40 letters.
BLAMES = "It is your own fault, not ours."


def of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def reply(user: User, ticket: Ticket, text: str, **more: Any) -> Any:
    seen = fresh(ticket).position
    return of(user).post(f"/api/tickets/{ticket.pk}/reply", {"text": text, "seen": seen, **more}, format="json")


def test_an_answer_that_wants_a_second_person_is_told_so_and_let_go_by_one(ticket: Ticket, agent: User) -> None:
    asked = reply(agent, ticket, BLAMES)
    assert (asked.status_code, asked.json()["state"]) == (202, "asked")
    lina, key = of(a_person(ticket.brand, role=Role.SUPERVISOR)), asked.json()["key"]
    assert [one["key"] for one in lina.get("/api/approvals").json()] == [key]
    assert of(agent).post(f"/api/approvals/{key}/approve", {"seen": 1}, format="json").status_code == 403
    assert lina.post(f"/api/approvals/{key}/approve", {"seen": 0}, format="json").status_code == 409
    done = lina.post(f"/api/approvals/{key}/approve", {"seen": 1, "text": "The fee is for June."}, format="json")
    assert (done.json()["state"], done.json()["text_after"]) == ("approved", "The fee is for June.")
    assert Delivery.objects.get().message.author == agent


def test_it_is_returned_with_a_note_or_withdrawn(ticket: Ticket, agent: User) -> None:
    lina = of(a_person(ticket.brand, role=Role.SUPERVISOR))
    key = reply(agent, ticket, BLAMES).json()["key"]
    assert lina.post(f"/api/approvals/{key}/return", {}, format="json").status_code == 400
    assert lina.post(f"/api/approvals/{key}/return", {"note": "softer"}, format="json").json()["state"] == "returned"
    key = reply(agent, ticket, BLAMES).json()["key"]
    assert of(agent).post(f"/api/approvals/{key}/withdraw").json()["state"] == "withdrawn"


def test_what_policy_stops_is_refused_with_what_was_found(ticket: Ticket, agent: User) -> None:
    refused = reply(agent, ticket, "Card 4111 1111 1111 1111 twice.")
    assert (refused.status_code, refused.json()["code"], refused.json()["findings"]) == (
        422, "stopped", ["card_number"],
    )  # fmt: skip


def test_another_brands_approval_is_not_there(ticket: Ticket, agent: User) -> None:
    key = reply(agent, ticket, BLAMES).json()["key"]
    stranger = of(a_person(a_brand(), role=Role.SUPERVISOR))
    assert stranger.get("/api/approvals").json() == []
    assert stranger.post(f"/api/approvals/{key}/approve", {"seen": 1}, format="json").status_code == 404


def test_an_answer_is_scheduled(ticket: Ticket, agent: User) -> None:
    at = timezone.now() + timedelta(hours=2)
    assert reply(agent, ticket, "We look at it.", at=at.isoformat()).status_code == 201
    assert Delivery.objects.get().due_at == at
    assert reply(agent, ticket, "We look.", at="2020-01-01T00:00:00Z").status_code == 400
