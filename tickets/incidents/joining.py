"""At intake: what is of an incident by its words joins it by itself, before rules are asked which incident it is of.

One query for a batch of any size, and one more for each incident that something joined. What a person put into an
incident, or took out of one, is left as it is: only tickets that are opened or come back in this batch are looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from ingest.models import Message
from tickets.incidents.placing import IN
from tickets.incidents.terms import Term, heard, read
from tickets.models import Activity, Incident, Ticket
from tickets.steering.case import in_force


@dataclass(frozen=True, slots=True)
class Known:
    """An incident that takes tickets in by their words."""

    row: Incident
    terms: tuple[Term, ...]


def join(pairs: Iterable[tuple[Ticket, Message]], now: datetime) -> list[Activity]:
    """Put these tickets into the incidents their messages speak of; the lines of the record, to be written."""
    free = [(ticket, message) for ticket, message in pairs if ticket.incident_id is None]
    known = _known(free)
    lines: list[Activity] = []
    joined: dict[int, list[Ticket]] = defaultdict(list)
    for ticket, message in free if known else ():
        if ticket.incident_id is not None:
            continue
        for one in known:
            because = _because(one, ticket, message)
            if because:
                ticket.incident_id = one.row.pk
                joined[one.row.pk].append(ticket)
                lines.append(_line(ticket, one.row, because, now))
                break
    for incident, tickets in joined.items():
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(incident=incident)
    return lines


def _known(pairs: Sequence[tuple[Ticket, Message]]) -> list[Known]:
    """What takes tickets of these brands in, the newest first; asked for only where there is a ticket."""
    if not pairs:
        return []
    times = [message.waits_from for _ticket, message in pairs]
    rows = Incident.objects.filter(brand__in={ticket.brand_id for ticket, _message in pairs}, closed_at=None)
    rows = rows.filter(begins_at__lte=max(times)).filter(Q(ends_at=None) | Q(ends_at__gt=min(times)))
    return [Known(row, terms) for row in rows.order_by("-begins_at", "-id") if (terms := read(row.terms))]


def _because(one: Known, ticket: Ticket, message: Message) -> str | None:
    """The word by which it is of this incident; None where it is not."""
    if one.row.brand_id != ticket.brand_id or not in_force(one.row, message.waits_from):
        return None
    return heard(message.text, one.terms)


def _line(ticket: Ticket, incident: Incident, because: str, now: datetime) -> Activity:
    data = {"what": IN, "incident": incident.pk, "name": incident.name, "was": None, "because": because}
    return Activity(ticket=ticket, verb=Activity.Verb.INCIDENT, data=data, at=now)
