"""Setting somebody away, handing over what they hold, and taking both back: for supervisors."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Away, User
from accounts.permissions import brand_ids
from ingest import doorbell
from tickets.activity import record
from tickets.models import Activity, Ticket
from tickets.models.ticket import NEEDS_US
from tickets.permissions import NotAllowed, check_supervises
from tickets.steering import assignment, routing

MOST = 500


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Who was set away, and the tickets that went back to their queues."""

    person: User
    tickets: list[int]


def set_away(person_id: int, *, by: User, hand_over: bool = True) -> HandedOver:
    """Nothing new comes to this person from now on; what they hold goes back to its queues, unless it shall stay.

    Raises User.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person_id)
        check_supervises_person(by, person)
        now = timezone.now()
        if not _open_aways(person).exists():
            Away.objects.create(user=person, begins_at=now, set_by=by)
        User.objects.filter(pk=person.pk).update(available=False)
        person.available = False
        tickets = hand_over_waiting(person, by) if hand_over else []
    return HandedOver(person, tickets)


def hand_over_waiting(person: User, by: User) -> list[int]:
    """Put what waits for this person's answer back in its queues, as far as `by` sees it; which tickets those were."""
    now = timezone.now()
    held = Ticket.objects.visible_to(by).filter(assignee=person, status__in=NEEDS_US).order_by("id")
    tickets = list(held.select_for_update(of=("self",))[:MOST])
    for ticket in tickets:
        ticket.assignee, ticket.assigned_at, ticket.updated_at = None, None, now
        ticket.status = Ticket.Status.NEW
        ticket.save(update_fields=["assignee", "assigned_at", "updated_at", "status"])
        record(ticket, Activity.Verb.UNASSIGNED, by, of=person.name)
    if tickets:
        routing.ring()
        doorbell.ring_pages()
    return [ticket.pk for ticket in tickets]


def bring_back(person_id: int, *, by: User, tickets: Collection[int] = ()) -> User:
    """They are here again; with `tickets`, they get back those of them that nobody has taken. Undoes set_away.

    Raises User.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person_id)
        check_supervises_person(by, person)
        _open_aways(person).update(ends_at=timezone.now())
        User.objects.filter(pk=person.pk).update(available=True)
        person.available = True
        free = Ticket.objects.visible_to(by).filter(pk__in=tickets, assignee=None, status__in=NEEDS_US)
        for pk in free.values_list("id", flat=True)[:MOST]:
            assignment.assign(pk, to=person, by=by)
        routing.ring()
    return person


def _open_aways(person: User) -> QuerySet[Away]:
    now = timezone.now()
    return Away.objects.filter(user=person, begins_at__lte=now).filter(Q(ends_at=None) | Q(ends_at__gt=now))


def check_supervises_person(by: User, person: User) -> None:
    """Supervisors look after the people of the teams of their brands. Raises NotAllowed."""
    check_supervises(by)
    allowed = brand_ids(by)
    if allowed is not None and not allowed & person.brand_ids:
        raise NotAllowed(_("%(name)s is in a team of other brands.") % {"name": person.name})
