"""The verbs beside answering: each answers with the line that undoes it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_post, a_ticket, fresh, receive
from tests.tickets.api.conftest import body, doing
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("verb", "given", "expected"),
    [
        ("snooze", {"until": None}, {"status": "snoozed"}),
        ("priority", {"priority": 1}, {"priority": 1}),
        ("no-answer", {"reason": "thanks"}, {"status": "resolved"}),
        ("spam", {}, {"status": "closed"}),
    ],
)
def test_a_verb_is_done_and_undone(
    client: APIClient, ticket: Ticket, verb: str, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = {name: getattr(ticket, name) for name in expected}
    line = body(client.post(doing(ticket, verb), given, format="json"), 200)
    assert {name: getattr(fresh(ticket), name) for name in expected} == expected
    back = body(client.post(doing(ticket, "undo"), {"activity": line["id"]}, format="json"), 200)
    assert {name: back[name] for name in expected} == before
    body(client.post(doing(ticket, "undo"), {"activity": line["id"]}, format="json"), 403)


def test_tags_are_put_on_by_name(client: APIClient, ticket: Ticket) -> None:
    line = body(client.post(doing(ticket, "tags"), {"names": ["Billing"]}, format="json"), 200)
    assert fresh(ticket).tags == [line["data"]["added"][0][0]]
    assert client.post(doing(ticket, "tags"), {"names": ["billing"]}, format="json").status_code == 204


def test_two_tickets_are_linked_merged_and_split(client: APIClient, channel: Channel, ticket: Ticket) -> None:
    other = a_ticket(channel, by="sami")
    body(client.post(doing(ticket, "link"), {"ticket": other.pk}, format="json"), 200)
    body(client.post(doing(other, "merge"), {"ticket": ticket.pk}, format="json"), 200)
    assert fresh(ticket).position == 2
    second = receive(channel, a_post("also broken", conversation_key="t1"))[0]
    line = body(client.post(doing(ticket, "split"), {"messages": [second.pk]}, format="json"), 200)
    assert Ticket.objects.get(pk=line["data"]["to"]).split_off
    strange = a_ticket(a_channel(a_brand()), by="zain")
    body(client.post(doing(ticket, "merge"), {"ticket": strange.pk}, format="json"), 403)
    body(client.post(doing(ticket, "merge"), {"ticket": 10**9}, format="json"), 404)
