"""Writing the record of who did what, and what of it holds still."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from tickets.models import Activity, Ticket

# On the line of a rule whose deeds were taken back (tickets.incidents.taking_back).
TAKEN_BACK = "taken_back"


def record(ticket: Ticket, verb: Activity.Verb, actor: User | None, **data: Any) -> Activity:
    """Append one line to a ticket's record, in the transaction of what it tells."""
    return Activity.objects.create(ticket=ticket, verb=verb, actor=actor, data=data, at=timezone.now())


def routed() -> QuerySet[Activity]:
    """The lines of rules that routed tickets, but for those that were taken back since."""
    return Activity.objects.filter(verb=Activity.Verb.ROUTED).exclude(data__has_key=TAKEN_BACK)
