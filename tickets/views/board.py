"""The live board for supervisors, and what they do on it: give a ticket to somebody, set somebody away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from ingest.models import Channel
from tickets import board
from tickets.board import Board, Clock, Hour, Person, Queue
from tickets.channels.channel_words import moment
from tickets.incidents import figures, keeping, surges
from tickets.listing.filters import channels_of
from tickets.models import Ticket
from tickets.news import live
from tickets.numbers import whole, wholes
from tickets.permissions import NotAllowed
from tickets.reasons import brief, words
from tickets.steering import assignment, standing_in
from tickets.views.channels import lines_of
from tickets.views.doors import supervisor
from tickets.views.marks import clock, clock_state, span

# Of the drawing of the day, in its own units.
STEP, BAR, HEIGHT = 26.6, 19.0, 88.0
INCIDENTS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour of today as it is drawn: answered from the ground up, what was missed on it."""

    hour: int
    x: float
    middle: float
    answered: tuple[float, float]
    missed: tuple[float, float]
    told: Hour


@dataclass(frozen=True, slots=True)
class Row:
    """A clock as it is drawn, with its reason in words."""

    clock: Clock
    left: SafeString
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """A queue with its oldest wait in words; `state`: well, soon or late."""

    queue: Queue
    oldest: str
    state: str


