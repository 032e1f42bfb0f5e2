"""Keeping escalation chains: save, put in order, remove, put back. Every save is a version with its author.

Admins alone write; supervisors read those of their brands. What each verb did stands in the house's record of changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import Brand, User
from accounts.permissions import brand_ids
from ingest import doorbell
from tickets.models import EscalationChain, RuleVersion
from tickets.permissions import check_sets_targets, check_supervises
from tickets.steering import conditions
from tickets.steering.conditions import Json
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


class Wrong(Exception):
    """A chain that cannot be kept; `code` says why (tickets.targets.chain_words)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MovedOn(Exception):
    """Somebody else saved the chain since the page was drawn."""


def chains(user: User) -> QuerySet[EscalationChain]:
    """The chains that concern this person, in their order. Raises NotAllowed for who supervises nobody."""
    check_supervises(user)
    kept = EscalationChain.objects.filter(removed_at=None).select_related("brand", "updated_by")
    seen = brand_ids(user)
    mine = kept if seen is None else kept.filter(Q(brand=None) | Q(brand__in=seen))
    return mine.order_by("position", "id")


def told_of(chain: EscalationChain) -> Told:
    """What a version keeps of a chain."""
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


def save(chain_id: int | None, told: Told, *, by: User, version: int | None = None) -> EscalationChain:
    """Keep a chain: a new one goes to the end of the list. Saving what stands already changes nothing.

    `version`: the one the page showed. Raises EscalationChain.DoesNotExist, NotAllowed, Wrong, MovedOn.
    """
    check_sets_targets(by)
    check(told)
    with transaction.atomic():
        chain = _locked(chain_id) if chain_id else _new()
        if chain.pk and version is not None and chain.version != version:
            raise MovedOn
        if chain.pk and told_of(chain).kept() == told.kept():
            return chain
        is_new, now = chain.pk is None, timezone.now()
        for column, value in told.kept().items():
            setattr(chain, "brand_id" if column == "brand" else column, value)
        chain.version, chain.updated_by, chain.updated_at = chain.version + 1, by, now
        chain.save()
        RuleVersion.objects.create(
            kind=RuleVersion.Kind.ESCALATION, rule=chain.pk, version=chain.version, told=told.kept(), by=by, at=now
        )
        audit.record(by, "chain.made" if is_new else "chain.changed", chain, version=chain.version)
        doorbell.ring("radd.escalate")
    return chain


def _new() -> EscalationChain:
    last = EscalationChain.objects.aggregate(last=Max("position"))["last"] or 0
    return EscalationChain(position=last + 1, version=0)


def _locked(chain_id: int) -> EscalationChain:
    return EscalationChain.objects.select_for_update(of=("self",)).filter(removed_at=None).get(pk=chain_id)


def move(chain_id: int, *, up: bool, by: User) -> None:
    """One place nearer to the top of the list, or to its end; at the end already nothing changes. Raises as `save`."""
    check_sets_targets(by)
    with transaction.atomic():
        rows = list(EscalationChain.objects.filter(removed_at=None).select_for_update(of=("self",)).order_by("id"))
        rows.sort(key=lambda row: (row.position, row.pk))
        here = next((place for place, row in enumerate(rows) if row.pk == chain_id), None)
        if here is None:
            raise EscalationChain.DoesNotExist
        there = here + (-1 if up else 1)
        if not 0 <= there < len(rows):
            return
        rows[here], rows[there] = rows[there], rows[here]
        for place, row in enumerate(rows, start=1):
            row.position = place
        EscalationChain.objects.bulk_update(rows, ["position"])
        audit.record(by, "chain.moved", rows[there], place=there + 1)


def remove(chain_id: int, *, by: User) -> EscalationChain:
    """Take a chain out of the list: no ticket begins it. Those on their way up it go on. `put_back` undoes it."""
    check_sets_targets(by)
    with transaction.atomic():
        chain = _locked(chain_id)
        chain.removed_at = timezone.now()
        chain.save(update_fields=["removed_at"])
        audit.record(by, "chain.removed", chain)
    return chain


def put_back(chain_id: int, *, by: User) -> EscalationChain:
    """Undo a removal; the chain is where it was."""
    check_sets_targets(by)
    with transaction.atomic():
        chain = EscalationChain.objects.select_for_update(of=("self",)).get(pk=chain_id)
        if chain.removed_at is not None:
            chain.removed_at = None
            chain.save(update_fields=["removed_at"])
            audit.record(by, "chain.put_back", chain)
            doorbell.ring("radd.escalate")
    return chain
