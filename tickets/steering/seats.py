"""Who can take a ticket at this moment: available, on shift, not away, with room in their hands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.models import Away, Team, User
from accounts.reckoning import zone_of
from tickets.models import Ticket

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
LEAST_LOADED, ROUND_ROBIN = "least_loaded", "round_robin"


@dataclass(slots=True)
class Seat:
    """An agent with room, and what they can do. `load`: tickets in hand that wait for us."""

    load: int
    last_given: datetime
    agent_id: int
    room: int
    name: str = ""
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()

    def can_take(self, ticket: Ticket) -> bool:
        """Whether there is room, and everything that the ticket asks of a person is there."""
        knows = self.skills.issuperset(ticket.needs_skills)
        return self.room > 0 and knows and (not ticket.needs_language or ticket.needs_language in self.languages)

    def take(self, at: datetime) -> None:
        """One ticket more in these hands."""
        self.load, self.room, self.last_given = self.load + 1, self.room - 1, at


def choose(seats: Iterable[Seat], ticket: Ticket, how: str = LEAST_LOADED) -> Seat | None:
    """Whose turn it is. The lightest load, of equal loads whoever has waited longest for a ticket; in a round robin
    whoever has waited longest, whatever their load. None where nobody with room can take it.
    """
    able = [seat for seat in seats if seat.can_take(ticket)]
    if how == ROUND_ROBIN:
        return min(able, key=lambda seat: (seat.last_given, seat.agent_id), default=None)
    return min(able, key=lambda seat: (seat.load, seat.last_given, seat.agent_id), default=None)


def takeable(seats: Sequence[Seat]) -> Q:
    """Tickets that at least one of these seats can take, as a condition on them."""
    kinds = {(seat.skills, seat.languages) for seat in seats if seat.room > 0}
    found = Q(pk__in=[])
    for skills, languages in kinds:
        found |= Q(needs_skills__contained_by=sorted(skills), needs_language__in=["", *sorted(languages)])
    return found


def seats_of(team: Team, now: datetime) -> list[Seat]:
    """The people of a team who are at work and have room."""
    people = at_work(User.objects.filter(memberships__team=team), now)
    held = Ticket.objects.waiting_for_us().filter(assignee__in=people).order_by().values_list("assignee")
    loads = dict(held.annotate(load=Count("pk")))
    seats = [_seat(person, loads.get(person.pk, 0)) for person in people]
    return [seat for seat in seats if seat.room > 0]


def at_work(people: QuerySet[User], now: datetime) -> list[User]:
    """Of these people those who take tickets now: available, not away, and on shift if they have shifts."""
    away = Away.objects.filter(begins_at__lte=now).filter(Q(ends_at=None) | Q(ends_at__gt=now))
    here = people.filter(available=True, is_active=True).exclude(pk__in=away.values("user"))
    present = here.annotate(given=_given()).prefetch_related("shifts")
    return [person for person in present if on_shift(person, now)]


def on_shift(person: User, now: datetime) -> bool:
    """Whether this moment lies in one of their shifts, by their own wall clock; always, for those who have none."""
    shifts = list(person.shifts.all())
    wall = now.astimezone(zone_of(person))
    return not shifts or any(
        shift.weekday == wall.weekday()
        and shift.begins <= wall.time()
        and (shift.ends == time(0) or wall.time() < shift.ends)
        for shift in shifts
    )


def _seat(person: User, load: int) -> Seat:
    given = getattr(person, "given", None) or NEVER
    skills, languages = frozenset(person.skills), frozenset(person.languages)
    return Seat(load, given, person.pk, person.capacity - load, person.name, skills, languages)


def _given() -> Subquery:
    """When an agent last got a ticket."""
    theirs = Ticket.objects.filter(assignee=OuterRef("pk"), assigned_at__isnull=False).order_by("-assigned_at")
    return Subquery(theirs.values("assigned_at")[:1])
