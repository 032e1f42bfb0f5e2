"""The live board: where it will hurt in the next minutes, and who can take it. Read by supervisors, every few seconds.

Every figure is of the brands a person sees, and of one team where they chose one. A dozen queries, whatever the number
of tickets: each is bounded, or counts by an index that holds only what waits.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import Away, Membership, Team, User
from accounts.permissions import brand_ids
from tickets.models import Escalation, Ticket
from tickets.models.ticket import NEEDS_US
from tickets.news import presence
from tickets.news.presence import HERE, VIEWING, WRITING, Tab
from tickets.steering import attendance
from tickets.steering.seats import on_shift

CLOCKS = 12
SOON = timedelta(minutes=60)
ESCALATED = 6
# Somebody who has touched nothing for so long is idle.
IDLE = 120.0


class Clock(NamedTuple):
    """A ticket whose customer waits, soonest first."""

    id: int
    due_at: datetime
    waiting_since: datetime
    why: list[dict[str, Any]]
    first_valence: float | None
    latest_valence: float | None
    assignee_id: int | None
    assignee: str | None
    name: str
    handle: str
    platform: str


CLOCK_FIELDS = (*Clock._fields[:7], "assignee__name", "contact__name", "contact__handle", "channel__platform")


@dataclass(frozen=True, slots=True)
class Queue:
    """A team's tickets that wait for an answer. `load` of its people's `capacity` is taken."""

    team: Team
    waiting: int
    unassigned: int
    oldest: datetime | None
    due: datetime | None
    # How many of them are due within SOON.
    soon: int
    load: int
    capacity: int

    @property
    def share(self) -> int:
        """How full the hands of its people are, in hundredths."""
        return round(100 * self.load / self.capacity) if self.capacity else 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of these teams: `doing` is writing, viewing, here, idle, away, off (not on shift) or gone."""

    user: User
    load: int
    doing: str
    ticket: int = 0
    customer: str = ""
    since: datetime | None = None
    # Until when somebody is away, and why; of who is not on shift, when they come next.
    until: datetime | None = None
    reason: str = ""
    # They have a page open outside their shifts: no new ticket comes to them.
    off_shift: bool = False

    @property
    def here(self) -> bool:
        return self.doing in {WRITING, VIEWING, HERE, "idle"}

    @property
    def blocks(self) -> list[str]:
        """One block for each ticket of capacity, and red ones over it; never more than fit."""
        most = max(self.user.capacity, self.load)
        return ["o" if n >= self.user.capacity else "f" if n < self.load else "" for n in range(most)][:16]


@dataclass(frozen=True, slots=True)
class Hour:
    """Tickets that were opened in one hour of today."""

    hour: int
    answered: int
    missed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Today:
    """What became of the tickets that were opened today. Missed: their time ran out without an answer."""

    hours: list[Hour] = field(default_factory=list)
    median: float | None = None
    lift: float | None = None
    lift_error: float | None = None
    lifted: int = 0

    @property
    def answered(self) -> int:
        return sum(hour.answered for hour in self.hours)

    @property
    def missed(self) -> int:
        return sum(hour.missed for hour in self.hours)

    @property
    def coverage(self) -> float | None:
        """Of those that were due by now, the share that was answered; None before there is one."""
        due = self.answered + self.missed
        return self.answered / due if due else None


@dataclass(frozen=True, slots=True)
class Board:
    """All of it at one moment."""

    at: datetime
    team: Team | None
    teams: list[Team]
    clocks: list[Clock]
    queues: list[Queue]
    people: list[Person]
    today: Today
    escalations: list[Escalation]

    @property
    def waiting(self) -> int:
        return sum(queue.waiting for queue in self.queues)

    @property
    def soon(self) -> int:
        """How many clocks run out soon; those of no team of these are among the `clocks` at most."""
        return max(sum(queue.soon for queue in self.queues), len(self.clocks))

    @property
    def oldest(self) -> datetime | None:
        return min((queue.oldest for queue in self.queues if queue.oldest), default=None)

    @property
    def here(self) -> int:
        return sum(person.here for person in self.people)


