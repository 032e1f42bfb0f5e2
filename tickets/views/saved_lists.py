"""Saved views: saving the list as it stands, and the page where they are named, put in order and removed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Team, User
from tickets.answering.saved_replies import Scope, may_change
from tickets.listing import saved_views
from tickets.listing.lists import VIEWS
from tickets.listing.ordering import sort_of
from tickets.listing.saved_views import Wish, address_of, filters_of, list_of, query_of
from tickets.models import SavedView
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.views.narrowing import labels_of
from tickets.views.people import me

# Where the last removal waits to be taken back.
SESSION_KEY = "removed_view"


class ViewForm(forms.Form):
    """A name, whose it is, and the list with the query string of its address. What is left out stays as it was."""

    name = forms.CharField(max_length=saved_views.LONGEST, required=False)
    whose = forms.CharField(max_length=30, required=False)
    list = forms.CharField(max_length=20, required=False)
    query = forms.CharField(max_length=2000, required=False)


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """All that this person sees, in the order of the rail."""
    user = me(request)
    rows = list(saved_views.visible(user).select_related("team", "owner"))
    context = {
        "views": [_line(request, row, user) for row in rows],
        "whose": _choices(user),
        "removed": request.session.get(SESSION_KEY),
        "here": "saved-views",
    }
    return render(request, "inbox/saved_views.html", context)


def _line(request: HttpRequest, row: SavedView, user: User) -> dict[str, Any]:
    base = VIEWS[list_of(row)]
    return {
        "row": row,
        "address": address_of(row),
        "base": base,
        "filters": labels_of(request, base, filters_of(row)),
        "sort": sort_of(row.sort, base.sorts),
        "whose": _whose(row),
        "may_change": may_change(row, user),
    }


def _whose(row: SavedView) -> str:
    if row.owner_id:
        return "own"
    return f"team-{row.team_id}" if row.team_id else "everyone"


def _choices(user: User) -> list[tuple[str, str]]:
    """For whom this person may keep a view."""
    if not user.is_supervisor:
        return [("own", _("Only for me"))]
    teams = Team.objects.order_by("name") if user.is_admin else user.teams.order_by("name")
    named = [(f"team-{pk}", _("Team %(name)s") % {"name": name}) for pk, name in teams.values_list("id", "name")]
    return [("own", _("Only for me")), *named, ("everyone", _("For everyone"))]


@require_POST
def save(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Save the list as it stands, or change a view; then the view itself, or the page it was changed on."""
    user = me(request)
    form = ViewForm(request.POST)
    row = saved_views.visible(user).filter(pk=pk).first() if pk else None
    if not form.is_valid() or (pk and row is None):
        raise Http404
    data = form.cleaned_data
    try:
        view = saved_views.keep(_wish(data, row, user), by=user, pk=pk)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("saved-views")
    messages.success(request, _("“%(name)s” is kept.") % {"name": view.name})
    return redirect(address_of(view) if data["list"] else "saved-views")


def _wish(data: dict[str, Any], row: SavedView | None, user: User) -> Wish:
    """What the view is to be: as it was, but for what was sent."""
    query, sort = (row.query, row.sort) if row else ({}, "next")
    if data["list"]:
        asked = QueryDict(data["query"])
        query = query_of(data["list"], asked)
        sort = sort_of(asked.get("sort") or "", VIEWS[query["list"]].sorts).slug
    name = data["name"] or (row.name if row else "")
    return Wish(
        name=name, query=query, sort=sort, scope=_scope(data["whose"] or (_whose(row) if row else "own"), user, row)
    )


def _scope(whose: str, user: User, row: SavedView | None) -> Scope:
    """Where it is kept. "team" is the person's own; what nobody offered is refused as not theirs to keep."""
    brand = row.brand if row else None
    if whose == "team":
        return Scope("team", user.teams.order_by("name").first(), brand)
    if whose.startswith("team-") and (team := whole(whose[5:])) is not None:
        return Scope("team", Team.objects.filter(pk=team).first(), brand)
    return Scope("everyone" if whose == "everyone" else "own", None, brand)


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up, or down."""
    try:
        saved_views.move(pk, up=request.POST.get("to") == "up", by=me(request))
    except SavedView.DoesNotExist:
        raise Http404 from None
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("saved-views")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view; the page offers to bring it back."""
    try:
        view, token = saved_views.remove(pk, by=me(request))
    except SavedView.DoesNotExist:
        raise Http404 from None
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        request.session[SESSION_KEY] = {"name": view.name, "token": token}
    return redirect("saved-views")


@require_POST
def bring_back(request: HttpRequest) -> HttpResponse:
    """Undo the last removal."""
    removed = request.session.pop(SESSION_KEY, None)
    try:
        if removed:
            saved_views.bring_back(removed["token"], by=me(request))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("saved-views")
