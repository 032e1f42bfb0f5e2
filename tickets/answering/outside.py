"""Answers that people give outside Radd, where the platform lets us post none: said here, they count as answers."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from ingest import doorbell
from ingest.delivery import id_at
from ingest.links import checked
from ingest.models import Message
from tickets.activity import record
from tickets.answering import replies
from tickets.models import Activity, Ticket, TicketMessage
from tickets.permissions import check_may_work_on
from tickets.standing import settle


def answered_outside(ticket_id: int, *, by: User, seen: int, key: UUID, link: str = "", text: str = "") -> Ticket:
    """Somebody has answered the customer on the platform itself, or by other means. Twice with one key is once.

    `link`: where the answer stands, http or https. `text`: its words, as far as they are known. `seen`: the ticket's
    position as they saw it. Raises Ticket.DoesNotExist, NotAllowed, BadLink, MovedOn.
    """
    link, text = checked(link), replies.tidy(text)
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",)).select_related("channel").get(pk=ticket_id)
        check_may_work_on(by, ticket)
        if TicketMessage.objects.filter(ticket=ticket, message__raw__outside=str(key)).exists():
            return ticket
        replies.check_not_moved_on(ticket, seen)
        answer = _write(ticket, text, link, key, by)
        awaiting = replies.messages_of(ticket).filter(disposition=Message.Disposition.AWAITING).order_by()
        awaiting.update(disposition=Message.Disposition.ANSWERED_OUTSIDE, decided_by=by, decided_at=answer.received_at)
        replies.take_if_nobodys(ticket, by)
        record(ticket, Activity.Verb.ANSWERED, by, message=answer.pk, outside=True, link=link)
        settle([ticket], timezone.now())
        doorbell.ring_pages()
    return ticket


def _write(ticket: Ticket, text: str, link: str, key: UUID, by: User) -> Message:
    """The answer as a post of ours that was made elsewhere. Where it was read back already, that is it."""
    theirs = replies.messages_of(ticket).filter(direction=Message.Direction.IN).order_by("-posted_at", "-id")
    parent = theirs.select_related("channel", "conversation").first()
    if parent is None:
        raise Ticket.DoesNotExist
    message = replies.an_answer(parent, text, timezone.now(), decided_by=by, url=link, raw={"outside": str(key)})
    message.external_id = id_at(message, link) or f"outside-{key}"
    known = Message.objects.filter(channel=parent.channel_id, external_id=message.external_id).first()
    if known is not None:
        message = known
    else:
        message.save()
    if not TicketMessage.objects.filter(message=message).exists():
        TicketMessage.objects.create(ticket=ticket, message=message)
    return message
