"""All kinds of rules are kept in one way: versions with who and when, an order, and what is removed may come back."""

from types import ModuleType
from typing import Any

import pytest

from accounts import audit
from accounts.models import Brand, Role, User
from accounts.unmoved import MovedOn
from tests.cast import a_person, fresh
from tickets.answering import approval_rules
from tickets.models import RuleVersion
from tickets.permissions import NotAllowed
from tickets.steering import rule_keeping
from tickets.targets import chain_keeping

pytestmark = pytest.mark.django_db

MORE: dict[ModuleType, tuple[dict[str, Any], dict[str, Any]]] = {
    rule_keeping: (
        {"conditions": {"field": "words", "op": "any", "value": ["bill"]}, "actions": [{"do": "approval"}]},
        {"actions": [{"do": "priority", "priority": 1}]},
    ),
    approval_rules: (
        {"conditions": {"field": "amount", "op": "at_least", "value": 500}, "minutes": 20},
        {"minutes": 5},
    ),
    chain_keeping: (
        {
            "conditions": {"field": "urgency", "op": "in", "value": ["high"]},
            "steps": [{"after": 0, "of": "wall", "to": {"role": "admin"}}],
        },
        {"steps": [{"after": 9, "of": "wall", "to": {"role": "lead"}}]},
    ),
}
kinds = pytest.mark.parametrize("kind", MORE, ids=lambda kind: kind.__name__.rsplit(".", 1)[1])


@pytest.fixture
def admin(brand: Brand) -> User:
    return a_person(brand, role=Role.ADMIN, name="Sami")


def told(kind: ModuleType, name: str = "First", **fields: Any) -> Any:
    return kind.Told(**({"name": name, "brand": None, "is_on": True} | MORE[kind][0] | fields))


def names(kind: ModuleType) -> list[str]:
    return [rule.name for rule in kind.KEEPING.rules()]


@kinds
def test_every_save_is_a_version_with_who_and_when_and_an_earlier_one_comes_back(kind: ModuleType, admin: User) -> None:
    rule = kind.save(None, told(kind), by=admin)
    kind.save(rule.pk, told(kind, "Second", **MORE[kind][1]), by=admin, version=1)
    assert kind.save(rule.pk, told(kind, "Second", **MORE[kind][1]), by=admin, version=2).version == 2
    kept = list(kind.versions(rule.pk))
    assert [(one.version, one.told["name"], one.by) for one in kept] == [(2, "Second", admin), (1, "First", admin)]
    assert kept[0].at > kept[1].at
    back = kind.restore(rule.pk, 1, by=admin)
    assert (back.version, kind.versions(rule.pk).first().told) == (3, kept[1].told)
    with pytest.raises(RuleVersion.DoesNotExist):
        kind.restore(rule.pk, 9, by=admin)


@kinds
def test_a_save_over_somebody_elses_is_refused(kind: ModuleType, admin: User) -> None:
    rule = kind.save(None, told(kind), by=admin)
    kind.save(rule.pk, told(kind, "Theirs"), by=admin, version=1)
    with pytest.raises(MovedOn):
        kind.save(rule.pk, told(kind, "Mine"), by=admin, version=1)
    assert names(kind) == ["Theirs"]


@kinds
def test_rules_are_put_in_order_to_a_place_and_by_steps(kind: ModuleType, admin: User) -> None:
    ids = [kind.save(None, told(kind, name), by=admin).pk for name in ("a", "b", "c")]
    assert kind.move(ids[2], to=1, by=admin) == [ids[2], ids[0], ids[1]]
    kind.move(ids[2], to=99, by=admin)
    kind.move(ids[0], to=0, by=admin)
    assert names(kind) == ["a", "b", "c"]
    kind.step(ids[0], down=True, by=admin)
    kind.step(ids[2], down=True, by=admin)
    assert names(kind) == ["b", "a", "c"]
    noun = kind.KEEPING.noun
    (last, *_rest) = audit.of(fresh(kind.KEEPING.rules().get(pk=ids[0])))
    assert (last.verb, last.data) == (f"{noun}.moved", {"place": 2, "was": 1})


@kinds
def test_what_is_removed_may_come_back_and_each_verb_is_on_record(kind: ModuleType, admin: User) -> None:
    rule = kind.save(None, told(kind), by=admin)
    kind.turn(rule.pk, on=False, by=admin)
    kind.remove(rule.pk, by=admin)
    assert names(kind) == []
    with pytest.raises(type(rule).DoesNotExist):
        kind.save(rule.pk, told(kind, "Late"), by=admin)
    kind.put_back(rule.pk, by=admin)
    kind.put_back(rule.pk, by=admin)
    assert (names(kind), fresh(rule).is_on) == (["First"], False)
    noun = kind.KEEPING.noun
    verbs = ["made", "changed", "removed", "put_back"]
    assert [line.verb for line in audit.of(rule).order_by("id")] == [f"{noun}.{verb}" for verb in verbs]


@kinds
@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_nobody_but_admins_keeps_rules(kind: ModuleType, admin: User, brand: Brand, role: Role) -> None:
    rule, person = kind.save(None, told(kind), by=admin), a_person(brand, role=role)
    for verb in (
        lambda: kind.save(None, told(kind), by=person), lambda: kind.move(rule.pk, to=1, by=person),
        lambda: kind.turn(rule.pk, on=False, by=person), lambda: kind.remove(rule.pk, by=person),
        lambda: kind.put_back(rule.pk, by=person), lambda: kind.restore(rule.pk, 1, by=person),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb()
    assert (names(kind), fresh(rule).version) == (["First"], 1)
