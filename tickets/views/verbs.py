"""The buttons of the pane: a form, one verb, and the same pane drawn again.

A refusal comes back as the pane too, with status 409 (the world moved on) or 422 (the words cannot be taken), and says
what to do next. Without JavaScript a success goes back to the ticket's page and a refusal is that page.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.reckoning import zone_of
from ingest.links import BadLink
from ingest.models import Delivery
from ingest.parts import said_in
from ingest.pictures import BadPicture
from ingest.platforms.base import Kind, PlatformError
from tickets.answering import approvals, outcomes, outside, replies
from tickets.answering.approvals import Wish
from tickets.answering.care import care_of
from tickets.answering.composing import counted
from tickets.forms import OWN, AnswerForm, NoteForm, OutsideForm, Placed
from tickets.listing.lists import VIEWS
from tickets.models import Approval, Ticket
from tickets.news import live
from tickets.permissions import NotAllowed
from tickets.verbs import lifecycle
from tickets.verbs.snoozing import choices, moment_of
from tickets.views import tray
from tickets.views.inbox import list_context
from tickets.views.pane import Composer, composer_of, pane_context, ticket_for
from tickets.views.people import me


def answer_with(
    request: HttpRequest,
    pk: int,
    slug: str,
    *,
    status: int = 200,
    composer: Composer | None = None,
    problem: str = "",
    event: str = "",
    events: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The pane after a verb: a fragment for the script, a page or a redirect for a plain browser.

    `more`: what the pane shows besides. `events`: what its scripts hear, with details.
    """
    user = me(request)
    view = VIEWS[slug]
    if not request.headers.get("HX-Request") and status == 200:
        return redirect("inbox-ticket", slug, pk)
    ticket = ticket_for(user, pk)
    context = pane_context(user, ticket, view, timezone.now(), composer=composer) | {"problem": problem, **(more or {})}
    template = "inbox/pane.html"
    if not request.headers.get("HX-Request"):
        context |= list_context(request, view, current=pk) | {"position": live.position()}
        template = "inbox/page.html"
    response = render(request, template, context, status=status)
    if event or events:
        response.headers["HX-Trigger"] = event or json.dumps(events)
    return response


def placed(request: HttpRequest) -> str:
    """The list a simple button was pressed in."""
    form = Placed(request.POST)
    return str(form.cleaned_data["view"]) if form.is_valid() else "mine"


