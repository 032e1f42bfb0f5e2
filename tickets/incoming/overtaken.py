"""Answers meant for later that the customer overtook: they do not go, and a person says what becomes of each.

An answer for later is written for the conversation as it stands. Once the customer writes before its time, its outbox
row is cancelled under OVERTAKEN, its writer hears of it, and the answer's box shows it beside what is new until it is
sent anyway, changed or dropped (tickets.answering.held).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from ingest import parts
from ingest.models import Delivery, Message
from tickets.answering.care import KEY
from tickets.models import Activity, Notice, Ticket, TicketMessage

State = Delivery.State
OVERTAKEN = "customer_wrote"


def hold(joined: Iterable[tuple[Ticket, Message]], now: datetime) -> list[Activity]:
    """Hold the answers for later of tickets (locked) that their customers have written on; the lines of the record.

    One query where none waits. What a machine sent, as a note of absence, holds nothing. A row that is in other hands
    at this moment is on its way, or being taken back.
    """
    joined = list(joined)
    tickets = {ticket.pk: ticket for ticket, _message in joined}
    rows = list(_for_later(list(tickets)))
    if not rows:
        return []
    spoke = _spoken([message for _ticket, message in joined])
    entries = TicketMessage.objects.filter(message__in=[row.message_id for row in rows])
    places = dict(entries.values_list("message_id", "ticket_id"))
    held = [row for row in rows if places[row.message_id] in spoke]
    Delivery.objects.filter(pk__in=[row.pk for row in held]).update(
        state=State.CANCELLED, error_code=OVERTAKEN, finished_at=now, settled=True, lease_until=None
    )
    # It stands where it was held, not at a time to come.
    Message.objects.filter(pk__in=[row.message_id for row in held]).update(posted_at=now)
    firsts = [row for row in held if (place := parts.place_of(row.message)) is None or place.n == 1]
    _tell(firsts, {row.pk: tickets[places[row.message_id]] for row in firsts}, now)
    return [
        Activity(
            ticket=tickets[places[row.message_id]], verb=Activity.Verb.CHANGED, at=now,
            data={"what": "held", "message": row.message_id},
        )
        for row in firsts
    ]  # fmt: skip


def _spoken(messages: Sequence[Message]) -> set[int]:
    """The tickets on which a person wrote one of these."""
    ids = {message.pk for message in messages}
    ids -= set(Message.objects.filter(pk__in=ids, raw__automatic=True).values_list("id", flat=True))
    return set(TicketMessage.objects.filter(message__in=ids).values_list("ticket_id", flat=True))


def _for_later(ticket_ids: Sequence[int]) -> Iterable[Delivery]:
    """The outbox rows of answers for later on these tickets that nobody has begun to send."""
    if not ticket_ids:
        return []
    on_tickets = TicketMessage.objects.filter(ticket__in=ticket_ids).values("message")
    waiting = Delivery.objects.filter(state=State.WAITING, first_tried_at=None, message__in=on_tickets)
    later = waiting.filter(**{f"message__raw__{KEY}__later": True}).select_related("message__author")
    return later.select_for_update(skip_locked=True, of=("self",)).order_by("id")


def _tell(held: Iterable[Delivery], tickets: dict[int, Ticket], now: datetime) -> None:
    """Its writer, in their language; where they are gone, whoever has the ticket."""
    notices = []
    for row in held:
        author, ticket = row.message.author, tickets[row.pk]
        told = author if author is not None and author.is_active else ticket.assignee
        if told is None:
            continue
        with translation.override(told.interface_language or settings.LANGUAGE_CODE):
            words = _("The customer wrote before its time, so it was held. Send it anyway, change it or drop it.")
        data = {"words": words, "message": row.message_id}
        notices.append(
            Notice(user=told, kind=Notice.Kind.NOT_DELIVERED, ticket=ticket, key=f"held:{row.pk}", data=data, at=now)
        )
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
