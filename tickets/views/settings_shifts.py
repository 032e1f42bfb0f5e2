"""Settings: everybody's shifts and times away, and who covers today. For supervisors; each sees their own besides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Away, User
from accounts.reckoning import zone_of
from tickets.permissions import NotAllowed
from tickets.steering import attendance
from tickets.steering.attendance import Covered, Unfit
from tickets.steering.hours_forms import AwayForm, ShiftsForm
from tickets.steering.seats import on_shift
from tickets.targets.week_form import lines_of
from tickets.targets.weeks import line_of
from tickets.views.calendars import week_strip
from tickets.views.doors import supervisor
from tickets.views.people import me

SECTION = {"here": "settings", "section": "shifts"}
MOST = 500
# Of the drawing of the day, in its own units.
STEP, WIDTH, HEIGHT = 26.6, 19.0, 56.0


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the list. `state`: on, off, away, or open for who has no shifts."""

    person: User
    state: str
    today: str
    away: Away | None
    next: datetime | None
    strip: Any


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour as it is drawn."""

    hour: int
    x: float
    middle: float
    y: float
    height: float
    people: int


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Who works when, and how many cover each hour of today by the desk's clock."""
    user, now = supervisor(request), timezone.now()
    people = list(attendance.looked_after(user).prefetch_related("shifts").order_by("name", "id")[:MOST])
    away = attendance.away_now(people, now)
    midnight = now.astimezone(timezone.get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = attendance.cover(people, midnight)
    rows = [_row(person, away.get(person.pk), now) for person in people]
    context = SECTION | {
        "rows": rows,
        "bars": _bars(hours),
        "most": max((hour.people for hour in hours), default=0),
        "on": sum(1 for row in rows if row.state == "on"),
        "fixed": sum(1 for row in rows if row.state != "open"),
        "now": now,
    }
    return render(request, "settings/shifts.html", context)


def _row(person: User, away: Away | None, now: datetime) -> Row:
    week = attendance.week_kept(person)
    has = bool(week)
    state = "away" if away else "open" if not has else "on" if on_shift(person, now) else "off"
    today = line_of(week, now.astimezone(zone_of(person)).weekday())
    return Row(person, state, today, away, attendance.next_shift(person, now), week_strip(week) if has else None)


def _bars(hours: list[Covered]) -> list[Bar]:
    most = max((one.people for one in hours), default=0) or 1
    drawn = []
    for one in hours:
        height, x = round(HEIGHT * one.people / most, 1), round(3 + STEP * one.hour, 1)
        drawn.append(Bar(one.hour, x, round(x + WIDTH / 2, 1), round(72 - height, 1), height, one.people))
    return drawn


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's week. A usual week is written by a button, and not kept yet."""
    user = supervisor(request)
    found = _looked_after(user, pk)
    if (preset := ShiftsForm.with_preset(request.POST, request.POST.get("preset", ""))) is not None:
        return _page(request, found, preset)
    form = ShiftsForm(request.POST if request.method == "POST" else None, initial=ShiftsForm.as_kept(found))
    if form.is_bound and form.is_valid():
        attendance.set_shifts(pk, form.cleaned_data["spans"], by=user)
        messages.success(request, _("%(name)s is saved.") % {"name": found.name})
        return redirect("settings-shifts")
    return _page(request, found, form, status=422 if form.is_bound else 200)


def _page(
    request: HttpRequest, found: User, form: ShiftsForm, away_form: AwayForm | None = None, status: int = 200
) -> HttpResponse:
    context = SECTION | {"person": found, "form": form, "zone": str(zone_of(found))} | away_context(found, away_form)
    return render(request, "settings/shifts_person.html", context, status=status)


def away_context(found: User, form: AwayForm | None) -> dict[str, Any]:
    """What the part about times away needs."""
    now = timezone.now()
    return {
        "aways": attendance.ahead_of(found, now),
        "away_form": form or AwayForm(),
        "reader_zone": timezone.get_current_timezone_name(),
        "now": now,
    }


@require_POST
def away(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a time away for somebody."""
    user = supervisor(request)
    found = _looked_after(user, pk)
    form = AwayForm(request.POST)
    if enter(found, form, user):
        messages.success(request, _("%(name)s is saved.") % {"name": found.name})
        return redirect("settings-shifts-person", pk)
    return _page(request, found, ShiftsForm(initial=ShiftsForm.as_kept(found)), form, status=422)


def enter(found: User, form: AwayForm, user: User) -> bool:
    """Keep what the form says; else it says why not."""
    if not form.is_valid():
        return False
    given: Mapping[str, Any] = form.cleaned_data
    try:
        attendance.plan_away(found.pk, **given, by=user)
    except Unfit as trouble:
        form.add_error("ends_at", str(trouble))
    return form.is_valid()


@require_POST
def end_away(request: HttpRequest, pk: int) -> HttpResponse:
    """End a time away now, or take it back: one's own, or of somebody one supervises."""
    user = me(request)
    try:
        ended = attendance.end_away(pk, by=user)
    except (Away.DoesNotExist, NotAllowed):
        raise Http404 from None
    return redirect("my-hours") if ended.user_id == user.pk else redirect("settings-shifts-person", ended.user_id)


@require_http_methods(["GET", "HEAD", "POST"])
def my_hours(request: HttpRequest) -> HttpResponse:
    """One's own week, and times away, which each enters for themselves."""
    user = me(request)
    form = AwayForm(request.POST) if request.method == "POST" else None
    if form and enter(user, form, user):
        messages.success(request, _("Saved."))
        return redirect("my-hours")
    week = attendance.week_kept(user)
    lines = [(field.label, field.initial) for field in ShiftsForm(initial=lines_of(week)).week()]
    context = {"here": "profile", "person": user, "lines": lines, "has_week": bool(week), "zone": str(zone_of(user))}
    return render(request, "settings/shifts_own.html", context | away_context(user, form), status=422 if form else 200)


def _looked_after(user: User, pk: int) -> User:
    """Somebody whose hours this supervisor keeps; others are not here."""
    return get_object_or_404(attendance.looked_after(user), pk=pk)
