"""A ticket's life: resolved, reopened, closed; and notes along the way."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import batch, doorbell
from ingest.collect import clean
from ingest.models import Delivery, Message
from tickets.activity import record
from tickets.answering import drafts, mentions
from tickets.answering.care import KEY
from tickets.listing.search import indexing
from tickets.models import Activity, Draft, Ticket, TicketMessage
from tickets.permissions import NotAllowed, check_may_work_on
from tickets.standing import settle
from tickets.steering import routing
from tickets.targets.policies import targeting
from tickets.targets.ticking import CLOCKS, tick
from tickets.verbs.in_hand import back_to_life

Status = Ticket.Status
Verb = Activity.Verb
LONGEST_NOTE = 10_000


class EmptyNote(Exception):
    """A note without a word."""


def _locked(ticket_id: int, by: User) -> Ticket:
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    check_may_work_on(by, ticket)
    return ticket


def resolve(ticket_id: int, *, by: User) -> Ticket:
    """The customer's problem is solved. Messages still awaiting an answer are closed as needing none, by this person.

    Resolving twice changes nothing.
    """
    with transaction.atomic():
        ticket = _locked(ticket_id, by)
        if not ticket.is_live:
            return ticket
        now = timezone.now()
        closed = _close_open_messages(ticket, by, now)
        ticket.status, ticket.resolved_at, ticket.due_at, ticket.waiting_since = Status.RESOLVED, now, None, None
        ticket.updated_at = now
        tick(ticket, targeting([ticket], now), now)
        ticket.save(update_fields=["status", "resolved_at", "due_at", "waiting_since", "updated_at", *CLOCKS])
        record(ticket, Verb.RESOLVED, by, closed=closed)
        routing.ring()
        doorbell.ring_pages()
    return ticket


def _close_open_messages(ticket: Ticket, by: User, now: datetime) -> list[int]:
    """What waits and no answer of ours is on its way to ends here; the ids of these messages."""
    open_ones = list(unseen(ticket).values_list("id", flat=True))
    Message.objects.filter(pk__in=open_ones).update(
        disposition=Message.Disposition.NO_ANSWER, decided_by=by, decided_at=now
    )
    return open_ones


def unseen(ticket: Ticket) -> QuerySet[Message]:
    """Awaiting messages, but for those with an answer of ours on its way: they count as answered when it arrives."""
    entries = TicketMessage.objects.filter(ticket=ticket)
    on_its_way = entries.filter(
        message__delivery__settled=False, message__delivery__state__in=[*Delivery.UNFINISHED, Delivery.State.SENT]
    ).exclude(**{f"message__raw__{KEY}__counts": False})
    newest = on_its_way.order_by("-id").values_list("id", flat=True).first()
    later = entries.filter(pk__gt=newest or 0).values("message")
    return Message.objects.filter(pk__in=later, disposition=Message.Disposition.AWAITING)


def take_back(line: Activity, by: User) -> None:
    """Undo resolving: the ticket is live as it was, and what was closed with it waits again.

    Raises NotAllowed where it was reopened since, or the customer has another live ticket by now.
    """
    ticket = _locked(line.ticket_id, by)
    if ticket.is_live or ticket.merged_into_id:
        raise NotAllowed(_("Too late to undo: it was changed again since."))
    Message.objects.filter(pk__in=line.data.get("closed", []), disposition=Message.Disposition.NO_ANSWER).update(
        disposition=Message.Disposition.AWAITING, decided_by=None
    )
    back_to_life(ticket, Status.OPEN if ticket.assignee_id else Status.NEW)
    settle([ticket], timezone.now())
    routing.ring()
    doorbell.ring_pages()


def reopen(ticket_id: int, *, by: User) -> Ticket:
    """Back to work. Raises NotAllowed when the customer has another live ticket by now."""
    with transaction.atomic():
        ticket = _locked(ticket_id, by)
        if ticket.is_live:
            return ticket
        now = timezone.now()
        try:
            with transaction.atomic():
                _revive(ticket, now)
        except IntegrityError:
            raise NotAllowed(_("This customer has another open ticket. Work on that one.")) from None
        settle([ticket], now)
        record(ticket, Verb.REOPENED, by, why="person")
        routing.ring()
        doorbell.ring_pages()
    return ticket


def _revive(ticket: Ticket, now: datetime) -> None:
    """Raises IntegrityError when the customer has another live ticket."""
    ticket.status = Status.OPEN if ticket.assignee_id else Status.NEW
    ticket.resolved_at, ticket.due_at = None, now
    ticket.reopened += 1
    ticket.save(update_fields=["status", "resolved_at", "due_at", "reopened", "split_off"])


def settle_unanswered(ticket: Ticket, now: datetime, *, by: User | None = None, why: str = "not_delivered") -> None:
    """Settle a ticket one of whose messages waits after all (locked by the caller): an answer will not arrive, or a
    person says that one was owed.

    If it was resolved before, it is live again, beside any newer ticket of the customer's.
    """
    settle([ticket], now)
    if ticket.is_live or ticket.waiting_since is None:
        return
    try:
        with transaction.atomic():
            _revive(ticket, now)
    except IntegrityError:
        ticket.split_off, ticket.reopened = True, ticket.reopened - 1
        _revive(ticket, now)
    settle([ticket], now)
    record(ticket, Verb.REOPENED, by, why=why)
    routing.ring()


def note(ticket_id: int, *, text: str, by: User) -> Activity:
    """An internal note, never shown to the customer. Raises EmptyNote, NotAllowed when it is a book."""
    text = clean(text).strip()
    if not text:
        raise EmptyNote
    if len(text) > LONGEST_NOTE:
        raise NotAllowed(_("A note takes at most %(most)d characters. Shorten it.") % {"most": LONGEST_NOTE})
    with transaction.atomic():
        ticket = _locked(ticket_id, by)
        ticket.updated_at = timezone.now()
        ticket.save(update_fields=["updated_at"])
        line = record(ticket, Verb.NOTED, by, text=text)
        mentions.tell(ticket, line, text, by)
        drafts.drop(ticket, by, Draft.Kind.NOTE)
        indexing.noted(ticket)
        doorbell.ring_pages()
    return line


def close_resolved(now: datetime | None = None, limit: int = 1000) -> int:
    """Resolved tickets that can no longer be reopened by their thread are closed; returns how many."""
    now = now or timezone.now()
    with transaction.atomic():
        old = Ticket.objects.filter(status=Status.RESOLVED, resolved_at__lt=now - settings.REOPEN_WITHIN)
        ids = list(old.select_for_update(skip_locked=True).order_by("resolved_at").values_list("id", flat=True)[:limit])
        batch.update(Ticket, [{"id": pk, "status": Status.CLOSED.value} for pk in ids], ["status"])
        Activity.objects.bulk_create(Activity(ticket_id=pk, verb=Verb.CLOSED, at=now) for pk in ids)
    return len(ids)
