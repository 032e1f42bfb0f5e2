"""Settings: calendars of open hours, their special days, a country's holidays and the hours of Ramadan."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.people_forms import zones
from accounts.unmoved import MovedOn
from tickets.models import Calendar, CalendarDays
from tickets.permissions import NotAllowed
from tickets.targets import target_changes, weeks
from tickets.targets.calendars import BadHours, Holiday, laid_out, public_holidays
from tickets.targets.sla import Days
from tickets.targets.target_changes import RAMADAN, RAMADAN_DAYS, RAMADAN_SOURCE
from tickets.targets.target_forms import CalendarForm, DaysForm, RamadanForm
from tickets.targets.week_form import in_plain_words
from tickets.views import seen
from tickets.views.people import me
from tickets.views.targets import for_admins, saved

# Asked for by their names in the reader's language; any other two letters may be written.
COUNTRIES = ("SA", "AE", "KW", "QA", "BH", "OM", "EG", "JO", "MA", "DZ", "TN", "GB", "US", "FR", "DE", "IN", "PK", "TR")
# So long is the source of days that were taken from a country.
COUNTRY = 2
RAMADAN_HOURS = "10:00-15:00"


def today() -> date:
    """By the desk's own clock."""
    return timezone.localdate()


@for_admins
@require_safe
def calendars(request: HttpRequest) -> HttpResponse:
    """All of them."""
    rows = Calendar.objects.prefetch_related("teams", "policies", "days")
    shown = [(row, week_strip(row.spans)) for row in rows]
    return render(request, "settings/calendars.html", {"calendars": shown, "here": "settings", "section": "calendars"})


def week_strip(spans: Any) -> list[tuple[int, list[tuple[float, float]]]]:
    """Each day's open stretches, Sunday first, in hundredths of the day: (from, how long)."""
    found = []
    for day in weeks.FROM_SUNDAY:
        minutes = [(_minute(begins), _minute(ends)) for begins, ends in spans.get(str(day), ())]
        found.append((day, [(round(a / 14.4, 2), round((b - a) / 14.4, 2)) for a, b in minutes]))
    return found


def _minute(told: str) -> int:
    hour, _colon, minute = told.partition(":")
    return int(hour) * 60 + int(minute or 0)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One calendar: its week, and what holds on special days. A usual week is written by a button, and not kept yet."""
    row = get_object_or_404(Calendar, pk=pk) if pk else Calendar(time_zone=settings.TIME_ZONE)
    if (preset := CalendarForm.with_preset(request.POST, request.POST.get("preset", ""))) is not None:
        return _page(request, row, preset)
    form = CalendarForm(request.POST if request.method == "POST" else None, initial=CalendarForm.as_kept(row))
    if form.is_bound and form.is_valid():
        try:
            if _kept(request, row, form):
                messages.success(request, _("%(name)s is saved.") % {"name": row.name})
                return redirect("calendar", row.pk)
        except MovedOn:
            row = get_object_or_404(Calendar, pk=pk)
            seen.moved_on(form, CalendarForm.as_kept(row))
    return _page(request, row, form)


def _kept(request: HttpRequest, row: Calendar, form: CalendarForm) -> bool:
    data, version = form.cleaned_data, seen.brought(request)
    row.name, row.time_zone, row.spans = data["name"], data["time_zone"], data["spans"]
    if Calendar.objects.filter(name=row.name).exclude(pk=row.pk).exists():
        form.add_error("name", _("There is one of this name already."))
        return False
    verb = partial(target_changes.save_calendar, row, data["teams"], by=me(request), version=version)
    return saved(request, form, verb)


def _page(
    request: HttpRequest, row: Calendar, form: CalendarForm | None = None, *,
    days: DaysForm | None = None, ramadan: RamadanForm | None = None,
) -> HttpResponse:  # fmt: skip
    """`days`, `ramadan`: what was written beside the calendar's own form and cannot be kept."""
    special = list(row.days.all()) if row.pk else []
    kept = next((one for one in special if one.source == RAMADAN_SOURCE), None)
    context = {
        "calendar": row,
        "zones": zones(),
        "days": [(one, _next(one), _hours_line(one)) for one in special],
        "days_form": days or DaysForm(initial={"reckoning": CalendarDays.Reckoning.DATES, "length": 1}),
        "countries": COUNTRIES,
        "country": next((one.source for one in special if len(one.source) == COUNTRY), COUNTRIES[0]),
        "ramadan": _ramadan_days(),
        "ramadan_form": ramadan or RamadanForm(initial={"hours": _hours_line(kept) if kept else RAMADAN_HOURS}),
        "has_ramadan": kept is not None,
        "here": "settings",
        "section": "calendars",
    }
    form = form or CalendarForm(initial=CalendarForm.as_kept(row))
    version, wrong = row.version if row.pk else None, days is not None or ramadan is not None
    return seen.drawn(request, "settings/calendar.html", context, form, version, wrong=wrong)


