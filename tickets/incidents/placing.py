"""Putting tickets into an incident and taking them out again, by people; and undoing either."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.activity import record
from tickets.incidents import asking, taking_back
from tickets.models import Activity, Incident, Ticket
from tickets.permissions import NotAllowed
from tickets.standing import retarget
from tickets.verbs.in_hand import in_hand

IN, OUT = "in", "out"


def put_in(ticket_id: int, *, incident: int, by: User) -> Activity | None:
    """Say that a ticket is of this incident; None if it is said already. It leaves the one it was in.

    Routing rules that speak of the incident are carried out, the first time; undo takes back what they did, too.

    Raises Ticket.DoesNotExist, NotAllowed: the incident is of another brand, or closed.
    """
    with in_hand(ticket_id, by) as ticket:
        found = Incident.objects.filter(pk=incident, brand=ticket.brand_id).first()
        if found is None:
            raise NotAllowed(_("That incident is not there any more. Choose another."))
        if found.closed_at is not None:
            raise NotAllowed(_("That incident is closed. Reopen it first."))
        if ticket.incident_id == incident:
            return None
        was, known = ticket.incident_id, asking.asked_before(ticket, found.pk)
        _save(ticket, found.pk)
        line = record(ticket, Activity.Verb.INCIDENT, by, what=IN, incident=found.pk, name=found.name, was=was)
        if not known:
            asking.ask(ticket, line)
        return line


def take_out(ticket_id: int, *, by: User) -> Activity | None:
    """Say that it is of no incident; None where it is of none. Raises Ticket.DoesNotExist, NotAllowed."""
    with in_hand(ticket_id, by) as ticket:
        if ticket.incident_id is None:
            return None
        was = ticket.incident_id
        name = Incident.objects.filter(pk=was).values_list("name", flat=True).first() or ""
        _save(ticket, None)
        return record(ticket, Activity.Verb.INCIDENT, by, what=OUT, incident=None, name=name, was=was)


def _save(ticket: Ticket, incident: int | None) -> None:
    """Its clocks follow: a policy may be for tickets of an incident alone."""
    ticket.incident_id, ticket.updated_at = incident, timezone.now()
    ticket.save(update_fields=["incident", "updated_at"])
    if ticket.is_live:
        retarget([ticket], ticket.updated_at)


def take_back(line: Activity, by: User) -> dict[str, Any]:
    """Undo: it is of the incident it was of before, and what a rule did for this one is taken back with it.

    Returns what the record is to say of the rule; nothing where none was carried out. Raises NotAllowed where somebody
    has moved the ticket since.
    """
    with in_hand(line.ticket_id, by) as ticket:
        if ticket.incident_id != line.data.get("incident"):
            raise NotAllowed(_("Too late to undo: it was changed again since."))
        was = line.data.get("was")
        told = taking_back.take_back(ticket, line, by)
        _save(ticket, was if was and Incident.objects.filter(pk=was).exists() else None)
        return told


def offered(ticket: Ticket) -> QuerySet[Incident]:
    """The incidents a ticket may be put into: those of its brand that are not closed, the newest first."""
    return Incident.objects.filter(brand=ticket.brand_id, closed_at=None).order_by("-begins_at", "-id")
