"""Splitting a ticket: chosen messages become a ticket of their own, and may go back."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell, parts
from ingest.models import Message
from tickets.activity import record
from tickets.incoming.corrections import OF_PLACE
from tickets.models import Activity, Ticket, TicketMessage
from tickets.permissions import NotAllowed
from tickets.standing import settle
from tickets.steering import routing
from tickets.subjects import subject_of
from tickets.verbs import linking, merging
from tickets.verbs.in_hand import in_hand

Status = Ticket.Status
Verb = Activity.Verb
IN = Message.Direction.IN


def part(ticket_id: int, *, messages: Collection[int], by: User) -> tuple[Ticket, Activity]:
    """Make a ticket of these messages, beside the one they were on; it, and the line on the old one.

    An answer that went out in parts goes whole. Both keep at least one message of the customer's.
    Raises Ticket.DoesNotExist, NotAllowed.
    """
    with in_hand(ticket_id, by) as ticket:
        entries = _chosen(ticket, messages)
        first = next((entry.message for entry in entries if entry.message.direction == IN), None)
        if first is None:
            raise NotAllowed(_("Choose at least one message of the customer's."))
        moved = [entry.pk for entry in entries]
        rest = TicketMessage.objects.filter(ticket=ticket, message__direction=IN).exclude(pk__in=moved)
        if not rest.exists():
            raise NotAllowed(_("Leave at least one message of the customer's here."))
        new = _new(ticket, first)
        TicketMessage.objects.filter(pk__in=moved).update(ticket=new)
        settle([ticket, new], timezone.now())
        record(new, Verb.SPLIT, by, **{"from": ticket.pk})
        line = record(ticket, Verb.SPLIT, by, to=new.pk, messages=[entry.message_id for entry in entries])
        linking.join(ticket.pk, new.pk, by)
        routing.ring()
    return new, line


def _chosen(ticket: Ticket, messages: Collection[int]) -> Sequence[TicketMessage]:
    """The entries of these messages in order, with the other parts of answers among them."""
    entries = list(TicketMessage.objects.filter(ticket=ticket).select_related("message__channel").order_by("id"))
    whole = {place.answer for e in entries if e.message_id in messages and (place := parts.place_of(e.message))}
    return [
        entry
        for entry in entries
        if entry.message_id in messages or ((place := parts.place_of(entry.message)) and place.answer in whole)
    ]


def _new(ticket: Ticket, first: Message) -> Ticket:
    now = timezone.now()
    return Ticket.objects.create(
        brand_id=ticket.brand_id,
        channel=first.channel,
        contact_id=first.contact_id,
        customer_id=ticket.customer_id,
        team_id=ticket.team_id,
        assignee_id=ticket.assignee_id,
        assigned_at=now if ticket.assignee_id else None,
        status=Status.OPEN if ticket.assignee_id else Status.NEW,
        priority=ticket.priority,
        split_off=True,
        subject=subject_of(first.text),
        language=first.language,
        why=[reason for reason in first.reasons if reason.get("code") not in OF_PLACE],
        opened_at=first.waits_from,
        due_at=now,
        updated_at=now,
    )


def take_back(line: Activity, by: User) -> None:
    """Undo: all that is on the new ticket by now goes back, and the new one is closed."""
    with transaction.atomic():
        new, ticket = merging.pair(int(line.data["to"]), line.ticket_id, by)
        if new.merged_into_id is not None:
            raise NotAllowed(_("Too late to undo: it was merged since."))
        now = timezone.now()
        waits = merging.still_waiting([new.pk, ticket.pk])
        TicketMessage.objects.filter(ticket=new).update(ticket=ticket)
        merging.turn_anew(waits)
        new.status, new.merged_into, new.resolved_at = Status.CLOSED, ticket, now
        new.due_at, new.snoozed_until = None, None
        new.save(update_fields=["status", "merged_into", "resolved_at", "due_at", "snoozed_until"])
        settle([new, ticket], now)
        linking.part(ticket.pk, new.pk)
        record(new, Verb.MERGED, by, into=ticket.pk)
        routing.ring()
        doorbell.ring_pages()
