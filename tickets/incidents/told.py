"""What became of the answers of an update: written on every ticket, some may still not be taken by the platform."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID, uuid5

from ingest.models import Delivery
from tickets.models import IncidentUpdate, TicketMessage


def key_of(update: UUID, ticket_id: int) -> UUID:
    """The key of an update's answer on one ticket: what makes it go out once, however often it is tried."""
    return uuid5(update, f"ticket {ticket_id}")


def not_sent(incident_id: int, updates: Iterable[IncidentUpdate]) -> dict[int, list[int]]:
    """By update, the tickets of the incident on which its answer failed. One query, however many updates."""
    failed = TicketMessage.objects.filter(
        ticket__incident=incident_id, message__delivery__state=Delivery.State.FAILED
    ).order_by("ticket")
    rows = list(failed.values_list("ticket_id", "message__delivery__key"))
    found: dict[int, list[int]] = {}
    for update in updates:
        found[update.pk] = [ticket for ticket, key in rows if key == key_of(update.key, ticket)]
    return found


def updates_of(failed: Iterable[tuple[int, int, int | None]]) -> dict[int, IncidentUpdate]:
    """By the id of an answer, the update it was written by: of answers as (message, ticket, the ticket's incident).

    Answers that somebody wrote on one ticket alone are not in it.
    """
    in_incident = {message: (ticket, incident) for message, ticket, incident in failed if incident is not None}
    if not in_incident:
        return {}
    keys = dict(Delivery.objects.filter(message__in=in_incident).values_list("message_id", "key"))
    rows = IncidentUpdate.objects.filter(incident__in={incident for _ticket, incident in in_incident.values()})
    told: dict[int, list[IncidentUpdate]] = defaultdict(list)
    for update in rows.select_related("incident"):
        told[update.incident_id].append(update)
    found = {}
    for message, (ticket, incident) in in_incident.items():
        same = [update for update in told[incident] if keys.get(message) == key_of(update.key, ticket)]
        if same:
            found[message] = same[0]
    return found