@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the customer, or ask for a second person where one is wanted."""
    user = me(request)
    ticket = ticket_for(user, pk)
    form = AnswerForm(request.POST)
    slug = placed(request)
    text = str(request.POST.get("text", ""))
    with timezone.override(zone_of(user)):
        form.full_clean()
    if not form.is_valid():
        problem = "long" if "text" in form.errors else "form"
        words = str(form.errors["at"][0]) if "at" in form.errors else _("this page is out of date. Load it again.")
        return _refuse(request, ticket, slug, text, problem, status=422, words=words)
    pictures, problems = tray.of_answer(request, ticket, user)
    if problems:
        return _refuse(request, ticket, slug, text, "words", status=422, words=" ".join(problems))
    try:
        event, more = _answered(pk, user, form.cleaned_data, pictures)
    except replies.MovedOn as moved:
        return _moved_on(request, pk, slug, text, moved)
    except (replies.EmptyAnswer, replies.TooLong, NotAllowed, replies.Unsendable, PlatformError, BadPicture) as refusal:
        problem, words = problem_of(ticket, refusal)
        return _refuse(request, ticket, slug, text, problem, status=422, words=words)
    except IntegrityError:
        # The same form posted twice at the same moment: the other one was sent.
        event, more = "radd:sent", {}
    return answer_with(request, pk, slug, event=event, more=more)


def _answered(pk: int, user: User, data: Mapping[str, Any], pictures: Sequence[UUID]) -> tuple[str, Mapping[str, Any]]:
    """Send it or ask; what the page hears of it, and shows besides: of an answer for later its time, and the way back.

    Raises as tickets.answering.replies.send does.
    """
    rest = bool(data["snooze"])
    until = moment_of(data["snooze"], user, timezone.now()) if rest else None
    wish = Wish(data["resolve"], pictures, data["private"], _time_of(data, user), rest, until)
    done = approvals.answer(pk, **{k: data[k] for k in ("text", "seen", "key")}, by=user, wish=wish)
    if isinstance(done, Approval):
        return "radd:asked", {}
    return after_sending(done, wish), {"done": {"at": wish.at, "answer": done.key}} if wish.at else {}


def _time_of(data: Mapping[str, Any], user: User) -> datetime | None:
    """When it is to go out; None: at once. Raises NotAllowed for a moment that is not offered any more."""
    code = data["later"]
    if code in {"", OWN}:
        return cast("datetime | None", data["at"])
    at = next((choice.at for choice in choices(user, timezone.now()) if choice.code == code), None)
    if at is None:
        raise NotAllowed(_("choose a time within the next 30 days."))
    return at


def problem_of(ticket: Ticket, refusal: Exception) -> tuple[str, str]:
    """A refusal as the box tells it: a code for the template, and words."""
    if isinstance(refusal, replies.EmptyAnswer):
        return "empty", ""
    if isinstance(refusal, replies.TooLong):
        return "long", ""
    return "words", tray.why(ticket, refusal) if isinstance(refusal, BadPicture) else str(refusal)


def after_sending(sent: Delivery, wish: Wish) -> str:
    """What the page hears of it: a canned answer with which one meant to resolve leaves the ticket open."""
    more = (wish.resolve or wish.rest) and not care_of(sent.message).counts
    return "radd:sent, radd:stays-open" if more else "radd:sent"


def _refuse(
    request: HttpRequest, ticket: Ticket, slug: str, text: str, problem: str, *, status: int, words: str = ""
) -> HttpResponse:
    composer = composer_of(ticket, text=text, refused=problem, words=words)
    return answer_with(request, ticket.pk, slug, status=status, composer=composer)


def _moved_on(request: HttpRequest, pk: int, slug: str, text: str, moved: replies.MovedOn) -> HttpResponse:
    last = moved.newer[-1] if moved.newer else None
    name = last.author.name if last and last.author else last.contact.display_name if last else ""
    fresh = ticket_for(me(request), pk)
    composer = composer_of(fresh, text=text, refused="moved", moved_by=name)
    return answer_with(request, pk, slug, status=409, composer=composer)


@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note for the team."""
    ticket = ticket_for(me(request), pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return answer_with(request, pk, placed(request), status=422, problem=_("Not saved: the note is too long."))
    slug = form.cleaned_data["view"]
    try:
        lifecycle.note(pk, text=form.cleaned_data["text"], by=me(request))
    except lifecycle.EmptyNote:
        composer = composer_of(ticket, tab="note", refused="empty-note")
        return answer_with(request, pk, slug, status=422, composer=composer)
    return answer_with(request, pk, slug, event="radd:noted")


def _done(request: HttpRequest, pk: int, slug: str, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
    except NotAllowed as refusal:
        return answer_with(request, pk, slug, status=422, problem=str(refusal))
    return answer_with(request, pk, slug)


@require_POST
def take_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Undo a sending that has not left yet."""
    ticket, slug = ticket_of(request, key), placed(request)
    taken = outcomes.take_back(key, by=me(request))
    if not taken:
        problem = _("Too late to take back: it is on its way.")
        return answer_with(request, ticket.pk, slug, status=409, problem=problem)
    if not request.headers.get("HX-Request"):
        messages.info(request, _("Taken back. Nothing was sent."))
    # The words return to the box, to be mended.
    text = "".join(said_in(message) for message in taken)
    composer = composer_of(ticket, text=text, private=taken[0].kind == Kind.DM)
    return answer_with(request, ticket.pk, slug, composer=composer, event="radd:taken-back")


@require_POST
def try_again(request: HttpRequest, key: UUID) -> HttpResponse:
    """Put an answer that was not sent back in the outbox."""
    ticket = ticket_of(request, key)
    return _done(request, ticket.pk, placed(request), lambda: outcomes.try_again(key, by=me(request)))


@require_POST
def there(request: HttpRequest, key: UUID) -> HttpResponse:
    """An answer whose outcome nobody knew is on the platform: somebody has seen it."""
    ticket, slug = ticket_of(request, key), placed(request)
    try:
        outcomes.it_is_there(key, by=me(request), link=str(request.POST.get("link", "")))
    except BadLink:
        return answer_with(request, ticket.pk, slug, status=422, problem=_bad_link())
    return answer_with(request, ticket.pk, slug)


@require_POST
def answered_outside(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer was answered elsewhere."""
    user = me(request)
    ticket = ticket_for(user, pk)
    form, slug = OutsideForm(request.POST), placed(request)
    text = str(request.POST.get("text", ""))
    if not form.is_valid():
        words = _("this page is out of date. Load it again.")
        return _refuse(request, ticket, slug, text, "words", status=422, words=words)
    data = form.cleaned_data
    try:
        outside.answered_outside(
            pk, by=user, seen=data["seen"], key=data["key"] or uuid4(), link=data["link"], text=data["text"]
        )
    except replies.MovedOn as moved:
        return _moved_on(request, pk, slug, text, moved)
    except BadLink:
        return answer_with(request, pk, slug, status=422, composer=composer_of(ticket, text=text), problem=_bad_link())
    except NotAllowed as refusal:
        return _refuse(request, ticket, slug, text, "words", status=422, words=str(refusal))
    return answer_with(request, pk, slug, event="radd:sent")


def _bad_link() -> str:
    return _("Not marked: the link must begin with https:// or http://.")


def ticket_of(request: HttpRequest, key: UUID) -> Ticket:
    """The ticket of an answer of ours, if this person may see it."""
    seen = Ticket.objects.visible_to(me(request)).filter(entries__message__delivery__key=key)
    pk = seen.values_list("pk", flat=True).first()
    if pk is None:
        raise Http404
    return ticket_for(me(request), pk)


@require_POST
def length(request: HttpRequest, pk: int) -> HttpResponse:
    """How long the platform takes these words to be, and what they go out as."""
    ticket = ticket_for(me(request), pk)
    text = str(request.POST.get("text", ""))[:20_000]
    return render(request, "inbox/counted.html", {"counted": counted(ticket, text), "ticket": ticket})
