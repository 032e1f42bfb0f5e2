"""Routing: a ticket goes to its team, and there to the available agent with the lowest load within capacity.

A rule may say otherwise (tickets.steering.rules): in turn instead of by load, only to people with a skill or a
language. The oldest ticket goes first, and no ticket to two people; one that nobody present can take holds up nobody
behind it. What finds nobody waits in order and is drained in order when someone frees up: a ticket resolved, an agent
back or on shift, a higher capacity.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Team
from ingest import batch, doorbell
from tickets.activity import routed
from tickets.models import Activity, Ticket
from tickets.models.ticket import NEEDS_US
from tickets.steering.seats import LEAST_LOADED, choose, seats_of, takeable

# One drain at a time: an agent of two teams must not be filled twice. Released with the transaction.
DRAIN_LOCK = 0x7261_6464
MOST_AT_ONCE = 500


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
    now = timezone.now()
    seats = seats_of(team, now)
    room = min(sum(seat.room for seat in seats), MOST_AT_ONCE)
    if not room:
        return 0
    waiting = Ticket.objects.waiting_in(team).filter(takeable(seats))
    queue = list(waiting.select_for_update(skip_locked=True, of=("self",))[:room])
    how = _how(queue)
    rows, lines = [], []
    for turn, ticket in enumerate(queue):
        seat = choose(seats, ticket, how.get(ticket.pk, LEAST_LOADED))
        if seat is None:
            # Whoever could take it is full by now; the next drain looks again.
            continue
        # A moment for each, so that it is known whose turn it was last.
        at = now + timedelta(microseconds=turn)
        rows.append(
            {"id": ticket.pk, "assignee_id": seat.agent_id, "status": "open", "assigned_at": at, "updated_at": now}
        )
        data = {"to": seat.agent_id, "name": seat.name}
        lines.append(Activity(ticket=ticket, verb=Activity.Verb.ASSIGNED, data=data, at=now))
        seat.take(at)
    _write(rows, lines)
    return len(rows)


def _how(queue: Sequence[Ticket]) -> dict[int, str]:
    """How the last rule that routed each of these wants it shared out."""
    told = routed().filter(ticket__in=queue).order_by("id")
    return {pk: how for pk, how in told.values_list("ticket_id", "data__share") if how}


def _write(rows: list[dict[str, object]], lines: list[Activity]) -> None:
    batch.update(Ticket, rows, ["assignee", "status", "assigned_at", "updated_at"])
    Activity.objects.bulk_create(lines)
    if lines:
        doorbell.ring_pages()
