"""Saved replies through the API: by the verbs and permissions of their page."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Brand, Role, User
from tests.cast import a_brand, a_person, a_team
from tests.tickets.api.conftest import Ask, body
from tickets.models import SavedReply

pytestmark = pytest.mark.django_db
ALL = "/api/saved-replies"


@pytest.fixture
def lead(ask: Ask, brand: Brand) -> APIClient:
    return ask(a_person(brand, role=Role.SUPERVISOR))


def said(**given: Any) -> dict[str, Any]:
    return {"name": "Sorry", "texts": {"en": "Sorry, {name}."}} | given


def test_one_is_made_read_changed_and_removed(client: APIClient) -> None:
    made = body(client.post(ALL, said(texts={"en": "Sorry, {name}.", "ar": "عذرًا"})), 201)
    assert (made["whose"], made["team"], made["brand"], made["may_change"]) == ("own", None, None, True)
    one = f"{ALL}/{made['id']}"
    assert body(client.get(one), 200) == made
    assert body(client.get(ALL), 200) == {"next": None, "results": [made]}
    changed = body(client.patch(one, {"name": "  So   sorry "}), 200)
    assert (changed["name"], changed["texts"]) == ("So sorry", made["texts"])
    assert body(client.patch(one, {"texts": {"ar": "نعتذر"}}), 200)["texts"] == {"ar": "نعتذر"}
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404
    assert not SavedReply.objects.exists()


def test_what_others_see_is_kept_by_supervisors(client: APIClient, lead: APIClient, brand: Brand) -> None:
    assert body(client.post(ALL, said(whose="everyone")), 403)["code"] == "not_allowed"
    team = brand.teams.get()
    made = body(lead.post(ALL, said(whose="team", team=team.pk, brand=brand.pk)), 201)
    assert (made["whose"], made["team"], made["brand"]) == ("team", team.pk, brand.pk)
    (seen,) = body(client.get(ALL), 200)["results"]
    assert (seen["id"], seen["may_change"]) == (made["id"], False)
    one = f"{ALL}/{made['id']}"
    assert body(client.patch(one, {"name": "Mine"}), 403)["code"] == "not_allowed"
    assert body(client.delete(one), 403)["code"] == "not_allowed"
    # What is not told stays: it is the team's still.
    assert body(lead.patch(one, {"name": "Ours"}), 200)["whose"] == "team"
    assert body(lead.patch(one, {"whose": "everyone", "brand": None}), 200)["team"] is None


def test_what_is_not_theirs_is_not_there(client: APIClient, ask: Ask, lead: APIClient, brand: Brand) -> None:
    made = body(client.post(ALL, said()), 201)
    ours = body(lead.post(ALL, said(whose="everyone", brand=brand.pk)), 201)
    stranger = ask(a_person(a_brand(), role=Role.SUPERVISOR))
    assert body(stranger.get(ALL), 200)["results"] == []
    for kept in (made, ours):
        one = f"{ALL}/{kept['id']}"
        assert {
            stranger.get(one).status_code,
            stranger.patch(one, {}).status_code,
            stranger.delete(one).status_code,
        } == {404}
    assert lead.get(f"{ALL}/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"texts": {}},
        {"texts": {"en": " "}},
        {"texts": {"en": "x" * 5001}},
        {"texts": "Sorry"},
        {"whose": "mine"},
        {"whose": "team"},
    ],
)
def test_what_cannot_be_kept_is_refused_field_by_field(lead: APIClient, wrong: dict[str, Any]) -> None:
    told = body(lead.post(ALL, said(**wrong)), 400)
    assert told["code"] == "invalid"
    assert {name.split(".")[0] for name in told["wrong"]} & {*wrong, "team", "texts"}
    assert not SavedReply.objects.exists()


def test_teams_and_brands_of_others_are_none(lead: APIClient) -> None:
    elsewhere = a_brand()
    assert body(lead.post(ALL, said(whose="team", team=a_team(elsewhere).pk)), 400)["wrong"].keys() == {"team"}
    assert body(lead.post(ALL, said(brand=elsewhere.pk)), 400)["wrong"].keys() == {"brand"}


def test_a_list_costs_no_query_for_each(
    ask: Ask, brand: Brand, agent: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    boss, team = a_person(brand, role=Role.SUPERVISOR), brand.teams.get()
    SavedReply.objects.bulk_create(
        SavedReply(name=f"R{n}", texts={"en": "x"}, team=team, brand=brand) for n in range(60)
    )
    asking = ask(boss)
    with django_assert_max_num_queries(8):
        page = body(asking.get(ALL), 200)
    assert len(page["results"]) == 50
    assert len(body(asking.get(ALL, {"after": page["next"]}), 200)["results"]) == 10
