"""A ticket's story for the API: its newest messages and activities, each in the order of time."""

from dataclasses import dataclass

from ingest.models import Message
from tickets.answering import replies
from tickets.models import Activity, Ticket

# A longer story shows its newest part.
MOST = 500


@dataclass(frozen=True, slots=True)
class Story:
    """What one ticket's address answers."""

    ticket: Ticket
    messages: list[Message]
    activities: list[Activity]
    truncated: bool


def story_of(ticket: Ticket) -> Story:
    """Read it in two queries."""
    said = replies.messages_of(ticket).select_related("contact", "author", "delivery").defer("raw", "metrics")
    messages = list(said.reverse()[: MOST + 1])
    done = ticket.activities.select_related("actor").order_by("-at", "-id")
    activities = list(done[: MOST + 1])
    return Story(
        ticket=ticket,
        messages=messages[:MOST][::-1],
        activities=activities[:MOST][::-1],
        truncated=max(len(messages), len(activities)) > MOST,
    )
