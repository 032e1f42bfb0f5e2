"""Bringing a ticket's row in step with its messages. Safe to repeat: it only ever writes what the messages say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, F, JSONField, When

from ingest import batch, parts
from ingest.models import Delivery, Message
from tickets.answering.care import CARE, Care
from tickets.measure import Entry, Standing, measure
from tickets.models import Ticket, TicketMessage
from tickets.targets.policies import Targeting, targeting
from tickets.targets.ticking import CLOCKS, tick

Status = Ticket.Status
LOST = {Delivery.State.FAILED, Delivery.State.CANCELLED}
# Which answer a message is a part of. Looked for in our own answers only: what platforms told may be long.
PART_OF = Case(
    When(message__delivery__state__isnull=False, then=F(f"message__raw__{parts.KEY}__answer")), output_field=JSONField()
)

MEASURED = [
    "position",
    "first_valence",
    "before_valence",
    "after_valence",
    "latest_valence",
    "first_answered_at",
    "last_answered_at",
    "last_customer_at",
    "waiting_since",
    "urgency",
    "preview",
    "preview_language",
    "status",
    "due_at",
    "snoozed_until",
    "updated_at",
    *CLOCKS,
]
RETARGETED = ["due_at", *CLOCKS]


def entry_of(
    message: Message, turn: int, delivery: str | None, *, broken: bool = False, care: Care | None = None
) -> Entry:
    """A message as the measure sees it; `delivery` is its outbox row's state, None for all but answers written here.

    `broken`: another part of the same answer is lost. This one was said, but nobody has been answered by it.
    `care`: what was kept with an answer when it was sent.
    """
    return Entry(
        ours=message.direction == Message.Direction.OUT,
        posted_at=message.posted_at,
        received_at=message.received_at,
        waits_from=message.waits_from,
        valence=message.valence,
        awaiting=message.disposition == Message.Disposition.AWAITING,
        urgency=message.urgency or "normal",
        text=message.text[:240],
        language=message.language,
        turn=turn,
        written_here=delivery is not None and not broken,
        # One that goes out at a later time has not been said yet.
        lost=delivery in LOST or (care is not None and care.later and delivery != Delivery.State.SENT),
        counts=care is None or care.counts,
    )


def entries_of(ticket_ids: Iterable[int]) -> dict[int, list[Entry]]:
    """The messages of these tickets."""
    entries = (
        TicketMessage.objects.filter(ticket_id__in=list(ticket_ids))
        .annotate(delivery=F("message__delivery__state"), part_of=PART_OF, care=CARE)
        .select_related("message")
        .only(
            "ticket_id", "message__direction", "message__posted_at", "message__received_at", "message__reachable_at",
            "message__negative", "message__positive", "message__disposition", "message__urgency", "message__text",
            "message__language",
        )
    )  # fmt: skip
    rows = list(entries)
    lost = {row.part_of for row in rows if row.delivery in LOST and row.part_of}
    found: dict[int, list[Entry]] = defaultdict(list)
    for row in rows:
        broken, care = row.part_of in lost, Care.read(row.care)
        found[row.ticket_id].append(entry_of(row.message, row.pk, row.delivery, broken=broken, care=care))
    return found


def settle(tickets: Sequence[Ticket], now: datetime, *, moved: bool = True) -> None:
    """Recompute and write the measured columns of these tickets (locked by the caller).

    Without `moved` nothing has happened to them, they are only measured anew: they keep their place among the newest.
    """
    found = entries_of(ticket.pk for ticket in tickets)
    owed = targeting(tickets, now)
    for ticket in tickets:
        apply(ticket, measure(found[ticket.pk]), owed, now, moved=moved)
    batch.update(Ticket, [row_of(ticket, MEASURED) for ticket in tickets], MEASURED)


def retarget(tickets: Sequence[Ticket], now: datetime) -> int:
    """Set the clocks of these tickets (locked by the caller) by what is owed now, for a priority, a tier, a policy or a
    calendar is another; returns how many moved. Nothing has happened to the tickets: they keep their place.
    """
    owed = targeting(tickets, now)
    moved = []
    for ticket in tickets:
        before = row_of(ticket, RETARGETED)
        tick(ticket, owed, now)
        if ticket.is_live:
            ticket.due_at = due_at_of(ticket)
        if (after := row_of(ticket, RETARGETED)) != before:
            moved.append(after)
    return batch.update(Ticket, moved, RETARGETED)


def row_of(ticket: Ticket, names: Sequence[str]) -> dict[str, Any]:
    """A ticket's values for a batch update."""
    return {"id": ticket.pk, **{name: getattr(ticket, name) for name in names}}


def apply(ticket: Ticket, standing: Standing, owed: Targeting, now: datetime, *, moved: bool = True) -> None:
    """Put a standing on a ticket: measures, status by who waits for whom, clocks, and when it next wants a person."""
    if ticket.status == Status.SNOOZED and _wakes(ticket, standing):
        ticket.status, ticket.snoozed_until = Status.OPEN, None
    for name in MEASURED[:9]:
        setattr(ticket, name, getattr(standing, name))
    ticket.preview = standing.preview[:240]
    ticket.preview_language = standing.preview_language
    if moved:
        ticket.updated_at = now
    if standing.waiting_since is not None:
        ticket.urgency = standing.urgency
    if ticket.is_live:
        ticket.status = _status(ticket, standing)
    tick(ticket, owed, now)
    if ticket.is_live:
        ticket.due_at = due_at_of(ticket)


def _wakes(ticket: Ticket, standing: Standing) -> bool:
    """Whether the customer has written since a snoozed ticket was last measured, or waits for us anew."""
    last, before = standing.last_customer_at, ticket.last_customer_at
    wrote = last is not None and (before is None or last > before)
    came = standing.position > ticket.position or ticket.waiting_since is None
    return wrote or (came and standing.waiting_since is not None)


def _status(ticket: Ticket, standing: Standing) -> str:
    if ticket.status == Status.SNOOZED:
        return Status.SNOOZED
    if standing.waiting_since is not None:
        return Status.OPEN if ticket.assignee_id else Status.NEW
    if standing.last_answered_at is not None:
        return Status.PENDING
    return Status.OPEN if ticket.assignee_id else Status.NEW


def due_at_of(ticket: Ticket) -> datetime:
    """When a live ticket, measured and with its clocks told, next wants a person."""
    if ticket.status == Status.SNOOZED and ticket.due_at:
        return ticket.due_at
    if ticket.waiting_since is not None:
        # A policy without a target for answers leaves the desk's own.
        return ticket.answer_due_at or ticket.waiting_since + settings.ANSWER_WITHIN[ticket.urgency]
    quiet_since = max(filter(None, [ticket.last_answered_at, ticket.last_customer_at]), default=ticket.updated_at)
    return max(quiet_since, ticket.opened_at) + settings.FOLLOW_UP_AFTER