def _next(special: CalendarDays) -> Days | None:
    """The stretch that comes next, or the last there was."""
    try:
        stretches = sorted(laid_out(special, today()), key=lambda one: one.first)
    except BadHours:
        return None
    return next((one for one in stretches if one.last >= today()), stretches[-1] if stretches else None)


def _hours_line(special: CalendarDays) -> str:
    """Its hours, of the first day that has any; empty for closed."""
    return next((line for day in weeks.FROM_SUNDAY if (line := weeks.line_of(special.spans, day))), "")


def _ramadan_days() -> Days | None:
    month = CalendarDays(
        name="", reckoning=CalendarDays.Reckoning.HIJRI, month=RAMADAN, day=1, length=RAMADAN_DAYS, spans={}
    )
    return _next(month)


@for_admins
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A calendar that no policy goes by."""
    row = get_object_or_404(Calendar, pk=pk)
    try:
        target_changes.remove_calendar(pk, by=me(request))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("calendar", pk)
    messages.success(request, _("%(name)s is removed.") % {"name": row.name})
    return redirect("calendars")


@for_admins
@require_POST
def add_days(request: HttpRequest, pk: int) -> HttpResponse:
    """Days with other hours."""
    row = get_object_or_404(Calendar, pk=pk)
    form = DaysForm(request.POST)
    if form.is_valid():
        target_changes.add_days(pk, form.cleaned_data["kept"], by=me(request))
        messages.success(request, _("%(name)s is added.") % {"name": form.cleaned_data["name"]})
        return redirect("calendar", pk)
    return _page(request, row, days=form)


@for_admins
@require_POST
def remove_days(request: HttpRequest, pk: int, days: int) -> HttpResponse:
    """The usual hours hold again."""
    kept = target_changes.remove_days(pk, days, by=me(request))
    if kept:
        messages.success(request, _("%(name)s is removed.") % {"name": kept["name"]})
    return redirect("calendar", pk)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest, pk: int) -> HttpResponse:
    """A country's public holidays of this year and the next: looked at, then taken."""
    row = get_object_or_404(Calendar, pk=pk)
    told = request.POST if request.method == "POST" else request.GET
    country = str(told.get("country", "")).strip().upper()[:2]
    found, trouble = _coming(country)
    if request.method == "POST" and found:
        chosen = [one for one in found if one.first.isoformat() in request.POST.getlist("day")]
        count = target_changes.take_holidays(pk, country, chosen, by=me(request))
        messages.success(request, _("Days added: %(count)s.") % {"count": count})
        return redirect("calendar", pk)
    known = set(row.days.filter(source=country).values_list("first", flat=True))
    shown = [(one, one.first in known) for one in found]
    context = {
        "calendar": row,
        "country": country,
        "holidays": shown,
        "trouble": trouble,
        "countries": COUNTRIES,
        "here": "settings",
        "section": "calendars",
    }
    return render(request, "settings/calendar_holidays.html", context, status=422 if trouble else 200)


def _coming(country: str) -> tuple[list[Holiday], str]:
    """The holidays of a country from today on, to the end of next year; and why there are none."""
    if not country:
        return [], ""
    try:
        found = public_holidays(country, [today().year, today().year + 1], get_language() or "en")
    except BadHours as trouble:
        return [], in_plain_words(trouble)
    return [one for one in found if one.last >= today() - timedelta(days=1)], ""


@for_admins
@require_POST
def ramadan(request: HttpRequest, pk: int) -> HttpResponse:
    """The hours of Ramadan on the days that are open otherwise, each year."""
    row = get_object_or_404(Calendar, pk=pk)
    form = RamadanForm(request.POST)
    if not form.is_valid():
        return _page(request, row, ramadan=form)
    spans = form.cleaned_data["hours"]
    usual = [day for day in weeks.FROM_MONDAY if row.spans.get(str(day))] or list(weeks.FROM_MONDAY)
    target_changes.set_ramadan(pk, _("Ramadan"), {str(day): spans for day in usual} if spans else {}, by=me(request))
    messages.success(request, _("The hours of Ramadan are set."))
    return redirect("calendar", pk)
