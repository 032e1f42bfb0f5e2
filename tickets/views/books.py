"""The books for supervisors: every message, ticket and answer by state, and what is not accounted for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.reports.balance import balance
from tickets.views.doors import supervisor


@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """Whether everything that came in is accounted for."""
    supervisor(request)
    return render(request, "monitor/books.html", {"books": balance(), "here": "books"})
