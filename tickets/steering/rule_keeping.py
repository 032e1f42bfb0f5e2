"""Keeping routing rules: save, put in order, turn on and off, remove, restore. Every save is a version with its author.

Admins alone. What each verb did stands in the audit record of the house.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import Brand, User
from tickets.models import RoutingRule, RuleVersion
from tickets.permissions import check_writes_rules
from tickets.steering import conditions
from tickets.steering.conditions import Json, Problem
from tickets.steering.rule_actions import Cannot, plan_of, world
from tickets.verbs.action_codes import spelled

Kind = RuleVersion.Kind


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


class MovedOn(Exception):
    """Somebody else saved the rule since the page was drawn."""


def rules() -> QuerySet[RoutingRule]:
    """The rules there are, in their order."""
    return RoutingRule.objects.filter(removed_at=None).order_by("position", "id")


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


def save(rule_id: int | None, told: Told, *, by: User, version: int | None = None) -> RoutingRule:
    """Keep a rule: a new one goes to the end of the list. Saving what stands already changes nothing.

    `version`: the one the page showed. Raises RoutingRule.DoesNotExist, NotAllowed, Wrong, MovedOn.
    """
    check_writes_rules(by)
    check(told)
    with transaction.atomic():
        rule = _locked(rule_id) if rule_id else _new()
        if rule.pk and version is not None and rule.version != version:
            raise MovedOn
        if rule.pk and told_of(rule) == told.kept():
            return rule
        return _keep(rule, told, by)


def _new() -> RoutingRule:
    last = rules().aggregate(last=Max("position"))["last"] or 0
    return RoutingRule(position=last + 1, version=0)


def _locked(rule_id: int) -> RoutingRule:
    return RoutingRule.objects.select_for_update(of=("self",)).filter(removed_at=None).get(pk=rule_id)


def _keep(rule: RoutingRule, told: Told, by: User, **data: Any) -> RoutingRule:
    """Write a rule and its version; the rule is locked, or new."""
    is_new, now = rule.pk is None, timezone.now()
    rule.name, rule.brand_id, rule.is_on = told.name, told.brand, told.is_on
    rule.conditions, rule.actions = dict(told.conditions), told.kept()["actions"]
    rule.version, rule.updated_by, rule.updated_at = rule.version + 1, by, now
    # It is tried afresh: whether it works now is seen at the next ticket.
    rule.trouble, rule.trouble_at = "", None
    rule.save()
    RuleVersion.objects.create(kind=Kind.ROUTING, rule=rule.pk, version=rule.version, told=told_of(rule), by=by, at=now)
    audit.record(by, "rule.made" if is_new else "rule.changed", rule, version=rule.version, **data)
    return rule


def told_of(rule: RoutingRule) -> dict[str, Any]:
    """What a version keeps of a rule."""
    return Told(rule.name, rule.brand_id, rule.is_on, rule.conditions, rule.actions).kept()


def turn(rule_id: int, *, on: bool, by: User) -> RoutingRule:
    """On or off; twice the same changes nothing. Raises as `save`, but for MovedOn and Wrong."""
    check_writes_rules(by)
    with transaction.atomic():
        rule = _locked(rule_id)
        if rule.is_on == on:
            return rule
        return _keep(rule, Told.of({**told_of(rule), "is_on": on}), by, on=on)


def move(rule_id: int, *, to: int, by: User) -> list[int]:
    """Put a rule at this place of the list, from 1; returns the ids in their new order.

    All rules are numbered anew, locked in one order. Raises RoutingRule.DoesNotExist, NotAllowed.
    """
    check_writes_rules(by)
    with transaction.atomic():
        ids = [rule.pk for rule in rules().select_for_update(of=("self",)).order_by("id")]
        order = list(rules().values_list("pk", flat=True))
        if rule_id not in ids:
            raise RoutingRule.DoesNotExist
        before = order.index(rule_id)
        order.remove(rule_id)
        order.insert(max(to, 1) - 1, rule_id)
        if order.index(rule_id) == before:
            return order
        for position, pk in enumerate(order, start=1):
            RoutingRule.objects.filter(pk=pk).exclude(position=position).update(position=position)
        rule = RoutingRule.objects.get(pk=rule_id)
        audit.record(by, "rule.moved", rule, place=order.index(rule_id) + 1, was=before + 1)
    return order


def remove(rule_id: int, *, by: User) -> RoutingRule:
    """Take a rule out of the list; its versions stay, and `put_back` brings it back."""
    check_writes_rules(by)
    with transaction.atomic():
        rule = _locked(rule_id)
        rule.removed_at = timezone.now()
        rule.save(update_fields=["removed_at"])
        audit.record(by, "rule.removed", rule)
    return rule


def put_back(rule_id: int, *, by: User) -> RoutingRule:
    """Undo a removal; the rule is where it was."""
    check_writes_rules(by)
    with transaction.atomic():
        rule = RoutingRule.objects.select_for_update(of=("self",)).get(pk=rule_id)
        if rule.removed_at is not None:
            rule.removed_at = None
            rule.save(update_fields=["removed_at"])
            audit.record(by, "rule.put_back", rule)
    return rule


def versions(rule_id: int) -> QuerySet[RuleVersion]:
    """Every version of a rule, newest first."""
    return RuleVersion.objects.filter(kind=Kind.ROUTING, rule=rule_id).select_related("by").order_by("-version")


def restore(rule_id: int, version: int, *, by: User) -> RoutingRule:
    """Make an earlier version the newest. Raises RuleVersion.DoesNotExist, Wrong where it names what is gone."""
    check_writes_rules(by)
    told = Told.of(versions(rule_id).get(version=version).told)
    check(told)
    with transaction.atomic():
        rule = _locked(rule_id)
        if told_of(rule) == told.kept():
            return rule
        return _keep(rule, told, by, restored=version)
