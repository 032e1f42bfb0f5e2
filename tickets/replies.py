"""Answers: written once, in one transaction with their outbox row, their line in the record and the ticket's new state.

An answer names the position of the ticket it was written at. If messages came since, it is refused with what is new,
so nobody answers a conversation that has moved on.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingest import adapters, doorbell
from ingest.collect import clean
from ingest.models import Contact, Delivery, Message
from ingest.platforms.base import Cannot, Kind, Length, PlatformError
from tickets import lifecycle
from tickets.activity import record
from tickets.models import Activity, Ticket, TicketMessage
from tickets.permissions import NotAllowed, check_may_work_on
from tickets.standing import settle

WHY_NOT: dict[str, Promise] = {
    Cannot.NOT_SUMMONED: _(
        "X lets us answer only people who mentioned or quoted us. Open the post on X and answer there."
    ),
    Cannot.GONE: _("The post is no longer there, so there is nothing to answer."),
    Cannot.CLOSED: _("Its author lets nobody answer it, or not us."),
    Cannot.AUTOMATIC: _("A machine sent it, so nobody would read an answer."),
    Cannot.NO_ACCOUNT: _("This channel cannot send: it holds imported history, or its writing keys are missing."),
}


class EmptyAnswer(Exception):
    """Nothing was written."""


class TooLong(Exception):
    """Longer than the platform takes."""

    def __init__(self, length: Length) -> None:
        super().__init__(f"{length.used}/{length.limit}")
        self.length = length


class KeyUsed(NotAllowed):
    """The key of this answer belongs to an answer on another ticket."""


class MovedOn(Exception):
    """Messages came since the page was drawn; `newer` holds them, oldest first."""

    def __init__(self, newer: list[Message]) -> None:
        super().__init__(f"{len(newer)} newer")
        self.newer = newer


class Unsendable(Exception):
    """The platform gives no way to answer this message."""

    def __init__(self, reason: Cannot) -> None:
        super().__init__(str(WHY_NOT[reason]))
        self.reason = reason


def messages_of(ticket: Ticket) -> QuerySet[Message]:
    """The ticket's messages, in the order they were said."""
    on_ticket = TicketMessage.objects.filter(ticket=ticket).values("message")
    return Message.objects.filter(pk__in=on_ticket).order_by("posted_at", "id")


def answers_to(ticket: Ticket) -> Message | None:
    """The message an answer now goes under: the customer's newest that is still there."""
    theirs = messages_of(ticket).filter(direction=Message.Direction.IN)
    still_there = theirs.filter(deleted_at=None).select_related("channel", "conversation", "contact")
    return still_there.order_by("-posted_at", "-id").first()


def can_answer(ticket: Ticket) -> Cannot | None:
    """None if an answer can be posted, else why not."""
    return _cannot(answers_to(ticket))


def _cannot(parent: Message | None) -> Cannot | None:
    if parent is None:
        return Cannot.GONE
    try:
        adapter = adapters.of(parent.channel)
    except PlatformError:
        return Cannot.NO_ACCOUNT
    handle = parent.channel.handle.lstrip("@").lower()
    names_us = bool(handle) and f"@{handle}" in parent.text.lower()
    return adapter.can_reply(Kind(parent.kind), names_us=names_us, raw=parent.raw)


def length_of(ticket: Ticket, text: str) -> Length:
    """The text's length as the ticket's platform counts it."""
    return adapters.of(ticket.channel).length(text)


def send(ticket_id: int, *, text: str, by: User, seen: int, key: UUID, resolve: bool = False) -> Delivery:
    """Answer the customer in public, under their newest message.

    `seen`: the ticket's position when the page was drawn. `key`: made with the form, so that a form posted twice sends
    once. Raises Ticket.DoesNotExist, NotAllowed, KeyUsed, EmptyAnswer, TooLong, MovedOn, Unsendable.
    """
    text = clean(text).replace("\r\n", "\n").strip()
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",)).select_related("channel").get(pk=ticket_id)
        check_may_work_on(by, ticket)
        earlier = Delivery.objects.filter(key=key).first()
        if earlier is not None:
            return _same_answer(ticket, earlier)
        parent = _check(ticket, text, seen)
        delivery = _write(ticket, parent, text, by, key)
        _take_if_nobodys(ticket, by)
        record(ticket, Activity.Verb.ANSWERED, by, message=delivery.message_id)
        settle([ticket], timezone.now())
        if resolve:
            lifecycle.resolve(ticket.pk, by=by)
        doorbell.ring("radd.deliver")
        doorbell.ring_pages()
    return delivery


def _same_answer(ticket: Ticket, earlier: Delivery) -> Delivery:
    """The answer this form has sent before."""
    if not TicketMessage.objects.filter(ticket=ticket, message=earlier.message_id).exists():
        raise KeyUsed(_("This form has sent an answer to another ticket already. Load the page again."))
    return earlier


