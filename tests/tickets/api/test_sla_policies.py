"""SLA policies through the API: by the verbs, the permission and the checks of their page."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Brand, Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_person, a_ticket, fresh
from tests.tickets.api.conftest import Ask, body
from tickets.models import Calendar, Incident, SlaPolicy, Tier
from tickets.targets import retargeting

pytestmark = pytest.mark.django_db
ALL = "/api/sla-policies"
USUAL: dict[str, Any] = {"name": "Usual", "first_answer": 90, "resolution": 480}


@pytest.fixture
def admin(ask: Ask, brand: Brand) -> APIClient:
    return ask(a_person(brand, role=Role.ADMIN))


def test_one_is_made_read_changed_and_removed(admin: APIClient, brand: Brand) -> None:
    office, gold = Calendar.objects.create(name="Office"), Tier.objects.create(brand=brand, name="Gold", rank=1)
    where = {"brand": brand.pk, "tier": gold.pk, "priority": 2, "calendar": office.pk}
    made = body(admin.post(ALL, USUAL | where | {"warn_at": 40, "next_answer": 1501}), 201)
    assert made == made | USUAL | where | {"is_on": True, "warn_at": 40, "next_answer": 1501, "event": ""}
    one = f"{ALL}/{made['id']}"
    assert body(admin.get(one), 200) == made
    assert body(admin.get(ALL), 200) == [made]
    # Whole: what is not told is none.
    changed = body(admin.put(one, {"name": "Later", "first_answer": 10, "is_on": False}), 200)
    assert (changed["name"], changed["is_on"]) == ("Later", False)
    assert (changed["brand"], changed["calendar"], changed["resolution"]) == (None, None, None)
    assert changed["version"] > made["version"]
    assert admin.delete(one).status_code == 204
    assert admin.get(one).status_code == 404
    told = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(told) == ["policy.made", "policy.changed", "policy.removed"]


def test_a_new_policy_reaches_the_open_tickets(admin: APIClient, channel: Channel) -> None:
    ticket = a_ticket(channel)
    made = body(admin.post(ALL, USUAL | {"first_answer": 5}), 201)
    retargeting.go_on(0)
    assert fresh(ticket).policy_id == made["id"]


def test_a_change_of_what_somebody_else_changed_since_is_refused(admin: APIClient) -> None:
    seen = body(admin.post(ALL, USUAL), 201)
    body(admin.post(ALL, USUAL | {"name": "Other"}), 201)
    one = f"{ALL}/{seen['id']}"
    # To be moved is no change of what it says.
    assert body(admin.post(f"{one}/move", {"to": 2}), 200)["order"][1] == seen["id"]
    body(admin.put(one, seen | {"first_answer": 30}), 200)
    assert body(admin.put(one, seen | {"first_answer": 60}), 409)["code"] == "stale"
    there = body(admin.get(one), 200)
    assert (there["first_answer"], there["position"]) == (30, 1)
    assert body(admin.put(one, there | {"first_answer": 60}), 200)["first_answer"] == 60
    assert body(admin.put(one, USUAL), 200)["first_answer"] == 90


def test_policies_stand_where_they_are_put(admin: APIClient) -> None:
    first, second, third = (body(admin.post(ALL, USUAL | {"name": name}), 201)["id"] for name in "abc")
    assert body(admin.post(f"{ALL}/{third}/move", {"to": 1}), 200)["order"] == [third, first, second]
    assert body(admin.post(f"{ALL}/{third}/move", {"to": 99}), 200)["order"] == [first, second, third]
    assert [row["id"] for row in body(admin.get(ALL), 200)] == [first, second, third]
    assert admin.post(f"{ALL}/{third}/move", {"to": 0}).status_code == 400
    assert admin.post(f"{ALL}/{third + 1}/move", {"to": 1}).status_code == 404


def test_one_in_use_is_turned_off_before_it_is_removed(admin: APIClient) -> None:
    one = f"{ALL}/{body(admin.post(ALL, USUAL), 201)['id']}"
    assert body(admin.delete(one), 403) == {"code": "not_allowed", "detail": "Turn the policy off first."}
    assert SlaPolicy.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": " "}, "name", ""),
        ({"name": "Taken"}, "name", "already exists"),
        ({"first_answer": None, "resolution": None}, "first_answer", "Give one target at least."),
        ({"first_answer": 0}, "first_answer", ""),
        ({"resolution": 366 * 24 * 60 + 1}, "resolution", ""),
        ({"warn_at": 100}, "warn_at", ""),
        ({"priority": 4}, "priority", ""),
        ({"brand": 99999}, "brand", "Select a valid choice"),
        ({"calendar": 99999}, "calendar", "Select a valid choice"),
        ({"incident": 99999}, "incident", "Select a valid choice"),
        ({"event": "flood"}, "event", "flood"),
        ({"event": "any", "incident": 1}, "event", "Give one incident or a kind of them, not both."),
    ],
)
def test_what_cannot_be_kept_is_refused_field_by_field(
    admin: APIClient, wrong: dict[str, Any], field: str, words: str
) -> None:
    SlaPolicy.objects.create(name="Taken", first_answer=5)
    told = body(admin.post(ALL, USUAL | wrong), 400)["wrong"]
    assert told.keys() == {field}
    assert words in told[field][0]
    assert SlaPolicy.objects.count() == 1


def test_a_tier_or_an_incident_of_another_brand_is_refused(admin: APIClient, brand: Brand) -> None:
    elsewhere = a_brand()
    gold = Tier.objects.create(brand=elsewhere, name="Gold", rank=1)
    outage = Incident.objects.create(brand=elsewhere, name="Outage", begins_at=timezone.now())
    told = body(admin.post(ALL, USUAL | {"brand": brand.pk, "tier": gold.pk, "incident": outage.pk}), 400)
    assert told["wrong"] == {
        "tier": ["This tier is of another brand."], "incident": ["This incident is of another brand."],
    }  # fmt: skip


@pytest.mark.parametrize("event", ["any", "outage"])
def test_a_policy_is_for_incidents_of_a_kind_or_for_one(admin: APIClient, brand: Brand, event: str) -> None:
    outage = Incident.objects.create(brand=brand, name="Outage", begins_at=timezone.now())
    made = body(admin.post(ALL, USUAL | {"event": event}), 201)
    assert (made["event"], made["incident"]) == (event, None)
    one = f"{ALL}/{made['id']}"
    assert body(admin.put(one, USUAL | {"incident": outage.pk}), 200)["incident"] == outage.pk
    assert (SlaPolicy.objects.get().event, SlaPolicy.objects.get().incident) == ("", outage)


def test_policies_are_for_admins_alone(ask: Ask, admin: APIClient, brand: Brand, agent: User) -> None:
    one = f"{ALL}/{body(admin.post(ALL, USUAL), 201)['id']}"
    for person in (agent, a_person(brand, role=Role.SUPERVISOR)):
        client = ask(person)
        asked = [client.get(ALL), client.get(one), client.post(ALL, USUAL | {"name": "B"}), client.put(one, USUAL),
                 client.delete(one), client.post(f"{one}/move", {"to": 1})]  # fmt: skip
        assert {response.status_code for response in asked} == {403}
    assert SlaPolicy.objects.get().name == "Usual"


def test_a_list_costs_no_query_for_each(
    admin: APIClient, brand: Brand, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    office = Calendar.objects.create(name="Office")
    for n in range(8):
        SlaPolicy.objects.create(name=f"P{n}", brand=brand, calendar=office, first_answer=5)
    with django_assert_max_num_queries(4):
        assert len(body(admin.get(ALL), 200)) == 8
