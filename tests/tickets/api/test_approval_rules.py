"""Approval rules in the API, with what all kinds of rules have there: order, versions, removal and its undo."""

from typing import Any

import pytest

from accounts.models import Brand, Role, User
from ingest.models import Message
from tests.cast import a_person
from tests.tickets.api.conftest import Ask, body
from tickets.models import ApprovalRule, EscalationChain, Ticket

pytestmark = pytest.mark.django_db

RULES, CHAINS = "/api/approval-rules", "/api/escalation-chains"
SUMS = {"name": "Sums", "conditions": {"field": "amount", "op": "at_least", "value": 500}, "minutes": 20}
LATE = {
    "name": "Late",
    "conditions": {"field": "clock", "op": "any", "value": ["breached"]},
    "steps": [{"after": 0, "of": "wall", "to": {"role": "supervisor"}}],
}
kinds = pytest.mark.parametrize(("at", "rule"), [(RULES, SUMS), (CHAINS, LATE)])


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


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"minutes": 0}, 400), ({"conditions": {}}, 422), ({"brand": 99999}, 422), ({"conditions": {"field": "x"}}, 422)],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(
    ask: Ask, sami: User, wrong: dict[str, Any], status: int
) -> None:
    refused = body(ask(sami).post(RULES, SUMS | wrong), status)
    assert refused["code"] == ("cannot_be_kept" if status == 422 else "invalid")
    assert refused["detail"]
    assert not ApprovalRule.objects.exists()


def test_approval_rules_are_for_admins_alone(ask: Ask, sami: User, brand: Brand, agent: User) -> None:
    made = body(ask(sami).post(RULES, SUMS), 201)["id"]
    for person in (agent, a_person(brand, role=Role.SUPERVISOR)):
        client = ask(person)
        assert client.get(RULES).status_code == 403
        assert client.post(RULES, SUMS).status_code == 403
        assert client.delete(f"{RULES}/{made}").status_code == 403
        assert client.post(f"{RULES}/{made}/versions/1/restore").status_code == 403
    assert ApprovalRule.objects.get().version == 1


def test_supervisors_read_the_versions_of_their_chains_and_restore_none(ask: Ask, sami: User, brand: Brand) -> None:
    made = body(ask(sami).post(CHAINS, LATE | {"brand": brand.pk}), 201)["id"]
    client = ask(a_person(brand, role=Role.SUPERVISOR))
    assert len(body(client.get(f"{CHAINS}/{made}/versions"), 200)) == 1
    assert client.post(f"{CHAINS}/{made}/move", {"to": 1}).status_code == 403
    assert client.post(f"{CHAINS}/{made}/versions/1/restore").status_code == 403
    assert EscalationChain.objects.get().version == 1


def test_a_chain_is_tried_on_last_week_before_it_is_saved(
    ask: Ask, sami: User, brand: Brand, ticket: Ticket, agent: User
) -> None:
    Message.objects.filter(pk__in=ticket.entries.values("message")).update(urgency="high")
    draft = LATE | {"conditions": {"field": "urgency", "op": "in", "value": ["high"]}}
    told = body(ask(sami).post(f"{CHAINS}/dry-run", draft), 200)
    assert (told["looked"], told["began"], told["capped"]) == (1, 1, False)
    (step,) = told["steps"]
    assert (step["step"], step["count"], step["whom"]) == (1, 1, "the supervisors")
    assert [one["id"] for one in step["tickets"]] == [ticket.pk]
    assert [one["count"] for one in step["days"]] == [1]
    assert body(ask(sami).post(f"{CHAINS}/dry-run", draft | {"steps": []}), 422)["code"] == "no_step"
    for person in (agent, a_person(brand, role=Role.SUPERVISOR)):
        assert ask(person).post(f"{CHAINS}/dry-run", draft).status_code == 403
    assert not EscalationChain.objects.exists()