def _check(ticket: Ticket, text: str, seen: int) -> Message:
    if not text:
        raise EmptyAnswer
    if seen < ticket.position:
        raise MovedOn(_came_after(ticket, seen))
    parent = answers_to(ticket)
    reason = _cannot(parent)
    if reason is not None or parent is None:
        raise Unsendable(reason or Cannot.GONE)
    length = adapters.of(parent.channel).length(text)
    if not length.fits:
        raise TooLong(length)
    return parent


def _came_after(ticket: Ticket, seen: int) -> list[Message]:
    """What came onto the ticket after its first `seen` messages, however old its authors say it is."""
    order = TicketMessage.objects.filter(ticket=ticket).order_by("id").values_list("message_id", flat=True)
    return list(messages_of(ticket).filter(pk__in=list(order[seen:])).select_related("contact", "author"))


def _write(ticket: Ticket, parent: Message, text: str, by: User, key: UUID) -> Delivery:
    now = timezone.now()
    message = Message.objects.create(
        channel=parent.channel,
        conversation=parent.conversation,
        contact=_our_account(parent),
        direction=Message.Direction.OUT,
        kind=parent.kind if parent.kind in {Kind.DM, Kind.MAIL} else Kind.REPLY,
        text=text,
        parent_external_id=parent.external_id,
        root_external_id=parent.root_external_id or parent.external_id,
        posted_at=now,
        received_at=now,
        author=by,
        state=Message.State.TRIAGED,
        decision=Message.Decision.OURS,
        disposition=Message.Disposition.OURS,
        decided_by=by,
        decided_at=now,
        language=parent.language,
    )
    TicketMessage.objects.create(ticket=ticket, message=message)
    due = now + timedelta(seconds=settings.UNDO_SECONDS)
    return Delivery.objects.create(
        message=message, channel=parent.channel, conversation=parent.conversation, key=key, due_at=due
    )


def _our_account(parent: Message) -> Contact:
    channel = parent.channel
    contact, _made = Contact.objects.get_or_create(
        brand_id=channel.brand_id,
        platform=channel.platform,
        external_id=channel.external_id or f"channel-{channel.pk}",
        defaults={"handle": channel.handle, "name": channel.name, "is_own": True},
    )
    return contact


def _take_if_nobodys(ticket: Ticket, by: User) -> None:
    """Who answers a ticket that is nobody's has it from then on."""
    if ticket.assignee_id is None:
        ticket.assignee, ticket.assigned_at = by, timezone.now()
        ticket.save(update_fields=["assignee", "assigned_at"])
        record(ticket, Activity.Verb.ASSIGNED, by, to=by.pk, name=by.name)


def take_back(key: UUID, *, by: User) -> bool:
    """Cancel an answer that has not left yet. False if it is too late."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().get(key=key)
        ticket = Ticket.objects.select_for_update().get(entries__message=delivery.message_id)
        check_may_work_on(by, ticket)
        if delivery.state != Delivery.State.WAITING:
            return False
        now = timezone.now()
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.CANCELLED, finished_at=now, settled=True, lease_until=None
        )
        record(ticket, Activity.Verb.TAKEN_BACK, by, message=delivery.message_id)
        lifecycle.settle_unanswered(ticket, now)
        doorbell.ring_pages()
    return True


def try_again(key: UUID, *, by: User) -> bool:
    """Put an answer that was not sent back in the outbox. False if it is not in that state."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().get(key=key)
        ticket = Ticket.objects.select_for_update().get(entries__message=delivery.message_id)
        check_may_work_on(by, ticket)
        if delivery.state != Delivery.State.FAILED:
            return False
        # Nobody knows whether the last try got through: `unknown` looks on the platform first.
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.UNKNOWN, due_at=timezone.now(), attempts=0, finished_at=None, settled=False
        )
        settle([ticket], timezone.now())
        record(ticket, Activity.Verb.CHANGED, by, what="try_again", message=delivery.message_id)
        doorbell.ring("radd.deliver")
        doorbell.ring_pages()
    return True


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
    if delivery.state == Delivery.State.SENT:
        # What was on the ticket when the answer was written: its writer can have seen nothing else.
        turn = TicketMessage.objects.filter(ticket=ticket, message=message).values("pk")
        seen = TicketMessage.objects.filter(ticket=ticket, pk__lt=turn[:1]).values("message")
        Message.objects.filter(pk__in=seen, disposition=Message.Disposition.AWAITING).update(
            disposition=Message.Disposition.ANSWERED, decided_by=message.author_id, decided_at=timezone.now()
        )
        record(ticket, Activity.Verb.DELIVERED, None, message=message.pk)
        settle([ticket], timezone.now())
    elif delivery.state == Delivery.State.FAILED:
        record(ticket, Activity.Verb.NOT_DELIVERED, None, message=message.pk, error=delivery.last_error)
        lifecycle.settle_unanswered(ticket, timezone.now())
