"""Erasing what a removed channel brought, tickets first: a step is one small transaction, and any step may be the last.

A ticket that also holds messages of another channel is not lost: it lives on there, and says only what those say.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ingest import doorbell, removing
from ingest.models import Channel, Message
from tickets.models import Ticket, TicketMessage
from tickets.standing import settle
from tickets.subjects import subject_of


def erase_some() -> int:
    """Take one step for one channel; how many rows it erased, counting the channel's own as one. 0 if none waits."""
    with transaction.atomic():
        channel = removing.to_erase().first()
        if channel is None:
            return 0
        return _hand_over(channel) or _erase_tickets(channel) or removing.erase_step(channel) or 1


def counts(channel: Channel) -> dict[str, int]:
    """What would go: messages, tickets, people who wrote nowhere else."""
    return {
        "messages": Message.objects.filter(channel=channel).count(),
        "tickets": _of(channel).filter(~_others(channel)).count(),
        "people": removing.only_here(channel),
    }


def _of(channel: Channel) -> "QuerySet[Ticket]":
    return Ticket.objects.filter(channel=channel)


def _others(channel: Channel) -> Exists:
    """Whether a ticket holds messages of another channel too."""
    entries = TicketMessage.objects.filter(ticket=OuterRef("pk"))
    return Exists(entries.exclude(message__channel=channel))


def _hand_over(channel: Channel) -> int:
    """Tickets with messages of this channel and of another: they lose these, and go on there."""
    here = TicketMessage.objects.filter(ticket=OuterRef("pk"), message__channel=channel)
    shared = Ticket.objects.filter(Exists(here), _others(channel)).select_for_update(of=("self",)).order_by("id")
    found = list(shared[: removing.BATCH])
    for ticket in found:
        entries = TicketMessage.objects.filter(ticket=ticket)
        Message.objects.filter(pk__in=entries.filter(message__channel=channel).values("message")).delete()
        first = entries.select_related("message").order_by("message__posted_at", "message_id")[0].message
        ticket.channel_id, ticket.subject = first.channel_id, subject_of(first.text)
        ticket.save(update_fields=["channel", "subject"])
    if found:
        settle(found, timezone.now())
        doorbell.ring_pages()
    return len(found)


def _erase_tickets(channel: Channel) -> int:
    """Tickets of this channel alone."""
    ids = list(_of(channel).order_by("id").values_list("id", flat=True)[: removing.BATCH])
    if ids:
        Ticket.objects.filter(pk__in=ids).delete()
        doorbell.ring_pages()
    return len(ids)
