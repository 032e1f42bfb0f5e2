"""Keeping approval rules: which answers wait for a second person; with the verbs of all rules (steering.kept_rules).

Admins alone.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Brand, User
from tickets.models import ApprovalRule, RuleVersion
from tickets.permissions import check_writes_rules
from tickets.steering import conditions
from tickets.steering.conditions import Problem
from tickets.steering.kept_rules import Keeping

MOST_MINUTES = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """All of a rule that a person can change."""

    name: str
    brand: int | None
    is_on: bool
    conditions: Mapping[str, Any]
    minutes: int

    def kept(self) -> dict[str, Any]:
        """As a version keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Told":
        """From what a version kept."""
        return cls(
            str(kept.get("name", "")), kept.get("brand"), bool(kept.get("is_on")),
            kept.get("conditions") or {}, int(kept.get("minutes") or 0),
        )  # fmt: skip


class Wrong(Exception):
    """A rule that cannot be kept; the message says why. `problems`: what is wrong with its conditions."""

    def __init__(self, words: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(words)
        self.problems = problems


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


def _kept_of(rule: ApprovalRule) -> dict[str, Any]:
    return told_of(rule).kept()


KEEPING = Keeping(ApprovalRule, RuleVersion.Kind.APPROVAL, _kept_of, check_writes_rules)
turn, move, step, versions = KEEPING.turn, KEEPING.move, KEEPING.step, KEEPING.versions
# No answer waits for one that is removed; those that wait already go on.
remove, put_back = KEEPING.remove, KEEPING.put_back


def rules() -> QuerySet[ApprovalRule]:
    """The rules there are, in their order."""
    return KEEPING.rules().select_related("brand", "updated_by")


def save(rule_id: int | None, told: Told, *, by: User, version: int | None = None) -> ApprovalRule:
    """Keep a rule (Keeping.save). Raises NotAllowed, Wrong, ApprovalRule.DoesNotExist, MovedOn."""
    check_writes_rules(by)
    check(told)
    return KEEPING.save(rule_id, told.kept(), by=by, version=version)


def restore(rule_id: int, version: int, *, by: User) -> ApprovalRule:
    """Make an earlier version the newest. Raises RuleVersion.DoesNotExist, Wrong where it names what is gone."""
    check_writes_rules(by)
    told = Told.of(versions(rule_id).get(version=version).told)
    check(told)
    return KEEPING.save(rule_id, told.kept(), by=by, restored=version)
