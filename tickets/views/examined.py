"""The Examined page: what triage set aside, one row after the other, each with two keys and a way back.

A press answers with the row's remnant, the counts and the bar that undoes it; the script moves on to the next row.
Without a script each button is a form, and the page says what was done and offers the same way back.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import brand_ids
from ingest.models import Message
from tickets.incoming import examine, unexamined
from tickets.listing.lists import COUNT_CAP, capped
from tickets.models import Examination
from tickets.numbers import wholes
from tickets.permissions import NotAllowed
from tickets.reasons import brief, words
from tickets.views.marks import sureness
from tickets.views.people import me

Verdict = Examination.Verdict
# One press handles a page at most.
MOST = 100
LABELS: dict[str, Promise] = {"unsure": gettext_lazy("To examine"), "sampled": gettext_lazy("Samples")}


@dataclass(frozen=True, slots=True)
class Row:
    """A message to look at: why it was set aside, and how sure the model was of it."""

    message: Message
    why: list[str]
    sure: str


@dataclass(frozen=True, slots=True)
class Left:
    """What stands in the place of a row that was handled."""

    pk: int
    name: str
    verdict: str
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The last thing done, for the bar that undoes it."""

    words: str
    ids: list[int]
    ticket: int | None = None


def row_of(message: Message) -> Row:
    """A message as its row shows it."""
    return Row(message, words(brief(message.reasons)), sureness(message))


@require_safe
def examined(request: HttpRequest) -> HttpResponse:
    """The whole page, its list anew (`part=list`), or only its counts (`part=state`)."""
    part = request.GET.get("part", "") if request.headers.get("HX-Request") else ""
    if part == "state":
        return _answer(request, "monitor/examined_after.html", _state(request))
    context = _state(request) | _list(request) | {"done": _done_before(request)}
    return _answer(request, "monitor/examined_list.html" if part == "list" else "monitor/examined.html", context)


def _slug(data: QueryDict) -> str:
    return "sampled" if data.get("list") == "sampled" else "unsure"


def _list(request: HttpRequest) -> dict[str, Any]:
    page = unexamined.page_of(me(request), _slug(request.GET), request.GET.get("after", ""))
    return {"rows": [row_of(message) for message in page.messages], "next": page.next}


def _state(request: HttpRequest) -> dict[str, Any]:
    """Counts of the head and of the rail, and what this person did today."""
    user, slug = me(request), _slug(request.POST or request.GET)
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    looks = Examination.objects.filter(user=user, at__gte=today, taken_back_at=None)
    counted = dict(looks.values_list("verdict").annotate(n=Count("id")))
    return {
        "here": "examined",
        "now": timezone.now(),
        "list": slug,
        "lists": [(name, label, name == slug) for name, label in LABELS.items()],
        "sampled": capped(unexamined.count(user, "sampled", COUNT_CAP)),
        "confirmed": counted.get(Verdict.CONFIRMED, 0),
        "overturned": counted.get(Verdict.OVERTURNED, 0),
    }


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    response.headers["Cache-Control"] = "no-store"
    return response


# --- what was done --------------------------------------------------------------------------------------------------
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Nobody is owed an answer: one message (`only`), or all of the page (`message`)."""
    chosen = _chosen(request)
    done = examine.confirm(chosen, by=me(request))
    text = ngettext("%(n)d message confirmed.", "%(n)d messages confirmed.", len(done)) % {"n": len(done)}
    return _after(request, chosen, Done(text, done))


@require_POST
def overturn(request: HttpRequest) -> HttpResponse:
    """Somebody is owed an answer: it becomes a ticket, or joins its author's."""
    chosen = _chosen(request)[:1]
    if not chosen:
        raise Http404
    try:
        ticket = examine.overturn(chosen[0], by=me(request))
    except examine.LookedAt:
        return _after(request, chosen, Done("", []))
    except NotAllowed as refusal:
        return _after(request, [], Done("", []), problem=str(refusal))
    text = _("It needs an answer: ticket %(n)d.") % {"n": ticket.pk}
    return _after(request, chosen, Done(text, chosen, ticket.pk))


@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Undo what this person did last."""
    try:
        back = examine.take_back(_chosen(request), by=me(request))
    except examine.TooLate as refusal:
        return _after(request, [], Done("", []), problem=str(refusal))
    problem = "" if back else _("There is nothing to undo any more.")
    if not request.headers.get("HX-Request"):
        messages.info(request, problem or _("Undone. It waits to be examined again."))
        return redirect(_address(request))
    # The script names the rows whose places are still on the page; others come with the list.
    places = set(request.POST.get("shown", "").split(",")) if "shown" in request.POST else None
    shown = [pk for pk in back if places is None or str(pk) in places]
    context = _state(request) | {"back": [row_of(message) for message in _seen(me(request), shown)], "bar": True}
    context["problem"] = problem
    return _answer(request, "monitor/examined_after.html", context)


def _chosen(request: HttpRequest) -> list[int]:
    given = request.POST.getlist("only") or request.POST.getlist("message")
    return wholes(given[:MOST])


def _after(request: HttpRequest, chosen: list[int], done: Done, problem: str = "") -> HttpResponse:
    """What a press leaves behind: rows that were handled, by this person or by a quicker one."""
    if not request.headers.get("HX-Request"):
        if problem or not done.ids:
            messages.error(request, problem or _("Somebody has looked at it already."))
        return redirect(_address(request, done.ids))
    names = {message.pk: message.contact.display_name for message in _seen(me(request), done.ids)}
    verdict = Verdict.OVERTURNED if done.ticket else Verdict.CONFIRMED
    left = [Left(pk, names.get(pk, ""), verdict if pk in names else "", done.ticket) for pk in chosen]
    context = _state(request) | {"left": left, "done": done if done.ids else None, "problem": problem, "bar": True}
    return _answer(request, "monitor/examined_after.html", context)


def _address(request: HttpRequest, done: list[int] | None = None) -> str:
    """The page again, with the way back for what was done."""
    query = QueryDict(mutable=True)
    if _slug(request.POST) == "sampled":
        query["list"] = "sampled"
    query.setlist("done", [str(pk) for pk in done or []])
    return f"{reverse('examined')}?{query.urlencode()}" if query.urlencode() else reverse("examined")


def _done_before(request: HttpRequest) -> Done | None:
    """What the page's own form did a moment ago, named in its address."""
    ids = wholes(request.GET.getlist("done")[:MOST])
    if not ids:
        return None
    looks = Examination.objects.filter(user=me(request), taken_back_at=None, message__in=ids)
    found = list(looks.order_by("message_id").values_list("message_id", "ticket_id"))
    tickets = [ticket for _pk, ticket in found if ticket]
    if not found:
        return None
    if tickets:
        return Done(_("It needs an answer: ticket %(n)d.") % {"n": tickets[0]}, [pk for pk, _t in found], tickets[0])
    text = ngettext("%(n)d message confirmed.", "%(n)d messages confirmed.", len(found)) % {"n": len(found)}
    return Done(text, [pk for pk, _ticket in found])


def _seen(user: User, ids: list[int]) -> list[Message]:
    """These messages, in this order, as far as this person may see them."""
    allowed = brand_ids(user)
    found = Message.objects.filter(pk__in=ids).select_related("channel", "contact")
    found = found if allowed is None else found.filter(channel__brand_id__in=allowed)
    by_pk = found.defer("raw", "metrics", "channel__secrets").in_bulk() if ids else {}
    return [by_pk[pk] for pk in ids if pk in by_pk]
