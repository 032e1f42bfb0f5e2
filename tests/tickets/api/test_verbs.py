"""The verbs: each does what the page's button does, and refuses by a problem that a program can act on."""

import json
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Kind
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, receive
from tests.tickets.api.conftest import Ask, body, doing
from tickets.models import Activity, Ticket
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db

ANSWER = {"text": "Sorry, we mend it today.", "seen": 1}


def test_an_answer_goes_into_the_outbox_and_the_ticket_waits_for_the_customer(
    client: APIClient, ticket: Ticket, agent: User
) -> None:
    found = body(client.post(doing(ticket, "reply"), ANSWER), 201)
    assert found["delivery"]["state"] == "waiting"
    assert found["message"]["text"] == ANSWER["text"]
    assert found["message"]["author"] == {"id": agent.pk, "name": agent.name}
    assert found["ticket"]["status"] == "pending"
    assert found["ticket"]["position"] == 2
    assert found["ticket"]["assignee"]["id"] == agent.pk


def test_an_answer_may_resolve(client: APIClient, ticket: Ticket) -> None:
    found = body(client.post(doing(ticket, "reply"), ANSWER | {"resolve": True}), 201)
    assert found["ticket"]["status"] == "resolved"


@pytest.mark.parametrize("place", ["body", "header", "both"])
def test_the_same_key_sends_once(client: APIClient, ticket: Ticket, place: str) -> None:
    key = str(uuid4())
    given = ANSWER | ({"key": key} if place != "header" else {})
    headers = {"Idempotency-Key": key} if place != "body" else {}
    first = body(client.post(doing(ticket, "reply"), given, headers=headers), 201)
    again = body(client.post(doing(ticket, "reply"), given, headers=headers), 201)
    assert first["delivery"]["key"] == again["delivery"]["key"] == key
    assert Delivery.objects.count() == 1


def test_a_key_is_one_uuid(client: APIClient, ticket: Ticket) -> None:
    reply = doing(ticket, "reply")
    wrong = body(client.post(reply, ANSWER, headers={"Idempotency-Key": "later"}), 400)["wrong"]
    assert list(wrong) == ["Idempotency-Key"]
    two = body(client.post(reply, ANSWER | {"key": str(uuid4())}, headers={"Idempotency-Key": str(uuid4())}), 400)
    assert list(two["wrong"]) == ["key"]
    assert not Delivery.objects.exists()


def test_a_key_of_another_tickets_answer_sends_nothing_and_tells_nothing_of_it(
    client: APIClient, ticket: Ticket, channel: Channel
) -> None:
    key = str(uuid4())
    other = a_ticket(channel, by="sara")
    body(client.post(doing(other, "reply"), ANSWER | {"key": key, "text": "only for Sara"}), 201)
    refused = client.post(doing(ticket, "reply"), ANSWER | {"key": key})
    assert body(refused, 422)["code"] == "key_used"
    assert "Sara" not in refused.content.decode()
    assert Delivery.objects.count() == 1


def test_a_conversation_that_moved_on_is_not_answered_and_shows_what_is_new(
    client: APIClient, ticket: Ticket, channel: Channel
) -> None:
    receive(channel, a_post("and now it is broken"))
    refused = body(client.post(doing(ticket, "reply"), ANSWER), 409)
    assert refused["code"] == "moved_on"
    assert [message["text"] for message in refused["newer"]] == ["and now it is broken"]
    body(client.post(doing(ticket, "reply"), ANSWER | {"seen": 1 + len(refused["newer"])}), 201)


def test_an_answer_that_is_too_long_says_by_how_much(client: APIClient, ticket: Ticket) -> None:
    refused = body(client.post(doing(ticket, "reply"), ANSWER | {"text": "x" * 41}), 422)
    assert (refused["code"], refused["used"], refused["limit"]) == ("too_long", 41, 40)
    assert not Delivery.objects.exists()


def test_a_message_that_cannot_be_answered_says_why(client: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel, kind=Kind.REVIEW)
    refused = body(client.post(doing(ticket, "reply"), ANSWER), 422)
    assert (refused["code"], refused["reason"]) == ("unsendable", "not_summoned")
    Channel.objects.update(platform="gone-with-the-wind")
    refused = body(client.post(doing(ticket, "reply"), ANSWER), 422)
    assert (refused["code"], refused["reason"]) == ("unsendable", "no_account")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, ["text", "seen"]),
        ({"text": "", "seen": 1}, ["text"]),
        ({"text": " \n\t ", "seen": 1}, ["text"]),
        ({"text": "a\u0000b", "seen": 1}, ["text"]),
        ({"text": "a\ud800b", "seen": 1}, ["text"]),
        ({"text": ["hello"], "seen": 1}, ["text"]),
        ({"text": "hello", "seen": -1}, ["seen"]),
        ({"text": "hello", "seen": "soon"}, ["seen"]),
        ({"text": "hello", "seen": 10**400}, ["seen"]),
        ({"text": "hello", "seen": None}, ["seen"]),
        ({"text": "hello", "seen": 1, "key": "7"}, ["key"]),
        ({"text": "hello", "seen": 1, "resolve": "perhaps"}, ["resolve"]),
        ([], ["request"]),
        ("hello", ["request"]),
        (None, ["text", "seen"]),
    ],
)
def test_an_answer_of_the_wrong_shape_is_refused_field_by_field(
    client: APIClient, ticket: Ticket, given: Any, wrong: list[str]
) -> None:
    raw = "" if given is None else json.dumps(given)
    refused = body(client.generic("POST", doing(ticket, "reply"), raw, content_type="application/json"), 400)
    assert (refused["code"], list(refused["wrong"])) == ("invalid", wrong)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "raw", [b"{", b"\xff\xfe", b'{"seen": NaN}', b"[" * 100_000, b'{"text": "a" "seen": 1}', b"1" * 5000]
)
def test_json_that_is_none_is_refused(client: APIClient, ticket: Ticket, raw: bytes) -> None:
    response = client.generic("POST", doing(ticket, "reply"), raw, content_type="application/json")
    assert body(response, 400)["code"] == "parse_error"


