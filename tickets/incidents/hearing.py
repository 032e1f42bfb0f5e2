"""Tickets hear what became of their incident: a line in the record of each, by which open pages draw rows anew."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from ingest import doorbell
from tickets.models import Activity, Incident, Ticket

CLOSED, REOPENED, RENAMED = "closed", "reopened", "renamed"
# The newest of its live tickets. Whatever is written of more than tickets.news.live.MOST_CHANGES, pages draw all they
# show anew, so none keeps an old name for want of a line.
MOST = 2000


def tell(incident: Incident, what: str, *, by: User, **data: Any) -> int:
    """Say it on each live ticket of the incident, in the caller's transaction; how many that are. Two queries.

    `data`: more of the line; the name that was `before`. Lines name the incident by `of`: by `incident` they would say
    that a ticket was put into it.
    """
    live = Ticket.objects.live().filter(incident=incident).order_by("-id").values_list("id", flat=True)
    told = {"what": what, "of": incident.pk, "name": incident.name, **data}
    now = timezone.now()
    lines = [Activity(ticket_id=pk, verb=Activity.Verb.INCIDENT, actor=by, data=told, at=now) for pk in live[:MOST]]
    Activity.objects.bulk_create(lines)
    doorbell.ring_pages()
    return len(lines)
