"""Writing the record of who did what."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from tickets.models import Activity, Ticket


def record(ticket: Ticket, verb: Activity.Verb, actor: User | None, **data: Any) -> Activity:
    """Append one line to a ticket's record, in the transaction of what it tells."""
    return Activity.objects.create(ticket=ticket, verb=verb, actor=actor, data=data, at=timezone.now())
