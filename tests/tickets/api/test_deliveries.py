"""Answers that did not get through, by the API: read, tried again, said to be there; as on the pages."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Role
from ingest.models import Delivery, Message
from tests.cast import a_bell, a_brand, a_channel, a_person, a_post, a_ticket, an_answer, fresh, receive, verbs
from tests.tickets.api.conftest import Ask, body
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
LINK = "https://short.example/nawa/1"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture
def failed(ticket: Ticket) -> Delivery:
    """An answer that the platform refused."""
    delivery = an_answer(ticket, "Sorry.")
    Delivery.objects.update(state="failed", error_code="rejected", last_error="No, thank you", attempts=1)
    return fresh(delivery)


def at(delivery: Delivery, verb: str = "") -> str:
    return f"/api/deliveries/{delivery.key}" + (f"/{verb}" if verb else "")


def test_how_it_stands_can_be_read(client: APIClient, failed: Delivery) -> None:
    found = body(client.get(at(failed)), 200)
    assert (found["state"], found["error_code"], found["last_error"]) == ("failed", "rejected", "No, thank you")
    assert (found["key"], found["message"]) == (str(failed.key), failed.message_id)


def test_what_was_not_sent_is_tried_again(client: APIClient, failed: Delivery, ticket: Ticket) -> None:
    assert body(client.post(at(failed, "try-again")), 200)["state"] == "unknown"
    assert verbs(ticket)[-1] == "changed"
    again = body(client.post(at(failed, "try-again")), 409)
    assert again["code"] == "not_so"


@pytest.mark.parametrize("given", [{}, {"link": ""}, {"link": LINK}])
def test_what_somebody_saw_there_is_sent(client: APIClient, failed: Delivery, given: dict[str, str]) -> None:
    assert body(client.post(at(failed, "there"), given), 200)["state"] == "sent"
    assert Message.objects.get(pk=failed.message_id).url == given.get("link", "")
    assert body(client.post(at(failed, "there"), given), 409)["code"] == "not_so"


def test_a_link_that_is_none_is_refused(client: APIClient, failed: Delivery) -> None:
    assert body(client.post(at(failed, "there"), {"link": "javascript:alert(1)"}), 422)["code"] == "bad_link"
    assert body(client.post(at(failed, "there"), {"link": ["no"]}), 400)["code"] == "invalid"
    assert fresh(failed).state == "failed"


@pytest.mark.parametrize("state", ["waiting", "sending", "sent", "cancelled"])
def test_what_is_in_another_state_is_left_as_it_is(client: APIClient, failed: Delivery, state: str) -> None:
    Delivery.objects.update(state=state)
    for verb in ("try-again", "there"):
        body(client.post(at(failed, verb)), 409)
    assert fresh(failed).state == state


def test_another_teams_answer_is_not_there(client: APIClient, ask: Ask, failed: Delivery) -> None:
    elsewhere = an_answer(a_ticket(a_channel(a_brand(), platform="short")))
    Delivery.objects.update(state="failed")
    for verb in ("", "try-again", "there"):
        method = client.post if verb else client.get
        body(method(at(elsewhere, verb)), 404)
    body(client.post(f"/api/deliveries/{uuid4()}/there"), 404)
    stranger = ask(a_person(a_brand(), role=Role.SUPERVISOR))
    body(stranger.post(at(failed, "try-again")), 404)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}


def test_without_a_sign_in_nothing_is_told(failed: Delivery) -> None:
    body(APIClient().get(at(failed)), 401)
    body(APIClient().post(at(failed, "there")), 401)


def test_an_answer_that_the_customer_overtook_is_sent_anyway_once_or_dropped_once(
    client: APIClient, ticket: Ticket
) -> None:
    held = an_answer(ticket, "Tomorrow.", at=timezone.now() + timedelta(hours=1))
    receive(ticket.channel, a_post("still wrong", conversation_key="t1"))
    assert body(client.get(at(held)), 200)["error_code"] == "customer_wrote"
    assert body(client.post(at(held, "send-anyway"), {"seen": 1}, format="json"), 409)["code"] == "moved_on"
    now = {"seen": fresh(ticket).position}
    sent = [body(client.post(at(held, "send-anyway"), now, format="json"), 200)["key"] for _time in range(2)]
    assert sent[0] == sent[1] != str(held.key)
    assert body(client.post(at(held, "drop")), 409)["code"] == "not_so"
