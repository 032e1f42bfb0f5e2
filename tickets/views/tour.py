"""The tour: its steps for the script, and that somebody has had it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.views import back_to
from tickets import tour as tours
from tickets.views.people import me


@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """The card and its steps; it is put into whatever page one is on."""
    user = me(request)
    response = render(request, "tour.html", {"steps": tours.steps_of(user), "person": user})
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def had(request: HttpRequest) -> HttpResponse:
    """Begun, or not wanted: offered no more. A form leads back to where it was sent from."""
    tours.had(me(request))
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect(back_to(request))
