"""What the answer box asks while one writes: the guard, saved replies, whom to mention; and where drafts are kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from tickets.answering import drafts, guarding, mentions, replies, saved_replies
from tickets.answering.guard_words import SHOWN, lines
from tickets.models import Draft, Ticket
from tickets.permissions import may_send_alone
from tickets.views.pane import ticket_for
from tickets.views.people import me

LONGEST = 20_000


@require_POST
def guard(request: HttpRequest, pk: int) -> HttpResponse:
    """What the guard says of these words, as lines under the box."""
    ticket = ticket_for(me(request), pk)
    text = str(request.POST.get("text", ""))[:LONGEST].replace("\r\n", "\n")
    return render(request, "inbox/composer_findings.html", findings_of(request, ticket, text))


def findings_of(request: HttpRequest, ticket: Ticket, text: str) -> dict[str, Any]:
    """The lines and how many more there are."""
    if not text.strip():
        return {"findings": []}
    parent = replies.answers_to(ticket)
    private = request.POST.get("private") == "1"
    looked = guarding.look(ticket, parent, text, private=private)
    alone = may_send_alone(me(request))
    can = not private and replies.may_go_private(parent)
    told = lines(guarding.worth_telling(looked), text, alone=alone, may_go_private=can, counts=looked.counts)
    return {
        "findings": told,
        "shown": SHOWN,
        "more": max(len(told) - SHOWN, 0),
        "canned": looked.canned,
        "asks": looked.has(guarding.Level.SECOND) and not alone,
    }


@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is begun."""
    user = me(request)
    kind = Draft.Kind.NOTE if request.POST.get("kind") == Draft.Kind.NOTE else Draft.Kind.ANSWER
    private = request.POST.get("private") == "1"
    drafts.keep(ticket_for(user, pk), user, kind, str(request.POST.get("text", "")), private=private)
    return HttpResponse(status=204)


@require_safe
def others(request: HttpRequest, pk: int) -> HttpResponse:
    """Who else has begun an answer, and what it says so far."""
    user = me(request)
    ticket = ticket_for(user, pk)
    context = {"drafts": drafts.drafts_on(ticket, user, timezone.now())}
    response = render(request, "inbox/composer_others.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def saved(request: HttpRequest, pk: int) -> HttpResponse:
    """The saved replies and macros that `/` finds, filled in for this customer."""
    user = me(request)
    ticket = ticket_for(user, pk)
    query = request.GET.get("q", "")[:80]
    found = saved_replies.search(ticket, user, query)
    return render(request, "inbox/composer_saved.html", {"found": found, "query": query, "ticket": ticket})


@require_POST
def saved_used(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them went into the box."""
    saved_replies.used(pk, me(request))
    return HttpResponse(status=204)


@require_safe
def mentionable(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom `@` may mean in a note."""
    user = me(request)
    people = mentions.offered(ticket_for(user, pk), request.GET.get("q", "")[:60], user)
    return render(request, "inbox/composer_people.html", {"people": people})
