"""The inbox: a list, and beside it one ticket. Whole pages, or the part that the browser asks for."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets import live
from tickets.lists import VIEWS, BadCursor, Page, View, page_of, tickets_of
from tickets.views.narrowing import choices_of, chosen_labels, kept, narrow
from tickets.views.pane import composer_of, pane_context, ticket_for
from tickets.views.people import me
from tickets.views.rows import RowPainter


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
    """A list alone: the whole page, the list anew (`part=list`), its next rows (`rows`) or its filters (`filters`)."""
    view, part = view_of(slug), request.GET.get("part", "")
    choices = choices_of(request, view) if part == "filters" else []
    if part == "filters" and request.headers.get("HX-Request"):
        return _answer(request, "inbox/filters.html", {"view": view, "choices": choices, "query": kept(request)})
    position = live.position()
    context = list_context(request, view) | {"position": position, "choices": choices}
    parts = {"rows": "inbox/rows.html", "list": "inbox/list.html"} if request.headers.get("HX-Request") else {}
    return _answer(request, parts.get(part, "inbox/page.html"), context)


@require_safe
def inbox_ticket(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A list with one of the tickets open; for the browser's script only the ticket."""
    user = me(request)
    view = view_of(slug)
    position = live.position()
    ticket = ticket_for(user, pk)
    whole = request.GET.get("story") == "whole"
    composer = composer_of(ticket, tab="note") if request.GET.get("tab") == "note" else None
    context = pane_context(user, ticket, view, timezone.now(), whole=whole, composer=composer)
    if request.headers.get("HX-Request"):
        return _answer(request, "inbox/pane.html", context)
    context |= list_context(request, view, current=pk) | {"position": position}
    return _answer(request, "inbox/page.html", context)


def list_context(request: HttpRequest, view: View, current: int | None = None) -> dict[str, Any]:
    """What the list pane shows."""
    user = me(request)
    narrowed = narrow(request, tickets_of(view, user))
    problem = _("Not a filter of this list, so it was left out: %(names)s.") % {"names": _(", ").join(narrowed.wrong)}
    problem = problem if narrowed.wrong else ""
    try:
        page = page_of(view, narrowed.tickets, request.GET.get("after", ""))
    except BadCursor:
        page = page_of(view, narrowed.tickets)
        gone = _("That link to more tickets does not work any more. The list begins at its top again.")
        problem = f"{problem} {gone}".strip()
    painter = RowPainter(view, timezone.now(), query=narrowed.query, current=current)
    return {
        "view": view,
        "here": view.slug,
        "query": narrowed.query,
        "list_problem": problem,
        "rows": painter.rows(page.rows),
        "more": more_address(view, page, narrowed.query),
        "empty": not page.rows,
        "chosen": chosen_labels(request, view, narrowed.query),
    }


def more_address(view: View, page: Page, query: str) -> str:
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
