"""What can be done to a ticket beside answering it: each a form, one verb, the pane drawn again and a way to undo it.

The form stands in the ticket's menu, or on a page of its own without a script.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from accounts.reckoning import zone_of
from ingest.models import Message
from tickets.answering.replies import messages_of
from tickets.forms import AssignForm
from tickets.listing.lists import VIEWS
from tickets.models import Activity, Ticket
from tickets.models.ticket import NEEDS_US
from tickets.numbers import whole, wholes
from tickets.permissions import NotAllowed
from tickets.steering import assignment
from tickets.verbs import (
    dismissing,
    lifecycle,
    linking,
    merging,
    parting,
    priority,
    snoozing,
    tagging,
    undoing,
    verb_lines,
)
from tickets.views.pane import ticket_for
from tickets.views.people import me
from tickets.views.verbs import answer_with, placed

Verb = Activity.Verb
offers = require_http_methods(["GET", "HEAD", "POST"])
# What the toast says.
TOLD: Mapping[str, Promise] = {
    Verb.SNOOZED: gettext_lazy("Snoozed."),
    Verb.WOKEN: gettext_lazy("Awake again."),
    Verb.TAGGED: gettext_lazy("Tags changed."),
    Verb.PRIORITISED: gettext_lazy("Priority changed."),
    Verb.MERGED: gettext_lazy("Merged."),
    Verb.SPLIT: gettext_lazy("Split off."),
    Verb.LINKED: gettext_lazy("Linked."),
    Verb.UNLINKED: gettext_lazy("Link removed."),
    Verb.SPAM: gettext_lazy("Marked as spam."),
    Verb.NO_ANSWER: gettext_lazy("Settled without an answer."),
    Verb.RESOLVED: gettext_lazy("Resolved."),
    Verb.REOPENED: gettext_lazy("Reopened."),
    Verb.ASSIGNED: gettext_lazy("Assigned."),
    Verb.UNASSIGNED: gettext_lazy("Put back in the queue."),
    Verb.INCIDENT: gettext_lazy("The incident was changed."),
}


@dataclass(frozen=True, slots=True)
class Done:
    """The toast after a verb: its words, and the line that undoes it, if any."""

    words: str
    line: int | None = None


def done_of(line: Activity) -> Done:
    """What to say of a line of the record."""
    return Done(str(TOLD.get(line.verb, "")), line.pk if undoing.can_undo(line) else None)


def carry(
    request: HttpRequest, pk: int, verb: Callable[[User], Activity | None], *, leaves: bool = False
) -> HttpResponse:
    """Carry a verb out and draw the pane. `leaves`: the person is done with this ticket and goes on to the next."""
    user = me(request)
    ticket_for(user, pk)
    slug = placed(request)
    try:
        line = verb(user)
    except NotAllowed as refusal:
        return answer_with(request, pk, slug, status=422, problem=str(refusal))
    except Ticket.DoesNotExist:
        return answer_with(request, pk, slug, status=422, problem=_("That ticket is not there. Choose another."))
    if line is None:
        return answer_with(request, pk, slug)
    done = done_of(line)
    if not request.headers.get("HX-Request"):
        messages.info(request, done.words, extra_tags=str(done.line or ""))
    events = {"radd:left": {"ticket": pk}} if leaves else {"radd:done": {"ticket": pk}}
    if line.ticket_id != pk:
        # What stands in the pane now is another ticket, and so does the address.
        events["radd:opened"] = {"ticket": line.ticket_id}
    return answer_with(request, line.ticket_id, slug, events=events, more={"done": done})


def offer(request: HttpRequest, pk: int, form: str, **more: Any) -> HttpResponse:
    """A verb's form: in the ticket's menu, or on a page of its own."""
    user = me(request)
    ticket = ticket_for(user, pk)
    slug = str(request.GET.get("view", ""))
    view = VIEWS.get(slug, VIEWS["mine"])
    context = {"ticket": ticket, "view": view, "form": f"inbox/act_{form}.html", "here": view.slug, **more}
    part = bool(request.headers.get("HX-Request"))
    return render(request, context["form"] if part else "inbox/act_page.html", context | {"part": part})


def _last(pk: int, user: User, verbs: set[str]) -> Activity | None:
    """The line that a verb has just written."""
    line = Activity.objects.filter(ticket=pk, actor=user).order_by("-id").first()
    return line if line and line.verb in verbs else None


# --- given, ended, begun again --------------------------------------------------------------------------------------
@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the ticket to somebody, or put it back in its queue."""
    form = AssignForm(request.POST)
    ticket_for(me(request), pk)
    if not form.is_valid():
        problem = _("Not assigned: that person is not here any more. Choose another.")
        return answer_with(request, pk, placed(request), status=422, problem=problem)
    to = form.cleaned_data["to"]
    return carry(request, pk, lambda user: _assigned(pk, to, user))


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Make it mine."""
    return carry(request, pk, lambda user: _assigned(pk, user, user))


def _assigned(pk: int, to: User | None, by: User) -> Activity | None:
    before = Activity.objects.filter(ticket=pk, actor=by).order_by("-id").values_list("id", flat=True).first()
    assignment.assign(pk, to=to, by=by)
    line = _last(pk, by, {Verb.ASSIGNED, Verb.UNASSIGNED})
    return line if line and line.pk != before else None


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take what matters next of what nobody has, and open it."""
    user = me(request)
    waiting = Ticket.objects.visible_to(user).filter(assignee=None, status__in=NEEDS_US).order_by("due_at", "id")
    for pk in waiting.values_list("id", flat=True)[:5]:
        try:
            assignment.assign(pk, to=user, by=user)
        except NotAllowed:
            continue
        return redirect("inbox-ticket", "mine", pk)
    messages.info(request, _("Nothing waits for somebody to take it."))
    return redirect("inbox-list", placed(request))