@require_safe
def live_board(request: HttpRequest) -> HttpResponse:
    """The board; `part=board` gives what changes, for the script."""
    user = supervisor(request)
    now, position = timezone.now(), live.position()
    seen = board.board(user, whole(request.GET.get("team"), digits=9), now)
    rows = [row for row in channels_of(request).select_related("brand") if row.state not in Channel.GONE]
    context = _context(seen, now) | {
        "channels": lines_of(rows, now),
        "incidents": figures.counted(keeping.in_force(user, now))[:INCIDENTS],
        "surges": surges.lines(surges.going_on(user, now)),
        "position": position,
        "here": "board",
    }
    part = request.GET.get("part") == "board"
    response = render(request, "monitor/board_body.html" if part else "monitor/board.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _context(seen: Board, now: datetime) -> dict[str, Any]:
    return {
        "board": seen,
        "now": now,
        "clocks": [_row(one, now) for one in seen.clocks],
        "soon": _soon(seen),
        "queues": [_line(queue, now) for queue in seen.queues],
        "oldest": _wait(seen.oldest, now),
        "people": [(person, doing(person, now)) for person in seen.people],
        "bars": bars(seen.today.hours),
        "median": _minutes(seen.today.median),
    }


def _row(one: Clock, now: datetime) -> Row:
    return Row(one, clock(one.due_at, one.waiting_since, now), _(", ").join(words(brief(one.why)[:2])))


def _soon(seen: Board) -> str:
    """How many clocks run out within the hour, and that not all of them are shown."""
    if seen.soon <= len(seen.clocks):
        return str(seen.soon)
    return _("%(shown)d of %(all)d") % {"shown": len(seen.clocks), "all": seen.soon}


def _line(queue: Queue, now: datetime) -> Line:
    state = clock_state(queue.due, queue.oldest, now) if queue.due and queue.oldest else "well"
    return Line(queue, _wait(queue.oldest, now), state)


def _wait(since: datetime | None, now: datetime) -> str:
    return _minutes((now - since).total_seconds()) if since else ""


def _minutes(seconds: float | None) -> str:
    """A stretch in minutes, hours above that; a dash where there is none."""
    if seconds is None:
        return "–"
    minutes = round(seconds / 60)
    if minutes < 60:
        return pgettext("minutes", "%(n)d min") % {"n": minutes}
    return span(seconds)


def doing(person: Person, now: datetime) -> str:
    """What somebody does, in words, and that it is outside their shifts."""
    words_ = _doing(person, now)
    return _(", ").join([words_, _("off shift")]) if person.off_shift else words_


def _doing(person: Person, now: datetime) -> str:
    since = _wait(person.since, now)
    told = {"customer": f"\u2068{person.customer}\u2069", "time": since, "n": person.load}
    if person.doing == "writing":
        return _("Writing to %(customer)s") % told
    if person.doing == "viewing":
        return _("Reading %(customer)s") % told
    if person.doing == "idle":
        return _("Idle %(time)s") % told
    if person.doing == "away":
        parts = [_away(person, since), person.reason and f"\u2068{person.reason}\u2069"]
        parts += [ngettext("holds %(n)d", "holds %(n)d", person.load) % told] if person.load else []
        return _(", ").join(part for part in parts if part)
    if person.doing == "off":
        return _("Off shift until %(when)s") % {"when": moment(person.until)} if person.until else _("Not at work")
    return _("Here") if person.doing == "here" else _("No page open")


def _away(person: Person, since: str) -> str:
    if person.until:
        return _("Away until %(when)s") % {"when": moment(person.until)}
    return _("Away %(time)s") % {"time": since} if since else _("Away")


def bars(hours: list[Hour]) -> list[Bar]:
    """The day as a drawing."""
    most = max((one.answered + one.missed for one in hours), default=0) or 1
    drawn = []
    for one in hours:
        low, high = HEIGHT * one.answered / most, HEIGHT * one.missed / most
        x = round(3 + STEP * one.hour, 1)
        answered, missed = (round(92 - low, 1), round(low, 1)), (round(92 - low - high, 1), round(high, 1))
        drawn.append(Bar(one.hour, x, round(x + BAR / 2, 1), answered, missed, one))
    return drawn


# --- what is done on it ---------------------------------------------------------------------------------------------
@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Give a ticket (`ticket`) to somebody (`to`), or back to its queue where nobody is named."""
    user = supervisor(request)
    ticket, to = whole(request.POST.get("ticket")), whole(request.POST.get("to"))
    person = User.objects.filter(pk=to).first() if to else None
    if not ticket or (to and person is None):
        raise Http404
    try:
        before = Ticket.objects.visible_to(user).get(pk=ticket).assignee_id
        given = assignment.assign(ticket, to=person, by=user)
    except Ticket.DoesNotExist:
        raise Http404 from None
    except NotAllowed as refusal:
        return _refused(request, refusal)
    said = (
        _("#%(n)s is with %(name)s now") % {"n": given.pk, "name": person.name}
        if person
        else _("#%(n)s is back in the queue") % {"n": given.pk}
    )
    return _said(request, said, {"do": "give", "ticket": ticket, "to": before or ""})


@require_POST
def away(request: HttpRequest) -> HttpResponse:
    """Set somebody away and hand over what they hold; `keep`: without handing over."""
    user = supervisor(request)
    try:
        done = standing_in.set_away(
            whole(request.POST.get("person")) or 0, by=user, hand_over="keep" not in request.POST
        )
    except User.DoesNotExist:
        raise Http404 from None
    except NotAllowed as refusal:
        return _refused(request, refusal)
    handed = ngettext("%(n)d ticket handed over", "%(n)d tickets handed over", len(done.tickets)) % {
        "n": len(done.tickets)
    }
    said = _("%(name)s is away, %(handed)s") % {"name": done.person.name, "handed": handed}
    tickets = ",".join(map(str, done.tickets))
    return _said(request, said, {"do": "back", "person": done.person.pk, "tickets": tickets})


@require_POST
def back(request: HttpRequest) -> HttpResponse:
    """They are here again, with those of the `tickets` that nobody has taken."""
    user = supervisor(request)
    tickets = wholes(request.POST.get("tickets", "").split(","))
    try:
        person = standing_in.bring_back(whole(request.POST.get("person")) or 0, by=user, tickets=tickets)
    except User.DoesNotExist:
        raise Http404 from None
    except NotAllowed as refusal:
        return _refused(request, refusal)
    undo = {"do": "away", "person": person.pk}
    return _said(request, _("%(name)s is here again") % {"name": person.name}, undo)


def _said(request: HttpRequest, words_: str, undo: dict[str, Any] | None) -> HttpResponse:
    """Words for the script, with what undoes it; else the board again with a message."""
    if request.headers.get("HX-Request"):
        return JsonResponse({"said": words_, "undo": undo})
    messages.info(request, words_)
    return redirect("board")


def _refused(request: HttpRequest, refusal: NotAllowed) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return JsonResponse({"said": str(refusal), "undo": None}, status=409)
    messages.error(request, str(refusal))
    return redirect("board")
