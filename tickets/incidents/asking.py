"""Routing rules are asked about a ticket that a person puts into an incident, as intake asks them where words do.

All are asked in their order, as if the ticket came in now, and the first that fits counts. It is carried out only if
the incident, or the event being in force, is why it fits: whatever else it fits by was so before, and was asked then.
"""

from ingest.models import Message
from tickets import standing
from tickets.activity import routed
from tickets.incidents import taking_back
from tickets.models import Activity, Ticket, TicketMessage
from tickets.steering import routing, rules
from tickets.steering.case import EVENT, Moment
from tickets.steering.rules import Fit

INCIDENT = "incident"


def asked_before(ticket: Ticket, incident: int) -> bool:
    """Whether it was in this incident already, by words or by hand, and that was not undone: rules are asked once for
    each.
    """
    told = Activity.objects.filter(ticket=ticket, verb=Activity.Verb.INCIDENT, data__incident=incident)
    undone = Activity.objects.filter(ticket=ticket, verb=Activity.Verb.UNDONE).values_list("data__of", flat=True)
    return not set(told.values_list("id", flat=True)) <= set(undone)


def ask(ticket: Ticket, placed: Activity) -> None:
    """Carry out the rule that speaks of the incident this ticket (locked) was put into, if one does, and settle it.

    `placed`: the line that says so. The rule's own line keeps what undoing both needs (tickets.incidents.taking_back).
    """
    now, before = placed.at, taking_back.kept(ticket)
    message = _newest(ticket)
    if message is None or not ticket.is_live:
        return
    lines = rules.route([Moment(ticket, message, now)], now, wanted=lambda fit: _speaks_of_it(fit, ticket))
    if not lines:
        return
    lines[0].data |= taking_back.told(placed, before, ticket)
    # First the record: by it a target that the rule gave is known once clocks have run.
    Activity.objects.bulk_create(lines)
    standing.settle([ticket], now)
    routing.ring()


def _speaks_of_it(fit: Fit, ticket: Ticket) -> bool:
    """Whether it fits by the incident; or by the event, unless that was why it routed this ticket before."""
    why = {leaf["field"] for leaf in fit.because}
    if INCIDENT in why:
        return True
    return EVENT in why and not routed().filter(ticket=ticket, data__rule=fit.rule.id).exists()


def _newest(ticket: Ticket) -> Message | None:
    """What the customer said last."""
    said = TicketMessage.objects.filter(ticket=ticket, message__direction=Message.Direction.IN)
    newest = said.select_related("message__channel").order_by("-message__posted_at", "-id").first()
    return newest.message if newest else None
