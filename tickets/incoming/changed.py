"""Messages that come to triage again because they changed: edited, deleted, or read at last.

What was decided stands: no second ticket, nothing taken off one. The ticket's copies of the words follow, and its
record says what happened. Only what was set aside by triage alone, and says something else now, is decided anew.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from ingest import doorbell
from ingest.models import Message
from tickets.activity import record
from tickets.listing.search import indexing
from tickets.models import Activity, Ticket, TicketMessage
from tickets.models.ticket import LIVE
from tickets.standing import settle
from tickets.subjects import subject_of


def followed() -> QuerySet[Message]:
    """The messages that work waits on: those of live tickets."""
    return Message.objects.filter(pk__in=TicketMessage.objects.filter(ticket__status__in=LIVE).values("message"))


def settle_known(messages: Sequence[Message], now: datetime) -> list[Message]:
    """Deal with those that were decided before (locked by the caller); returns the others, for triage to decide."""
    known = [message for message in messages if message.decision and message.disposition]
    if not known:
        return list(messages)
    places = dict(TicketMessage.objects.filter(message__in=known).values_list("message_id", "ticket_id"))
    stands = [m for m in known if m.pk in places or m.decided_by_id or m.examined_at or m.deleted_at]
    _put_back(stands)
    _follow([message for message in stands if message.pk in places], places, now)
    done = {message.pk for message in stands}
    return [message for message in messages if message.pk not in done]


def _put_back(messages: Sequence[Message]) -> None:
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        state=Message.State.TRIAGED, lease_until=None, attempts=0, last_error=""
    )


def _follow(messages: Sequence[Message], places: dict[int, int], now: datetime) -> None:
    """The tickets of these messages: measured anew, their first words and their record in step."""
    ids = {places[message.pk] for message in messages}
    tickets = {t.pk: t for t in Ticket.objects.filter(pk__in=ids).select_for_update(of=("self",)).order_by("id")}
    if not tickets:
        return
    settle(list(tickets.values()), now)
    first = TicketMessage.objects.filter(ticket__in=tickets).order_by("ticket", "id").distinct("ticket")
    began = dict(first.values_list("ticket_id", "message_id"))
    for message in messages:
        ticket = tickets[places[message.pk]]
        if began[ticket.pk] == message.pk:
            ticket.subject, ticket.language = subject_of(message.text), message.language
            ticket.save(update_fields=["subject", "language"])
        what = "deleted" if message.deleted_at else "edited" if message.edited_at else "read"
        record(ticket, Activity.Verb.CHANGED, None, message=message.pk, what=what)
    indexing.forget(message.pk for message in messages)
    doorbell.ring_pages()
