"""What is said of a customer: each a form, one verb, and the panel drawn again, or their page without a script."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from tickets.answering import drafts
from tickets.customers import finding, joining, keeping, similar
from tickets.models import Activity, Draft, Ticket
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.verbs import undoing
from tickets.views.actions import Done
from tickets.views.customers import address_of, answer, panel_context
from tickets.views.pane import ticket_for
from tickets.views.people import me

Verb = Activity.Verb
TOLD: Mapping[str, Promise] = {
    "link": gettext_lazy("Linked to this customer."),
    "unlink": gettext_lazy("Unlinked."),
    "tier": gettext_lazy("The tier is set. The clocks follow."),
    "name": gettext_lazy("The name is kept."),
    "notes": gettext_lazy("The notes are kept."),
}


def carry(request: HttpRequest, pk: int, what: str, verb: Callable[[User], Activity | None]) -> HttpResponse:
    """Carry a verb out, and show the customer as they are known now."""
    user = me(request)
    ticket = ticket_for(user, pk)
    try:
        line = verb(user)
    except NotAllowed as refusal:
        return _refused(request, ticket, {"problem": str(refusal), "asked_of": what})
    except keeping.NotesChanged as changed:
        mine = str(request.POST.get("notes", ""))
        return _refused(request, ticket, {"theirs": changed.now, "mine": mine, "asked_of": what}, status=409)
    done = Done(str(TOLD[what]), line.pk if line and undoing.can_undo(line) else None)
    if not request.headers.get("HX-Request"):
        if line:
            messages.info(request, done.words, extra_tags=str(done.line or ""))
        return address_of(ticket.contact)
    context = panel_context(ticket, timezone.now()) | ({"done": done} if line else {})
    response = render(request, "customers/panel.html", context)
    response.headers["HX-Trigger"] = json.dumps({"radd:customer": {"what": what}})
    return answer(response)


def _refused(request: HttpRequest, ticket: Ticket, more: Mapping[str, Any], *, status: int = 422) -> HttpResponse:
    context = panel_context(ticket, timezone.now(), **more)
    part = bool(request.headers.get("HX-Request"))
    return answer(render(request, "customers/panel.html" if part else "customers/refused.html", context, status=status))


def _number(request: HttpRequest, name: str) -> int:
    return whole(request.POST.get(name)) or 0


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Look for an account of the same person, and link it."""
    if request.method == "POST":
        return carry(request, pk, "link", lambda by: joining.link(pk, contact=_number(request, "account"), by=by))
    ticket, asked = ticket_for(me(request), pk), str(request.GET.get("q", ""))[:80]
    found = finding.asked_for(asked, ticket.contact) if asked.strip() else finding.suggestions(ticket.contact)
    context = {"ticket": ticket, "found": found, "asked": asked.strip()}
    part = bool(request.headers.get("HX-Request"))
    return answer(render(request, "customers/link.html" if part else "customers/link_page.html", context))


@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """An account is somebody else's after all."""
    return carry(request, pk, "unlink", lambda by: joining.unlink(pk, contact=_number(request, "account"), by=by))


@require_POST
def tier(request: HttpRequest, pk: int) -> HttpResponse:
    """How dear the customer's plan is."""
    to = _number(request, "tier") if request.POST.get("tier") else None
    return carry(request, pk, "tier", lambda by: keeping.set_tier(pk, to=to, by=by))


@require_POST
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """What we call the customer."""
    said = str(request.POST.get("name", ""))
    return carry(request, pk, "name", lambda by: keeping.set_name(pk, name=said, by=by))


@require_POST
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the next one to meet them should know."""
    said = {key: str(request.POST.get(key, "")) for key in ("notes", "seen")}
    return carry(request, pk, "notes", lambda by: keeping.keep_notes(pk, **said, by=by))


@require_POST
def use(request: HttpRequest, pk: int, like: int) -> HttpResponse:
    """Begin an answer with the one that helped on another ticket; a draft that was begun goes on behind it."""
    user = me(request)
    ticket = ticket_for(user, pk)
    solved = next((one for one in similar.like(ticket) if one.ticket == like), None)
    if solved is None:
        raise Http404
    begun = drafts.drafts_on(ticket, user, timezone.now())
    words = "\n\n".join(filter(None, [begun.answer.strip(), solved.answer]))
    drafts.keep(ticket, user, Draft.Kind.ANSWER, words, private=begun.private)
    messages.info(request, _("It is in the answer box. Make it fit this customer."))
    return redirect("inbox-ticket", "all", pk)
