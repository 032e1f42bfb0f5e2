"""Calendars through the API: by the verbs and the permission of their pages."""

from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Brand, Role, User
from tests.cast import a_person
from tests.tickets.api.conftest import Ask, body
from tickets.models import Calendar, CalendarDays, SlaPolicy

pytestmark = pytest.mark.django_db
ALL = "/api/calendars"
OFFICE: dict[str, Any] = {
    "name": "Office",
    "time_zone": "Asia/Riyadh",
    "spans": {"6": [["09:00", "17:00"]], "0": [["09:00", "13:00"], ["16:00", "24:00"]]},
}


@pytest.fixture
def admin(ask: Ask, brand: Brand) -> APIClient:
    return ask(a_person(brand, role=Role.ADMIN))


def test_one_is_made_read_changed_and_removed(admin: APIClient, brand: Brand) -> None:
    team = brand.teams.get()
    made = body(admin.post(ALL, OFFICE | {"teams": [team.pk]}), 201)
    assert made == made | OFFICE | {"teams": [team.pk], "days": []}
    one = f"{ALL}/{made['id']}"
    assert body(admin.get(one), 200) == made
    assert body(admin.get(ALL), 200) == [made]
    changed = body(admin.put(one, {"name": "Always", "spans": {}}), 200)
    assert (changed["time_zone"], changed["spans"], changed["teams"]) == ("UTC", {}, [])
    assert admin.delete(one).status_code == 204
    assert not Calendar.objects.exists()


def test_a_change_of_what_somebody_else_changed_since_is_refused(admin: APIClient) -> None:
    seen = body(admin.post(ALL, OFFICE), 201)
    one = f"{ALL}/{seen['id']}"
    body(admin.put(one, seen | {"name": "Mine"}), 200)
    assert body(admin.put(one, seen | {"name": "Yours"}), 409)["code"] == "stale"
    there = body(admin.get(one), 200)
    assert there["name"] == "Mine"
    assert body(admin.put(one, there | {"name": "Yours"}), 200)["name"] == "Yours"


def test_its_special_days_are_read_with_it_and_stay_when_it_changes(admin: APIClient) -> None:
    made = body(admin.post(ALL, OFFICE), 201)
    feast = date(2026, 9, 23)
    CalendarDays.objects.create(calendar_id=made["id"], name="National day", first=feast, last=feast)
    (days,) = body(admin.put(f"{ALL}/{made['id']}", OFFICE), 200)["days"]
    assert (days["name"], days["first"], days["spans"]) == ("National day", "2026-09-23", {})


def test_special_days_are_added_and_removed(admin: APIClient) -> None:
    one = f"{ALL}/{body(admin.post(ALL, OFFICE), 201)['id']}"
    seen = body(admin.get(one), 200)["version"]
    hours = {"0": [["10:00", "15:00"]]}
    ramadan = {"name": "Ramadan", "reckoning": "hijri", "month": 9, "day": 1, "length": 30, "spans": hours}
    made = body(admin.post(f"{one}/days", ramadan), 201)
    assert made == made | ramadan | {"first": None, "source": ""}
    feast = body(admin.post(f"{one}/days", {"name": "Feast", "first": "2026-09-23"}), 201)
    there = body(admin.get(one), 200)
    assert [day["name"] for day in there["days"]] == ["Feast", "Ramadan"]
    assert there["version"] > seen
    assert admin.delete(f"{one}/days/{feast['id']}").status_code == 204
    assert admin.delete(f"{one}/days/{feast['id']}").status_code == 404
    assert [day["id"] for day in body(admin.get(one), 200)["days"]] == [made["id"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "first"),
        ({"reckoning": "hijri", "month": 9}, "day"),
        ({"reckoning": "gregorian", "month": 2, "day": 30}, "day"),
        ({"first": "2026-09-23", "spans": {"0": [["17:00", "09:00"]]}}, "spans"),
        ({"first": "2026-09-23", "length": 99}, "length"),
    ],
)
def test_special_days_that_cannot_be_are_refused_field_by_field(
    admin: APIClient, wrong: dict[str, Any], field: str
) -> None:
    one = f"{ALL}/{body(admin.post(ALL, OFFICE), 201)['id']}"
    assert body(admin.post(f"{one}/days", {"name": "A day"} | wrong), 400)["wrong"].keys() == {field}
    assert not CalendarDays.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": " "}, "name", ""),
        ({"name": "Taken"}, "name", "There is one of this name already."),
        ({"time_zone": "Moon/Tycho"}, "time_zone", "There is no time zone called “Moon/Tycho”."),
        ({"spans": {"7": []}}, "spans", "“7” is no day of the week: 0 is Monday, 6 is Sunday."),
        ({"spans": {"0": [["17:00", "09:00"]]}}, "spans", "Hours end on the day they begin: 17:00 - 09:00."),
        ({"spans": {"0": [["9 o'c", "17:00"]]}}, "spans", "is no time of day."),
        ({"spans": {"0": [["09:00"]]}}, "spans", "0.0: Ensure this field has at least 2 elements."),
        ({"spans": []}, "spans", ""),
        ({"teams": [99999]}, "teams", "99999"),
    ],
)
def test_what_cannot_be_kept_is_refused_field_by_field(
    admin: APIClient, wrong: dict[str, Any], field: str, words: str
) -> None:
    Calendar.objects.create(name="Taken")
    told = body(admin.post(ALL, OFFICE | wrong), 400)["wrong"]
    assert told.keys() == {field}
    assert words in told[field][0]
    assert Calendar.objects.count() == 1


def test_one_that_a_policy_goes_by_stays(admin: APIClient) -> None:
    made = body(admin.post(ALL, OFFICE), 201)
    SlaPolicy.objects.create(name="Usual", first_answer=5, calendar_id=made["id"])
    assert "Usual" in body(admin.delete(f"{ALL}/{made['id']}"), 403)["detail"]


def test_calendars_are_for_admins_alone(ask: Ask, admin: APIClient, brand: Brand, agent: User) -> None:
    one = f"{ALL}/{body(admin.post(ALL, OFFICE), 201)['id']}"
    for person in (agent, a_person(brand, role=Role.SUPERVISOR)):
        client = ask(person)
        asked = [
            client.get(ALL),
            client.get(one),
            client.post(ALL, OFFICE),
            client.put(one, OFFICE),
            client.delete(one),
            client.post(f"{one}/days", {"name": "Feast", "first": "2026-09-23"}),
            client.delete(f"{one}/days/1"),
        ]
        assert {response.status_code for response in asked} == {403}


def test_a_list_costs_no_query_for_each(
    admin: APIClient, brand: Brand, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(8):
        made = Calendar.objects.create(name=f"C{n}")
        made.teams.add(brand.teams.get())
        CalendarDays.objects.create(calendar=made, name="A day", first=date(2026, 1, 1), last=date(2026, 1, 1))
    with django_assert_max_num_queries(6):
        assert len(body(admin.get(ALL), 200)) == 8
