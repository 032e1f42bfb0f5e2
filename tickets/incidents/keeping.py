"""Incidents themselves: opened, changed, closed and reopened by supervisors, with a line in the record of changes."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Brand, User
from accounts.permissions import brand_ids, may_see
from tickets.incidents import hearing, placing
from tickets.models import Incident
from tickets.permissions import NotAllowed, check_supervises
from tickets.targets import retargeting

# What lies farther is a slip of the fingers in a year, and the oldest days have no offset that a program could read.
FARTHEST = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of an incident; `terms` as tickets.incidents.terms.split gives them."""

    name: str
    kind: str
    valence: str
    begins_at: datetime
    ends_at: datetime | None = None
    terms: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        return asdict(self) | {"terms": list(self.terms)}


def visible(user: User) -> QuerySet[Incident]:
    """Those of the brands this person sees."""
    seen = brand_ids(user)
    rows = Incident.objects.select_related("brand")
    return rows if seen is None else rows.filter(brand__in=seen)


def in_force(user: User, now: datetime) -> QuerySet[Incident]:
    """Those that are going on now, the newest first."""
    going_on = Q(ends_at=None) | Q(ends_at__gt=now)
    return visible(user).filter(going_on, closed_at=None, begins_at__lte=now).order_by("-begins_at", "-id")


def open_of(user: User) -> QuerySet[Incident]:
    """Those that take tickets in, the newest first, as many as a menu holds."""
    return visible(user).filter(closed_at=None).order_by("-begins_at", "-id")[:50]


def check_runs(user: User, brand_id: int) -> None:
    """Supervisors run the incidents of their brands. Raises NotAllowed."""
    check_supervises(user)
    if not may_see(user, brand_id):
        raise NotAllowed(_("This incident belongs to a brand of another team."))


def begin(told: Told, *, brand: Brand, by: User, ticket: int | None = None) -> Incident:
    """Open an incident, with the ticket it is opened from in it. Raises NotAllowed, Ticket.DoesNotExist."""
    check_runs(by, brand.pk)
    _check(told)
    with transaction.atomic():
        made = Incident.objects.create(brand=brand, created_by=by, **told.columns())
        if ticket is not None:
            placing.put_in(ticket, incident=made.pk, by=by)
        audit.record(by, "incident.opened", made, kind=told.kind, terms=list(told.terms))
    return made


def change(pk: int, told: Told, *, by: User) -> Incident:
    """Say something else of it. Raises Incident.DoesNotExist, NotAllowed."""
    _check(told)
    with transaction.atomic():
        row = _locked(pk, by)
        wanted = told.columns()
        changed, before = [name for name, value in wanted.items() if getattr(row, name) != value], row.name
        if changed:
            for name in changed:
                setattr(row, name, wanted[name])
            row.save(update_fields=changed)
            audit.record(by, "incident.changed", row, fields=changed)
            if "name" in changed and row.closed_at is None:
                hearing.tell(row, hearing.RENAMED, by=by, before=before)
            if "kind" in changed:
                # Policies may be for a kind: the clocks of its tickets follow batch by batch.
                retargeting.ring()
    return row


def _check(told: Told) -> None:
    if told.ends_at is not None and told.ends_at <= told.begins_at:
        raise NotAllowed(_("It ends before it begins."))
    if any(at is not None and abs(at - timezone.now()) > FARTHEST for at in (told.begins_at, told.ends_at)):
        raise NotAllowed(_("Its dates are more than ten years from today: look at the year."))


def close(pk: int, *, by: User) -> Incident:
    """It is over: nothing joins it any more, and no rule holds it in force. Its tickets stay in it."""
    return _turn(pk, timezone.now(), "incident.closed", by)


def reopen(pk: int, *, by: User) -> Incident:
    """It goes on after all."""
    return _turn(pk, None, "incident.reopened", by)


def _turn(pk: int, closed_at: datetime | None, verb: str, by: User) -> Incident:
    with transaction.atomic():
        row = _locked(pk, by)
        if (row.closed_at is None) != (closed_at is None):
            row.closed_at = closed_at
            row.save(update_fields=["closed_at"])
            audit.record(by, verb, row)
            hearing.tell(row, hearing.REOPENED if closed_at is None else hearing.CLOSED, by=by)
    return row


def _locked(pk: int, by: User) -> Incident:
    row = Incident.objects.select_for_update(of=("self",)).get(pk=pk)
    check_runs(by, row.brand_id)
    return row
