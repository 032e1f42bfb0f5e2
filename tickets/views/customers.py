"""The customer: in the panel beside their ticket, fetched when that opens, and on a page of their own."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import may_see
from ingest.models import Contact
from tickets.customers import persons, similar, timeline
from tickets.customers.persons import Person
from tickets.listing.lists import VIEWS
from tickets.listing.search.finding import BadPlace
from tickets.models import Customer, CustomerContact, Ticket
from tickets.views.pane import ticket_for
from tickets.views.people import me

# What the panel shows of the timeline.
LAST = 4


def address_of(contact: Contact) -> HttpResponse:
    """The page of whoever has this account."""
    row = CustomerContact.objects.filter(contact=contact).first()
    where = reverse("customer", args=[row.customer_id]) if row else reverse("customer-account", args=[contact.pk])
    return redirect(where)


@require_safe
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer of a ticket: the panel's matter for the script, else their page."""
    ticket = ticket_for(me(request), pk)
    if not request.headers.get("HX-Request"):
        return address_of(ticket.contact)
    return answer(render(request, "customers/panel.html", panel_context(ticket, timezone.now())))


def panel_context(ticket: Ticket, now: datetime, **more: Any) -> dict[str, Any]:
    """All that the panel shows, and `more`: what a form in it refused."""
    who = persons.person_of(ticket.contact)
    return {
        "ticket": ticket,
        "who": who,
        "figures": persons.figures(who, now),
        "tickets": persons.tickets_of(who, but=ticket.pk),
        "tiers": persons.tiers(who),
        "solved": similar.like(ticket),
        "timeline": timeline.page_of(who.contacts, size=LAST),
        "now": now,
        "place": "panel",
        **more,
    }


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer with all their accounts."""
    found = get_object_or_404(Customer.objects.select_related("tier", "notes_by"), pk=pk)
    return _page(request, persons.person(found))


@require_safe
def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One account whose customer nobody has said anything of; else the customer's page."""
    contact = get_object_or_404(Contact.objects.filter(is_own=False), pk=pk)
    who = persons.person_of(contact)
    _check(me(request), who)
    return redirect("customer", who.customer.pk) if who.customer else _page(request, who)


def _check(user: User, who: Person) -> None:
    """What is of another brand does not exist. Raises Http404."""
    if not may_see(user, who.brand_id):
        raise Http404


def _page(request: HttpRequest, who: Person) -> HttpResponse:
    _check(me(request), who)
    try:
        said = timeline.page_of(who.contacts, str(request.GET.get("after", "")))
    except BadPlace:
        raise Http404 from None
    if request.headers.get("HX-Request"):
        context = {"timeline": said, "now": timezone.now(), "place": "page"}
        return answer(render(request, "customers/timeline.html", context))
    return answer(render(request, "customers/page.html", page_context(who, timezone.now()) | {"timeline": said}))


def page_context(who: Person, now: datetime) -> dict[str, Any]:
    """What the page shows beside the timeline. What is said there of the customer is said from their newest ticket."""
    known = persons.figures(who, now)
    return {
        "who": who,
        "figures": known,
        "ticket": Ticket.objects.filter(pk=known.newest).select_related("contact").first() if known.newest else None,
        "tickets": persons.tickets_of(who, most=20),
        "tiers": persons.tiers(who),
        "now": now,
        "view": VIEWS["all"],
        "place": "page",
    }


def answer(response: HttpResponse) -> HttpResponse:
    """For this person now; a part and a page share an address."""
    patch_vary_headers(response, ["HX-Request"])
    response.headers["Cache-Control"] = "no-store"
    return response
