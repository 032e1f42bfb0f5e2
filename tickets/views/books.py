"""The books for supervisors: every message, ticket and answer by state, and what is not accounted for."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.permissions import NotAllowed, check_supervises
from tickets.reports.balance import balance
from tickets.views.people import me


@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """Whether everything that came in is accounted for."""
    try:
        check_supervises(me(request))
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None
    return render(request, "monitor/books.html", {"books": balance(), "here": "books"})
