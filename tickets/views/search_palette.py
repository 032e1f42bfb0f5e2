"""The command palette's lines: what fits the letters typed so far."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.listing.palette import lines
from tickets.listing.search.asking import LONGEST_QUESTION
from tickets.views.people import me


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """The options of the palette; `on` tells what the page holds."""
    typed = str(request.GET.get("q", ""))[:LONGEST_QUESTION]
    found = lines(typed, me(request), timezone.now(), on=request.GET.get("on", "page"))
    response = render(request, "palette_lines.html", {"typed": typed.strip(), "lines": found})
    response.headers["Cache-Control"] = "no-store"
    return response
