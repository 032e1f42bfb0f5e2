"""What keeping a rule comes down to, whichever kind it is: save, put in order, turn, remove, put back, restore.

Every save is a version with its author, and what each verb did stands in the record of changes. What a rule says, and
what is wrong with it, each kind knows for itself (rule_keeping, answering.approval_rules, targets.chain_keeping) and
checks before it comes here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.unmoved import check_unmoved
from tickets.models import RuleVersion
from tickets.models.rule import Rule

R = TypeVar("R", bound=Rule)
# What a version keeps of a rule: JSON by column, `brand` its id.
Kept = Mapping[str, Any]
# What the record of changes says of a rule: noun.deed (tickets.record_words).
NOUNS, DEEDS = ("rule", "chain"), ("made", "changed", "moved", "removed", "put_back")


def _nobody_waits() -> None:
    """Nothing has to hear of a change."""


@dataclass(frozen=True, slots=True)
class Keeping(Generic[R]):
    """The keeping of one kind. `noun` begins the words of the record ("rule.made"); `told` is called, within the
    transaction, when something came that must be acted on. Every verb raises NotAllowed for whom `check` refuses.
    """

    model: type[R]
    kind: RuleVersion.Kind
    kept_of: Callable[[R], Kept]
    check: Callable[[User], None]
    noun: str = "rule"
    told: Callable[[], None] = _nobody_waits

    def rules(self) -> QuerySet[R]:
        """The rules there are, in their order."""
        return self._all().filter(removed_at=None).order_by("position", "id")

    def _all(self) -> QuerySet[R]:
        return QuerySet(self.model)

    def _locked(self, pk: int) -> R:
        return self.rules().select_for_update(of=("self",)).get(pk=pk)

    def save(self, pk: int | None, kept: Kept, *, by: User, version: int | None = None, **data: Any) -> R:
        """Keep a rule: a new one goes to the end of the list. Saving what stands already changes nothing.

        `version`: the one the page showed; `data`: more for the record. Raises the model's DoesNotExist, MovedOn.
        """
        self.check(by)
        with transaction.atomic():
            rule = self._locked(pk) if pk else self._new()
            if rule.pk:
                check_unmoved(rule.version, version)
            if rule.pk and self.kept_of(rule) == kept:
                return rule
            return self._keep(rule, kept, by, **data)

    def _new(self) -> R:
        last = self.rules().aggregate(last=Max("position"))["last"] or 0
        return self.model(position=last + 1, version=0)

    def _keep(self, rule: R, kept: Kept, by: User, **data: Any) -> R:
        """Write a rule and its version; the rule is locked, or new."""
        is_new, now = rule.pk is None, timezone.now()
        for column, value in kept.items():
            setattr(rule, "brand_id" if column == "brand" else column, value)
        rule.version, rule.updated_by, rule.updated_at = rule.version + 1, by, now
        # It is tried afresh: whether it works now is seen at the next ticket.
        rule.trouble, rule.trouble_at = "", None
        rule.save()
        told = self.kept_of(rule)
        RuleVersion.objects.create(kind=self.kind, rule=rule.pk, version=rule.version, told=told, by=by, at=now)
        self._record(by, "made" if is_new else "changed", rule, version=rule.version, **data)
        self.told()
        return rule

    def _record(self, by: User, deed: str, rule: R, **data: Any) -> None:
        audit.record(by, f"{self.noun}.{deed}", rule, **data)

    def turn(self, pk: int, *, on: bool, by: User) -> R:
        """On or off; twice the same changes nothing."""
        self.check(by)
        with transaction.atomic():
            rule = self._locked(pk)
            return rule if rule.is_on == on else self._keep(rule, {**self.kept_of(rule), "is_on": on}, by, on=on)

    def move(self, pk: int, *, to: int, by: User) -> list[int]:
        """Put a rule at this place of the list, from 1; returns the ids in their new order.

        All rules are numbered anew, locked in one order. Raises the model's DoesNotExist.
        """
        self.check(by)
        with transaction.atomic():
            rows = list(self.rules().select_for_update(of=("self",)).order_by("id"))
            order = [row.pk for row in sorted(rows, key=lambda row: (row.position, row.pk))]
            rule = next((row for row in rows if row.pk == pk), None)
            if rule is None:
                raise self.model.DoesNotExist
            before = order.index(pk)
            order.remove(pk)
            order.insert(max(to, 1) - 1, pk)
            if order.index(pk) == before:
                return order
            for position, one in enumerate(order, start=1):
                self._all().filter(pk=one).exclude(position=position).update(position=position)
            self._record(by, "moved", rule, place=order.index(pk) + 1, was=before + 1)
        return order

    def step(self, pk: int, *, down: bool, by: User) -> list[int]:
        """One place down the list, or up; at its end already nothing changes. Raises as `move`."""
        order = list(self.rules().values_list("pk", flat=True))
        if pk not in order:
            raise self.model.DoesNotExist
        return self.move(pk, to=order.index(pk) + 1 + (1 if down else -1), by=by)

    def remove(self, pk: int, *, by: User) -> R:
        """Take a rule out of the list; its versions stay, and `put_back` brings it back."""
        self.check(by)
        with transaction.atomic():
            rule = self._locked(pk)
            rule.removed_at = timezone.now()
            rule.save(update_fields=["removed_at"])
            self._record(by, "removed", rule)
        return rule

    def put_back(self, pk: int, *, by: User) -> R:
        """Undo a removal: the rule is where it was. One that is there stays."""
        self.check(by)
        with transaction.atomic():
            rule = self._all().select_for_update(of=("self",)).get(pk=pk)
            if rule.removed_at is not None:
                rule.removed_at = None
                rule.save(update_fields=["removed_at"])
                self._record(by, "put_back", rule)
                self.told()
        return rule

    def versions(self, pk: int) -> QuerySet[RuleVersion]:
        """Every version of a rule, newest first."""
        return RuleVersion.objects.filter(kind=self.kind, rule=pk).select_related("by").order_by("-version")
