"""The API tells of answers given outside, and of the posts a long answer becomes."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from ingest.models import Channel, Delivery, Message
from tests.cast import a_brand, a_channel, a_post, a_ticket, receive
from tests.tickets.api.conftest import body, doing
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_an_answer_outside_counts(client: APIClient, ticket: Ticket) -> None:
    given = {"seen": 1, "link": "https://short.example/1", "key": str(uuid4())}
    for _time in range(2):
        found = body(client.post(doing(ticket, "answered-outside"), given), 200)
        assert (found["status"], found["waiting_since"], found["position"]) == ("pending", None, 2)
    assert Message.objects.get(direction="in").disposition == "answered_outside"


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"seen": 1, "link": "javascript:alert(1)"}, 422, "bad_link"),
        ({}, 400, "invalid"),
        ({"seen": 0}, 409, "moved_on"),
    ],
)
def test_what_it_refuses(client: APIClient, ticket: Ticket, given: dict[str, Any], status: int, code: str) -> None:
    assert body(client.post(doing(ticket, "answered-outside"), given), status)["code"] == code
    assert not Message.objects.filter(direction="out").exists()


def test_nobody_tells_it_of_another_teams_ticket(client: APIClient, channel: Channel) -> None:
    elsewhere = a_ticket(a_channel(a_brand()))
    body(client.post(doing(elsewhere, "answered-outside"), {"seen": 1}), 404)


def test_the_posts_of_a_long_answer_come_in_order(client: APIClient, ticket: Ticket) -> None:
    given = {"seen": 1, "text": "Sorry for that. We mend it today. Tell us then, please."}
    found = body(client.post(doing(ticket, "reply"), given), 201)
    assert [post["text"][-4:] for post in found["posts"]] == [" 1/2", " 2/2"]
    assert found["posts"][0]["id"] == found["message"]["id"]
    assert [post["delivery"]["state"] for post in found["posts"]] == ["waiting", "waiting"]
    assert found["delivery"]["key"] == found["posts"][0]["delivery"]["key"]
    assert Delivery.objects.count() == 2


def test_an_answer_of_one_post_has_one(client: APIClient, ticket: Ticket, channel: Channel) -> None:
    receive(channel, a_post("and broken", by="sara"))
    found = body(client.post(doing(ticket, "reply"), {"seen": 1, "text": "Sorry."}), 201)
    assert len(found["posts"]) == 1
