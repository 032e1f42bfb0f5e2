"""The sections of the Settings area, in the order of their list. Whoever adds a section adds one line here.

A section's page extends settings/area.html, which draws the list beside it, and is given `section`, its slug.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from tickets.views.people import me


@dataclass(frozen=True, slots=True)
class Section:
    """One line of the list: `url` is the name of its address, `says` what one finds there."""

    slug: str
    label: Promise
    icon: str
    url: str
    says: Promise
    for_supervisors: bool = False


SECTIONS: Sequence[Section] = (
    Section("people", _("People"), "user", "settings-people", _("Who works here, as what, in which teams.")),
    Section(
        "shifts",
        _("Shifts"),
        "alarm",
        "settings-shifts",
        _("Who works when, and who is away."),
        for_supervisors=True,
    ),
    Section("sign-in", _("Signing in"), "lock", "settings-sign-in", _("Who must sign in with two steps.")),
    Section("teams", _("Teams"), "users", "settings-teams", _("Who shares a queue, and for which brands.")),
    Section("brands", _("Brands"), "building-store", "settings-brands", _("The companies cared for.")),
    Section("tags", _("Tags"), "tag", "settings-tags", _("Words to find tickets by."), for_supervisors=True),
    Section("tiers", _("Tiers"), "diamond", "settings-tiers", _("How dear customers’ plans are.")),
    Section("rules", _("Routing rules"), "arrows-split", "rules", _("Which team and person each new ticket goes to.")),
    Section(
        "targets", _("Targets"), "clock", "sla-policies", _("How soon customers are answered, and by which policy.")
    ),
    Section(
        "chains",
        _("Escalation"),
        "alarm",
        "chains",
        _("Who hears of it when a ticket waits too long or turns grave."),
        for_supervisors=True,
    ),
    Section("calendars", _("Calendars"), "calendar-time", "calendars", _("Open hours, holidays and Ramadan.")),
    Section(
        "approval-rules",
        _("Approval rules"),
        "user-check",
        "approval-rules",
        _("Which answers a second person reads before they go out."),
    ),
    Section("scorecards", _("Scorecards"), "star", "scorecards", _("The questions that work is reviewed by.")),
    Section("packs", _("Sector packs"), "archive", "packs", _("Rules and words to start from, for banks and health.")),
    Section(
        "policy", _("Answers"), "scale", "care-policy", _("What the guard stops, and what canned answers are worth.")
    ),
    Section("record", _("Record of changes"), "history", "settings-record", _("Who changed what here, and when.")),
)


def sections_for(user: User) -> list[Section]:
    """The sections this person may open; agents have none."""
    return [one for one in SECTIONS if user.is_admin or (user.is_supervisor and one.for_supervisors)]


def admin(request: HttpRequest) -> User:
    """Who asks, for pages that are for admins alone. Raises PermissionDenied."""
    user = me(request)
    if not user.is_admin:
        raise PermissionDenied
    return user


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Every section with a line about it: on phones the list itself."""
    if not me(request).is_supervisor:
        raise PermissionDenied
    return render(request, "settings/page.html", {"here": "settings", "section": ""})
