"""What others said around a ticket's messages: shown folded in its thread, never answered, never counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models.expressions import RawSQL

from ingest.models import Message
from tickets.models import Ticket

# The nearest to the ticket's own messages; a thread may have thousands.
MOST = 200

# From the ticket's messages up to what they answer and down to what answers them, on through other people's words and
# our own. Each step has an index: (channel, external id) upwards, (channel, parent) downwards.
KEPT = """(m.decision = 'context' OR m.direction = 'out') AND NOT EXISTS (
              SELECT FROM tickets_ticketmessage t WHERE t.message_id = m.id AND t.ticket_id = %s)"""
AROUND = f"""
    WITH RECURSIVE around AS (
        SELECT m.id, m.channel_id, m.external_id, m.parent_external_id FROM ingest_message m
         WHERE m.channel_id = ANY(%s) AND m.external_id = ANY(%s) AND NOT (m.external_id = '')
           AND {KEPT}
        UNION
        SELECT m.id, m.channel_id, m.external_id, m.parent_external_id FROM ingest_message m
         WHERE m.channel_id = ANY(%s) AND m.parent_external_id = ANY(%s)
           AND NOT (m.parent_external_id = '') AND {KEPT}
        UNION
        SELECT n.* FROM around a, LATERAL (
            SELECT m.id, m.channel_id, m.external_id, m.parent_external_id FROM ingest_message m
             WHERE m.channel_id = a.channel_id AND m.parent_external_id = a.external_id
               AND NOT (m.parent_external_id = '') AND {KEPT}
            UNION ALL
            SELECT m.id, m.channel_id, m.external_id, m.parent_external_id FROM ingest_message m
             WHERE m.channel_id = a.channel_id AND m.external_id = a.parent_external_id
               AND NOT (m.external_id = '') AND {KEPT}) n)
    SELECT id FROM around LIMIT {MOST}"""  # noqa: S608  (words of ours only)


@dataclass(slots=True)
class Others:
    """Posts of the thread that are not the ticket's, one after the other: folded."""

    id: str
    at: datetime
    messages: list[Message]
    kind: str = "others"


def others_of(ticket: Ticket, messages: Iterable[Message]) -> list[Others]:
    """The posts around these messages of the ticket, each by itself, oldest first (one query)."""
    told = [message for message in messages if message.external_id]
    if not told:
        return []
    channels = sorted({message.channel_id for message in told})
    own = [message.external_id for message in told]
    above = sorted({key for m in told for key in (m.parent_external_id, m.root_external_id) if key})
    # In the order in which they stand in the statement.
    values = (channels, above, ticket.pk, channels, own, ticket.pk, ticket.pk, ticket.pk)
    found = Message.objects.filter(pk__in=RawSQL(AROUND, values))  # noqa: S611  (values go as parameters)
    shown = found.select_related("contact", "author").defer("raw", "metrics", "evidence").order_by("posted_at", "id")
    return [Others(f"o{message.pk}", message.posted_at, [message]) for message in shown]
