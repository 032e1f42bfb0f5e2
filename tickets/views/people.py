"""Who is asking, and whom a ticket may be given to."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.verbs import set_available
from accounts.views import back_to
from tickets.models import Ticket
from tickets.models.ticket import NEEDS_US
from tickets.steering import routing


def me(request: HttpRequest) -> User:
    """The person signed in. Pages without a sign-in never ask."""
    if not isinstance(request.user, User):
        raise TypeError("this page is for people who are signed in")
    return request.user


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a ticket may be given to, and how full their hands are."""

    id: int
    name: str
    available: bool
    load: int
    capacity: int

    @property
    def full(self) -> bool:
        return self.load >= self.capacity


def colleagues_for(ticket: Ticket) -> list[Colleague]:
    """The people of the teams that care for the ticket's brand: those with room first."""
    people = (
        User.objects.filter(is_active=True, teams__brands=ticket.brand_id)
        .annotate(load=Count("tickets", filter=Q(tickets__status__in=NEEDS_US), distinct=True))
        .values_list("id", "name", "available", "load", "capacity")
        .distinct()
    )
    found = [Colleague(*row) for row in people]
    return sorted(found, key=lambda person: (not person.available, person.full, person.name))


@require_POST
def availability(request: HttpRequest) -> HttpResponse:
    """Take new tickets from now on, or leave them to others."""
    on = request.POST.get("available") == "1"
    if set_available(me(request), on) and on:
        routing.ring()
    return redirect(back_to(request))
