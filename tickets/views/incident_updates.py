"""Telling everybody in an incident: written, looked at beforehand, confirmed with its number, followed, stopped."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tickets.answering import guarding
from tickets.answering.guard_words import Line, lines
from tickets.incidents import audience, updates
from tickets.incidents.audience import Group, Plan
from tickets.incidents.told import not_sent
from tickets.models import Incident, IncidentUpdate, Ticket
from tickets.models.ticket import LIVE
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.views.incident_forms import UpdateForm
from tickets.views.incidents import incident_for, running
from tickets.views.people import me

# Boxes for the languages of the interface always; for others where customers of the incident write them.
ALWAYS = ("ar", "en")
MOST_BOXES = 6
REFUSED_SHOWN = 200
FAILED_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as the page tells it: what the guard says of its words among it."""

    group: Group
    number: int
    found: list[Line]


def languages_of(incident: Incident) -> list[str]:
    """Which languages there is a box for, the commonest of its customers' behind the two of the desk."""
    told = Ticket.objects.filter(incident=incident, status__in=LIVE).values_list("language", flat=True)
    seen: dict[str, int] = {}
    for language in told[: audience.MOST]:
        seen[language[:2]] = seen.get(language[:2], 0) + 1
    rest = sorted((code for code in seen if code and code not in ALWAYS), key=lambda code: -seen[code])
    return [*ALWAYS, *rest][:MOST_BOXES]


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it; posting shows who would get it, and asks for a word with the number. Nothing is sent here."""
    _user, found = running(request, pk)
    languages = languages_of(found)
    form = UpdateForm(languages, request.POST or None)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        if not form.texts:
            form.add_error(None, _("Write it in one language at least."))
        else:
            context |= _looked(audience.plan(found, form.texts, resolve=form.cleaned_data["resolve"]))
    return _written(request, found, form, **context)


def _written(request: HttpRequest, found: Incident, form: UpdateForm, **context: Any) -> HttpResponse:
    """The page on which it is written, with what there is to say of it."""
    told_of = {
        "here": "incidents", "incident": found, "form": form, "key": str(uuid4()),
        "counts": guarding.policy_of(found.brand_id).canned_counts,
    }  # fmt: skip
    bad = bool(form.errors or context.get("problem"))
    return render(request, "monitor/incident_write.html", told_of | context, status=422 if bad else 200)


def _looked(plan: Plan) -> dict[str, Any]:
    """A plan as the page tells it."""
    shown = [
        Shown(group, len(group.tickets), _lines(group))
        for group in plan.groups
    ]  # fmt: skip
    refused = [(words, len(ids), ids[:8]) for words, ids in plan.refused.items()]
    return {"plan": plan, "groups": shown, "refused": sorted(refused, key=lambda one: -one[1])}


def _lines(group: Group) -> list[Line]:
    """What the guard says, but for what is well."""
    looked = group.looked
    if looked is None:
        return []
    told = [found for found in looked.findings if found.level != guarding.Level.GOOD]
    return lines(told, "", alone=True, may_go_private=False)


@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what was looked at, to no more than the number that was confirmed."""
    user, found = running(request, pk)
    form = UpdateForm(languages_of(found), request.POST)
    number, last = (whole(request.POST.get(name), digits=15) or 0 for name in ("number", "last"))
    try:
        key = UUID(str(request.POST.get("key", "")))
    except ValueError:
        raise Http404 from None
    if not form.is_valid():
        # What was written stays written.
        return _written(request, found, form)
    wanted = {"texts": form.texts, "resolve": form.cleaned_data["resolve"], "number": number, "last": last}
    try:
        made = updates.begin(pk, by=user, key=key, **wanted)
    except NotAllowed as refusal:
        plan = audience.plan(found, form.texts, resolve=form.cleaned_data["resolve"])
        return _written(request, found, form, key=str(key), problem=str(refusal), **_looked(plan))
    return redirect("incident-update", pk, made.key)


def _update(request: HttpRequest, pk: int, key: UUID) -> IncidentUpdate:
    found = incident_for(me(request), pk)
    update = IncidentUpdate.objects.filter(incident=found, key=key).select_related("by").first()
    if update is None:
        raise Http404
    update.incident = found
    return update


@require_safe
def progress(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """How far it has come, drawn anew each second while it is at work; those it was not told, with words."""
    update = _update(request, pk, key)
    at_work = update.finished_at is None
    worked = update.total - len(update.left) if at_work else update.sent + len(update.refused)
    may_run = me(request).is_supervisor
    part = bool(request.headers.get("HX-Request"))
    failed = not_sent(update.incident_id, [update])[update.pk]
    context: dict[str, Any] = {
        "here": "incidents", "incident": update.incident, "update": update, "at_work": at_work, "worked": worked,
        "share": round(100 * worked / update.total) if update.total else 100,
        "failed": failed, "failed_shown": failed[:FAILED_SHOWN], "sent": max(update.sent - len(failed), 0),
        "stopped": updates.was_stopped(update), "refused": update.refused[:REFUSED_SHOWN], "may_run": may_run,
        "texts": sorted(updates.words_of(update).items()), "resolves": updates.resolves(update),
    }  # fmt: skip
    if may_run and not at_work:
        context["rest"] = audience.plan(update.incident, updates.words_of(update), update=update)
    name = "monitor/incident_progress.html" if part else "monitor/incident_update.html"
    return render(request, name, context)


@require_POST
def stop(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """Tell it to nobody else."""
    user, _found = running(request, pk)
    updates.stop(_update(request, pk, key).pk, by=user)
    return redirect("incident-update", pk, key)


@require_POST
def go_on(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """Tell it to those who were not told."""
    user, _found = running(request, pk)
    number, last = (whole(request.POST.get(name), digits=15) or 0 for name in ("number", "last"))
    try:
        updates.go_on(_update(request, pk, key).pk, by=user, number=number, last=last)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("incident-update", pk, key)
