"""Tables of the work itself: tickets, the messages on them, and who did what."""

from tickets.models.activity import Activity
from tickets.models.ticket import Ticket, TicketMessage

__all__ = ["Activity", "Ticket", "TicketMessage"]
