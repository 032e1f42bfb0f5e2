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
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import brand_ids
from tickets.listing.lists import Row, View, rows_of, tickets_of
from tickets.listing.ordering import BadCursor, Cursor, sort_of
from tickets.listing.seen import saw
from tickets.models import Activity, Ticket
from tickets.news import live, presence
from tickets.numbers import whole, wholes
from tickets.thread import line_of
from tickets.verbs.undoing import can_undo
from tickets.views.inbox import here_of, view_of
from tickets.views.marks import small, when
from tickets.views.narrowing import narrow, with_place
from tickets.views.pane import pane_context, ticket_for
from tickets.views.people import colleagues_for, me
from tickets.views.rows import RowPainter, tag_names

Verb = Activity.Verb
# What takes a ticket out of a list.
LEAVE = (Verb.ASSIGNED, Verb.UNASSIGNED, Verb.RESOLVED, Verb.CLOSED, Verb.SNOOZED, Verb.WOKEN, Verb.ANSWERED,
         Verb.MERGED, Verb.SPAM, Verb.NO_ANSWER, Verb.TAGGED, Verb.PRIORITISED)  # fmt: skip
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
    here = {row.id: row for row in rows_of(tickets.tickets.filter(pk__in=shown + others), user)}
    painter = RowPainter(
        view,
        timezone.now(),
        query=with_place(request, view, tickets.query),
        current=whole(request.GET.get("open")),
        tags=tag_names(here[pk] for pk in shown if pk in here),
    )
    fresh = [painter.row(here[pk], swap=True) for pk in shown if pk in here]
    gone = [pk for pk in shown if pk not in here]
    context = {
        "view": view,
        "here": here_of(request, view),
        "rows": SafeString("".join([*fresh, *_remnants(request, view, gone)])),
        "news": sum(_would_show(request, view, here[pk]) for pk in others if pk in here),
    }
    return render(request, "inbox/changes.html", context)


def _would_show(request: HttpRequest, view: View, row: Row) -> bool:
    """Whether a row stands among the pages already on the screen; `until` is the cursor of the next one."""
    until, sort = request.GET.get("until", ""), sort_of(request.GET.get("sort", ""), view.sorts)
    if not until:
        return True
    try:
        return sort.stands_before(row, Cursor.read(until, sort))
    except BadCursor:
        return True


def _remnants(request: HttpRequest, view: View, gone: list[int]) -> list[SafeString]:
    """One quiet line for each ticket that left the list, saying where it went."""
    if not gone:
        return []
    seen = Ticket.objects.visible_to(me(request)).filter(pk__in=gone)
    rows = {row.id: row for row in rows_of(seen)}
    lasts = Activity.objects.filter(ticket__in=rows, verb__in=LEAVE)
    newest = {a.ticket_id: a for a in lasts.select_related("actor").order_by("at", "id")}
    return [_remnant(pk, rows.get(pk), newest.get(pk), view, me(request)) for pk in gone]


def _remnant(pk: int, row: Row | None, last: Activity | None, view: View, user: User) -> SafeString:
    line = (last and line_of(last)) or _("No longer in this list")
    name = row.name or row.handle or row.external_id if row else f"#{pk}"
    at = when(last.at, timezone.now()) if last else ""
    return format_html(
        '<li id="t-{}" hx-swap-oob="true" data-gone><div class="r-row left"><span class="u"></span><span></span>'
        '<span class="r-cell"><span class="l1 dim"><bdi class="who">{}</bdi></span>'
        '<span class="fs2 muted row-f gap1">{}<span>{}</span>{}'
        '<span class="push">{}</span></span></span></div></li>',
        pk, name, small("check"), line, at, _way_back(pk, last, view, user),
    )  # fmt: skip


def _way_back(pk: int, last: Activity | None, view: View, user: User) -> SafeString:
    """Undo for what this person did, reopening for what is resolved, the ticket for everything else."""
    if last and last.actor_id == user.pk and can_undo(last):
        return _undo(reverse("undo", args=[last.pk]), view)
    if last and last.verb == Verb.RESOLVED:
        return _undo(reverse("ticket-reopen", args=[pk]), view)
    where = reverse("inbox-ticket", args=[view.slug, pk])
    return format_html('<a href="{}" data-ticket="{}">{}</a>', where, pk, pgettext("button", "Open"))


def _undo(where: str, view: View) -> SafeString:
    return format_html(
        '<button class="r-link" hx-post="{}" hx-vals=\'{{"view":"{}"}}\' hx-swap="none">{}</button>',
        where, view.slug, _("Undo"),
    )  # fmt: skip


@require_safe
def ticket_updates(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The open ticket as it stands now; the script takes from it only what is new."""
    user = me(request)
    ticket = ticket_for(user, pk)
    response = render(request, "inbox/pane.html", pane_context(user, ticket, view_of(slug), timezone.now()))
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """The person has this ticket on the screen up to this position."""
    ticket, position = ticket_for(me(request), pk), whole(request.POST.get("position"))
    if position is not None:
        saw(me(request), ticket, min(position, ticket.position))
    return HttpResponse(status=204)


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
    return wholes(request.GET.get(name, "").split(",")[:MOST])
