"""How answers end: taken back in time, sent, not sent and tried again, or seen on the platform by a person.

An answer of several parts is one answer here: it counts when its last part is sent, and a part that fails undoes it.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from ingest import delivery as outbox
from ingest import doorbell, parts, readback
from ingest.links import checked
from ingest.models import Delivery, Message
from tickets.activity import record
from tickets.answering import pictures
from tickets.answering.care import care_of
from tickets.models import Activity, Ticket, TicketMessage
from tickets.permissions import check_may_work_on
from tickets.standing import settle
from tickets.verbs import lifecycle

State = Delivery.State


def take_back(key: UUID, *, by: User) -> list[Message]:
    """Cancel an answer, or what of it has not left yet; the messages that stay here, none if it is too late."""
    with transaction.atomic():
        first, ticket = _locked(key, by)
        now = timezone.now()
        waiting = list(parts.of_answer(first).filter(state=State.WAITING).select_related("message"))
        if not waiting:
            return []
        Delivery.objects.filter(pk__in=[row.pk for row in waiting]).update(
            state=State.CANCELLED, finished_at=now, settled=True, lease_until=None
        )
        for row in waiting:
            pictures.back_in_draft(row.message, ticket, by)
        record(ticket, Activity.Verb.TAKEN_BACK, by, message=waiting[0].message_id)
        lifecycle.settle_unanswered(ticket, now)
        doorbell.ring_pages()
    return [row.message for row in waiting]


def try_again(key: UUID, *, by: User) -> bool:
    """Put an answer that was not sent back in the outbox, with the parts that stopped for it. False if it is not so."""
    with transaction.atomic():
        named, ticket = _locked(key, by)
        failed = parts.of_answer(named).filter(state=State.FAILED).exclude(error_code=parts.STOPPED)
        delivery = failed.select_related("message").first()
        if delivery is None:
            return False
        # Nobody knows whether the last try got through: `unknown` looks on the platform first.
        Delivery.objects.filter(pk=delivery.pk).update(
            state=State.UNKNOWN, due_at=timezone.now(), attempts=0, finished_at=None, settled=False
        )
        parts.go_on(delivery)
        settle([ticket], timezone.now())
        record(ticket, Activity.Verb.CHANGED, by, what="try_again", message=delivery.message_id)
        doorbell.ring("radd.deliver")
        doorbell.ring_pages()
    return True


def it_is_there(key: UUID, *, by: User, link: str = "") -> bool:
    """A person has seen on the platform what we call unknown or not sent: it is sent. False if it is neither.

    `link`: where it stands, http or https. Raises BadLink.
    """
    with transaction.atomic():
        delivery, ticket = _locked(key, by)
        if delivery.state not in {State.FAILED, State.UNKNOWN} or delivery.error_code == parts.STOPPED:
            return False
        outbox.seen_there(delivery, checked(link))
        delivery.message.refresh_from_db(fields=["external_id", "url", "raw"])
        if not delivery.message.external_id:
            # Its copy may have been read back already; one that comes later is recognised by ingest.readback.
            readback.take_over(delivery)
        settle([ticket], timezone.now())
        record(ticket, Activity.Verb.CHANGED, by, what="it_is_there", message=delivery.message_id, link=link.strip())
        doorbell.ring("radd.settle")
        doorbell.ring("radd.deliver")
        doorbell.ring_pages()
    return True


def _locked(key: UUID, by: User) -> tuple[Delivery, Ticket]:
    """The outbox row of this key, with all rows of its answer locked in order, and its ticket."""
    delivery = Delivery.objects.select_related("message").get(key=key)
    rows = parts.of_answer(delivery).select_for_update(of=("self",)).select_related("message", "channel")
    delivery = next(row for row in list(rows) if row.pk == delivery.pk)
    ticket = Ticket.objects.select_for_update().get(entries__message=delivery.message_id)
    check_may_work_on(by, ticket)
    return delivery, ticket


def settle_finished(limit: int = 200) -> int:
    """Let tickets take note of deliveries that came to an end; returns how many.

    Sent: the messages it answers are answered, by the person who wrote it. Failed: they wait for an answer again.
    """
    with transaction.atomic():
        finished = (
            Delivery.objects.filter(state__in=Delivery.FINISHED, settled=False)
            .select_related("message")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("id")[:limit]
        )
        for delivery in (found := list(finished)):
            _settle_one(delivery)
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in found]).update(settled=True)
        if found:
            doorbell.ring_pages()
    return len(found)


def _settle_one(delivery: Delivery) -> None:
    ticket = Ticket.objects.select_for_update().filter(entries__message=delivery.message_id).first()
    if ticket is None:
        return
    message = delivery.message
    place = parts.place_of(message)
    if delivery.state == State.SENT and (place is None or place.is_last):
        now = timezone.now()
        if care_of(message).counts:
            _seen_by_its_writer(ticket, message).filter(disposition=Message.Disposition.AWAITING).update(
                disposition=Message.Disposition.ANSWERED, decided_by=message.author_id, decided_at=now
            )
        record(ticket, Activity.Verb.DELIVERED, None, message=message.pk)
        settle([ticket], now)
    elif delivery.state == State.FAILED and delivery.error_code != parts.STOPPED:
        record(ticket, Activity.Verb.NOT_DELIVERED, None, message=message.pk, error=delivery.last_error)
        lifecycle.settle_unanswered(ticket, timezone.now())


def _seen_by_its_writer(ticket: Ticket, answer: Message) -> QuerySet[Message]:
    """What was on the ticket when the answer was written: its writer can have seen nothing else."""
    turn = TicketMessage.objects.filter(ticket=ticket, message=answer).values("pk")
    before = TicketMessage.objects.filter(ticket=ticket, pk__lt=turn[:1])
    return Message.objects.filter(pk__in=before.values("message"))
