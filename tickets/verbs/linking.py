"""Links between tickets that have to do with each other."""

from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell
from tickets.activity import record
from tickets.models import Activity, Ticket, TicketLink
from tickets.permissions import NotAllowed, check_may_work_on

Verb = Activity.Verb


class Linked(NamedTuple):
    """The other end of a link."""

    id: int
    subject: str
    status: str


def link(ticket_id: int, *, to: int, by: User) -> Activity | None:
    """Say that two tickets have to do with each other; None if it is said already.

    Raises Ticket.DoesNotExist, NotAllowed.
    """
    if ticket_id == to:
        raise NotAllowed(_("Choose another ticket than this one."))
    with transaction.atomic():
        _both(ticket_id, to, by)
        return _record(ticket_id, to, Verb.LINKED, by) if join(ticket_id, to, by) else None


def unlink(ticket_id: int, *, to: int, by: User) -> Activity | None:
    """Take it back; None if they are not linked."""
    with transaction.atomic():
        _both(ticket_id, to, by)
        return _record(ticket_id, to, Verb.UNLINKED, by) if part(ticket_id, to) else None


def join(one: int, other: int, by: User) -> bool:
    """Write the link, without a line in the record; whether it is new."""
    first, second = sorted((one, other))
    defaults = {"by": by, "at": timezone.now()}
    return TicketLink.objects.get_or_create(first_id=first, second_id=second, defaults=defaults)[1]


def part(one: int, other: int) -> bool:
    """Remove the link; whether there was one."""
    first, second = sorted((one, other))
    return bool(TicketLink.objects.filter(first=first, second=second).delete()[0])


def _both(one: int, other: int, by: User) -> None:
    """Locked in order of id. Raises Ticket.DoesNotExist, NotAllowed."""
    found = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=(one, other)).order_by("id")
    tickets = list(found)
    if len(tickets) < 2:
        raise Ticket.DoesNotExist
    for ticket in tickets:
        check_may_work_on(by, ticket)


def _record(one: int, other: int, verb: Activity.Verb, by: User) -> Activity:
    """A line on each; that of the first is the one that is undone."""
    record(Ticket(pk=other), verb, by, other=one)
    doorbell.ring_pages()
    return record(Ticket(pk=one), verb, by, other=other, here=True)


def linked_to(ticket: Ticket) -> list[Linked]:
    """The other ends of the ticket's links, the newest first (one query)."""
    pairs = TicketLink.objects.filter(Q(first=ticket.pk) | Q(second=ticket.pk)).order_by("-at")
    rows = pairs.values_list(
        "first_id", "first__subject", "first__status", "second_id", "second__subject", "second__status"
    )
    return [Linked(*(row[3:] if row[0] == ticket.pk else row[:3])) for row in rows[:20]]


def ends() -> ArraySubquery:
    """For a queryset of tickets: the numbers at the other ends of their links, the newest link first."""
    here = OuterRef("pk")
    links = TicketLink.objects.filter(Q(first=here) | Q(second=here)).order_by("-at")
    return ArraySubquery(links.values_list(Case(When(first=here, then=F("second_id")), default=F("first_id")))[:20])


def take_back(line: Activity, by: User) -> None:
    """Undo either."""
    verb = unlink if line.verb == Verb.LINKED else link
    verb(line.ticket_id, to=int(line.data["other"]), by=by)
