"""Priority: what people and rules say of a ticket, from 1 (urgent) to 4 (low)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.activity import record
from tickets.models import Activity, Ticket
from tickets.permissions import NotAllowed
from tickets.standing import retarget
from tickets.verbs.in_hand import in_hand


def set_priority(ticket_id: int, *, to: int, by: User | None, why: str = "") -> Activity | None:
    """Say how soon it wants somebody; None if it says so already. Its targets follow.

    Raises Ticket.DoesNotExist, NotAllowed.
    """
    if to not in Ticket.Priority.values:
        raise NotAllowed(_("A priority is 1, 2, 3 or 4."))
    with in_hand(ticket_id, by) as ticket:
        if ticket.priority == to:
            return None
        was = ticket.priority
        _save(ticket, to)
        return record(ticket, Activity.Verb.PRIORITISED, by, to=to, was=was, **({"why": why} if why else {}))


def _save(ticket: Ticket, to: int) -> None:
    ticket.priority, ticket.updated_at = to, timezone.now()
    ticket.save(update_fields=["priority", "updated_at"])
    retarget([ticket], timezone.now())


def take_back(line: Activity, by: User) -> None:
    """Undo. Raises NotAllowed where somebody has said something else since."""
    with in_hand(line.ticket_id, by) as ticket:
        if ticket.priority != line.data["to"]:
            raise NotAllowed(_("Too late to undo: it was changed again since."))
        _save(ticket, int(line.data["was"]))
