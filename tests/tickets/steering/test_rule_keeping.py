"""Keeping routing rules: what is wrong with one is refused (what all kinds of rules share: test_kept_rules)."""

from typing import Any

import pytest

from accounts.models import Brand, Role, Team, User
from tests.cast import a_brand, a_person, a_team
from tickets.models import RoutingRule
from tickets.steering import rule_keeping
from tickets.steering.rule_keeping import Told, Wrong

pytestmark = pytest.mark.django_db

BILL = {"all": [{"field": "words", "op": "any", "value": ["bill"]}]}
URGENT = {"do": "priority", "priority": 1}


def told(name: str = "Bills", *actions: dict[str, Any], **fields: Any) -> Told:
    given: dict[str, Any] = {"brand": None, "is_on": True, "conditions": BILL, "actions": list(actions) or [URGENT]}
    return Told(name, **(given | fields))


@pytest.fixture
def admin(brand: Brand) -> User:
    return a_person(brand, role=Role.ADMIN, name="Sami")


def test_what_is_wrong_with_a_rule_is_refused_before_it_is_kept(admin: User, brand: Brand) -> None:
    foreign = a_team(a_brand(), "Elsewhere", is_default=False)
    wrong = [
        told(""), told(conditions={"all": [{"field": "words", "op": "any", "value": []}]}),
        told("x", {"do": "reopened"}), told("x", {"do": "team", "team": 999}), told("x", brand=999),
        told("x", {"do": "team", "team": foreign.pk}, brand=brand.pk),
    ]  # fmt: skip
    for one in wrong:
        with pytest.raises(Wrong):
            rule_keeping.save(None, one, by=admin)
    assert not RoutingRule.objects.exists()


def test_a_rule_for_all_brands_may_send_to_a_team_of_one(admin: User, brand: Brand) -> None:
    a_brand("Another")
    team = Team.objects.get(brands=brand)
    assert rule_keeping.save(None, told("x", {"do": "team", "team": team.pk}), by=admin).pk
