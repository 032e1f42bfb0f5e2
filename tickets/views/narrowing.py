"""The filters of a list as its page offers, shows and keeps them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Team, User
from accounts.permissions import brand_ids
from ingest.models import Channel
from ingest.platforms.registry import PLATFORMS
from tickets.incidents import keeping
from tickets.listing.filters import (
    LANGUAGES,
    NAMES,
    OPENED,
    SENTIMENTS,
    SEVERAL,
    TRIGGERS,
    WAITING,
    WHY,
    YES_NO,
    TicketFilter,
    brands_of,
    channels_of,
    tags_of,
    tiers_of,
)
from tickets.listing.lists import COUNT_CAP, View, capped
from tickets.listing.ordering import sort_of
from tickets.models import Ticket
from tickets.models.ticket import LIVE
from tickets.numbers import whole
from tickets.views.marks import platform_label
from tickets.views.people import me

Options = list[tuple[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: its values as (value, label, chosen); `several` may be chosen where it says so."""

    name: str
    label: str
    any_label: str
    options: list[tuple[str, str | Promise, bool]]
    several: bool = False


class Chip(NamedTuple):
    """One filter in force: its words, and the address of the list without it (the query string alone)."""

    label: str
    without: str


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


def count_of(view: View, narrowed: Narrowed) -> str:
    """How many a list holds with its filters, capped as in the rail.

    Empty for a list that holds what is done too: over years of tickets its count would cost more than it tells.
    """
    statuses = set(QueryDict(narrowed.query).getlist("status"))
    if view.slug == "all" and not (statuses and statuses <= set(LIVE)):
        return ""
    return capped(narrowed.tickets.order_by().values("pk")[:COUNT_CAP].count())


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


def with_place(request: HttpRequest, view: View, query: str) -> str:
    """The filters with the order and the saved view of the address: all that brings the same list again."""
    asked = QueryDict(query, mutable=True)
    if (sort := request.GET.get("sort", "")) in view.sorts and sort != view.sorts[0]:
        asked["sort"] = sort
    if (saved := whole(request.GET.get("saved"), digits=15)) is not None:
        asked["saved"] = str(saved)
    return asked.urlencode()


def orders_of(request: HttpRequest, view: View, query: str) -> list[tuple[str | Promise, str, bool]]:
    """The orders a list offers: words, the query string that asks for each, and whether it is the one in force."""
    chosen = sort_of(request.GET.get("sort", ""), view.sorts)
    found: list[tuple[str | Promise, str, bool]] = []
    for slug in view.sorts:
        asked = QueryDict(query, mutable=True)
        asked["sort"] = slug
        order = sort_of(slug, view.sorts)
        found.append((order.label, asked.urlencode(), order is chosen))
    return found


# --- what there is to choose from ------------------------------------------------------------------------------------
def _named(found: Iterable[tuple[int, str, str]]) -> Options:
    """Rows with an Arabic name, in the language of the page."""
    arabic = get_language_bidi()
    return [(str(pk), (name_ar if arabic else "") or name) for pk, name, name_ar in found]


def _channels(request: HttpRequest, _view: View) -> Options:
    """Those at work, and the one chosen already, wherever it went."""
    chosen = request.GET.get("channel", "")
    rows = channels_of(request).values_list("id", "name", "state")
    return [(str(pk), name) for pk, name, state in rows if state not in Channel.GONE or str(pk) == chosen]


def _platforms(request: HttpRequest, _view: View) -> Options:
    """Those that some channel is on."""
    at_work = channels_of(request).exclude(state__in=Channel.GONE)
    found = at_work.order_by("platform").values_list("platform", flat=True).distinct()
    return [(name, platform_label(name)) for name in found if name in PLATFORMS]


def _brands(request: HttpRequest, _view: View) -> Options:
    return _named(brands_of(request).values_list("id", "name", "name_ar"))


def _statuses(_request: HttpRequest, view: View) -> Options:
    return [(value, label) for value, label in Ticket.Status.choices if view.newest_first or value in LIVE]


def _people(request: HttpRequest, _view: View) -> Options:
    user = me(request)
    allowed = brand_ids(user)
    people = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name", "id")
    if allowed is not None:
        people = people.filter(teams__brands__in=allowed).distinct()
    named = [(str(pk), name) for pk, name in people.values_list("id", "name")]
    return [("me", _("Me")), ("nobody", _("Nobody")), *named]


def _teams(request: HttpRequest, _view: View) -> Options:
    allowed = brand_ids(me(request))
    teams = Team.objects.order_by("name", "id")
    if allowed is not None:
        teams = teams.filter(Q(brands__in=allowed)).distinct()
    return [("mine", _("My teams")), *((str(pk), name) for pk, name in teams.values_list("id", "name"))]


