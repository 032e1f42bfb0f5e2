"""An answer for later that was held since the customer wrote first: sent anyway, changed, or dropped."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ingest.models import Message
from ingest.pictures import BadPicture
from ingest.platforms.base import Kind, PlatformError
from tickets.answering import held, replies
from tickets.models import Approval, Draft, Ticket
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.views.pane import composer_of
from tickets.views.people import me
from tickets.views.verbs import answer_with, placed, problem_of, ticket_of


@require_POST
def decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """What its form says in `do`: send, change or drop."""
    ticket, do = ticket_of(request, key), request.POST.get("do", "")
    try:
        if do == "send":
            return _send(request, ticket, key)
        if do == "change":
            return _change(request, ticket, key)
        held.drop(key, by=me(request))
    except replies.MovedOn:
        words = _("Not sent: the customer wrote again. Read it, then decide.")
        return answer_with(request, ticket.pk, placed(request), status=409, problem=words)
    except (replies.TooLong, NotAllowed, replies.Unsendable, PlatformError, BadPicture) as refusal:
        return answer_with(request, ticket.pk, placed(request), status=422, problem=_why(ticket, refusal))
    return answer_with(request, ticket.pk, placed(request))


def _send(request: HttpRequest, ticket: Ticket, key: UUID) -> HttpResponse:
    seen = whole(request.POST.get("seen"), digits=8) or 0
    done = held.send_anyway(key, by=me(request), seen=seen)
    event = "radd:asked" if isinstance(done, Approval) else "radd:sent"
    return answer_with(request, ticket.pk, placed(request), event=event)


def _change(request: HttpRequest, ticket: Ticket, key: UUID) -> HttpResponse:
    """Its words into the box, behind what this person has begun."""
    private = Message.objects.filter(delivery__key=key, kind=Kind.DM).exists()
    begun = Draft.objects.filter(ticket=ticket, user=me(request), kind=Draft.Kind.ANSWER).first()
    text = "\n\n".join(filter(None, [begun.text if begun else "", held.take_up(key, by=me(request))]))
    composer = composer_of(ticket, text=text, private=private)
    return answer_with(request, ticket.pk, placed(request), composer=composer, event="radd:taken-back")


def _why(ticket: Ticket, refusal: Exception) -> str:
    code, words = problem_of(ticket, refusal)
    return _("Not sent: it is longer than its platform takes. Change it first.") if code == "long" else words
