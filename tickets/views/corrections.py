"""Correcting a reading: the menu on a message's reading line, and what one press of it does.

A message on a ticket answers with the ticket's pane, the menu still open in it, so that several labels are corrected in
one go. A message on none answers with the menu alone.
"""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import brand_ids
from ingest.corrections import VALUES, Label, NoSuchValue
from ingest.models import Correction, Message
from sentiment.reading import REASONS
from tickets.incoming import corrections
from tickets.incoming.triage import HAVE_A_CAUSE
from tickets.labels import name_of, word
from tickets.models import TicketMessage
from tickets.permissions import NotAllowed
from tickets.views.inbox import view_of
from tickets.views.marks import look_of, sureness
from tickets.views.people import me
from tickets.views.verbs import answer_with, placed


@dataclass(frozen=True, slots=True)
class Option:
    """One value to press: `sets` is what the button sends."""

    id: str
    sets: str
    word: str
    on: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A label with its values, and who said the one that stands; no name where the model did."""

    label: str
    name: str
    options: list[Option]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """All that can be corrected of one message. `cannot` says why nothing can."""

    message: Message
    groups: list[Group]
    cannot: str = ""
    # Who read it, and how sure it was of the follow-up while nobody has said otherwise.
    look: str = ""


def message_for(user: User, pk: int) -> Message:
    """A message of a brand that this person may see. Somebody else's message does not exist."""
    allowed = brand_ids(user)
    found = Message.objects.select_related("channel", "contact").defer("raw", "metrics", "channel__secrets")
    if allowed is not None:
        found = found.filter(channel__brand__in=allowed)
    message = found.filter(pk=pk, direction=Message.Direction.IN).first()
    if message is None:
        raise Http404
    return message


def menu_of(message: Message) -> Menu:
    """The menu of a message as it reads now (one query, for the names)."""
    if cannot := corrections.why_not(message):
        return Menu(message, [], cannot)
    newest = Correction.objects.filter(message=message).order_by("label", "-id").distinct("label")
    by = dict(newest.values_list("label", "user__name")) if message.person_said else {}
    groups = []
    complains = bool(set(HAVE_A_CAUSE) & set(message.cues))
    for label in VALUES:
        # Trigger and aim are asked of complaints and faults only.
        if complains or label not in {Label.TRIGGER, Label.AIM} or corrections.stands(message, label):
            name = (by[label] or _("a person")) if label in by else ""
            groups.append(Group(label, name_of(label), _options(message, label), name))
    look = [look_of(message)]
    if message.reader and Label.FOLLOW_UP not in message.person_said:
        look.append(f"{sureness(message)}.")
    return Menu(message, groups, look=" ".join(filter(None, look)))


def _options(message: Message, label: str) -> list[Option]:
    now = corrections.stands(message, label)
    on: list[str | None] = [*now] if isinstance(now, list) else [now]
    many = label == Label.REASONS
    return [
        Option(
            id=f"fix-{message.pk}-{label}-{value or 'none'}",
            sets=f"{label}:{('-' if value in on else '+') if many else ''}{value}",
            word=word(label, value),
            on=value in on,
        )
        for value in VALUES[label]
    ]


def carry_out(message_id: int, asked: str, by: User) -> None:
    """What a button sent: `label:value`, or `reasons:+name` and `reasons:-name`. Raises as the verbs do."""
    label, _colon, value = asked.partition(":")
    if label == Label.REASONS:
        if value[:1] not in {"+", "-"} or value[1:] not in REASONS:
            raise NoSuchValue(label)
        corrections.mark_reason(message_id, reason=value[1:], holds=value[0] == "+", by=by)
    else:
        corrections.correct(message_id, label=label, value=value, by=by)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The menu: a part, or a page where there is no script; posted to, one label corrected."""
    user = me(request)
    message = message_for(user, pk)
    if request.method != "POST":
        return _menu(request, message)
    problem = ""
    try:
        carry_out(pk, str(request.POST.get("set", "")), user)
    except NoSuchValue:
        problem = _("Not corrected: this page is out of date. Load it again.")
    except NotAllowed as refusal:
        problem = str(refusal)
    return _answer(request, message_for(user, pk), problem)


def _answer(request: HttpRequest, message: Message, problem: str) -> HttpResponse:
    status = 422 if problem else 200
    ticket = TicketMessage.objects.filter(message=message).values_list("ticket", flat=True).first()
    scripted = bool(request.headers.get("HX-Request"))
    if ticket is not None and not (scripted and "alone" in request.POST):
        more = {"menu": menu_of(message)} if scripted else {}
        return answer_with(request, ticket, placed(request), status=status, problem=problem, more=more)
    if not scripted and not problem:
        return redirect("message-correct", message.pk)
    return _menu(request, message, status=status, problem=problem)


def _menu(request: HttpRequest, message: Message, *, status: int = 200, problem: str = "") -> HttpResponse:
    asked = request.POST or request.GET
    view, alone = view_of(asked.get("view") or "mine"), "alone" in asked
    context = {"menu": menu_of(message), "view": view, "alone": alone, "problem": problem, "here": ""}
    template = "inbox/correct_menu.html" if request.headers.get("HX-Request") else "inbox/correct_page.html"
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
