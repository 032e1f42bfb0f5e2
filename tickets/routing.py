"""Routing: a ticket goes to its team, and there to the available agent with the lowest load within capacity.

The oldest ticket goes first, and no ticket to two people. What finds nobody waits in order and is drained in order
when someone frees up: a ticket resolved, an agent back, a higher capacity.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Team, User
from ingest import batch, doorbell
from tickets.models import Activity, Ticket
from tickets.models.ticket import NEEDS_US

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# One drain at a time: an agent of two teams must not be filled twice. Released with the transaction.
DRAIN_LOCK = 0x7261_6464
MOST_AT_ONCE = 500


@dataclass(order=True, slots=True)
class Seat:
    """An agent with room. The lightest load comes first, then whoever has waited longest for a ticket."""

    load: int
    last_given: datetime
    agent_id: int
    room: int = field(compare=False)
    name: str = field(compare=False, default="")


def ring() -> None:
    """Say that somebody may have room now, or that something new waits."""
    doorbell.ring("radd.route")


def default_teams(brand_ids: Iterable[int]) -> dict[int, int]:
    """The team each brand's tickets go to when no rule says otherwise."""
    pairs = Team.objects.filter(brands__in=set(brand_ids), is_default=True).order_by("-id").values_list("brands", "id")
    return dict(pairs)


def drain() -> int:
    """Give waiting tickets to agents with room, every team in turn; returns how many were given."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DRAIN_LOCK])
        teams = Team.objects.filter(
            pk__in=Ticket.objects.filter(assignee=None, status__in=NEEDS_US).values("team").distinct()
        ).order_by("id")
        return sum(_drain_team(team) for team in teams)


def _drain_team(team: Team) -> int:
    seats = _seats(team)
    room = min(sum(seat.room for seat in seats), MOST_AT_ONCE)
    if not room:
        return 0
    now = timezone.now()
    queue = Ticket.objects.waiting_in(team).select_for_update(skip_locked=True, of=("self",))[:room]
    rows, lines = [], []
    for ticket in queue:
        seat = heapq.heappop(seats)
        ticket.assignee_id = seat.agent_id
        rows.append(
            {"id": ticket.pk, "assignee_id": seat.agent_id, "status": "open", "assigned_at": now, "updated_at": now}
        )
        data = {"to": seat.agent_id, "name": seat.name}
        lines.append(Activity(ticket=ticket, verb=Activity.Verb.ASSIGNED, data=data, at=now))
        seat.load, seat.room, seat.last_given = seat.load + 1, seat.room - 1, now
        if seat.room:
            heapq.heappush(seats, seat)
    _write(rows, lines)
    return len(rows)


def _seats(team: Team) -> list[Seat]:
    """Available agents of the team that have room, as a heap."""
    agents = list(User.objects.filter(memberships__team=team, available=True, is_active=True).annotate(given=_given()))
    held = Ticket.objects.waiting_for_us().filter(assignee__in=agents).order_by().values_list("assignee")
    loads = dict(held.annotate(load=Count("pk")))
    seats = [
        Seat(
            loads.get(agent.pk, 0), agent.given or NEVER, agent.pk, agent.capacity - loads.get(agent.pk, 0), agent.name
        )
        for agent in agents
        if loads.get(agent.pk, 0) < agent.capacity
    ]
    heapq.heapify(seats)
    return seats


def _given() -> Subquery:
    """When an agent last got a ticket."""
    theirs = Ticket.objects.filter(assignee=OuterRef("pk"), assigned_at__isnull=False).order_by("-assigned_at")
    return Subquery(theirs.values("assigned_at")[:1])


def _write(rows: list[dict[str, object]], lines: list[Activity]) -> None:
    batch.update(Ticket, rows, ["assignee", "status", "assigned_at", "updated_at"])
    Activity.objects.bulk_create(lines)
    if lines:
        doorbell.ring_pages()
