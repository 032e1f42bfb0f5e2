"""When people work: the week of their shifts, and times they are away. tickets.steering.seats goes by both.

Supervisors look after the people of their brands' teams; away anybody may enter for themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Away, Shift, User
from accounts.permissions import brand_ids
from accounts.reckoning import zone_of
from tickets.permissions import NotAllowed
from tickets.steering import routing, standing_in
from tickets.steering.seats import on_shift
from tickets.targets.calendars import Spans, week_of
from tickets.targets.sla import Span

# Days ahead in which the next shift is looked for.
WEEK = 8
# What is farther than this, ahead or behind, is a slip of the keys.
FARTHEST = timedelta(days=3660)
BATCH = 20


class Unfit(ValueError):
    """Times that cannot be kept; the message says why, in the language of who asked."""


# --- shifts ---------------------------------------------------------------------------------------------------------
def week_kept(person: User) -> dict[str, list[list[str]]]:
    """A person's shifts as calendars keep hours: {"0": [["09:00", "17:00"]]}, Monday is 0, a day ends at 24:00."""
    week: dict[str, list[list[str]]] = {}
    for shift in person.shifts.all():
        ends = "24:00" if shift.ends == time(0) else f"{shift.ends:%H:%M}"
        week.setdefault(str(shift.weekday), []).append([f"{shift.begins:%H:%M}", ends])
    return week


def set_shifts(person_id: int, week: Spans, *, by: User) -> User:
    """Write the whole week; an empty one means that they work whenever they are available.

    Raises User.DoesNotExist, NotAllowed, tickets.targets.calendars.BadHours.
    """
    spans = week_of(week)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person_id)
        standing_in.check_supervises_person(by, person)
        was = _told(week_kept(person))
        person.shifts.all().delete()
        Shift.objects.bulk_create(
            Shift(user=person, weekday=day, begins=_time(begins), ends=_time(ends))
            for day, stretches in enumerate(spans)
            for begins, ends in _joined(stretches)
        )
        now = _told(week_kept(User.objects.get(pk=person_id)))
        if was != now:
            audit.record(by, "shifts.changed", person, changed={"shifts": [was, now]})
            routing.ring()
    return person


def _joined(stretches: Sequence[Span]) -> list[tuple[int, int]]:
    """Stretches of a day, in minutes, in their order; those that meet or overlap are one."""
    found: list[tuple[int, int]] = []
    for begins, ends in sorted((span.begins, span.ends) for span in stretches):
        if found and begins <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], ends)
        else:
            found.append((begins, ends))
    return found


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _told(week: Mapping[str, Sequence[Sequence[str]]]) -> list[str]:
    """As the record keeps a week: a line a day, its number first."""
    return [f"{day} {', '.join('-'.join(span) for span in spans)}" for day, spans in sorted(week.items())]


def next_shift(person: User, now: datetime) -> datetime | None:
    """When they come next, in their own zone; None for who has no shifts, or is on one."""
    shifts = list(person.shifts.all())
    if not shifts or on_shift(person, now):
        return None
    wall = now.astimezone(zone_of(person))
    days = (wall.date() + timedelta(days=ahead) for ahead in range(WEEK))
    begins = [
        datetime.combine(day, shift.begins, wall.tzinfo)
        for day in days
        for shift in shifts
        if shift.weekday == day.weekday()
    ]
    return min((moment for moment in begins if moment > now), default=None)


# --- away -----------------------------------------------------------------------------------------------------------
def ahead_of(person: User, now: datetime) -> QuerySet[Away]:
    """Times away that are not over, the next first."""
    return person.aways.filter(Q(ends_at=None) | Q(ends_at__gt=now)).select_related("set_by").order_by("begins_at")


def away_now(people: Sequence[User], now: datetime) -> dict[int, Away]:
    """Of each person who is away at this moment, the time away that lasts longest. One query."""
    current = Away.objects.filter(user__in=people, begins_at__lte=now).filter(Q(ends_at=None) | Q(ends_at__gt=now))
    found: dict[int, Away] = {}
    for away in current.order_by("begins_at"):
        known = found.get(away.user_id)
        if known is None or (known.ends_at is not None and (away.ends_at is None or away.ends_at > known.ends_at)):
            found[away.user_id] = away
    return found


