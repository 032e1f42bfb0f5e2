"""What is known of those who write while a batch is worked: their live ticket, else the resolved ones.

Accounts that people linked to one customer are one person here: whichever of them writes, the message joins the
customer's live ticket. An account that has a live ticket of its own beside that one (they were both open when the
accounts were linked) goes on with its own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from ingest.models import Message
from tickets.customers import kinship
from tickets.models import Ticket, TicketMessage
from tickets.models.ticket import LIVE


@dataclass(slots=True)
class Slot:
    """`by_thread`: the newest resolved ticket of each conversation. `customer`: whose account it is, where known."""

    live: Ticket | None = None
    resolved: Ticket | None = None
    by_thread: dict[int, Ticket] = field(default_factory=dict)
    customer: int | None = None


def slots_of(messages: Sequence[Message], now: datetime) -> dict[int, Slot]:
    """The slot of each account: live tickets, locked in order of id, else those resolved within the window.

    The caller has taken its turn (tickets.customers.kinship) before anything was locked.
    """
    contacts = {message.contact_id for message in messages}
    linked = kinship.family(contacts)
    slots = _empty(linked)
    resolved: dict[int, Ticket] = {}
    beside: dict[int, Ticket] = {}
    for ticket in _tickets(contacts, linked, now):
        slot = slots[ticket.contact_id]
        if ticket.split_off:
            beside[ticket.contact_id] = ticket
        elif ticket.is_live:
            slot.live = ticket
        else:
            slot.resolved = resolved[ticket.pk] = ticket
    for contact, ticket in beside.items():
        slot = slots[contact]
        if slot.live is None or slot.live.contact_id != contact:
            slots[contact] = replace(slot, live=ticket)
    _find_threads(slots, resolved)
    return slots


def _empty(linked: Mapping[int, int]) -> dict[int, Slot]:
    """One slot for each customer's accounts together; others get theirs when they are asked for."""
    slots: dict[int, Slot] = defaultdict(Slot)
    shared: dict[int, Slot] = {}
    for contact, customer in linked.items():
        slots[contact] = shared.setdefault(customer, Slot(customer=customer))
    return slots


def _tickets(contacts: set[int], linked: Mapping[int, int], now: datetime) -> Sequence[Ticket]:
    within = Q(status=Ticket.Status.RESOLVED, resolved_at__gte=now - settings.REOPEN_WITHIN)
    wanted = Q(split_off=False) & (Q(status__in=LIVE) | within)
    if linked:
        wanted |= Q(split_off=True, status__in=LIVE, contact__in=linked)
    found = Ticket.objects.filter(contact_id__in=contacts | linked.keys()).filter(wanted)
    return list(found.select_for_update(of=("self",)).order_by("id"))


def _find_threads(slots: Mapping[int, Slot], resolved: Mapping[int, Ticket]) -> None:
    open_to = [pk for pk, ticket in resolved.items() if not slots[ticket.contact_id].live]
    threads = TicketMessage.objects.filter(ticket__in=open_to)
    for pk, conversation in threads.order_by("ticket_id").values_list("ticket_id", "message__conversation_id"):
        slots[resolved[pk].contact_id].by_thread[conversation] = resolved[pk]
