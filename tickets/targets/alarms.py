"""Alarms: a clock runs out soon, or has run out, and people hear of it within seconds, each of them once.

A ticket's `alarm_at` is the next moment at which one of its clocks wants something said; the sweep looks for those
that have come (index ticket_alarm). What came while nobody swept is told late, and still once: `warned_at` and
`breached_at` keep how far telling has come, in the transaction that tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from ingest import batch, doorbell
from tickets.models import Activity, Notice, Ticket
from tickets.news import crowding
from tickets.standing import due_at_of, row_of
from tickets.targets.clocks import Alarm, Sign
from tickets.targets.policies import Targeting, targeting
from tickets.targets.ticking import CLOCKS, tick, untold

Verb = Activity.Verb
BATCH = 200
VERBS = {Sign.WARNING: Verb.WARNED, Sign.BREACH: Verb.BREACHED}
NOTED = {Sign.WARNING: "warned_at", Sign.BREACH: "breached_at"}
KINDS = {Sign.WARNING: Notice.Kind.BREACHING, Sign.BREACH: Notice.Kind.BREACHED}
TOLD = [*CLOCKS, "due_at", "warned_at", "breached_at"]


@dataclass(frozen=True, slots=True)
class Told:
    """One alarm of one ticket that is told now."""

    ticket: Ticket
    alarm: Alarm

    @property
    def key(self) -> str:
        """The same alarm of the same ticket, however often it comes to pass."""
        return f"clock-{self.ticket.pk}-{self.alarm.target}-{self.alarm.sign}-{self.alarm.at.timestamp():.0f}"

    @property
    def data(self) -> dict[str, object]:
        """What the record and notices keep of it."""
        return {"target": self.alarm.target.value, "due": self.alarm.due.isoformat()}


def sound(now: datetime | None = None, limit: int = BATCH) -> int:
    """Tell the alarms whose moment has come, of one batch of tickets; returns how many tickets were looked at."""
    now = now or timezone.now()
    with transaction.atomic():
        due = Ticket.objects.filter(alarm_at__lte=now).order_by("alarm_at")
        tickets = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
        if not tickets:
            return 0
        owed = targeting(tickets, now)
        told = [one for ticket in tickets for one in _come(ticket, owed, now)]
        batch.update(Ticket, [row_of(ticket, TOLD) for ticket in tickets], TOLD)
        _tell(told, now)
    return len(tickets)


def _come(ticket: Ticket, owed: Targeting, now: datetime) -> list[Told]:
    """The alarms of a ticket that have come, noted on it as told. Of a clock that ran out no warning is told too."""
    tick(ticket, owed, now)
    come = [alarm for alarm in untold(ticket, owed.of(ticket)[1]) if alarm.at <= now]
    for alarm in come:
        name = NOTED[alarm.sign]
        setattr(ticket, name, max(filter(None, [getattr(ticket, name), alarm.at])))
    tick(ticket, owed, now)
    if ticket.is_live:
        ticket.due_at = due_at_of(ticket)
    late = {alarm.target for alarm in come if alarm.sign == Sign.BREACH}
    return [Told(ticket, alarm) for alarm in come if alarm.sign == Sign.BREACH or alarm.target not in late]


# --- telling --------------------------------------------------------------------------------------------------------
def _tell(told: Sequence[Told], now: datetime) -> None:
    """In the record, to people, and to open pages."""
    if not told:
        return
    Activity.objects.bulk_create(
        Activity(ticket=one.ticket, verb=VERBS[one.alarm.sign], data=one.data, at=now) for one in told
    )
    overseers = {place: overseers_of(*place) for place in {_place(one.ticket) for one in told}}
    notices = [
        Notice(user_id=person, kind=KINDS[one.alarm.sign], ticket=one.ticket, data=one.data, key=one.key, at=now)
        for one in told
        for person in _concerned(one.ticket, overseers[_place(one.ticket)])
    ]
    Notice.objects.bulk_create(crowding.as_one(notices, now), ignore_conflicts=True)
    doorbell.ring_pages()
    doorbell.ring("radd.escalate")


def _concerned(ticket: Ticket, overseers: frozenset[int]) -> frozenset[int]:
    return overseers | {ticket.assignee_id} if ticket.assignee_id else overseers


def _place(ticket: Ticket) -> tuple[int | None, int]:
    return ticket.team_id, ticket.brand_id


def overseers_of(team: int | None, brand: int) -> frozenset[int]:
    """Ids of the team's supervisors; where it has none those of the brand's teams, and at last the admins."""
    here = User.objects.filter(is_active=True)
    supervisors = here.filter(role=Role.SUPERVISOR)
    for people in (
        supervisors.filter(teams=team) if team else supervisors.none(),
        supervisors.filter(teams__brands=brand),
        here.filter(role=Role.ADMIN),
    ):
        if found := frozenset(people.values_list("pk", flat=True)):
            return found
    return frozenset()
