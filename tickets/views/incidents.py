"""Incidents: their list, one with its tickets and figures, and what supervisors do with them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import may_see
from tickets.incidents import figures, keeping, surges, terms
from tickets.incidents.figures import Hour
from tickets.incidents.told import not_sent
from tickets.models import Incident, Surge, Ticket
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.verbs import bulk
from tickets.views.incident_forms import MOMENT, IncidentForm
from tickets.views.marks import span
from tickets.views.pane import ticket_for
from tickets.views.people import me
from tickets.views.surges import surge_for

SHOWN, TICKETS_SHOWN, CLOSED_SHOWN = 100, 50, 30
# Where the ids that bulk work opens an incident for wait until it is opened.
CHOSEN = "incident_tickets"
# Of the drawing of its course, in its own units.
STEP, BAR, HEIGHT, TOP = 26.6, 19.0, 70.0, 12.0


def incident_for(user: User, pk: int) -> Incident:
    """Somebody else's incident does not exist."""
    found = keeping.visible(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def running(request: HttpRequest, pk: int) -> tuple[User, Incident]:
    """Who asks and the incident, for what supervisors do. Raises PermissionDenied, Http404."""
    user = me(request)
    found = incident_for(user, pk)
    if not user.is_supervisor:
        raise PermissionDenied
    return user, found


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """What goes on, what is to come, and what is over."""
    user, now = me(request), timezone.now()
    rows = figures.counted(keeping.visible(user)).order_by("-begins_at", "-id")
    going_on = list(rows.filter(closed_at=None)[:SHOWN])
    context = {
        "here": "incidents", "now": now, "may_run": user.is_supervisor,
        "open": [(one, state_of(one, now)) for one in going_on],
        "closed": list(rows.exclude(closed_at=None)[:CLOSED_SHOWN]),
        "surges": surges.lines(surges.going_on(user, now)), "dismissed": surges.lines(surges.dismissed(user, now)),
    }  # fmt: skip
    return render(request, "monitor/incidents.html", context)


def state_of(incident: Incident, now: datetime) -> str:
    """closed, coming, over (its time has run out) or on."""
    if incident.closed_at is not None:
        return "closed"
    if incident.begins_at > now:
        return "coming"
    return "over" if incident.ends_at is not None and incident.ends_at <= now else "on"


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open an incident: from nothing, from a ticket, or for those that were checked."""
    user = me(request)
    if not user.is_supervisor:
        raise PermissionDenied
    surge = _suggested(request, user)
    chosen = [] if surge else _chosen(request, user)
    initial = _as_suggested(surge) if surge else _first_guess(chosen)
    form = IncidentForm(user, request.POST or None, new=surge is None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            if surge:
                return redirect("bulk", surges.open_with(surge.pk, form.told(), by=user)[1].key)
            return _open(request, form, chosen, user)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    context = {"here": "incidents", "form": form, "chosen": chosen[:1], "more": len(chosen), "surge": surge}
    return render(request, "monitor/incident_form.html", context, status=422 if form.errors else 200)


def _open(request: HttpRequest, form: IncidentForm, chosen: list[Ticket], user: User) -> HttpResponse:
    first = chosen[0].pk if len(chosen) == 1 else None
    made = keeping.begin(form.told(), brand=form.cleaned_data["brand"], by=user, ticket=first)
    request.session.pop(CHOSEN, None)
    if len(chosen) > 1:
        action = {"do": "incident", "incident": made.pk}
        return redirect("bulk", bulk.begin([ticket.pk for ticket in chosen], action, by=user).key)
    return redirect("incident", made.pk)


def _suggested(request: HttpRequest, user: User) -> Surge | None:
    """The suggestion it is opened from, if it is."""
    given = whole(request.GET.get("surge"))
    return surge_for(user, given) if given is not None else None


def _as_suggested(surge: Surge) -> dict[str, Any]:
    told = surges.first_guess(surge)
    begins = timezone.localtime(told.begins_at).strftime(MOMENT)
    return {"name": told.name, "kind": told.kind, "valence": told.valence, "begins_at": begins,
            "terms": _(", ").join(told.terms), "brand": surge.brand_id}  # fmt: skip


def _chosen(request: HttpRequest, user: User) -> list[Ticket]:
    """The tickets it is opened for: the one of the address, else those that were checked for bulk work."""
    given = whole(request.GET.get("ticket"))
    if given is not None:
        return [ticket_for(user, given)]
    if not request.GET.get("chosen"):
        return []
    ids = request.session.get(CHOSEN, [])
    return list(Ticket.objects.visible_to(user).filter(pk__in=ids).order_by("id"))


def _first_guess(chosen: list[Ticket]) -> dict[str, Any]:
    """What a form begins with."""
    begins = min((ticket.opened_at for ticket in chosen), default=timezone.now())
    first = {"begins_at": timezone.localtime(begins).strftime(MOMENT), "kind": Incident.Kind.OUTAGE}
    return first | ({"brand": chosen[0].brand_id} if chosen else {})


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something else of it."""
    user, found = running(request, pk)
    initial = {
        "name": found.name, "kind": found.kind, "valence": found.valence, "terms": _(", ").join(found.terms),
        "begins_at": timezone.localtime(found.begins_at).strftime(MOMENT),
        "ends_at": timezone.localtime(found.ends_at).strftime(MOMENT) if found.ends_at else "",
    }  # fmt: skip
    form = IncidentForm(user, request.POST or None, new=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.change(pk, form.told(), by=user)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("incident", pk)
    context = {"here": "incidents", "form": form, "incident": found}
    return render(request, "monitor/incident_form.html", context, status=422 if form.errors else 200)


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """It is over."""
    return _turn(request, pk, keeping.close)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """It goes on."""
    return _turn(request, pk, keeping.reopen)


def _turn(request: HttpRequest, pk: int, verb: Callable[..., Incident]) -> HttpResponse:
    user, _found = running(request, pk)
    verb(pk, by=user)
    return redirect("incident", pk)


@require_POST
def gather(request: HttpRequest, pk: int) -> HttpResponse:
    """Put in what holds its words and came in the last 24 hours: bulk work, so that it is undone as a whole."""
    user, found = running(request, pk)
    ids = figures.would_match(found.brand_id, terms.read(found.terms), timezone.now())
    try:
        job = bulk.begin(ids, {"do": "incident", "incident": pk}, by=user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("incident", pk)
    return redirect("bulk", job.key)


@require_safe
def would_match(request: HttpRequest) -> HttpResponse:
    """How many tickets of the last 24 hours hold the words that are being written."""
    user = me(request)
    if not user.is_supervisor:
        raise PermissionDenied
    brand, count = whole(request.GET.get("brand"), digits=9), None
    if brand is not None and may_see(user, brand):
        try:
            written = terms.read(terms.split(str(request.GET.get("terms", ""))[:4000]))
        except terms.BadTerm:
            written = ()
        count = len(figures.would_match(brand, written, timezone.now())) if written else None
    return render(request, "monitor/incident_match.html", {"count": count})


@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident; `part=live` gives what changes, for the script."""
    user, now = me(request), timezone.now()
    found = incident_for(user, pk)
    told = figures.of(found)
    part = request.GET.get("part") == "live"
    tickets = Ticket.objects.filter(incident=found).select_related("contact", "channel", "assignee")
    context = {
        "here": "incidents", "now": now, "incident": found, "state": state_of(found, now), "figures": told,
        "may_run": user.is_supervisor,
        "oldest": span((now - told.oldest).total_seconds()) if told.oldest else "",
        "tickets": list(tickets.order_by("status", "due_at", "id")[:TICKETS_SHOWN]),
        "course": course(figures.course(found, now)),
    }  # fmt: skip
    if not part:
        would = user.is_supervisor and found.closed_at is None
        context["would"] = len(figures.would_match(found.brand_id, terms.read(found.terms), now)) if would else 0
        news = list(found.updates.select_related("by").order_by("-id")[:10])
        failed = not_sent(pk, news) if news else {}
        context["updates"] = [(one, max(one.sent - len(failed[one.pk]), 0), len(failed[one.pk])) for one in news]
    return render(request, "monitor/incident_live.html" if part else "monitor/incident.html", context)


@dataclass(frozen=True, slots=True)
class Course:
    """The drawing of its hours: bars of what was said, as (x, y, height, hour), and the line of how people felt."""

    bars: list[tuple[float, float, float, Hour]]
    points: str
    marks: list[tuple[float, float, Hour]]
    hours: list[tuple[float, str]]
    zero: float
    said: int


def course(hours: list[Hour]) -> Course:
    """Valences go from -1 at the floor to 1 at the top; bars are drawn against the busiest hour."""
    most = max((hour.said for hour in hours), default=0) or 1
    bars, marks = [], []
    for turn, hour in enumerate(hours):
        x = round(turn * STEP + 2, 1)
        tall = round(HEIGHT * hour.said / most, 1)
        bars.append((x, round(TOP + HEIGHT - tall, 1), tall, hour))
        if hour.mood is not None:
            marks.append((round(x + BAR / 2, 1), round(TOP + HEIGHT * (1 - hour.mood) / 2, 1), hour))
    named = [
        (round(turn * STEP + 2 + BAR / 2, 1), f"{timezone.localtime(hour.at):%H}")
        for turn, hour in enumerate(hours)
        if turn % 3 == 0
    ]
    line = " ".join(f"{x},{y}" for x, y, _hour in marks)
    return Course(bars, line, marks, named, TOP + HEIGHT / 2, sum(hour.said for hour in hours))
