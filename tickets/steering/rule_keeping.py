"""Keeping routing rules: what one says, what is wrong with one, and the verbs of all rules (steering.kept_rules).

Admins alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Brand, User
from tickets.models import RoutingRule, RuleVersion
from tickets.permissions import check_writes_rules
from tickets.steering import conditions
from tickets.steering.conditions import Json, Problem
from tickets.steering.kept_rules import Keeping
from tickets.steering.rule_actions import Cannot, plan_of, world
from tickets.verbs.action_codes import spelled


@dataclass(frozen=True, slots=True)
class Told:
    """All of a rule that a person can change, but for its place."""

    name: str
    brand: int | None
    is_on: bool
    conditions: Json
    actions: Sequence[Json]

    def kept(self) -> dict[str, Any]:
        """As a version keeps it."""
        return {
            "name": self.name,
            "brand": self.brand,
            "is_on": self.is_on,
            "conditions": dict(self.conditions),
            "actions": [dict(spelled(action)) for action in self.actions],
        }

    @classmethod
    def of(cls, kept: Json) -> "Told":
        """From what a version kept."""
        return cls(
            str(kept.get("name", "")), kept.get("brand"), bool(kept.get("is_on")),
            kept.get("conditions") or {}, kept.get("actions") or [],
        )  # fmt: skip


class Wrong(Exception):
    """A rule that cannot be kept: what is wrong with its conditions, and with what it does."""

    def __init__(self, problems: Sequence[Problem] = (), action: Cannot | None = None, code: str = "") -> None:
        super().__init__(code or "a rule that cannot be kept")
        self.problems = tuple(problems)
        self.action = action
        self.code = code


def check(told: Told) -> None:
    """Whether a rule can be kept. Raises Wrong."""
    if not told.name:
        raise Wrong(code="no_name")
    if found := conditions.problems(told.conditions):
        raise Wrong(found)
    if not any(action.get("do") != "reopened" for action in told.actions):
        raise Wrong(code="does_nothing")
    if told.brand is not None and not Brand.objects.filter(pk=told.brand).exists():
        raise Wrong(code="no_brand")
    there = world()
    for brand in [told.brand] if told.brand else _brands_meant(told):
        try:
            plan_of(told.actions, brand, there)
        except Cannot as error:
            raise Wrong(action=error) from None


def _brands_meant(told: Told) -> list[int]:
    """Brands that a rule for all is tried for: one that its team cares for, so that nothing but the rest is asked."""
    there = world()
    team = next((action.get("team") for action in told.actions if action.get("do") == "team"), None)
    person = next((action.get("to") for action in map(spelled, told.actions) if action.get("do") == "assign"), None)
    brands = there.teams.get(team) if team else there.people.get(person) if person else None
    return sorted(brands or Brand.objects.values_list("id", flat=True))[:1] or [0]


def told_of(rule: RoutingRule) -> dict[str, Any]:
    """What a version keeps of a rule."""
    return Told(rule.name, rule.brand_id, rule.is_on, rule.conditions, rule.actions).kept()


KEEPING = Keeping(RoutingRule, RuleVersion.Kind.ROUTING, told_of, check_writes_rules)
rules, turn, move, step = KEEPING.rules, KEEPING.turn, KEEPING.move, KEEPING.step
remove, put_back, versions = KEEPING.remove, KEEPING.put_back, KEEPING.versions


def save(rule_id: int | None, told: Told, *, by: User, version: int | None = None) -> RoutingRule:
    """Keep a rule (Keeping.save). Raises RoutingRule.DoesNotExist, NotAllowed, Wrong, MovedOn."""
    check_writes_rules(by)
    check(told)
    return KEEPING.save(rule_id, told.kept(), by=by, version=version)


def restore(rule_id: int, version: int, *, by: User) -> RoutingRule:
    """Make an earlier version the newest. Raises RuleVersion.DoesNotExist, Wrong where it names what is gone."""
    check_writes_rules(by)
    told = Told.of(versions(rule_id).get(version=version).told)
    check(told)
    return KEEPING.save(rule_id, told.kept(), by=by, restored=version)
