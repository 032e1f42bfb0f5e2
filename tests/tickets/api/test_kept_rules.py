"""What rules of every kind have in the API: order, versions, removal and its undo, and nobody's change written over."""

import json
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Brand, Role, User
from tests.cast import a_person
from tests.tickets.api.conftest import Ask, body
from tests.tickets.api.test_approval_rules import CHAINS, LATE, RULES, SUMS

pytestmark = pytest.mark.django_db

ROUTING = "/api/routing-rules"
BILLS: dict[str, Any] = {
    "name": "Bills",
    "conditions": {"all": [{"field": "words", "op": "any", "value": ["bill"]}]},
    "actions": [{"do": "priority", "priority": 1}],
}
kinds = pytest.mark.parametrize(("at", "rule"), [(RULES, SUMS), (CHAINS, LATE), (ROUTING, BILLS)])


@pytest.fixture
def sami(brand: Brand) -> User:
    return a_person(brand, role=Role.ADMIN, name="Sami")


@kinds
def test_each_change_is_a_version_and_an_earlier_one_is_restored(
    ask: Ask, sami: User, at: str, rule: dict[str, Any]
) -> None:
    client = ask(sami)
    made = body(client.post(at, rule), 201)
    one = f"{at}/{made['id']}"
    assert body(client.put(one, rule | {"name": "Other"}), 200)["version"] == 2
    kept = body(client.get(f"{one}/versions"), 200)
    assert [(row["version"], row["by_name"], row["told"]["name"]) for row in kept] == [
        (2, "Sami", "Other"), (1, "Sami", rule["name"]),
    ]  # fmt: skip
    back = body(client.post(f"{one}/versions/1/restore"), 200)
    assert (back["name"], back["version"]) == (rule["name"], 3)
    assert client.post(f"{one}/versions/9/restore").status_code == 404


@kinds
def test_rules_are_moved_removed_and_put_back(ask: Ask, sami: User, at: str, rule: dict[str, Any]) -> None:
    client = ask(sami)
    first, second = (body(client.post(at, rule | {"name": name}), 201)["id"] for name in ("a", "b"))
    assert body(client.post(f"{at}/{second}/move", {"to": 1}), 200)["order"] == [second, first]
    assert client.post(f"{at}/{second}/move", {"to": 0}).status_code == 400
    assert client.delete(f"{at}/{second}").status_code == 204
    assert client.post(f"{at}/{second}/move", {"to": 1}).status_code == 404
    assert [one["id"] for one in body(client.get(at), 200)] == [first]
    assert body(client.post(f"{at}/{second}/put-back"), 200)["id"] == second
    assert [one["id"] for one in body(client.get(at), 200)] == [second, first]


@kinds
def test_a_change_of_what_somebody_else_changed_since_is_refused(
    ask: Ask, sami: User, at: str, rule: dict[str, Any]
) -> None:
    client = ask(sami)
    seen = body(client.post(at, rule | {"version": 7}), 201)
    assert seen["version"] == 1
    one = f"{at}/{seen['id']}"
    assert body(client.put(one, seen | {"name": "Mine"}), 200)["version"] == 2
    refused = body(client.put(one, seen | {"name": "Yours"}), 409)
    assert refused == {
        "code": "stale",
        "detail": "Somebody saved it since you read it. Read it again, then change what stands there now.",
    }
    there = body(client.get(one), 200)
    assert (there["name"], there["version"]) == ("Mine", 2)
    assert body(client.put(one, there | {"name": "Yours"}), 200)["version"] == 3
    # Who says nothing of a version is not asked, as programs of before.
    assert body(client.put(one, rule | {"name": "Theirs"}), 200)["version"] == 4
    assert body(client.put(one, rule | {"version": 0}), 400)["wrong"].keys() == {"version"}


@kinds
def test_rules_are_turned_off_and_on(ask: Ask, sami: User, at: str, rule: dict[str, Any]) -> None:
    client = ask(sami)
    one = f"{at}/{body(client.post(at, rule), 201)['id']}"
    told = [body(client.post(f"{one}/turn", {"on": on}), 200) for on in (False, False, True)]
    assert [(rule["is_on"], rule["version"]) for rule in told] == [(False, 2), (False, 2), (True, 3)]
    assert client.post(f"{one}/turn", {}).status_code == 400
    assert ask(a_person(role=Role.SUPERVISOR)).post(f"{one}/turn", {"on": False}).status_code in {403, 404}


@kinds
@pytest.mark.parametrize("word", ["a\0b", "\ud800", 1e999])
def test_what_the_database_cannot_keep_is_refused(
    ask: Ask, sami: User, at: str, rule: dict[str, Any], word: object
) -> None:
    told = rule | {"conditions": {"field": "words", "op": "any", "value": [word]}}
    sent = json.dumps(told).replace("Infinity", "1e999")
    response = ask(sami).generic("POST", at, sent, content_type="application/json")
    assert "conditions" in body(response, 400)["wrong"]


@kinds
def test_a_list_costs_no_query_for_each(
    ask: Ask, sami: User, at: str, rule: dict[str, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = ask(sami)
    for name in "abcdefgh":
        body(client.post(at, rule | {"name": name}), 201)
    with django_assert_max_num_queries(4):
        assert len(body(client.get(at), 200)) == 8
