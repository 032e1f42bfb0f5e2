"""Setting the clocks of live tickets anew once a policy, a calendar or a tier has changed: in batches, beside the flow.

Nothing says which tickets are behind, and nothing needs to: every live ticket is looked at in order of its number, and
what stands as it should is left alone. A round that a dying process broke off is begun anew by the beat.
"""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from ingest import doorbell
from tickets.models import Ticket
from tickets.models.ticket import LIVE
from tickets.standing import retarget

BATCH = 500


def ring() -> None:
    """Say that something changed that clocks go by."""
    doorbell.ring("radd.retarget", 0)


def go_on(after: int) -> int | None:
    """The next batch of live tickets behind this number; the number to go on from, None when all were looked at.

    A ticket that somebody else holds at this moment is waited for: its clocks are theirs to read.
    """
    now = timezone.now()
    with transaction.atomic():
        behind = Ticket.objects.filter(status__in=LIVE, pk__gt=after).order_by("id")
        tickets = list(behind.select_for_update(of=("self",))[:BATCH])
        if tickets and retarget(tickets, now):
            doorbell.ring_pages()
            doorbell.ring("radd.alarms")
    return tickets[-1].pk if len(tickets) == BATCH else None


def at_once(ticket_ids: Collection[int]) -> int:
    """The clocks of these tickets, in the caller's transaction: after a change of priority, customer or tier."""
    tickets = Ticket.objects.filter(pk__in=ticket_ids, status__in=LIVE).select_for_update(of=("self",)).order_by("id")
    return retarget(list(tickets), timezone.now())
