"""The ignored come back: who writes again while they wait is one step more urgent, once for each wait."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ingest.models import Message
from tickets.models import Activity, Ticket

# Several posts in one breath are one cry for help; after this long without an answer another one is a repeat.
AFTER = timedelta(minutes=30)
WHY = "repeat"


def rise(joined: Iterable[tuple[Ticket, Message]], now: datetime) -> list[Activity]:
    """Raise the priority of tickets (locked, as they stood before these messages) whose customers came back.

    Returns the lines for the record; the caller writes both. One query, where somebody came back.
    """
    back = {ticket.pk: ticket for ticket, message in joined if _is_repeat(ticket, message)}
    if not back:
        return []
    risen = Activity.objects.filter(ticket__in=back, verb=Activity.Verb.PRIORITISED, data__why=WHY)
    last = dict(risen.order_by("at").values_list("ticket_id", "at"))
    lines = []
    for pk, ticket in back.items():
        if pk in last and ticket.waiting_since and last[pk] >= ticket.waiting_since:
            continue
        ticket.priority -= 1
        data = {"to": ticket.priority, "was": ticket.priority + 1, "why": WHY}
        lines.append(Activity(ticket=ticket, verb=Activity.Verb.PRIORITISED, data=data, at=now))
    return lines


def _is_repeat(ticket: Ticket, message: Message) -> bool:
    if message.disposition != Message.Disposition.AWAITING or ticket.waiting_since is None:
        return False
    return ticket.priority > Ticket.Priority.URGENT and message.waits_from - ticket.waiting_since >= AFTER
