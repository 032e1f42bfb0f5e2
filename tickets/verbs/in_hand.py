"""A ticket in hand: locked for one verb, by somebody who may work on it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell
from tickets.models import Ticket
from tickets.permissions import NotAllowed, check_may_work_on


@contextmanager
def in_hand(ticket_id: int, by: User | None) -> Iterator[Ticket]:
    """The ticket, until the verb is done; then pages hear of it. `by` None: Radd itself, by a rule.

    Raises Ticket.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
        if by is not None:
            check_may_work_on(by, ticket)
        yield ticket
        doorbell.ring_pages()


def check_live(ticket: Ticket) -> None:
    """What is done with has to be reopened first. Raises NotAllowed."""
    if not ticket.is_live:
        raise NotAllowed(_("This ticket is resolved. Reopen it first."))


def back_to_life(ticket: Ticket, status: str, *, beside: bool = False) -> None:
    """Save a ticket (locked) as live again, as it was before it was ended; the caller settles it.

    With `beside`, it may stand beside another live ticket of the customer's. Raises NotAllowed where it may not.
    """
    ticket.status, ticket.resolved_at, ticket.merged_into = status, None, None
    ticket.due_at = ticket.due_at or ticket.updated_at
    columns = ["status", "resolved_at", "merged_into", "due_at", "split_off"]
    try:
        with transaction.atomic():
            ticket.save(update_fields=columns)
    except IntegrityError:
        if not beside:
            raise NotAllowed(_("This customer has another open ticket. Work on that one.")) from None
        ticket.split_off = True
        ticket.save(update_fields=columns)