def board(user: User, team_id: int | None, now: datetime) -> Board:
    """The board of the teams whose brands this supervisor sees."""
    teams = list(_teams(user))
    team = next((one for one in teams if one.pk == team_id), None)
    chosen = [team] if team else teams
    tickets = Ticket.objects.visible_to(user)
    if team:
        tickets = tickets.filter(team=team)
    people, members = _people(user, chosen, now)
    return Board(
        at=now,
        team=team,
        teams=teams,
        clocks=_clocks(tickets, now),
        queues=_queues(tickets, chosen, people, members, now),
        people=people,
        today=today(user, team, now),
        escalations=_escalations(tickets),
    )


def _teams(user: User) -> QuerySet[Team]:
    allowed = brand_ids(user)
    return Team.objects.all() if allowed is None else Team.objects.filter(brands__in=allowed).distinct()


def _clocks(tickets: QuerySet[Ticket], now: datetime) -> list[Clock]:
    waiting = tickets.filter(status__in=NEEDS_US, waiting_since__isnull=False, due_at__lt=now + SOON)
    return [Clock._make(row) for row in waiting.order_by("due_at", "id").values_list(*CLOCK_FIELDS)[:CLOCKS]]


def _queues(
    tickets: QuerySet[Ticket],
    teams: Sequence[Team],
    people: Sequence[Person],
    members: dict[int, set[int]],
    now: datetime,
) -> list[Queue]:
    waiting = tickets.filter(status__in=NEEDS_US, waiting_since__isnull=False).order_by().values("team")
    counted = {
        row["team"]: row
        for row in waiting.annotate(
            n=Count("id"),
            free=Count("id", filter=Q(assignee=None)),
            oldest=Min("waiting_since"),
            due=Min("due_at"),
            soon=Count("id", filter=Q(due_at__lt=now + SOON)),
        )
    }
    queues = []
    for team in teams:
        row = counted.get(team.pk, {})
        here = [one for one in people if one.user.pk in members[team.pk] and one.user.available]
        load, room = sum(one.load for one in here), sum(one.user.capacity for one in here)
        told = (row.get("n", 0), row.get("free", 0), row.get("oldest"), row.get("due"), row.get("soon", 0))
        queues.append(Queue(team, *told, load=load, capacity=room))
    return sorted(queues, key=lambda queue: (queue.due is None, queue.due or queue.team.name, queue.team.name))


def _escalations(tickets: QuerySet[Ticket]) -> list[Escalation]:
    rising = Escalation.objects.filter(ended_at=None, acknowledged_at=None, ticket__in=tickets)
    return list(rising.select_related("ticket__contact", "chain").order_by("-began_at")[:ESCALATED])


# --- people ---------------------------------------------------------------------------------------------------------
def _people(user: User, teams: Sequence[Team], now: datetime) -> tuple[list[Person], dict[int, set[int]]]:
    """Everybody of these teams, those who need a look first; and the members of each team."""
    rows = User.objects.filter(is_active=True, memberships__team__in=teams).distinct().prefetch_related("shifts")
    people = list(rows)
    away = attendance.away_now(people, now)
    held = Ticket.objects.filter(assignee__in=people, status__in=NEEDS_US).order_by().values_list("assignee")
    loads = dict(held.annotate(n=Count("id")))
    members: dict[int, set[int]] = defaultdict(set)
    through = Membership.objects.filter(team__in=teams)
    for team, member in through.values_list("team_id", "user_id"):
        members[team].add(member)
    tabs = newest(presence.tabs(now.timestamp()))
    names = _customers(user, [tab.ticket for tab in tabs.values()])
    found = [
        _person(one, loads.get(one.pk, 0), tabs.get(one.pk), names, away=away.get(one.pk), now=now) for one in people
    ]
    return sorted(found, key=lambda one: (not one.here, one.user.name, one.user.pk)), members