def plan_away(
    person_id: int, *, begins_at: datetime, ends_at: datetime | None, reason: str, hand_over: bool, by: User
) -> Away:
    """Away from a moment until another, or until somebody says otherwise. With `hand_over`, what they hold goes back
    to its queues when it begins. Raises User.DoesNotExist, NotAllowed, Unfit.
    """
    now = timezone.now()
    if not now - FARTHEST <= begins_at <= now + FARTHEST or (ends_at and ends_at > now + FARTHEST):
        raise Unfit(_("It is more than ten years away. Is the year right?"))
    if ends_at is not None and ends_at <= max(begins_at, now):
        raise Unfit(_("It ends before it begins, or is over already."))
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person_id)
        _check_may_set(by, person)
        told = {"begins_at": begins_at, "ends_at": ends_at, "reason": reason.strip(), "hand_over": hand_over}
        away = Away.objects.create(user=person, set_by=by, **told)
        ends = ends_at.isoformat() if ends_at else None
        shown = {"begins": begins_at.isoformat(), "ends": ends, "reason": away.reason, "hand_over": hand_over}
        audit.record(by, "away.planned", person, **shown)
        if begins_at <= now:
            _begun(away)
    return away


def end_away(away_id: int, *, by: User) -> Away:
    """They are back now; one that has not begun is taken back whole. Raises Away.DoesNotExist, NotAllowed."""
    now = timezone.now()
    with transaction.atomic():
        away = Away.objects.select_for_update(of=("self",)).select_related("user").get(pk=away_id)
        _check_may_set(by, away.user)
        if away.begins_at > now:
            audit.record(by, "away.cancelled", away.user, begins=away.begins_at.isoformat())
            away.delete()
        elif away.ends_at is None or away.ends_at > now:
            away.ends_at = now
            away.save(update_fields=["ends_at"])
            audit.record(by, "away.ended", away.user, begins=away.begins_at.isoformat())
            routing.ring()
    return away


def _check_may_set(by: User, person: User) -> None:
    """Themselves, or somebody who supervises them."""
    if by.pk != person.pk:
        standing_in.check_supervises_person(by, person)
    elif not by.is_active:
        raise NotAllowed(_("This account is closed."))


def hand_over_due() -> int:
    """Hand over what people hold whose time away has begun; how many of them. Safe to run twice, and beside itself."""
    due = Away.objects.filter(hand_over=True, handed_over_at=None, begins_at__lte=timezone.now())
    with transaction.atomic():
        found = due.select_for_update(of=("self",), skip_locked=True).select_related("user", "set_by")
        rows = list(found.order_by("begins_at")[:BATCH])
        for away in rows:
            _begun(away)
    return len(rows)


def _begun(away: Away) -> None:
    """It has begun: what they hold goes back to its queues, where that was asked for, and no more than once."""
    if not away.hand_over or away.handed_over_at is not None:
        return
    away.handed_over_at = timezone.now()
    away.save(update_fields=["handed_over_at"])
    if away.ends_at is None or away.ends_at > away.handed_over_at:
        giver = away.set_by if away.set_by and away.set_by.is_active else away.user
        standing_in.hand_over_waiting(away.user, giver)


# --- who covers the day ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Covered:
    """One hour of a day: how many people are on shift in its middle, and not away."""

    hour: int
    people: int


def cover(people: Sequence[User], midnight: datetime) -> list[Covered]:
    """The 24 hours from this midnight on. People without shifts are counted in none; theirs come with the rows."""
    fixed = [person for person in people if person.shifts.all()]
    day = Q(begins_at__lt=midnight + timedelta(days=1)) & (Q(ends_at=None) | Q(ends_at__gt=midnight))
    aways = list(Away.objects.filter(day, user__in=fixed))
    middles = [midnight + timedelta(hours=hour, minutes=30) for hour in range(24)]
    return [
        Covered(hour, sum(1 for person in fixed if on_shift(person, at) and not _is_away(person, aways, at)))
        for hour, at in enumerate(middles)
    ]


def _is_away(person: User, aways: Sequence[Away], at: datetime) -> bool:
    return any(
        away.user_id == person.pk and away.begins_at <= at and (away.ends_at is None or at < away.ends_at)
        for away in aways
    )


def looked_after(by: User) -> QuerySet[User]:
    """The people whose hours this supervisor keeps: of the teams of their brands; admins keep everybody's."""
    people, allowed = User.objects.filter(is_active=True), brand_ids(by)
    return people if allowed is None else people.filter(teams__brands__in=allowed).distinct()