def _tags(request: HttpRequest, _view: View) -> Options:
    return _named(tags_of(request).values_list("id", "name", "name_ar"))


def _tiers(request: HttpRequest, _view: View) -> Options:
    return _named(tiers_of(request).values_list("id", "name", "name_ar"))


def _always(options: Iterable[tuple[str | int, str | Promise]]) -> Callable[[HttpRequest, View], Options]:
    fixed: Options = [(str(value), label) for value, label in options]
    return lambda _request, _view: fixed


def _incidents(request: HttpRequest, _view: View) -> Options:
    known = keeping.visible(me(request)).order_by("-id").values_list("id", "name")[:200]
    return [("any", _("In an incident")), ("none", _("In no incident")), *((str(pk), name) for pk, name in known)]


# In the order of the panel: what people narrow by most stands first.
OFFERED: Mapping[str, tuple[Promise, Callable[[HttpRequest, View], Options]]] = {
    "status": (gettext_lazy("Any status"), _statuses),
    "priority": (gettext_lazy("Any priority"), _always(Ticket.Priority.choices)),
    "channel": (gettext_lazy("Any channel"), _channels),
    "platform": (gettext_lazy("Any platform"), _platforms),
    "brand": (gettext_lazy("Any brand"), _brands),
    "assignee": (gettext_lazy("Anybody or nobody"), _people),
    "team": (gettext_lazy("Any team"), _teams),
    "sentiment": (gettext_lazy("Any sentiment"), _always(SENTIMENTS)),
    "why": (gettext_lazy("Any reason"), _always(WHY)),
    "trigger": (gettext_lazy("Any trigger"), _always(TRIGGERS)),
    "urgency": (gettext_lazy("Any urgency"), _always(Ticket.Urgency.choices)),
    "waiting": (gettext_lazy("However long"), _always(WAITING)),
    "language": (gettext_lazy("Any language"), _always(LANGUAGES)),
    "tier": (gettext_lazy("Any tier"), _tiers),
    "opened": (gettext_lazy("At any time"), _always(OPENED)),
    "breached": (gettext_lazy("Yes or no"), _always(YES_NO)),
    "escalated": (gettext_lazy("Yes or no"), _always(YES_NO)),
    "approval": (gettext_lazy("Yes or no"), _always(YES_NO)),
    "tags": (gettext_lazy("Any tags"), _tags),
}
# Come to by links alone: their pages offer them, the panel does not ask for them.
LINKED: Mapping[str, tuple[Promise, Callable[[HttpRequest, View], Options]]] = {
    "incident": (gettext_lazy("Any incident"), _incidents),
}
# Their values say nothing without the filter's name: "Yes", "in the last 7 days".
NEED_NAMES = frozenset({"breached", "escalated", "approval", "waiting", "opened", "urgency", "priority", "assignee",
                        "incident"})  # fmt: skip


def choices_of(request: HttpRequest, view: View) -> list[Choice]:
    """The filters to offer on a view's page, without those that have nothing to choose (a query for each table)."""
    found = [_choice(request, view, name, request.GET) for name in OFFERED]
    return [choice for choice in found if choice.options]


def _choice(request: HttpRequest, view: View, name: str, asked: QueryDict) -> Choice:
    any_label, options_of = OFFERED.get(name) or LINKED[name]
    chosen = set(asked.getlist(name))
    options = [(value, words, value in chosen) for value, words in options_of(request, view)]
    return Choice(name, _label(name), str(any_label), options, name in SEVERAL)


def _label(name: str) -> str:
    return str(TicketFilter.base_filters[name].label)


def chips_of(request: HttpRequest, view: View, query: str) -> list[Chip]:
    """The filters in force, each with the address that takes it away; asks only for the names it needs."""
    asked = QueryDict(query)
    chips = []
    for name in (name for name in (*OFFERED, *LINKED) if name in asked):
        for value, words, on in _choice(request, view, name, asked).options:
            if on:
                label = _("%(filter)s: %(value)s") % {"filter": _label(name), "value": words}
                chips.append(Chip(label if name in NEED_NAMES else str(words), _without(asked, name, value)))
    return chips


def _without(asked: QueryDict, name: str, value: str) -> str:
    rest = asked.copy()
    rest.setlist(name, [one for one in asked.getlist(name) if one != value])
    return rest.urlencode()


def chosen_labels(request: HttpRequest, view: View, query: str) -> list[str]:
    """The words of the filters in force; asks for nothing while there are none."""
    return [chip.label for chip in chips_of(request, view, query)]


def labels_of(request: HttpRequest, view: View, filters: Mapping[str, object]) -> list[str]:
    """The words of filters somebody kept."""
    asked = QueryDict(mutable=True)
    for name, value in filters.items():
        asked.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return [chip.label for chip in chips_of(request, view, asked.urlencode())]
