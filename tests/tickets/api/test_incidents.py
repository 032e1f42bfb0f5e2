"""Incidents through the API."""

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_person, a_ticket, fresh
from tests.tickets.api.conftest import Ask, body, doing
from tests.tickets.incidents.conftest import an_incident
from tickets.incidents import updates
from tickets.models import Incident, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def lina(channel: Channel, ask: Ask) -> APIClient:
    return ask(a_person(channel.brand, role=Role.SUPERVISOR))


def test_a_supervisor_opens_changes_and_closes_one(lina: APIClient, client: APIClient, ticket: Ticket) -> None:
    given = {"name": "Outage", "brand": ticket.brand_id, "kind": "outage", "terms": ["down"], "ticket": ticket.pk}
    assert client.post("/api/incidents", given).status_code == 403
    made = body(lina.post("/api/incidents", given), 201)
    assert (made["tickets"], made["waiting"], made["in_force"], made["terms"]) == (1, 1, True, ["down"])
    address = f"/api/incidents/{made['id']}"
    assert body(lina.patch(address, {"name": "Fibre cut"}), 200)["terms"] == ["down"]
    assert lina.patch(address, {"terms": ["!"]}).status_code == 400
    assert body(lina.post(f"{address}/close"), 200)["in_force"] is False
    assert body(lina.post(f"{address}/reopen"), 200)["in_force"] is True
    assert [one["name"] for one in body(client.get("/api/incidents"), 200)] == ["Fibre cut"]
    elsewhere = {"name": "Outage", "brand": a_brand().pk}
    assert lina.post("/api/incidents", elsewhere).status_code == 400


def test_a_ticket_is_put_in_taken_out_and_undone(client: APIClient, ticket: Ticket) -> None:
    made = an_incident(ticket.brand)
    line = body(client.post(doing(ticket, "incident"), {"incident": made.pk}), 200)
    assert (line["verb"], fresh(ticket).incident_id) == ("incident", made.pk)
    assert client.post(doing(ticket, "incident"), {"incident": made.pk}).status_code == 204
    assert client.post(doing(ticket, "undo"), {"activity": line["id"]}).status_code == 200
    assert fresh(ticket).incident_id is None
    assert client.post(doing(ticket, "incident"), {"incident": None}).status_code == 204
    assert client.post(doing(ticket, "incident"), {}).status_code == 400


def test_everybody_is_told_after_a_look_and_never_twice(
    lina: APIClient, client: APIClient, channel: Channel, agent: User
) -> None:
    made: Incident = an_incident(channel.brand, "down")
    tickets = [a_ticket(channel, "it is down", by=name) for name in ("reem", "sami")]
    address, words = f"/api/incidents/{made.pk}", {"texts": {"en": "Back by six."}}
    assert client.post(f"{address}/preview", words).status_code == 403
    seen = body(lina.post(f"{address}/preview", words), 200)
    assert (seen["number"], seen["last"], seen["groups"][0]["posts"]) == (2, tickets[1].pk, 1)
    long = body(lina.post(f"{address}/preview", {"texts": {"en": "x" * 60}}), 200)
    assert (long["number"], long["refused"][0]["tickets"]) == (0, [one.pk for one in tickets])
    sending = words | {"number": 2, "last": seen["last"], "key": str(uuid4())}
    assert client.post(f"{address}/updates", sending).status_code == 403
    assert lina.post(f"{address}/updates", sending | {"number": 1}).status_code == 403
    first, again = (body(lina.post(f"{address}/updates", sending), 201) for _press in range(2))
    assert (first["key"], first["left"]) == (again["key"], 2)
    updates.work(limit=1)
    stopped = body(lina.post(f"{address}/updates/{first['key']}/stop"), 200)
    assert (stopped["sent"], stopped["left"], stopped["finished_at"] is not None) == (1, 0, True)
    assert [one["key"] for one in body(client.get(f"{address}/updates"), 200)] == [first["key"]]
    assert lina.post(f"{address}/updates/{uuid4()}/stop").status_code == 404
