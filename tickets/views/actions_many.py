"""Bulk work: begun from the rows that are checked, followed on a page of its own, stopped and undone there."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tickets.incidents import keeping
from tickets.listing.lists import VIEWS, tickets_of
from tickets.models import BulkAction, Incident, Ticket
from tickets.numbers import whole, wholes
from tickets.permissions import NotAllowed
from tickets.verbs import actions, bulk, dismissing, snoozing, tagging
from tickets.views.inbox import back_to
from tickets.views.incidents import CHOSEN
from tickets.views.narrowing import kept, narrow
from tickets.views.people import me
from tickets.views.verbs import placed

# What is offered: action codes with what follows them after a colon, as the form sends it.
SIMPLE = ("take", "put_back", "resolve", "spam")
# Not done at once: a form is filled in first.
NEW_INCIDENT = "new_incident"
# In the session: the list that the newest bulk work was begun in.
FROM = "bulk_from"


@require_safe
def choices(request: HttpRequest) -> HttpResponse:
    """What can be done to those that are checked, for the bar over the list or a page of its own."""
    user = me(request)
    offered: list[tuple[str, str]] = [(code, actions.label_of(code)) for code in SIMPLE]
    label = actions.label_of("priority")
    offered += [(f"priority:{value}", f"{label}: {name}") for value, name in Ticket.Priority.choices]
    label = actions.label_of("snooze")
    offered += [(f"snooze:{c.code}", f"{label}: {c.label}") for c in snoozing.choices(user, timezone.now())]
    label = actions.label_of("no_answer")
    offered += [(f"no_answer:{code}", f"{label}: {why}") for code, why in dismissing.REASONS_WHY.items()]
    label = actions.label_of("tag")
    tags = {tag.pk: tag for brand in user.brand_ids for tag in tagging.offered(brand)[: tagging.OFFERED]}
    offered += [(f"tag:{pk}", f"{label}: {tagging.name_of(tag)}") for pk, tag in tags.items()]
    label = actions.label_of("incident")
    offered += [(f"incident:{one.pk}", f"{label}: {one.name}") for one in keeping.open_of(user)]
    offered.append(("no_incident", actions.label_of("no_incident")))
    if user.is_supervisor:
        offered.append((NEW_INCIDENT, _("Open an incident with them")))
    return render(request, "inbox/bulk_choices.html", {"offered": offered, "view": VIEWS.get(placed(request))})


def action_of(code: str) -> dict[str, Any]:
    """The action that a choice stands for. Raises NotAllowed."""
    do, _colon, value = code.partition(":")
    found: dict[str, Any] = {"do": do}
    number = whole(value)
    if do == "tag" and number is not None:
        found["add"] = [number]
    elif do == "incident" and number is not None:
        found["incident"] = number
    elif do in {"priority", "assign"} and number is not None:
        found["priority" if do == "priority" else "to"] = number
    elif do in {"snooze", "no_answer"}:
        found["until" if do == "snooze" else "reason"] = value
    actions.step_of(found)
    return found


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Put an action on the checked tickets in line; with `all`, on every one of the view and its filters."""
    user, slug = me(request), placed(request)
    if request.POST.get("all"):
        found = narrow(request, tickets_of(VIEWS[slug], user)).tickets
        ids = list(found.order_by().values_list("id", flat=True)[: bulk.MOST + 1])
    else:
        given = str(request.POST.get("ids", "")).split(",")
        ids = wholes(given)
    if request.POST.get("do") == NEW_INCIDENT:
        request.session[CHOSEN] = ids[: bulk.MOST]
        return _to(request, f"{reverse('incident-new')}?chosen=1")
    try:
        job = bulk.begin(ids, action_of(str(request.POST.get("do", ""))), by=user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return _to(request, reverse("inbox-list", args=[slug]))
    request.session[FROM] = back_to(VIEWS[slug], kept(request))
    return _to(request, reverse("bulk", args=[job.key]))


def _to(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _mine(request: HttpRequest, key: UUID) -> BulkAction:
    job = BulkAction.objects.filter(key=key, by=me(request)).first()
    if job is None:
        raise Http404
    return job


@require_safe
def progress(request: HttpRequest, key: UUID) -> HttpResponse:
    """How far it has come, drawn anew each second while it is at work; those that refused, with words."""
    job = _mine(request, key)
    context = {
        "job": job,
        "incident": _incident_of(request, job),
        "back": request.session.get(FROM) or reverse("inbox"),
        "label": actions.step_of(job.action).label,
        "at_work": job.state in bulk.AT_WORK,
        "worked": job.total - len(job.left),
        "share": round(100 * (job.total - len(job.left)) / job.total) if job.total else 100,
        "can_undo": job.state in {bulk.State.DONE, bulk.State.STOPPED} and bool(job.before),
        "refused": job.refused[:200],
    }
    part = "inbox/bulk_progress.html" if request.headers.get("HX-Request") else "inbox/bulk_page.html"
    return render(request, part, context)


def _incident_of(request: HttpRequest, job: BulkAction) -> Incident | None:
    """The incident that they are put into: whoever begins that there goes on there."""
    number = job.action.get("incident")
    return keeping.visible(me(request)).filter(pk=number).first() if number else None


@require_POST
def undo(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take all of it back."""
    return _carry(request, key, bulk.undo)


@require_POST
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Do no more of it."""
    return _carry(request, key, bulk.stop)


def _carry(request: HttpRequest, key: UUID, verb: Callable[..., BulkAction]) -> HttpResponse:
    try:
        verb(_mine(request, key).pk, by=me(request))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("bulk", key)
