"""The inbox: a list, and beside it one ticket. Whole pages, or the part that the browser asks for."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets.listing import seen
from tickets.listing.lists import VIEWS, Page, View, page_of, tickets_of
from tickets.listing.ordering import BadCursor, sort_of
from tickets.news import live
from tickets.views.narrowing import Narrowed, chips_of, choices_of, count_of, kept, narrow, orders_of, with_place
from tickets.views.pane import composer_of, pane_context, ticket_for
from tickets.views.people import me
from tickets.views.rows import RowPainter, tag_names

# What the script asks for by `part`: pieces of the list, and menus that are fetched when they are opened.
PARTS = {"rows": "inbox/rows.html", "list": "inbox/list.html"}
MENUS = {"filters": "inbox/filters.html", "menu": "inbox/list_menu.html"}


def view_of(slug: str) -> View:
    """The view of an address."""
    try:
        return VIEWS[slug]
    except KeyError:
        raise Http404 from None


@require_safe
def inbox(_request: HttpRequest) -> HttpResponse:
    """The first thing to look at: my own tickets."""
    return redirect("inbox-list", "mine")


@require_safe
def inbox_list(request: HttpRequest, slug: str) -> HttpResponse:
    """A list alone: the whole page, the list anew (`part=list`), its next rows (`rows`), or a menu that few open: its
    filters (`filters`), how its rows look and how to save it (`menu`), the way to other lists (`lists`).
    """
    view, part = view_of(slug), request.GET.get("part", "")
    alone = bool(request.headers.get("HX-Request"))
    choices = choices_of(request, view) if part == "filters" else []
    if alone and part in MENUS:
        query = kept(request)
        place = with_place(request, view, query)
        context = {"view": view, "choices": choices, "filtered": query, "query": place, "back": back_to(view, place)}
        return _answer(request, MENUS[part], context)
    position = live.position()
    context = list_context(request, view) | {"position": position, "choices": choices, "part": part}
    return _answer(request, PARTS.get(part, "inbox/page.html") if alone else "inbox/page.html", context)


@require_safe
def inbox_ticket(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A list with one of the tickets open; for the browser's script only the ticket."""
    user = me(request)
    view, alone = view_of(slug), bool(request.headers.get("HX-Request"))
    ticket = ticket_for(user, pk)
    whole = request.GET.get("story") == "whole"
    composer = composer_of(ticket, tab="note") if request.GET.get("tab") == "note" else None
    context = pane_context(user, ticket, view, timezone.now(), whole=whole, composer=composer)
    # What is fetched ahead (static/js/ahead.js) nobody has seen yet; the page tells when it is shown.
    if "Radd-Ahead" not in request.headers:
        seen.saw(user, ticket, ticket.position)
    if alone:
        # The open page goes on listening from where it stands: what is put into it needs no place in the record.
        return _answer(request, "inbox/pane.html", context)
    context |= list_context(request, view, current=pk) | {"position": vars(ticket)["record_at"]}
    return _answer(request, "inbox/page.html", context)


def list_context(request: HttpRequest, view: View, current: int | None = None) -> dict[str, Any]:
    """What the list pane shows."""
    user = me(request)
    narrowed = narrow(request, tickets_of(view, user))
    problem = _("Not a filter of this list, so it was left out: %(names)s.") % {"names": _(", ").join(narrowed.wrong)}
    problem = problem if narrowed.wrong else ""
    sort = request.GET.get("sort", "")
    try:
        page = page_of(view, narrowed.tickets, request.GET.get("after", ""), sort=sort, user=user)
    except BadCursor:
        page = page_of(view, narrowed.tickets, sort=sort, user=user)
        gone = _("That link to more tickets does not work any more. The list begins at its top again.")
        problem = f"{problem} {gone}".strip()
    query = with_place(request, view, narrowed.query)
    painter = RowPainter(view, timezone.now(), query=query, current=current, tags=tag_names(page.rows))
    return {
        "view": view,
        "here": here_of(request, view),
        "query": query,
        "back": back_to(view, query),
        "filtered": narrowed.query,
        "list_problem": problem,
        "rows": painter.rows(page.rows),
        "more": more_address(page, query),
        "empty": not page.rows,
        "chips": chips_of(request, view, query) if narrowed.query else [],
        # The rail counts lists and saved views; of other filters the page asks for itself, where it says it.
        "own_count": _own_count(view, narrowed) if narrowed.query and not request.GET.get("saved") else None,
        "orders": orders_of(request, view, query),
        "sort": sort_of(sort, view.sorts),
    }


def _own_count(view: View, narrowed: Narrowed) -> SimpleLazyObject:
    return SimpleLazyObject(lambda: count_of(view, narrowed))


def back_to(view: View, query: str) -> str:
    """The address of the list as it stands, to come back to."""
    address = reverse("inbox-list", args=[view.slug])
    return f"{address}?{query}" if query else address


def here_of(request: HttpRequest, view: View) -> str:
    """Which line of the rail is open: a list, or the saved view it was opened by."""
    saved = request.GET.get("saved", "")
    return f"saved-{saved}" if saved else view.slug


def more_address(page: Page, query: str) -> str:
    """The query string of the next page; empty at the end."""
    if not page.next:
        return ""
    return f"?{query}&after={page.next}" if query else f"?after={page.next}"


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Drawn for this person now: a part and a page share an address, so caches must tell them apart."""
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    response.headers["Cache-Control"] = "no-store"
    return response