def newest(tabs: Iterable[Tab]) -> dict[int, Tab]:
    """Of each person the tab that says most: where they write, else the one they touched last."""
    found: dict[int, Tab] = {}
    for tab in sorted(tabs, key=lambda tab: (tab.doing == WRITING, tab.active_at)):
        found[tab.user] = tab
    return found


def _person(
    user: User, load: int, tab: Tab | None, names: dict[int, str], *, away: Away | None, now: datetime
) -> Person:
    if away is not None:
        return Person(user, load, "away", since=away.begins_at, until=away.ends_at, reason=away.reason)
    if tab is None:
        gone = "gone" if user.available and on_shift(user, now) else "off"
        return Person(user, load, gone, until=attendance.next_shift(user, now))
    seen = _with_page(user, load, tab, names, now)
    return seen if on_shift(user, now) else replace(seen, off_shift=True)


def _with_page(user: User, load: int, tab: Tab, names: dict[int, str], now: datetime) -> Person:
    """Somebody with a page open."""
    if not user.available:
        return Person(user, load, "away")
    if tab.doing != WRITING and now.timestamp() - tab.active_at > IDLE:
        return Person(user, load, "idle", since=datetime.fromtimestamp(tab.active_at, tz=now.tzinfo))
    if tab.ticket and tab.ticket in names:
        return Person(user, load, tab.doing, ticket=tab.ticket, customer=names[tab.ticket])
    return Person(user, load, HERE)


def _customers(user: User, ids: Iterable[int]) -> dict[int, str]:
    """The names of the customers of these tickets, as far as this supervisor sees them."""
    wanted = {pk for pk in ids if pk}
    if not wanted:
        return {}
    seen = Ticket.objects.visible_to(user).filter(pk__in=wanted)
    return {pk: name or handle for pk, name, handle in seen.values_list("id", "contact__name", "contact__handle")}


# --- today ----------------------------------------------------------------------------------------------------------
# What was opened today was changed today, and for that there is an index (ticket_all).
TODAY = """
    SELECT extract(hour FROM t.opened_at AT TIME ZONE %(zone)s)::int AS hour,
           count(*) FILTER (WHERE t.first_answered_at IS NOT NULL),
           count(*) FILTER (WHERE t.first_answered_at IS NULL AND t.waiting_since IS NOT NULL AND t.due_at < %(now)s),
           count(*) FILTER (WHERE t.first_answered_at IS NULL AND t.waiting_since IS NOT NULL AND t.due_at >= %(now)s),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.first_answered_at - t.opened_at))
               FILTER (WHERE t.first_answered_at IS NOT NULL),
           avg(t.lift), stddev_samp(t.lift), count(t.lift)
      FROM tickets_ticket t
     WHERE t.updated_at >= %(start)s AND t.opened_at >= %(start)s {where}
     GROUP BY GROUPING SETS ((hour), ())
"""
TRUSTED = 1.96


def today(user: User, team: Team | None, now: datetime) -> Today:
    """What became of the tickets of this day, by the desk's own clock. One query."""
    zone = timezone.get_default_timezone()
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    allowed = brand_ids(user)
    where = "" if allowed is None else "AND t.brand_id = ANY(%(brands)s)"
    where += " AND t.team_id = %(team)s" if team else ""
    told: dict[str, Any] = {"zone": str(zone), "now": now, "start": start,
            "brands": sorted(allowed or ()), "team": team.pk if team else None}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TODAY.format(where=where), told)
        rows = cursor.fetchall()
    hours = {row[0]: Hour(*row[:4]) for row in rows if row[0] is not None}
    median, lift, spread, lifted = next(row[4:] for row in rows if row[0] is None)
    return Today(
        hours=[hours.get(hour, Hour(hour, 0, 0, 0)) for hour in range(24)],
        median=median,
        lift=lift,
        lift_error=TRUSTED * spread / lifted**0.5 if spread is not None and lifted > 1 else None,
        lifted=lifted,
    )
