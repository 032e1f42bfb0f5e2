"""Corrections in the API: what the menu does, for programs."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from ingest.models import Channel, Correction, Message
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, an_answer, receive, said
from tests.tickets.api.conftest import Ask, body
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(channel: Channel) -> Message:
    return said(channel, "my bill is wrong")


def doing(message: Message, verb: str = "correct") -> str:
    return f"/api/messages/{message.pk}/{verb}"


def test_a_label_is_corrected_and_the_message_told_as_it_stands(
    client: APIClient, message: Message, agent: User
) -> None:
    found = body(client.post(doing(message), {"label": "sentiment", "value": "neutral", "note": "calm"}), 200)
    assert found["id"] == message.pk
    assert (found["reading"]["sentiment"], found["reading"]["valence"]) == ("neutral", 0.0)
    made = Correction.objects.get()
    assert (made.user, made.old, made.new, made.note) == (agent, "negative", "neutral", "calm")


def test_reasons_are_told_whole(client: APIClient, message: Message) -> None:
    found = body(client.post(doing(message), {"label": "reasons", "value": ["question", "complaint"]}), 200)
    assert found["reading"]["cues"] == ["complaint", "question"]


def test_yes_brings_a_message_that_was_set_aside_onto_a_ticket(client: APIClient, channel: Channel) -> None:
    message = said(channel, "thanks, I love it")
    found = body(client.post(doing(message), {"label": "follow_up", "value": "yes"}), 200)
    assert (found["decision"], found["disposition"]) == ("ticket", "awaiting")
    assert Ticket.objects.get().entries.get().message == message


def test_the_record_of_a_message_tells_all_that_was_corrected_newest_first(
    client: APIClient, message: Message, agent: User
) -> None:
    assert body(client.get(doing(message, "corrections")), 200) == []
    for value in ("neutral", "negative", "negative"):
        body(client.post(doing(message), {"label": "sentiment", "value": value}), 200)
    last, first = body(client.get(doing(message, "corrections")), 200)
    assert (first["old"], first["new"], last["old"], last["new"]) == ("negative", "neutral", "neutral", "negative")
    assert last["user"] == {"id": agent.pk, "name": agent.name}
    assert (last["label"], last["model"], last["version"]) == ("sentiment", "test-reader", "1")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, ["label", "value"]),
        ({"label": "mood", "value": "bad"}, ["label"]),
        ({"label": "sentiment"}, ["value"]),
        ({"label": "sentiment", "value": "angry"}, ["value"]),
        ({"label": "sentiment", "value": ["negative"]}, ["value"]),
        ({"label": "sentiment", "value": None}, ["value"]),
        ({"label": "reasons", "value": "complaint"}, ["value"]),
        ({"label": "reasons", "value": ["weather"]}, ["value"]),
        ({"label": "follow_up", "value": True}, ["value"]),
        ({"label": "aim", "value": {"a": 1}}, ["value"]),
        ({"label": "urgency", "value": "high", "note": "x" * 2001}, ["note"]),
        ({"label": "urgency", "value": "high", "note": "a\u0000b"}, ["note"]),
    ],
)
def test_what_is_no_correction_is_told_field_by_field(
    client: APIClient, message: Message, given: dict[str, Any], wrong: list[str]
) -> None:
    assert list(body(client.post(doing(message), given), 400)["wrong"]) == wrong
    assert not Correction.objects.exists()


def test_what_has_no_reading_is_refused_with_the_reason(client: APIClient, channel: Channel, agent: User) -> None:
    ours = an_answer(a_ticket(channel), by=agent).message
    refused = body(client.post(doing(ours), {"label": "urgency", "value": "high"}), 422)
    assert refused["code"] == "not_correctable"
    assert "customers" in refused["detail"]


def test_another_teams_messages_are_not_there(client: APIClient, ask: Ask, message: Message) -> None:
    given = {"label": "urgency", "value": "high"}
    (elsewhere,) = receive(a_channel(a_brand()), a_post(by="stranger"))
    for verb in ("correct", "corrections"):
        asked = client.post if verb == "correct" else client.get
        assert body(asked(doing(elsewhere, verb), given), 404)["code"] == "not_found"
    body(ask(a_person(a_brand())).post(doing(message), given), 404)
    body(APIClient().post(doing(message), given, format="json"), 401)
    assert not Correction.objects.exists()


def test_a_message_that_is_not_there(client: APIClient) -> None:
    body(client.post("/api/messages/0/correct", {"label": "urgency", "value": "high"}), 404)
