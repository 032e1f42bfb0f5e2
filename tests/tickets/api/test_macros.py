"""Macros through the API: by the verbs and permissions of their page, and carried out on a ticket."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Brand, Role, User
from tests.cast import a_brand, a_person, fresh
from tests.tickets.api.conftest import Ask, body, doing
from tickets.models import Activity, Macro, SavedReply, Tag, Ticket

pytestmark = pytest.mark.django_db
ALL = "/api/macros"
SOLVED = [{"do": "priority", "priority": 4}, {"do": "resolve"}]


@pytest.fixture
def lead(ask: Ask, brand: Brand) -> APIClient:
    return ask(a_person(brand, role=Role.SUPERVISOR))


def said(**given: Any) -> dict[str, Any]:
    return {"name": "Solved", "actions": SOLVED} | given


def test_one_is_made_read_changed_and_removed(client: APIClient) -> None:
    made = body(client.post(ALL, said()), 201)
    assert (made["actions"], made["whose"], made["may_change"], made["used"]) == (SOLVED, "own", True, 0)
    one = f"{ALL}/{made['id']}"
    assert body(client.get(one), 200) == made
    assert body(client.get(ALL), 200) == {"next": None, "results": [made]}
    changed = body(client.patch(one, {"name": "  So   solved "}), 200)
    assert (changed["name"], changed["actions"]) == ("So solved", SOLVED)
    assert body(client.patch(one, {"actions": [{"do": "take"}]}), 200)["actions"] == [{"do": "take"}]
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404
    assert not Macro.objects.exists()


def test_what_others_see_is_kept_by_supervisors(client: APIClient, lead: APIClient, brand: Brand) -> None:
    assert body(client.post(ALL, said(whose="everyone")), 403)["code"] == "not_allowed"
    one = f"{ALL}/{body(lead.post(ALL, said(whose='everyone', brand=brand.pk)), 201)['id']}"
    (seen,) = body(client.get(ALL), 200)["results"]
    assert seen["may_change"] is False
    assert body(client.patch(one, {"name": "Mine"}), 403)["code"] == "not_allowed"
    assert body(client.delete(one), 403)["code"] == "not_allowed"
    assert body(lead.patch(one, {"name": "Ours"}), 200)["whose"] == "everyone"


def test_what_is_not_theirs_is_not_there(client: APIClient, ask: Ask, lead: APIClient, brand: Brand) -> None:
    kept = [body(client.post(ALL, said()), 201), body(lead.post(ALL, said(whose="everyone", brand=brand.pk)), 201)]
    stranger = ask(a_person(a_brand(), role=Role.SUPERVISOR))
    assert body(stranger.get(ALL), 200)["results"] == []
    for one in (f"{ALL}/{row['id']}" for row in kept):
        asked = [stranger.get(one), stranger.patch(one, {}), stranger.delete(one)]
        assert {response.status_code for response in asked} == {404}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"actions": []},
        {"actions": [{"do": "take"}] * 9},
        {"actions": [{"do": "dance"}]},
        {"actions": [{"do": "incident", "incident": 1}]},
        {"actions": [{"do": "assign", "to": "Huda"}]},
        {"actions": [{"do": "tag", "add": "late"}]},
        {"actions": [{"do": "no_answer", "reason": "tired"}]},
        {"whose": "team"},
    ],
)
def test_what_cannot_be_read_is_refused_field_by_field(lead: APIClient, wrong: dict[str, Any]) -> None:
    told = body(lead.post(ALL, said(**wrong)), 400)
    assert told["wrong"].keys() == ({"team"} if "whose" in wrong else wrong.keys())
    assert not Macro.objects.exists()


def test_a_step_that_does_not_say_all_is_refused(client: APIClient) -> None:
    refused = body(client.post(ALL, said(actions=[{"do": "assign"}])), 403)
    assert refused == {"code": "not_allowed", "detail": "A step is not complete."}


def test_a_macro_is_carried_out_whole_and_its_words_come_back(client: APIClient, ticket: Ticket, agent: User) -> None:
    tag = Tag.objects.create(name="refund")
    sorry = SavedReply.objects.create(name="Sorry", texts={"en": "Sorry, from {agent}."}, owner=agent)
    steps = [
        {"do": "take"}, {"do": "tag", "add": [tag.pk]}, {"do": "note", "text": "Money back."},
        {"do": "reply", "saved": sorry.pk},
    ]  # fmt: skip
    made = body(client.post(ALL, said(actions=steps)), 201)
    ran = body(client.post(doing(ticket, "macro"), {"macro": made["id"]}), 200)
    assert (ran["text"], ran["steps"]) == (f"Sorry, from {agent.get_short_name()}.", 4)
    assert (ran["ticket"]["id"], ran["ticket"]["assignee"]["id"]) == (ticket.pk, agent.pk)
    assert (fresh(ticket).assignee, fresh(ticket).tags) == (agent, [tag.pk])
    assert Activity.objects.filter(ticket=ticket, data__text="Money back.").exists()
    assert Macro.objects.get().used == 1


def test_of_a_macro_that_fails_nothing_is_done(client: APIClient, ticket: Ticket, agent: User) -> None:
    for step, status in (({"do": "assign", "to": 99999}, 403), ({"do": "note", "text": " "}, 422)):
        kept = Macro.objects.create(name="A", actions=[{"do": "take"}, step], owner=agent)
        assert body(client.post(doing(ticket, "macro"), {"macro": kept.pk}), status)["detail"]
    assert fresh(ticket).assignee is None
    assert not Macro.objects.filter(used__gt=0).exists()


def test_a_macro_of_somebody_else_or_of_another_brand_is_not_carried_out(
    client: APIClient, ask: Ask, ticket: Ticket, brand: Brand
) -> None:
    theirs = Macro.objects.create(name="Theirs", actions=SOLVED, owner=a_person(brand))
    told = body(client.post(doing(ticket, "macro"), {"macro": theirs.pk}), 404)
    assert told["detail"] == "That macro is not there. Choose another."
    elsewhere = Macro.objects.create(name="Elsewhere", actions=SOLVED, brand=a_brand())
    admin = ask(a_person(role=Role.ADMIN))
    assert body(admin.post(doing(ticket, "macro"), {"macro": elsewhere.pk}), 403)["code"] == "not_allowed"
    assert client.post(doing(ticket, "macro"), {}).status_code == 400
    assert ask(a_person(a_brand())).post(doing(ticket, "macro"), {"macro": theirs.pk}).status_code == 404


def test_a_list_costs_no_query_for_each(
    ask: Ask, brand: Brand, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    boss, team = a_person(brand, role=Role.SUPERVISOR), brand.teams.get()
    Macro.objects.bulk_create(Macro(name=f"M{n}", actions=SOLVED, team=team, brand=brand) for n in range(60))
    asking = ask(boss)
    with django_assert_max_num_queries(8):
        assert len(body(asking.get(ALL), 200)["results"]) == 50