def test_other_ways_to_ask_are_refused(client: APIClient, ticket: Ticket, settings: Any) -> None:
    path = doing(ticket, "note")
    assert body(client.generic("POST", path, "<a/>", content_type="text/xml"), 415)["code"] == "unsupported_media_type"
    assert body(client.get(path), 405)["code"] == "method_not_allowed"
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert body(client.post(path, {"text": "x" * 200}), 413)["code"] == "too_large"
    assert body(client.delete(f"/api/tickets/{ticket.pk}"), 405)["code"] == "method_not_allowed"


def test_taking_giving_and_putting_back(client: APIClient, ticket: Ticket, agent: User, channel: Channel) -> None:
    colleague = a_person(channel.brand)
    assert body(client.post(doing(ticket, "take")), 200)["assignee"]["id"] == agent.pk
    given = body(client.post(doing(ticket, "assign"), {"to": colleague.pk}), 200)
    assert (given["assignee"]["id"], given["status"]) == (colleague.pk, "open")
    back = body(client.post(doing(ticket, "assign"), {"to": None}), 200)
    assert (back["assignee"], back["status"]) == (None, "new")
    assert list(ticket.activities.order_by("id").values_list("verb", flat=True))[1:] == [
        "assigned",
        "assigned",
        "unassigned",
    ]


@pytest.mark.parametrize("given", [{}, {"to": 0}, {"to": 10**30}, {"to": "me"}, {"to": True}, {"to": [1]}])
def test_a_ticket_is_given_to_people_only(client: APIClient, ticket: Ticket, given: Any) -> None:
    assert list(body(client.post(doing(ticket, "assign"), given), 400)["wrong"]) == ["to"]


def test_a_ticket_is_not_given_to_who_may_not_see_it(client: APIClient, ticket: Ticket) -> None:
    stranger = a_person(a_brand())
    assert body(client.post(doing(ticket, "assign"), {"to": stranger.pk}), 403)["code"] == "not_allowed"
    gone = a_person(ticket.brand, is_active=False)
    assert list(body(client.post(doing(ticket, "assign"), {"to": gone.pk}), 400)["wrong"]) == ["to"]


def test_resolving_and_reopening_twice_change_nothing(client: APIClient, ticket: Ticket) -> None:
    for verb, status in (("resolve", "resolved"), ("resolve", "resolved"), ("reopen", "new"), ("reopen", "new")):
        assert body(client.post(doing(ticket, verb)), 200)["status"] == status
    assert Activity.objects.filter(verb__in=["resolved", "reopened"]).count() == 2


def test_a_customer_has_one_open_ticket(client: APIClient, ticket: Ticket, channel: Channel, agent: User) -> None:
    lifecycle.resolve(ticket.pk, by=agent)
    a_ticket(channel, "and the app is broken")
    refused = body(client.post(doing(ticket, "reopen")), 403)
    assert refused["code"] == "not_allowed"
    assert "another open ticket" in refused["detail"]


def test_a_note_is_for_the_team(client: APIClient, ticket: Ticket, agent: User) -> None:
    line = body(client.post(doing(ticket, "note"), {"text": " Called her. "}), 201)
    assert (line["verb"], line["data"], line["actor"]["id"]) == ("noted", {"text": "Called her."}, agent.pk)
    assert list(body(client.post(doing(ticket, "note"), {"text": " "}), 400)["wrong"]) == ["text"]
    assert list(body(client.post(doing(ticket, "note"), {"text": "x" * 10_001}), 400)["wrong"]) == ["text"]
    assert not Message.objects.filter(direction="out").exists()


@pytest.mark.parametrize("verb", ["reply", "assign", "take", "resolve", "reopen", "note"])
def test_nothing_can_be_done_to_another_teams_ticket(client: APIClient, ask: Ask, verb: str) -> None:
    ticket = a_ticket(a_channel(a_brand()))
    assert body(client.post(doing(ticket, verb), ANSWER | {"to": None}), 404)["code"] == "not_found"
    assert list(ticket.activities.values_list("verb", flat=True)) == ["opened"]


def test_a_ticket_deleted_meanwhile_is_not_there(client: APIClient, ticket: Ticket) -> None:
    path = doing(ticket, "reply")
    ticket.delete()
    assert body(client.post(path, ANSWER), 404)["code"] == "not_found"
