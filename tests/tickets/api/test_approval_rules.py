"""Approval rules and escalation chains in the API; what rules of every kind have there stands in test_kept_rules."""

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


@pytest.fixture
def sami(brand: Brand) -> User:
    return a_person(brand, role=Role.ADMIN, name="Sami")


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
