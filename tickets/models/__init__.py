"""Tables of the work itself: tickets, the messages on them, who did what, and who examined what was set aside."""

from tickets.models.activity import Activity
from tickets.models.examination import Examination
from tickets.models.ticket import Ticket, TicketMessage

__all__ = ["Activity", "Examination", "Ticket", "TicketMessage"]
