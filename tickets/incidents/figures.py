"""An incident in figures: how many tickets, how long the oldest has waited, how its customers feel, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncHour

from ingest.models import Message
from tickets.incidents.terms import Term, heard
from tickets.models import Incident, Ticket, TicketMessage
from tickets.models.ticket import LIVE, NEEDS_US

DAY = timedelta(hours=24)
# More messages than these are not read for a preview: the newest tell enough.
MOST_READ = 20_000
WAITING = Q(status__in=NEEDS_US, waiting_since__isnull=False)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all tickets of an incident. `mood`: the mean of its live tickets' newest readings; `before`: of their first.

    `answered`: those that had an answer of ours. `reach`: how often the most seen of its posts was seen.
    """

    tickets: int
    live: int
    waiting: int
    answered: int
    oldest: datetime | None
    mood: float | None
    before: float | None
    reach: int | None


def of(incident: Incident) -> Figures:
    """One query, by the index of an incident's tickets."""
    live = Q(status__in=LIVE)
    told = Ticket.objects.filter(incident=incident).aggregate(
        tickets=Count("id"),
        live=Count("id", filter=live),
        waiting=Count("id", filter=WAITING),
        answered=Count("id", filter=Q(first_answered_at__isnull=False)),
        oldest=Min("waiting_since", filter=WAITING),
        mood=Avg("latest_valence", filter=live),
        before=Avg("first_valence", filter=live),
        reach=Max("reach"),
    )
    return Figures(**told)


def counted(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Incidents with `held` and `waiting`: how many tickets they hold, and how many of these wait for us."""
    here = Ticket.objects.filter(incident=OuterRef("pk")).order_by().values("incident")
    held, waiting = (
        Coalesce(Subquery(rows.annotate(n=Count("id")).values("n")), 0, output_field=IntegerField())
        for rows in (here, here.filter(WAITING))
    )
    return incidents.annotate(held=held, waiting=waiting)


@dataclass(frozen=True, slots=True)
class Hour:
    """What its customers wrote in one hour, and the mean of how they felt; None where nothing of it was read."""

    at: datetime
    said: int
    mood: float | None


def course(incident: Incident, now: datetime) -> list[Hour]:
    """The last 24 hours of it, oldest first; hours in which nothing was said among them. One query."""
    end = min(now, incident.closed_at or now)
    first = (end - DAY + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    theirs = TicketMessage.objects.filter(
        ticket__incident=incident, message__direction=Message.Direction.IN,
        message__posted_at__gte=first, message__posted_at__lte=end,
    )  # fmt: skip
    hours = theirs.annotate(hour=TruncHour("message__posted_at")).order_by().values("hour")
    rows = hours.annotate(said=Count("id"), mood=Avg(F("message__positive") - F("message__negative")))
    found = {row["hour"]: Hour(row["hour"], row["said"], row["mood"]) for row in rows}
    return [found.get(at, Hour(at, 0, None)) for at in (first + timedelta(hours=turn) for turn in range(24))]


def would_match(brand_id: int, terms: tuple[Term, ...], now: datetime) -> list[int]:
    """Tickets of the last 24 hours that hold one of these words and are in no incident; one query."""
    if not terms:
        return []
    # What was opened lately was changed lately, and for that there is an index.
    lately = TicketMessage.objects.filter(
        ticket__brand=brand_id, ticket__updated_at__gte=now - DAY, ticket__opened_at__gte=now - DAY,
        ticket__incident=None, message__direction=Message.Direction.IN,
    )  # fmt: skip
    said = lately.order_by("-id").values_list("ticket_id", "message__text")[:MOST_READ]
    return sorted({ticket for ticket, text in said if heard(text, terms)})
