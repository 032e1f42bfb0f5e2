"""What admins do to policies and calendars. Each is in the audit log, and live tickets get their clocks anew."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Team, User
from accounts.unmoved import check_unmoved
from tickets.models import Calendar, CalendarDays, SlaPolicy
from tickets.permissions import NotAllowed, check_sets_targets
from tickets.targets import retargeting
from tickets.targets.calendars import Holiday, laid_out, week_of, zone_of

RAMADAN, RAMADAN_DAYS = 9, 30
RAMADAN_SOURCE = "ramadan"


# --- policies -------------------------------------------------------------------------------------------------------
def save_policy(policy: SlaPolicy, *, by: User, version: int | None = None) -> SlaPolicy:
    """Write a policy, a new one at the end of the list. `version`: the one that was seen (SlaPolicy.version).

    Raises NotAllowed, MovedOn, SlaPolicy.DoesNotExist, IntegrityError for a name that is taken.
    """
    check_sets_targets(by)
    with transaction.atomic():
        is_new = policy.pk is None
        if not is_new:
            there = SlaPolicy.objects.select_for_update().get(pk=policy.pk)
            check_unmoved(there.version, version)
            # Somebody may have moved it since it was read.
            policy.position = there.position
        else:
            last = SlaPolicy.objects.aggregate(last=Max("position"))["last"]
            policy.position = 0 if last is None else last + 1
        policy.updated_by = by
        policy.save()
        audit.record(by, "policy.made" if is_new else "policy.changed", policy)
        retargeting.ring()
    return policy


def move_policy(policy_id: int, *, up: bool, by: User) -> None:
    """One place nearer to the top of the list, or to its end. At the end already: nothing changes."""
    check_sets_targets(by)
    order = list(SlaPolicy.objects.order_by("position", "id").values_list("pk", flat=True))
    if policy_id in order:
        place_policy(policy_id, to=order.index(policy_id) + (0 if up else 2), by=by)


def place_policy(policy_id: int, *, to: int, by: User) -> list[int]:
    """Put it at this place of the list, from 1; the ids in their new order. Raises SlaPolicy.DoesNotExist."""
    check_sets_targets(by)
    with transaction.atomic():
        rows = list(SlaPolicy.objects.select_for_update().order_by("position", "id"))
        order = [row.pk for row in rows]
        if policy_id not in order:
            raise SlaPolicy.DoesNotExist
        here = order.index(policy_id)
        rows.insert(max(to, 1) - 1, rows.pop(here))
        order = [row.pk for row in rows]
        if (there := order.index(policy_id)) != here:
            for place, row in enumerate(rows):
                row.position = place
            SlaPolicy.objects.bulk_update(rows, ["position"])
            audit.record(by, "policy.moved", rows[there], place=there + 1)
            retargeting.ring()
    return order


def remove_policy(policy_id: int, *, by: User) -> None:
    """For good. One that is on is in use: it is turned off first, which can be undone."""
    check_sets_targets(by)
    with transaction.atomic():
        policy = SlaPolicy.objects.select_for_update().get(pk=policy_id)
        if policy.is_on:
            raise NotAllowed(_("Turn the policy off first."))
        audit.record(by, "policy.removed", policy)
        policy.delete()
        retargeting.ring()


# --- calendars ------------------------------------------------------------------------------------------------------
def save_calendar(calendar: Calendar, teams: Iterable[Team], *, by: User, version: int | None = None) -> Calendar:
    """Write a calendar. `version`: the one that was seen (Calendar.version).

    Raises NotAllowed, BadHours, MovedOn, Calendar.DoesNotExist, IntegrityError for a name that is taken.
    """
    check_sets_targets(by)
    zone_of(calendar.time_zone)
    week_of(calendar.spans)
    with transaction.atomic():
        is_new = calendar.pk is None
        if not is_new:
            check_unmoved(Calendar.objects.select_for_update().get(pk=calendar.pk).version, version)
        calendar.updated_by = by
        calendar.save()
        calendar.teams.set(teams)
        audit.record(by, "calendar.made" if is_new else "calendar.changed", calendar)
        retargeting.ring()
    return calendar


def remove_calendar(calendar_id: int, *, by: User) -> None:
    """For good. One that a policy goes by is not removed."""
    check_sets_targets(by)
    with transaction.atomic():
        calendar = Calendar.objects.select_for_update().get(pk=calendar_id)
        names = list(calendar.policies.values_list("name", flat=True))
        if names:
            raise NotAllowed(_("These policies go by it: %(names)s.") % {"names": ", ".join(names)})
        audit.record(by, "calendar.removed", calendar)
        calendar.delete()


def add_days(calendar_id: int, days: CalendarDays, *, by: User) -> CalendarDays:
    """Days with other hours, or closed. Raises NotAllowed, BadHours."""
    check_sets_targets(by)
    with transaction.atomic():
        days.calendar = _touched(calendar_id, by)
        laid_out(days, days.calendar.updated_at.date())
        days.save()
        audit.record(by, "calendar.days", days.calendar, added=[days.name])
        retargeting.ring()
    return days


def remove_days(calendar_id: int, days_id: int, *, by: User) -> dict[str, Any] | None:
    """The usual hours hold again; what was removed, for putting back. None where it is gone already."""
    check_sets_targets(by)
    with transaction.atomic():
        calendar = _touched(calendar_id, by)
        days = calendar.days.filter(pk=days_id).first()
        if days is None:
            return None
        kept = kept_of(days)
        days.delete()
        audit.record(by, "calendar.days", calendar, removed=[days.name])
        retargeting.ring()
    return kept


def kept_of(days: CalendarDays) -> dict[str, Any]:
    """Every column of it that a person chose, as JSON."""
    named = ("name", "reckoning", "month", "day", "length", "spans", "source")
    dates = {name: value.isoformat() if (value := getattr(days, name)) else None for name in ("first", "last")}
    return {name: getattr(days, name) for name in named} | dates


def take_holidays(calendar_id: int, country: str, holidays: Sequence[Holiday], *, by: User) -> int:
    """The public holidays of a country, closed; those taken before with the same first day are left. How many came."""
    check_sets_targets(by)
    with transaction.atomic():
        calendar = _touched(calendar_id, by)
        known = set(calendar.days.filter(source=country).values_list("first", flat=True))
        made = CalendarDays.objects.bulk_create(
            CalendarDays(calendar=calendar, name=one.name[:80], first=one.first, last=one.last, source=country)
            for one in holidays
            if one.first not in known
        )
        if made:
            audit.record(by, "calendar.days", calendar, added=[row.name for row in made], country=country)
            retargeting.ring()
    return len(made)


def set_ramadan(calendar_id: int, name: str, spans: Mapping[str, Any], *, by: User) -> CalendarDays:
    """The hours of Ramadan, each year; setting them again replaces them. Raises BadHours."""
    check_sets_targets(by)
    week_of(spans)
    with transaction.atomic():
        calendar = _touched(calendar_id, by)
        days, _made = CalendarDays.objects.update_or_create(
            calendar=calendar,
            source=RAMADAN_SOURCE,
            defaults={
                "name": name[:80], "reckoning": CalendarDays.Reckoning.HIJRI, "month": RAMADAN, "day": 1,
                "length": RAMADAN_DAYS, "spans": dict(spans),
            },
        )  # fmt: skip
        audit.record(by, "calendar.days", calendar, added=[name])
        retargeting.ring()
    return days


def _touched(calendar_id: int, by: User) -> Calendar:
    calendar = Calendar.objects.select_for_update().get(pk=calendar_id)
    calendar.updated_by = by
    calendar.save(update_fields=["updated_by", "updated_at"])
    return calendar
