"""What holds of tickets, as rules ask it (tickets.steering.conditions): many tickets at once, in few queries.

A moment is a ticket with the message it is looked at for, and when. New tickets are looked at as they came; the dry run
looks at old ones in the same way, as they came then: without the tags and the priority they got since. Of the reading,
what a person corrected counts, today as then.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ingest.models import Message
from tickets.models import Calendar, CustomerContact, Incident, Ticket, Tier
from tickets.steering.conditions import Case
from tickets.targets import calendars, sla
from tickets.targets.sla import Hours

MONTH = timedelta(days=30)
# Fields that cost a query; nothing is asked for that no rule wants to know.
TIER, EVENT, OPEN = "tier", "event", "open_hours"
EARLIER, WROTE = "earlier_tickets", "messages_30_days"


@dataclass(frozen=True, slots=True)
class Moment:
    """A ticket, the message that brought it here (with its channel), and when that was."""

    ticket: Ticket
    message: Message
    at: datetime
    came_back: bool = False
    # As it came: nobody has put a tag or a priority on it yet.
    as_new: bool = False


def cases_of(moments: Sequence[Moment], fields: Collection[str]) -> Sequence[Case]:
    """The case of each moment, in their order, with what these fields ask for."""
    facts, people = [_told(moment) for moment in moments], People(moments)
    for field, look in LOOKED_UP.items():
        if field in fields and moments:
            for case, value in zip(facts, look(moments, people), strict=True):
                case[field] = value
    return facts


def _told(moment: Moment) -> dict[str, Any]:
    """What the ticket and the message say themselves."""
    ticket, message = moment.ticket, moment.message
    wall = timezone.localtime(moment.at)
    # A reader that knows sentiment only says nothing of these.
    cared = message.follow_up is not None
    return {
        **of_row(ticket),
        "platform": message.channel.platform,
        "kind": message.kind,
        "language": message.language or None,
        "words": message.text,
        "sentiment": message.valence,
        "reasons": list(message.cues) if message.read_at else None,
        "trigger": message.trigger if cared else None,
        "aim": message.aim if cared else None,
        "urgency": message.urgency or None,
        **({"priority": Ticket.Priority.NORMAL.value, "tags": []} if moment.as_new else {}),
        "minutes_waiting": max((moment.at - message.waits_from).total_seconds() / 60, 0.0),
        "came_back": moment.came_back or ticket.previous_id is not None,
        "weekday": wall.weekday(),
        "hour": wall.hour,
    }


def of_row(ticket: Ticket) -> dict[str, Any]:
    """What stands in the ticket's own row, whatever brings one to look at it."""
    return {
        "channel": ticket.channel_id,
        "brand": ticket.brand_id,
        "priority": ticket.priority,
        "tags": list(ticket.tags),
        "incident": ticket.incident_id,
        "reach": ticket.reach,
    }


class People:
    """Whose the accounts of some moments are, asked once for all fields that want to know."""

    def __init__(self, moments: Sequence[Moment]) -> None:
        self.contacts = {moment.ticket.contact_id for moment in moments}

    @cached_property
    def linked(self) -> Sequence[tuple[int, int, int | None]]:
        """(account, customer, tier) of each account of a customer, and of those that people linked with it."""
        theirs = CustomerContact.objects.filter(contact__in=self.contacts).values("customer")
        rows = CustomerContact.objects.filter(customer__in=theirs)
        return list(rows.values_list("contact_id", "customer_id", "customer__tier_id"))

    @cached_property
    def who(self) -> Mapping[int, int]:
        """For each account a number that all accounts of one person share."""
        return {pk: pk for pk in self.contacts} | {contact: -customer for contact, customer, _tier in self.linked}

    def times(self, rows: Iterable[tuple[int, datetime]]) -> Mapping[int, list[datetime]]:
        """By person, of (account, moment)."""
        found: dict[int, list[datetime]] = defaultdict(list)
        for contact, at in rows:
            found[self.who[contact]].append(at)
        return found


