"""A first look at what care does: how much was answered, and how customers felt after it, ticket by ticket."""

from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.models import Ticket
from tickets.moods import MOVED
from tickets.views.people import me

DAYS = 30
SHOWN = 25


@require_safe
def analyse(request: HttpRequest) -> HttpResponse:
    """Tickets of the last days: counts, mean lift, and the tickets behind both ends of it."""
    seen = Ticket.objects.visible_to(me(request)).filter(opened_at__gte=timezone.now() - timedelta(days=DAYS))
    measured = seen.exclude(lift=None).select_related("contact", "assignee")
    figures: dict[str, Any] = seen.aggregate(
        opened=Count("id"),
        answered=Count("id", filter=~Q(first_answered_at=None)),
        resolved=Count("id", filter=Q(status__in=["resolved", "closed"])),
        measured=Count("lift"),
        mean=Avg("lift"),
        better=Count("id", filter=Q(lift__gte=MOVED)),
        worse=Count("id", filter=Q(lift__lte=-MOVED)),
    )
    ends = [
        ("better", measured.filter(lift__gte=MOVED).order_by("-lift", "-id")[:SHOWN]),
        ("worse", measured.filter(lift__lte=-MOVED).order_by("lift", "-id")[:SHOWN]),
    ]
    context = {"figures": figures, "ends": ends, "days": DAYS, "here": "analyse"}
    return render(request, "analyse/page.html", context)
