"""Keeping approval rules: which answers wait for a second person. Admins alone; every save is a version."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Brand, User
from tickets.models import ApprovalRule, RuleVersion
from tickets.permissions import check_writes_rules
from tickets.steering import conditions
from tickets.steering.conditions import Problem

MOST_MINUTES = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """All of a rule that a person can change."""

    name: str
    brand: int | None
    is_on: bool
    conditions: Mapping[str, Any]
    minutes: int


class Wrong(Exception):
    """A rule that cannot be kept; the message says why. `problems`: what is wrong with its conditions."""

    def __init__(self, words: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(words)
        self.problems = problems


def rules() -> QuerySet[ApprovalRule]:
    """The rules there are, in their order."""
    return ApprovalRule.objects.filter(removed_at=None).select_related("brand", "updated_by").order_by("position", "id")


def told_of(rule: ApprovalRule) -> Told:
    """A rule as it stands."""
    return Told(rule.name, rule.brand_id, rule.is_on, rule.conditions, rule.minutes)


def check(told: Told) -> None:
    """Whether a rule can be kept. Raises Wrong."""
    if not told.name:
        raise Wrong(_("Give the rule a name."))
    if found := conditions.problems(told.conditions):
        raise Wrong(problems=tuple(found))
    if not any(conditions.leaves(told.conditions)):
        raise Wrong(_("Say which answers: without a condition every answer would wait."))
    if not 1 <= told.minutes <= MOST_MINUTES:
        raise Wrong(_("A second person has between 1 and %(most)d minutes.") % {"most": MOST_MINUTES})
    if told.brand is not None and not Brand.objects.filter(pk=told.brand).exists():
        raise Wrong(_("This brand is not there any more."))


def save(rule_id: int | None, told: Told, *, by: User) -> ApprovalRule:
    """Keep a rule; a new one goes to the end. Saving what stands changes nothing.

    Raises NotAllowed, Wrong, ApprovalRule.DoesNotExist.
    """
    check_writes_rules(by)
    check(told)
    with transaction.atomic():
        rule = _locked(rule_id) if rule_id else _new()
        if rule.pk and told_of(rule) == told:
            return rule
        rule.name, rule.brand_id, rule.is_on = told.name, told.brand, told.is_on
        rule.conditions, rule.minutes = dict(told.conditions), told.minutes
        _keep(rule, by, "rule.changed" if rule_id else "rule.made")
    return rule


def _new() -> ApprovalRule:
    last = rules().aggregate(last=Max("position"))["last"] or 0
    return ApprovalRule(position=last + 1, version=0)


def _locked(rule_id: int) -> ApprovalRule:
    return ApprovalRule.objects.select_for_update(of=("self",)).filter(removed_at=None).get(pk=rule_id)


def _keep(rule: ApprovalRule, by: User, verb: str) -> None:
    """Write a rule and its version; the rule is locked, or new."""
    now = timezone.now()
    rule.version, rule.updated_by, rule.updated_at = rule.version + 1, by, now
    rule.save()
    told = asdict(told_of(rule))
    kind = RuleVersion.Kind.APPROVAL
    RuleVersion.objects.create(kind=kind, rule=rule.pk, version=rule.version, told=told, by=by, at=now)
    audit.record(by, verb, rule)


def remove(rule_id: int, *, by: User) -> ApprovalRule:
    """Out of the list, and no answer waits for it any more; those that wait go on. Raises as `save` does."""
    check_writes_rules(by)
    with transaction.atomic():
        rule = _locked(rule_id)
        rule.removed_at, rule.updated_by = timezone.now(), by
        rule.save(update_fields=["removed_at", "updated_by"])
        audit.record(by, "rule.removed", rule)
    return rule


def put_back(rule_id: int, *, by: User) -> ApprovalRule:
    """Undo of removing; one that is there stays. Raises as `save` does."""
    check_writes_rules(by)
    with transaction.atomic():
        rule = ApprovalRule.objects.select_for_update(of=("self",)).get(pk=rule_id)
        if rule.removed_at is not None:
            rule.removed_at, rule.updated_by = None, by
            rule.save(update_fields=["removed_at", "updated_by"])
            audit.record(by, "rule.put_back", rule)
    return rule
