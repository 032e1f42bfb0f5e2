"""The filters of a list as its page shows and keeps them."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tickets.filters import LANGUAGES, NAMES, SENTIMENTS, TicketFilter, channels_of
from tickets.lists import View
from tickets.models import Ticket
from tickets.models.ticket import LIVE


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: its values as (value, label, chosen) and the words of what is chosen."""

    name: str
    label: str
    any_label: str
    options: list[tuple[str, str | Promise, bool]]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A list's tickets after its filters, the part of the address that keeps them, and what was wrong with them."""

    tickets: QuerySet[Ticket]
    query: str
    wrong: list[str]


def narrow(request: HttpRequest, tickets: QuerySet[Ticket]) -> Narrowed:
    """Apply the filters of the address. Values nobody offered are named and left out, the rest still count."""
    given = given_filters(request)
    if not given:
        return Narrowed(tickets, "", [])
    found = TicketFilter(given, queryset=tickets, request=request)
    if found.is_valid():
        return Narrowed(found.qs, given.urlencode(), [])
    wrong = [str(found.form.fields[name].label) for name in found.form.errors if name in found.form.fields]
    for name in found.form.errors:
        given.pop(name, None)
    rest = TicketFilter(given, queryset=tickets, request=request)
    return Narrowed(rest.qs, given.urlencode(), wrong)


def given_filters(request: HttpRequest) -> QueryDict:
    """The filters in the address, without everything else that stands there."""
    given = QueryDict(mutable=True)
    for name in NAMES:
        if values := [value for value in request.GET.getlist(name) if value]:
            given.setlist(name, values)
    return given


def kept(request: HttpRequest) -> str:
    """The part of an address that keeps the filters."""
    return given_filters(request).urlencode()


def choices_of(request: HttpRequest, view: View) -> list[Choice]:
    """The filters to offer on a view's page (one query, for the channels)."""
    channels = [(str(pk), name) for pk, name in channels_of(request).values_list("id", "name")]
    statuses = [(value, label) for value, label in Ticket.Status.choices if view.newest_first or value in LIVE]
    offered: list[tuple[str, str, str, list[tuple[str, str | Promise]]]] = [
        ("channel", _("Channel"), _("Any channel"), [*channels]),
        ("status", _("Status"), _("Any status"), [*statuses]),
        ("language", _("Language"), _("Any language"), [*LANGUAGES]),
        ("sentiment", _("Sentiment"), _("Any sentiment"), [*SENTIMENTS]),
    ]
    return [
        Choice(name, label, any_label, [(v, words, v in request.GET.getlist(name)) for v, words in options])
        for name, label, any_label, options in offered
    ]


def chosen_labels(request: HttpRequest, view: View, query: str) -> list[str | Promise]:
    """The words of the filters in force; asks for nothing while there are none."""
    if not query:
        return []
    return [label for choice in choices_of(request, view) for _value, label, on in choice.options if on]
