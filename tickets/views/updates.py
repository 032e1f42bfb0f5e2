"""What open pages ask when they hear that something changed: rows, counts, and the open ticket anew.

Nothing here is pushed into a page by force: the scripts decide what may be shown without moving anything under the
hand (docs/design.md, section 9).
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.permissions import brand_ids
from tickets import live, presence
from tickets.lists import BadCursor, Cursor, Row, View, rows_of, tickets_of
from tickets.models import Activity, Ticket
from tickets.thread import line_of
from tickets.views.inbox import view_of
from tickets.views.marks import small, when
from tickets.views.narrowing import narrow
from tickets.views.pane import pane_context, ticket_for
from tickets.views.people import colleagues_for, me
from tickets.views.rows import RowPainter

# A page never shows more rows than a person has scrolled through.
MOST = 1000


@require_safe
def since(request: HttpRequest) -> JsonResponse:
    """What changed since a position and who is at which ticket, for pages whose stream is down."""
    user = me(request)
    told = live.changes(user, request.GET.get("since", ""))
    response = JsonResponse(told | {"here": presence.told_to(brand_ids(user), presence.picture())})
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def list_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """Fresh rows for the tickets on the page (`shown`), and how many of the `others` belong to this list by now."""
    view, user = view_of(slug), me(request)
    shown, others = _ids(request, "shown"), _ids(request, "others")
    tickets = narrow(request, tickets_of(view, user))
    here = {row.id: row for row in rows_of(tickets.tickets.filter(pk__in=shown + others))}
    painter = RowPainter(view, timezone.now(), query=tickets.query, current=_number(request.GET.get("open", "")))
    fresh = [painter.row(here[pk], swap=True) for pk in shown if pk in here]
    gone = [pk for pk in shown if pk not in here]
    context = {
        "view": view,
        "here": slug,
        "rows": SafeString("".join([*fresh, *_remnants(request, view, gone)])),
        "news": sum(_would_show(view, here[pk], request.GET.get("until", "")) for pk in others if pk in here),
    }
    return render(request, "inbox/changes.html", context)


def _would_show(view: View, row: Row, until: str) -> bool:
    """Whether a row stands among the pages already on the screen; `until` is the cursor of the next one."""
    if not until:
        return True
    try:
        last = Cursor.read(until)
    except BadCursor:
        return True
    if view.newest_first:
        return (row.updated_at, row.id) >= last
    return row.due_at is not None and (row.due_at, row.id) <= last


def _remnants(request: HttpRequest, view: View, gone: list[int]) -> list[SafeString]:
    """One quiet line for each ticket that left the list, saying where it went."""
    if not gone:
        return []
    seen = Ticket.objects.visible_to(me(request)).filter(pk__in=gone)
    rows = {row.id: row for row in rows_of(seen)}
    lasts = Activity.objects.filter(ticket__in=rows, verb__in=["assigned", "unassigned", "resolved", "closed"])
    newest = {a.ticket_id: a for a in lasts.select_related("actor").order_by("at", "id")}
    return [_remnant(pk, rows.get(pk), newest.get(pk), view) for pk in gone]


def _remnant(pk: int, row: Row | None, last: Activity | None, view: View) -> SafeString:
    line = (last and line_of(last)) or _("No longer in this list")
    name = row.name or row.handle or row.external_id if row else f"#{pk}"
    at = when(last.at, timezone.now()) if last else ""
    return format_html(
        '<li id="t-{}" hx-swap-oob="true" data-gone><div class="r-row left"><span class="u"></span><span></span>'
        '<span class="r-cell"><span class="l1 dim"><bdi class="who">{}</bdi></span>'
        '<span class="fs2 muted row-f gap1">{}<span>{}</span>{}'
        '<span class="push">{}</span></span></span></div></li>',
        pk, name, small("check"), line, at, _way_back(pk, last, view),
    )  # fmt: skip


def _way_back(pk: int, last: Activity | None, view: View) -> SafeString:
    """Undo for what was resolved, the ticket for everything else."""
    if last and last.verb == Activity.Verb.RESOLVED:
        where = reverse("ticket-reopen", args=[pk])
        return format_html('<button class="r-link" hx-post="{}" hx-swap="none">{}</button>', where, _("Undo"))
    where = reverse("inbox-ticket", args=[view.slug, pk])
    return format_html('<a href="{}" data-ticket="{}">{}</a>', where, pk, pgettext("button", "Open"))


@require_safe
def ticket_updates(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The open ticket as it stands now; the script takes from it only what is new."""
    user = me(request)
    ticket = ticket_for(user, pk)
    response = render(request, "inbox/pane.html", pane_context(user, ticket, view_of(slug), timezone.now()))
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom this ticket may be given to, with their load: a menu, or a page where there is no script."""
    ticket = ticket_for(me(request), pk)
    context = {
        "ticket": ticket,
        "view": view_of(request.GET.get("view", "mine")),
        "people": colleagues_for(ticket),
        "here": "",
    }
    template = "inbox/people.html" if request.headers.get("HX-Request") else "inbox/people_page.html"
    return render(request, template, context)


def _ids(request: HttpRequest, name: str) -> list[int]:
    """A list of ticket ids; what is no number is left out."""
    found = (_number(part) for part in request.GET.get(name, "").split(",")[:MOST])
    return [number for number in found if number is not None]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
