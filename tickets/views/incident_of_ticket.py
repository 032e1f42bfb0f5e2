"""A ticket's incident: put in or taken out from its menu."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.incidents import placing
from tickets.models import Activity
from tickets.numbers import whole
from tickets.permissions import NotAllowed
from tickets.views.actions import carry, offer, offers
from tickets.views.pane import ticket_for
from tickets.views.people import me

OFFERED = 50


@offers
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """Into one of the brand's incidents, or out of the one it is in."""
    ticket = ticket_for(me(request), pk)
    if request.method == "POST":
        return carry(request, pk, lambda user: _placed(request, pk, user))
    return offer(
        request, pk, "incident", incidents=placing.offered(ticket)[:OFFERED], may_open=me(request).is_supervisor
    )


def _placed(request: HttpRequest, pk: int, user: User) -> Activity | None:
    if request.POST.get("out"):
        return placing.take_out(pk, by=user)
    given = whole(request.POST.get("to"))
    if given is None:
        raise NotAllowed(_("That incident is not there any more. Choose another."))
    return placing.put_in(pk, incident=given, by=user)
