"""Settings: teams, and the brands they care for."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import teams
from accounts.models import Brand, Team
from accounts.people import Refused
from accounts.people_forms import BrandForm, TeamForm
from accounts.unmoved import MovedOn
from tickets.permissions import NotAllowed
from tickets.steering import departures
from tickets.views import seen
from tickets.views.settings_area import admin

TEAMS = {"here": "settings", "section": "teams"}
BRANDS = {"here": "settings", "section": "brands"}


@require_safe
def team_list(request: HttpRequest) -> HttpResponse:
    """Every team with its brands and how many people it has."""
    admin(request)
    people = Count("members", filter=Q(members__is_active=True), distinct=True)
    return render(
        request,
        "settings/teams.html",
        TEAMS | {"teams": Team.objects.annotate(people=people).prefetch_related("brands")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make one, or change it."""
    user = admin(request)
    found = get_object_or_404(Team, pk=pk) if pk else None
    form = TeamForm(request.POST if request.method == "POST" else None, initial=_team_as_form(found) if found else None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = teams.keep_team(pk, **form.cleaned_data, by=user, version=seen.brought(request))
        except Refused as refusal:
            form.add_error("name", str(refusal))
        except MovedOn:
            seen.moved_on(form, _team_as_form(found) if found else None)
        else:
            return _saved(request, kept.name, "settings-teams")
    version = teams.version_of(found) if found else None
    return seen.drawn(request, "settings/team.html", TEAMS | {"team": found}, form, version)


def _team_as_form(found: Team) -> dict[str, Any]:
    told = {"name": found.name, "is_default": found.is_default}
    return told | {"brands": list(found.brands.all()), "members": list(found.members.filter(is_active=True))}


@require_POST
def remove_team(request: HttpRequest, pk: int) -> HttpResponse:
    """The team is no more, if nothing waits in it."""
    user = admin(request)
    found = get_object_or_404(Team, pk=pk)
    try:
        departures.close_team(pk, by=user)
    except Team.DoesNotExist:
        raise Http404 from None
    except (Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
        return redirect("settings-team", pk)
    messages.success(request, _("%(name)s is removed.") % {"name": found.name})
    return redirect("settings-teams")


@require_safe
def brand_list(request: HttpRequest) -> HttpResponse:
    """Every brand with its teams."""
    admin(request)
    brands = Brand.objects.annotate(channels_count=Count("channels", distinct=True)).prefetch_related("teams")
    return render(request, "settings/brands.html", BRANDS | {"brands": brands})


@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make one, or give it other names."""
    user = admin(request)
    found = get_object_or_404(Brand, pk=pk) if pk else None
    initial = {"name": found.name, "name_ar": found.name_ar} if found else None
    form = BrandForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = teams.keep_brand(pk, **form.cleaned_data, by=user, version=seen.brought(request))
        except Refused as refusal:
            form.add_error("name", str(refusal))
        except MovedOn:
            seen.moved_on(form, initial)
        else:
            return _saved(request, kept.name, "settings-brands")
    version = teams.names_version(found) if found else None
    return seen.drawn(request, "settings/brand.html", BRANDS | {"brand": found}, form, version)


def _saved(request: HttpRequest, name: str, to: str) -> HttpResponse:
    messages.success(request, _("%(name)s is saved.") % {"name": name})
    return redirect(to)