@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """The problem is solved."""

    def verb(user: User) -> Activity | None:
        lifecycle.resolve(pk, by=user)
        return _last(pk, user, {Verb.RESOLVED})

    return carry(request, pk, verb, leaves=True)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """It is not."""

    def verb(user: User) -> Activity | None:
        lifecycle.reopen(pk, by=user)
        return _last(pk, user, {Verb.REOPENED})

    return carry(request, pk, verb)


# --- resting, marked ------------------------------------------------------------------------------------------------
@offers
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Until a time, or until the customer writes; `wake` ends it."""
    now = timezone.now()
    if request.method != "POST":
        soon = f"{now.astimezone(zone_of(me(request))):%Y-%m-%dT%H:%M}"
        return offer(request, pk, "snooze", choices=snoozing.choices(me(request), now), soon=soon, now=now)
    if request.POST.get("wake"):
        return carry(request, pk, lambda user: snoozing.wake(pk, by=user))
    code = str(request.POST.get("until", "")) or str(request.POST.get("at", ""))
    return carry(
        request,
        pk,
        lambda user: snoozing.snooze(pk, until=snoozing.moment_of(code, user, now), by=user),
        leaves=True,
    )


@offers
def tags(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a tag on or take it off; one that is typed is found, or made."""
    ticket = ticket_for(me(request), pk)
    if request.method == "POST":
        return carry(request, pk, lambda user: _tagged(request, ticket, user))
    tags = tagging.offered(ticket.brand_id)[: tagging.OFFERED]
    return offer(request, pk, "tags", tags=[(tag, tagging.name_of(tag)) for tag in tags])


def _tagged(request: HttpRequest, ticket: Ticket, user: User) -> Activity | None:
    name = str(request.POST.get("name", "")).strip()
    if name:
        return tagging.tag(ticket.pk, add=[tagging.make(name, ticket=ticket).pk], by=user)
    chosen = whole(request.POST.get("tag"))
    if chosen is None:
        raise NotAllowed(_("That tag is not there any more. Choose another."))
    on = chosen in ticket.tags
    return tagging.tag(ticket.pk, **{"remove" if on else "add": [chosen]}, by=user)


