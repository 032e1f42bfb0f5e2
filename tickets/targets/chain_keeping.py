"""Keeping escalation chains: what one says, what is wrong with one, and the verbs of all rules (steering.kept_rules).

Admins alone write; supervisors read those of their brands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Brand, User
from accounts.permissions import brand_ids
from ingest import doorbell
from tickets.models import EscalationChain, RuleVersion
from tickets.permissions import check_sets_targets, check_supervises
from tickets.steering import conditions
from tickets.steering.conditions import Json
from tickets.steering.kept_rules import Keeping
from tickets.targets.chain_steps import problem_of
from tickets.targets.escalation import ASKED


@dataclass(frozen=True, slots=True)
class Told:
    """All of a chain that a person can change, but for its place. `steps`: as tickets.targets.chain_steps has them."""

    name: str
    brand: int | None
    is_on: bool
    conditions: Json
    steps: Sequence[Json]

    def kept(self) -> dict[str, Any]:
        """As a version keeps it."""
        return {
            "name": self.name,
            "brand": self.brand,
            "is_on": self.is_on,
            "conditions": dict(self.conditions),
            "steps": [dict(step) for step in self.steps],
        }

    @classmethod
    def of(cls, kept: Json) -> "Told":
        """From what a version kept."""
        return cls(
            str(kept.get("name", "")), kept.get("brand"), bool(kept.get("is_on")),
            kept.get("conditions") or {}, kept.get("steps") or [],
        )  # fmt: skip


class Wrong(Exception):
    """A chain that cannot be kept; `code` says why (tickets.targets.chain_words)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def chains(user: User) -> QuerySet[EscalationChain]:
    """The chains that concern this person, in their order. Raises NotAllowed for who supervises nobody."""
    check_supervises(user)
    kept = KEEPING.rules().select_related("brand", "updated_by")
    seen = brand_ids(user)
    return kept if seen is None else kept.filter(Q(brand=None) | Q(brand__in=seen))


def told_of(chain: EscalationChain) -> Told:
    """A chain as it stands."""
    return Told(chain.name, chain.brand_id, chain.is_on, chain.conditions, chain.steps)


def check(told: Told) -> None:
    """Whether a chain can be kept. Raises Wrong."""
    if not told.name:
        raise Wrong("no_name")
    # Without a condition every ticket would go up.
    if not any(conditions.leaves(told.conditions)):
        raise Wrong("no_condition")
    if conditions.problems(told.conditions, ASKED):
        raise Wrong("bad_conditions")
    if code := problem_of(told.steps):
        raise Wrong(code)
    if told.brand is not None and not Brand.objects.filter(pk=told.brand).exists():
        raise Wrong("no_brand")


def _kept_of(chain: EscalationChain) -> dict[str, Any]:
    return told_of(chain).kept()


def _sweep_soon() -> None:
    doorbell.ring("radd.escalate")


KEEPING = Keeping(
    EscalationChain, RuleVersion.Kind.ESCALATION, _kept_of, check_sets_targets, noun="chain", told=_sweep_soon
)
turn, move, step, versions = KEEPING.turn, KEEPING.move, KEEPING.step, KEEPING.versions
# One that is removed begins for no ticket; those on their way up it go on.
remove, put_back = KEEPING.remove, KEEPING.put_back


def save(chain_id: int | None, told: Told, *, by: User, version: int | None = None) -> EscalationChain:
    """Keep a chain (Keeping.save). Raises EscalationChain.DoesNotExist, NotAllowed, Wrong, MovedOn."""
    check_sets_targets(by)
    check(told)
    return KEEPING.save(chain_id, told.kept(), by=by, version=version)


def restore(chain_id: int, version: int, *, by: User) -> EscalationChain:
    """Make an earlier version the newest. Raises RuleVersion.DoesNotExist, Wrong where it names what is gone."""
    check_sets_targets(by)
    told = Told.of(versions(chain_id).get(version=version).told)
    check(told)
    return KEEPING.save(chain_id, told.kept(), by=by, restored=version)
