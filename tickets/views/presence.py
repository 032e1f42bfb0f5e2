"""The beacon of an open tab: which ticket it shows, and whether somebody is writing there."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from tickets.models import Ticket
from tickets.news import bell, presence
from tickets.numbers import whole
from tickets.views.people import me

GONE = "gone"
MOST_IDLE = 86_400


@require_POST
def beacon(request: HttpRequest) -> HttpResponse:
    """`tab` is a word the page made up; `doing` one of presence.DOINGS, or gone. Always 204: a hint needs no error."""
    user, told = me(request), request.POST
    tab, doing = told.get("tab", ""), told.get("doing", "")
    if tab and doing == GONE:
        presence.leave(user, tab)
    elif tab and doing in presence.DOINGS:
        number = whole(told.get("ticket")) or 0
        ticket = Ticket.objects.visible_to(user).only("id", "brand_id").filter(pk=number).first() if number else None
        news = presence.say(user, tab, doing, ticket, idle=min(whole(told.get("idle")) or 0, MOST_IDLE))
        if news and ticket:
            # Whoever has it before their eyes need not be told of it any more.
            bell.read(user, ticket=ticket.pk)
    return HttpResponse(status=204)
