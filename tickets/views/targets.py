"""Settings: SLA policies, in their order, each with a preview of what it would mean for a ticket."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.unmoved import MovedOn
from tickets.models import SlaPolicy
from tickets.permissions import NotAllowed, check_sets_targets
from tickets.targets import policy_events, shadowing, sla, target_changes
from tickets.targets.calendars import BadHours, hours_of
from tickets.targets.clocks import Target
from tickets.targets.durations import in_words
from tickets.targets.policies import targets_of
from tickets.targets.sla import Hours, NeverOpen
from tickets.targets.target_forms import PolicyForm
from tickets.views import seen
from tickets.views.doors import Page, done, only
from tickets.views.people import me

NAMES: dict[Target, Promise] = {
    Target.FIRST_ANSWER: gettext_lazy("First answer"),
    Target.NEXT_ANSWER: gettext_lazy("Next answers"),
    Target.RESOLUTION: gettext_lazy("Resolution"),
}
# The moment a preview is drawn for, unless another is asked for: late on the last day of an office week.
THURSDAY, HALF_PAST_FOUR = 3, time(16, 30)
PREVIEWED = (Target.FIRST_ANSWER, Target.RESOLUTION)


def for_admins(view: Page) -> Page:
    """Only for those who may set targets."""
    return never_cache(only(check_sets_targets)(view))


@dataclass(frozen=True, slots=True)
class Preview:
    """When what is owed to a ticket that comes at a moment is due, by the wall clock there, in words; "" for never."""

    comes: str
    zone: str
    lines: list[tuple[str, str]]


def preview_of(policy: SlaPolicy, weekday: int = THURSDAY, at: time = HALF_PAST_FOUR) -> Preview | None:
    """None while its calendar cannot be read. A target that never comes has no moment."""
    try:
        hours = _hours(policy)
    except BadHours:
        return None
    zone = hours.zone if hours else ZoneInfo(settings.TIME_ZONE)
    comes = next_such(weekday, at, zone, timezone.now())
    targets = targets_of(policy, hours)
    lines = []
    for target in PREVIEWED:
        seconds = getattr(targets, target.value)
        if seconds is not None:
            lines.append((str(NAMES[target]), _due(hours, comes, seconds, zone)))
    return Preview(wall(comes), str(zone), lines)


def _hours(policy: SlaPolicy) -> Hours | None:
    if policy.calendar is None:
        return None
    return hours_of(policy.calendar, policy.calendar.days.all(), timezone.now().astimezone(UTC).date())


def _due(hours: Hours | None, comes: datetime, seconds: int, zone: ZoneInfo) -> str:
    try:
        return wall(sla.due(hours, comes, seconds).astimezone(zone))
    except NeverOpen:
        return ""


def wall(moment: datetime) -> str:
    """A moment as the wall there shows it, in the reader's language."""
    return f"{date_format(moment, 'l j F')} {moment:%H:%M}"


def next_such(weekday: int, at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """The next moment that is this time on this day of the week there."""
    here = now.astimezone(zone)
    day = here.date() + timedelta(days=(weekday - here.weekday()) % 7)
    moment = datetime.combine(day, at, zone)
    return moment if moment > now else datetime.combine(day + timedelta(days=7), at, zone)


@for_admins
@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """All of them, in the order in which they are asked."""
    rows = SlaPolicy.objects.select_related("brand", "tier", "calendar", "incident").prefetch_related("calendar__days")
    above = shadowing.told_of(rows)
    shown = [
        (row, list(_targets(row)), preview_of(row), policy_events.words_of(row), above.get(row.pk)) for row in rows
    ]
    return render(request, "settings/sla.html", {"policies": shown, "here": "settings", "section": "targets"})


def _targets(row: SlaPolicy) -> Iterator[tuple[str, str]]:
    for target, name in NAMES.items():
        minutes = getattr(row, target.value)
        yield str(name), "" if minutes is None else in_words(minutes)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One policy: written, tried at a moment, or both."""
    row = get_object_or_404(SlaPolicy, pk=pk) if pk else SlaPolicy()
    version = row.version if pk else None
    form = PolicyForm(request.POST if request.method == "POST" else None, instance=row, initial=_first(row))
    if form.is_bound and form.is_valid() and "try" not in request.POST:
        try:
            return _saved(request, form)
        except MovedOn:
            there = get_object_or_404(SlaPolicy, pk=pk)
            version = there.version
            seen.moved_on(form, PolicyForm(instance=there, initial=_first(there)).initial)
    data = getattr(form, "cleaned_data", {})
    shown = None if form.errors else preview_of(form.instance, *_moment(data))
    context: dict[str, Any] = {"policy": row, "preview": shown, "here": "settings", "section": "targets"}
    context["above"] = shadowing.told_of(SlaPolicy.objects.select_related(*shadowing.READ)).get(row.pk or 0)
    return seen.drawn(request, "settings/sla_policy.html", context, form, version)


def _saved(request: HttpRequest, form: PolicyForm) -> HttpResponse:
    """Back to the list, once it is saved. Raises MovedOn."""
    policy = form.instance
    done(lambda: target_changes.save_policy(policy, by=me(request), version=seen.brought(request)))
    messages.success(request, _("%(name)s is saved. Open tickets follow within a minute.") % {"name": policy.name})
    return redirect("sla-policies")


def _first(row: SlaPolicy) -> dict[str, Any]:
    return {"weekday": THURSDAY, "at": HALF_PAST_FOUR, **({} if row.pk else {"warn_at": 25, "is_on": True})}


def _moment(data: dict[str, Any]) -> tuple[int, time]:
    return int(data.get("weekday") or THURSDAY), data.get("at") or HALF_PAST_FOUR


@for_admins
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    target_changes.move_policy(pk, up=request.POST.get("to") == "up", by=me(request))
    return redirect("sla-policies")


@for_admins
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """One that is off."""
    row = get_object_or_404(SlaPolicy, pk=pk)
    try:
        target_changes.remove_policy(pk, by=me(request))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("sla-policy", pk)
    messages.success(request, _("%(name)s is removed.") % {"name": row.name})
    return redirect("sla-policies")


def saved(request: HttpRequest, form: Any, verb: Callable[[], object]) -> bool:
    """Carry out a verb of a form; what it refuses stands on the form. A name that is taken is said at the name."""
    try:
        verb()
    except IntegrityError:
        form.add_error("name", _("There is one of this name already."))
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False
