"""Search: what was found beside the ticket, in the inbox's own two panes. Whole pages, or the part asked for."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets.listing.lists import VIEWS
from tickets.listing.search.asking import LONGEST_QUESTION, Asked, asked
from tickets.listing.search.finding import BadPlace, Found, Hit, find, numbered
from tickets.models import Ticket
from tickets.news import live
from tickets.time_limit import TooSlow
from tickets.views.narrowing import Narrowed, choices_of, chosen_labels, given_filters, kept, narrow
from tickets.views.pane import pane_context, ticket_for
from tickets.views.people import me
from tickets.views.search_rows import FoundRow, rows

# What filters may be chosen among, and where a ticket that was found belongs: the list of everything.
WITHIN = VIEWS["all"]


@dataclass(slots=True)
class Results:
    """What the list pane shows of a question."""

    question: Asked
    rows: list[FoundRow] = field(default_factory=list)
    found: Found = field(default_factory=lambda: Found([]))
    problem: str = ""

    @property
    def count(self) -> str:
        """How many there are; more than a page is not counted."""
        return f"{len(self.rows)}+" if self.found.next else str(len(self.rows))


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """A page, or for the script a part: the pane (`list`), what is under the question (`found`), `rows`, `filters`."""
    part = request.GET.get("part", "") if request.headers.get("HX-Request") else ""
    if part == "filters":
        context = {"view": WITHIN, "choices": choices_of(request, WITHIN), "query": kept(request)}
        return _answer(request, "search/filters.html", context | {"q": question_of(request)})
    context = list_context(request) | {"position": live.position()}
    templates = {"rows": "search/rows.html", "list": "search/list.html", "found": "search/found.html"}
    return _answer(request, templates.get(part, "search/page.html"), context)


@require_safe
def search_ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found, with one of the tickets open; for the browser's script only the ticket."""
    user = me(request)
    ticket = ticket_for(user, pk)
    whole = request.GET.get("story") == "whole"
    context = pane_context(user, ticket, WITHIN, timezone.now(), whole=whole)
    if request.headers.get("HX-Request"):
        return _answer(request, "inbox/pane.html", context)
    context |= list_context(request, current=pk) | {"position": vars(ticket)["record_at"]}
    return _answer(request, "search/page.html", context)


@require_safe
def search_changes(_request: HttpRequest) -> HttpResponse:
    """Results do not change under the hand that reads them: whoever wants them anew asks anew."""
    return HttpResponse(status=204)


def question_of(request: HttpRequest) -> str:
    """What was typed."""
    return str(request.GET.get("q", ""))[:LONGEST_QUESTION]


def list_context(request: HttpRequest, current: int | None = None) -> dict[str, Any]:
    """What the list pane shows."""
    typed = question_of(request)
    narrowed = narrow(request, Ticket.objects.all())
    results = results_of(request, typed, narrowed)
    query = "&".join(filter(None, [urlencode({"q": typed}) if typed else "", narrowed.query]))
    after = results.found.next
    return {
        "view": WITHIN,
        "here": "search",
        "q": typed,
        "query": query,
        "filters": narrowed.query,
        "kept": [(name, value) for name, values in given_filters(request).lists() for value in values],
        "results": results,
        "rows": results.rows,
        "current": current,
        "now": timezone.now(),
        "more": f"?{query}&after={after}" if after else "",
        "empty": not results.rows,
        "chosen": chosen_labels(request, WITHIN, narrowed.query),
    }


def results_of(request: HttpRequest, typed: str, narrowed: Narrowed) -> Results:
    """What was found, the ticket whose number was typed before everything else."""
    user, question = me(request), asked(typed)
    results = Results(question)
    if narrowed.wrong:
        results.problem = _("Not a filter of this list, so it was left out: %(names)s.") % {
            "names": _(", ").join(narrowed.wrong)
        }
    if question.is_empty:
        return results
    after = request.GET.get("after", "")
    try:
        results.found = find(question, user, narrowed.tickets, timezone.now(), after=after)
    except BadPlace:
        results.problem = _("That link to more tickets does not work any more. The list begins at its top again.")
        results.found = find(question, user, narrowed.tickets, timezone.now())
    except TooSlow:
        results.problem = _("This search took too long and was stopped. Add a word, or choose a channel.")
    hits = results.found.hits
    if not after and (exact := numbered(question, user)):
        hits = [Hit(exact, 0, timezone.now()), *(hit for hit in hits if hit.ticket != exact)]
    results.rows = rows(hits, question)
    return results


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Drawn for this person now: a part and a page share an address, so caches must tell them apart."""
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    response.headers["Cache-Control"] = "no-store"
    return response
