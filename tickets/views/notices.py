"""Notices: the list behind the bell, what open pages ask for, and how each person wants to be told."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.reckoning import zone_of
from tickets.models import Notice
from tickets.news import bell
from tickets.news.notice_wishes import (
    BROWSER,
    MAIL,
    PAGE,
    SOUND,
    WAYS,
    Kind,
    Quiet,
    Wishes,
    is_quiet,
    keep,
    read_time,
    wishes_of,
)
from tickets.numbers import whole
from tickets.views.people import me

HOURS = range(24)


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What I was told, the newest first."""
    user = me(request)
    before = whole(request.GET.get("before"))
    found = bell.told(user)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: bell.PAGE_SIZE + 1])
    context = {
        "lines": bell.lines(rows[: bell.PAGE_SIZE]),
        "more": rows[bell.PAGE_SIZE - 1].pk if len(rows) > bell.PAGE_SIZE else None,
        "unread": bell.unread(user),
        "now": timezone.now(),
        "here": "notices",
    }
    return render(request, "notices/list.html", context)


@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Open what a notice is about; it counts as read."""
    user = me(request)
    found = get_object_or_404(Notice.objects.select_related("ticket"), pk=pk, user=user)
    bell.read(user, notice=found.pk)
    return redirect(bell.where(found))


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one (`notice`) or all as read."""
    bell.read(me(request), notice=whole(request.POST.get("notice")))
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("notices")


@require_safe
def news(request: HttpRequest) -> JsonResponse:
    """What an open page asks for when it hears that there are notices; `after` is the newest it knows."""
    response = JsonResponse(bell.news(me(request), whole(request.GET.get("after"))))
    response.headers["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the page of wishes."""

    kind: str
    label: str
    ways: list[tuple[str, bool]]


@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """How I want to be told."""
    user = me(request)
    if request.method == "POST":
        keep(user, _chosen(request))
        messages.success(request, _("Saved."))
        return redirect("notice-wishes")
    mine = wishes_of(user)
    choices = [
        Choice(kind.value, str(kind.label), [(way, way in mine.ways[kind]) for way in WAYS])
        for kind in Kind
        if (kind != Kind.CHANNEL or user.is_admin) and (kind != Kind.SURGE or user.is_supervisor)
    ]
    context = {
        "choices": choices,
        "wishes": mine,
        "hours": HOURS,
        "zone": zone_of(user).key,
        "quiet_now": is_quiet(user, mine, timezone.now()),
        "ways": {"page": PAGE, "browser": BROWSER, "sound": SOUND, "mail": MAIL},
        "here": "notices",
    }
    return render(request, "notices/wishes.html", context)


def _chosen(request: HttpRequest) -> Wishes:
    told = request.POST
    ways = {kind: frozenset(way for way in told.getlist(kind) if way in WAYS) for kind in Kind.values}
    begins, ends = read_time(told.get("from")), read_time(told.get("until"))
    quiet = (
        Quiet(begins, ends)
        if told.get("quiet") and begins is not None and ends is not None and begins != ends
        else None
    )
    hour = whole(told.get("mail_hour"))
    usual = Wishes().mail_hour
    return Wishes(ways, quiet, hour if hour is not None and hour < 24 else usual, title=bool(told.get("title")))