@offers
def set_priority(request: HttpRequest, pk: int) -> HttpResponse:
    """How soon it wants somebody."""
    if request.method != "POST":
        return offer(request, pk, "priority", priorities=Ticket.Priority.choices)
    to = whole(request.POST.get("to")) or 0
    return carry(request, pk, lambda user: priority.set_priority(pk, to=to, by=user))


# --- two tickets ----------------------------------------------------------------------------------------------------
@offers
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Into another ticket: the customer's others, or one that is looked for."""
    if request.method == "POST":
        return carry(request, pk, lambda user: merging.merge(pk, into=_number(request, "into"), by=user), leaves=False)
    return _two(request, pk, "merge")


@offers
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """With another ticket; `unlink` takes a link back."""
    if request.method != "POST":
        return _two(request, pk, "link")
    if request.POST.get("unlink"):
        return carry(request, pk, lambda user: linking.unlink(pk, to=_number(request, "unlink"), by=user))
    return carry(request, pk, lambda user: linking.link(pk, to=_number(request, "to"), by=user))


def _two(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    user, asked = me(request), str(request.GET.get("q", ""))[:80]
    ticket = ticket_for(user, pk)
    found = merging.candidates(ticket, user, asked)
    linked = linking.linked_to(ticket) if form == "link" else []
    return offer(request, pk, form, found=found, asked=asked, linked=linked)


def _number(request: HttpRequest, name: str) -> int:
    given = whole(request.POST.get(name))
    if given is None:
        raise NotAllowed(_("That ticket is not there. Choose another."))
    return given


@offers
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Chosen messages become a ticket of their own."""
    if request.method == "POST":
        chosen = wholes(request.POST.getlist("message"))
        return carry(request, pk, lambda user: parting.part(pk, messages=chosen, by=user)[1])
    said = messages_of(ticket_for(me(request), pk)).select_related("contact", "author")
    return offer(request, pk, "split", said=said.exclude(decision=Message.Decision.FOLDED)[:100])


# --- ended without an answer ----------------------------------------------------------------------------------------
@offers
def no_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody is owed an answer, for a reason."""
    if request.method != "POST":
        return offer(request, pk, "no_answer", reasons=list(dismissing.REASONS_WHY.items()))
    given = {name: str(request.POST.get(name, "")) for name in ("reason", "text")}
    return carry(request, pk, lambda user: dismissing.no_answer(pk, by=user, **given), leaves=True)


@require_POST
def spam(request: HttpRequest, pk: int) -> HttpResponse:
    """The ticket is spam."""
    return carry(request, pk, lambda user: dismissing.spam(pk, by=user), leaves=True)


# --- undo -----------------------------------------------------------------------------------------------------------
@require_POST
def undo(request: HttpRequest, line: int | None = None) -> HttpResponse:
    """Take one thing back, or without a number what this person did last, and open its ticket."""
    user, slug = me(request), placed(request)
    last = undoing.last_of(user) if line is None else Activity.objects.filter(pk=line, actor=user).first()
    if last is None and line is not None:
        raise Http404
    if last is None:
        done = Done(_("There is nothing to undo."))
        if not request.headers.get("HX-Request"):
            messages.info(request, done.words)
            return redirect("inbox-list", slug)
        response = render(request, "inbox/done.html", {"done": done})
        response.headers["HX-Reswap"] = "none"
        return response
    try:
        stays = verb_lines.what_stays(undoing.undo(last.pk, by=user))
    except NotAllowed as refusal:
        return answer_with(request, last.ticket_id, slug, status=422, problem=str(refusal))
    done = Done(_("Undone. This stays of what a rule did: %(stays)s.") % {"stays": stays} if stays else _("Undone."))
    if not request.headers.get("HX-Request"):
        messages.info(request, done.words)
    pk = last.data["from"] if last.verb == Verb.MERGED else last.ticket_id
    return answer_with(request, pk, slug, events={"radd:opened": {"ticket": pk}}, more={"done": done})
