"""A ticket sent up by hand, and taken on by whoever acknowledges it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from tickets.permissions import NotAllowed
from tickets.targets import escalation
from tickets.views.pane import ticket_for
from tickets.views.people import me
from tickets.views.verbs import answer_with, placed


@require_POST
def escalate(request: HttpRequest, pk: int) -> HttpResponse:
    """To the next step of its chain, else to those who oversee it."""
    return _done(request, pk, lambda: escalation.escalate(pk, by=me(request)))


@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """I take it on: nobody further is told."""
    return _done(request, pk, lambda: escalation.acknowledge(pk, by=me(request)))


def _done(request: HttpRequest, pk: int, verb: Callable[[], object]) -> HttpResponse:
    ticket_for(me(request), pk)
    try:
        verb()
    except NotAllowed as refusal:
        return answer_with(request, pk, placed(request), status=422, problem=str(refusal))
    return answer_with(request, pk, placed(request))
