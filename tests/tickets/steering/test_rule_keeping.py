"""Keeping rules: every save is a version, order and switches hold, what is wrong is refused, all of it on record."""

from typing import Any

import pytest

from accounts import audit
from accounts.models import Brand, Role, Team, User
from tests.cast import a_brand, a_person, a_team
from tickets.models import RoutingRule
from tickets.permissions import NotAllowed
from tickets.steering import rule_keeping
from tickets.steering.rule_keeping import MovedOn, Told, Wrong

pytestmark = pytest.mark.django_db

BILL = {"all": [{"field": "words", "op": "any", "value": ["bill"]}]}
URGENT = {"do": "priority", "priority": 1}


def told(name: str = "Bills", *actions: dict[str, Any], **fields: Any) -> Told:
    given: dict[str, Any] = {"brand": None, "is_on": True, "conditions": BILL, "actions": list(actions) or [URGENT]}
    return Told(name, **(given | fields))


@pytest.fixture
def admin(brand: Brand) -> User:
    return a_person(brand, role=Role.ADMIN, name="Sami")


def order() -> list[str]:
    return [rule.name for rule in rule_keeping.rules()]


def test_a_new_rule_goes_to_the_end_and_every_save_is_a_version_with_who_and_when(admin: User) -> None:
    first = rule_keeping.save(None, told(), by=admin)
    rule_keeping.save(None, told("Second"), by=admin)
    assert order() == ["Bills", "Second"]
    rule_keeping.save(first.pk, told("Bills and fees"), by=admin, version=1)
    kept = list(rule_keeping.versions(first.pk))
    assert [(one.version, one.told["name"], one.by) for one in kept] == [
        (2, "Bills and fees", admin),
        (1, "Bills", admin),
    ]
    assert [line.verb for line in audit.of(first)] == ["rule.changed", "rule.made"]


def test_saving_what_stands_already_makes_no_version(admin: User) -> None:
    rule = rule_keeping.save(None, told(), by=admin)
    assert rule_keeping.save(rule.pk, told(), by=admin).version == 1


def test_a_save_over_somebody_elses_is_refused(admin: User) -> None:
    rule = rule_keeping.save(None, told(), by=admin)
    rule_keeping.save(rule.pk, told("Theirs"), by=admin, version=1)
    with pytest.raises(MovedOn):
        rule_keeping.save(rule.pk, told("Mine"), by=admin, version=1)
    assert order() == ["Theirs"]


def test_an_earlier_version_is_restored_as_a_new_one(admin: User) -> None:
    rule = rule_keeping.save(None, told(), by=admin)
    rule_keeping.save(rule.pk, told("Other", {"do": "priority", "priority": 4}), by=admin)
    restored = rule_keeping.restore(rule.pk, 1, by=admin)
    assert (restored.name, restored.actions, restored.version) == ("Bills", [URGENT], 3)


def test_rules_are_put_in_order(admin: User) -> None:
    ids = [rule_keeping.save(None, told(name), by=admin).pk for name in ("a", "b", "c")]
    rule_keeping.move(ids[2], to=1, by=admin)
    assert order() == ["c", "a", "b"]
    rule_keeping.move(ids[2], to=99, by=admin)
    rule_keeping.move(ids[0], to=0, by=admin)
    assert order() == ["a", "b", "c"]


def test_a_rule_is_turned_off_and_on_and_removed_and_put_back(admin: User) -> None:
    rule = rule_keeping.save(None, told(), by=admin)
    assert rule_keeping.turn(rule.pk, on=False, by=admin).version == 2
    assert rule_keeping.turn(rule.pk, on=False, by=admin).version == 2
    rule_keeping.remove(rule.pk, by=admin)
    assert order() == []
    rule_keeping.put_back(rule.pk, by=admin)
    assert order() == ["Bills"]
    verbs = [line.verb for line in audit.of(rule)]
    assert verbs == ["rule.put_back", "rule.removed", "rule.changed", "rule.made"]


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


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_only_admins_write_rules(brand: Brand, admin: User, role: Role) -> None:
    person = a_person(brand, role=role)
    rule = rule_keeping.save(None, told(), by=admin)
    for verb in (
        lambda: rule_keeping.save(None, told(), by=person), lambda: rule_keeping.move(rule.pk, to=1, by=person),
        lambda: rule_keeping.turn(rule.pk, on=False, by=person), lambda: rule_keeping.remove(rule.pk, by=person),
        lambda: rule_keeping.put_back(rule.pk, by=person), lambda: rule_keeping.restore(rule.pk, 1, by=person),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb()