# --- what has to be looked up ---------------------------------------------------------------------------------------
def _tiers(moments: Sequence[Moment], people: People) -> Iterable[int | None]:
    """The customer's tier, else the one that customers of the brand have whom nobody has placed."""
    own = {contact: tier for contact, _customer, tier in people.linked if tier is not None}
    brands = {moment.ticket.brand_id for moment in moments}
    usual = dict(Tier.objects.filter(brand__in=brands, is_default=True).values_list("brand", "id"))
    return [own.get(m.ticket.contact_id, usual.get(m.ticket.brand_id)) for m in moments]


def _events(moments: Sequence[Moment], _people: People) -> Iterable[list[int]]:
    """Ids of what was in force for the brand at that moment."""
    first, last = min(moment.at for moment in moments), max(moment.at for moment in moments)
    known = Incident.objects.filter(brand__in={moment.ticket.brand_id for moment in moments}, begins_at__lte=last)
    known = known.filter(Q(ends_at=None) | Q(ends_at__gt=first)).filter(Q(closed_at=None) | Q(closed_at__gt=first))
    rows = list(known.only("brand_id", "begins_at", "ends_at", "closed_at"))
    return [[row.pk for row in rows if row.brand_id == m.ticket.brand_id and in_force(row, m.at)] for m in moments]


def in_force(incident: Incident, at: datetime) -> bool:
    """Whether it is going on at that moment: within its window, and not closed before."""
    ends = [end for end in (incident.ends_at, incident.closed_at) if end is not None]
    return incident.begins_at <= at and all(at < end for end in ends)


def _earlier(moments: Sequence[Moment], people: People) -> Iterable[int]:
    """Tickets of the same account, and of those linked with it, that were opened before."""
    last = max(moment.ticket.opened_at for moment in moments)
    rows = Ticket.objects.filter(contact__in=people.who, opened_at__lt=last)
    times = people.times(rows.order_by("opened_at").values_list("contact_id", "opened_at"))
    return [bisect_left(times[people.who[m.ticket.contact_id]], m.ticket.opened_at) for m in moments]


def _wrote(moments: Sequence[Moment], people: People) -> Iterable[int]:
    """Messages of the same account and those linked with it in the thirty days before, this one among them."""
    since, until = min(moment.at for moment in moments) - MONTH, max(moment.at for moment in moments)
    rows = Message.objects.filter(contact__in=people.who, posted_at__gte=since, posted_at__lte=until)
    rows = rows.exclude(decision=Message.Decision.CONTEXT)
    times = people.times(rows.order_by("posted_at").values_list("contact_id", "posted_at"))
    found = [(times[people.who[moment.ticket.contact_id]], moment.at) for moment in moments]
    return [bisect_left(of, at + timedelta(microseconds=1)) - bisect_left(of, at - MONTH) for of, at in found]


def _open(moments: Sequence[Moment], _people: People) -> Iterable[bool | None]:
    """Whether the team that has it is at its hours; not known of a team without a calendar."""
    teams = {moment.ticket.team_id for moment in moments if moment.ticket.team_id}
    hours = _hours_of(teams, moments[0].at)
    return [
        sla.is_open(hours[m.ticket.team_id], m.at) if m.ticket.team_id and m.ticket.team_id in hours else None
        for m in moments
    ]


def _hours_of(teams: Collection[int], around: datetime) -> dict[int, Hours]:
    """The hours of each of these teams that has a calendar which can be read; the first by name."""
    found: dict[int, Hours] = {}
    for calendar in Calendar.objects.filter(teams__in=teams).distinct().prefetch_related("teams", "days"):
        try:
            hours = calendars.hours_of(calendar, calendar.days.all(), around.date())
        except calendars.BadHours:
            continue
        for team in calendar.teams.all():
            found.setdefault(team.pk, hours)
    return found


LOOKED_UP = {TIER: _tiers, EVENT: _events, EARLIER: _earlier, WROTE: _wrote, OPEN: _open}
"""By field; each a query or two however many moments there are."""
