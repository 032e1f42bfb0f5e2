"""Answers that wait for a second person: the queue, and the buttons on each."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ingest.models import Message
from ingest.pictures import BadPicture
from ingest.platforms.base import PlatformError
from tickets.answering import approvals, replies
from tickets.answering.guard.findings import Code, Finding, Level
from tickets.answering.guard_words import words_of
from tickets.models import Approval, Ticket, TicketMessage
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.views.marks import clock
from tickets.views.people import me

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One answer that waits, beside what it answers and why it waits. `late`: its time is over."""

    approval: Approval
    asked: Message | None
    why: list[str]
    clock: str
    late: bool
    may_decide: bool


def why(approval: Approval) -> list[str]:
    """Why it waits, in clauses."""
    found = []
    for reason in approval.reasons:
        if "rule" in reason:
            found.append(_("rule “%(name)s”") % {"name": reason["rule"]})
        elif reason.get("code") in set(Code):
            found.append(words_of(Finding(Code(reason["code"]), Level.SECOND, data=reason.get("data", {}))))
    return found


def waiting(request: HttpRequest) -> list[Waiting]:
    """The queue as this person sees it."""
    user, now = me(request), timezone.now()
    rows = list(approvals.waiting_for(user)[:SHOWN])
    newest = newest_words([row.ticket_id for row in rows])
    return [
        Waiting(
            row,
            newest.get(row.ticket_id),
            why(row),
            clock(row.due_at, row.asked_at, now),
            row.due_at <= now,
            user.is_supervisor and row.author_id != user.pk,
        )
        for row in rows
    ]


def newest_words(ticket_ids: list[int]) -> dict[int, Message]:
    """What the customer said last on each of these tickets; one query."""
    theirs = TicketMessage.objects.filter(ticket__in=ticket_ids, message__direction=Message.Direction.IN)
    newest = theirs.filter(message__deleted_at=None).order_by("ticket", "-message__posted_at", "-id").distinct("ticket")
    return {entry.ticket_id: entry.message for entry in newest.select_related("message").defer("message__raw")}


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Everything that waits."""
    return page(request)


def page(
    request: HttpRequest, *, problem: str = "", key: UUID | None = None, text: str = "", status: int = 200
) -> HttpResponse:
    """The page, with what went wrong beside the answer it is about."""
    context = {
        "waiting": waiting(request),
        "problem": problem,
        "problem_key": key,
        "problem_text": text,
        "now": timezone.now(),
        "here": "approvals",
    }
    return render(request, "approvals/page.html", context, status=status)


@require_POST
def approve(request: HttpRequest, key: UUID) -> HttpResponse:
    """Let it go out, as it is or in other words."""
    position = whole(request.POST.get("seen"), digits=9) or 0
    text = str(request.POST.get("text", ""))
    return _decided(
        request,
        key,
        lambda: approvals.approve(key, by=me(request), seen=position, text=text),
        _("It is on its way."),
        text,
    )


@require_POST
def give_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Back to its author, with a word on why."""
    note = str(request.POST.get("note", ""))
    return _decided(
        request, key, lambda: approvals.give_back(key, note=note, by=me(request)), _("Given back with your note.")
    )


@require_POST
def withdraw(request: HttpRequest, key: UUID) -> HttpResponse:
    """Its author thinks again."""
    return _decided(
        request, key, lambda: approvals.withdraw(key, by=me(request)), _("Withdrawn. The words are in the box again.")
    )


def _decided(request: HttpRequest, key: UUID, verb: Callable[[], Approval], done: str, text: str = "") -> HttpResponse:
    approval = Approval.objects.filter(key=key, ticket__in=Ticket.objects.visible_to(me(request))).first()
    if approval is None:
        raise Http404
    try:
        verb()
    except replies.MovedOn:
        words = _("Not sent: the customer wrote again meanwhile. Read it below, then decide.")
        return page(request, problem=words, key=key, text=text, status=409)
    except replies.TooLong as long:
        words = _("It is %(used)d long and the platform takes %(limit)d.") % {
            "used": long.length.used,
            "limit": long.length.limit,
        }
        return page(request, problem=words, key=key, text=text, status=422)
    except (NotAllowed, replies.EmptyAnswer, replies.Unsendable, PlatformError, BadPicture) as refusal:
        return page(request, problem=str(refusal), key=key, text=text, status=422)
    messages.success(request, done)
    back = request.POST.get("back", "")
    if back == "ticket":
        return redirect("inbox-ticket", "all", approval.ticket_id)
    return redirect("approvals")
