"""Assignment by people: take a ticket, hand it over, put it back in the queue."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell
from tickets.activity import record
from tickets.models import Activity, Ticket
from tickets.permissions import NotAllowed, check_may_assign
from tickets.steering import routing


def assign(ticket_id: int, *, to: User | None, by: User) -> Ticket:
    """Give the ticket to `to`, or back to its queue with None. Giving it to who has it changes nothing.

    Raises Ticket.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
        check_may_assign(by, ticket, to)
        if ticket.assignee_id == (to.pk if to else None):
            return ticket
        was = ticket.assignee_id
        ticket.assignee = to
        ticket.assigned_at = timezone.now() if to else None
        ticket.updated_at = timezone.now()
        if ticket.status in {Ticket.Status.NEW, Ticket.Status.OPEN}:
            ticket.status = Ticket.Status.OPEN if to else Ticket.Status.NEW
        ticket.save(update_fields=["assignee", "assigned_at", "updated_at", "status"])
        if to is None:
            record(ticket, Activity.Verb.UNASSIGNED, by, was=was)
        else:
            record(ticket, Activity.Verb.ASSIGNED, by, to=to.pk, name=to.name, was=was)
        # Whoever gave it away has room now.
        routing.ring()
        doorbell.ring_pages()
    return ticket


def take_back(line: Activity, by: User) -> None:
    """Undo: whoever had it has it again. Raises NotAllowed where it went on to somebody else since."""
    ticket = Ticket.objects.get(pk=line.ticket_id)
    if ticket.assignee_id != line.data.get("to"):
        raise NotAllowed(_("Too late to undo: it was changed again since."))
    was = line.data.get("was")
    assign(line.ticket_id, to=User.objects.filter(pk=was).first() if was else None, by=by)
