"""Answers of a channel that did not go out, each with its ticket, and all that are still owed tried again.

An answer is still owed while its customer waits, and no newer one of the same ticket failed after it: whoever has been
answered since must not hear the old words too. Where nobody knows whether it arrived a person looks first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from ingest import parts
from ingest.delivery import NEVER_KNOWN
from ingest.models import Channel, Delivery
from tickets.answering import outcomes
from tickets.models import TicketMessage
from tickets.permissions import check_may_see_channel

SHOWN = 50
# At a press; the rest stays on the page for the next.
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Unsent:
    """One answer that failed. `owed`: its customer still waits for just this one."""

    delivery: Delivery
    ticket_id: int | None
    subject: str
    owed: bool

    @property
    def in_doubt(self) -> bool:
        """Nobody knows whether it arrived."""
        return self.delivery.error_code == NEVER_KNOWN


def of_channel(channel: Channel, limit: int = SHOWN) -> list[Unsent]:
    """The newest first, an answer of several parts once (two queries)."""
    failed = Delivery.objects.filter(channel=channel, state=Delivery.State.FAILED)
    failed = failed.exclude(error_code=parts.STOPPED).select_related("message").defer("message__raw")
    return _with_tickets(failed.order_by("-id")[:limit])


def try_all_again(channel_id: int, *, by: User) -> int:
    """Put all that are still owed back in the outbox; how many were. Each is looked for there before it is posted."""
    channel = Channel.objects.get(pk=channel_id)
    check_may_see_channel(by, channel)
    owed = [row for row in of_channel(channel, MOST_AT_ONCE) if row.owed and not row.in_doubt]
    # The oldest first, as they were written.
    return sum(outcomes.try_again(row.delivery.key, by=by) for row in reversed(owed))


def _with_tickets(deliveries: Iterable[Delivery]) -> list[Unsent]:
    rows = list(deliveries)
    places = TicketMessage.objects.filter(message__in=[row.message_id for row in rows]).select_related("ticket")
    tickets = {place.message_id: place.ticket for place in places}
    newest: set[int] = set()
    found = []
    for row in rows:
        ticket = tickets.get(row.message_id)
        if ticket is None:
            found.append(Unsent(row, None, "", owed=False))
            continue
        owed = ticket.pk not in newest and ticket.waiting_since is not None
        newest.add(ticket.pk)
        found.append(Unsent(row, ticket.pk, ticket.subject, owed=owed))
    return found
