"""Tables of the work itself: tickets and the messages on them, who did what, and what people and rules keep."""

from tickets.models.activity import Activity
from tickets.models.customer import Customer, CustomerContact, Tier
from tickets.models.examination import Examination
from tickets.models.many import BulkAction, Incident, IncidentUpdate, Surge, TicketLink
from tickets.models.policy import CarePolicy
from tickets.models.rule import ApprovalRule, EscalationChain, RoutingRule, RuleVersion
from tickets.models.saved import Draft, Macro, Notice, SavedReply, SavedView, Seen
from tickets.models.search import SearchRow, SearchWord
from tickets.models.second import Approval, Escalation, Review, Scorecard
from tickets.models.sla import Calendar, CalendarDays, SlaPolicy
from tickets.models.tag import Tag
from tickets.models.ticket import Ticket, TicketMessage

__all__ = [
    "Activity",
    "Approval",
    "ApprovalRule",
    "BulkAction",
    "Calendar",
    "CalendarDays",
    "CarePolicy",
    "Customer",
    "CustomerContact",
    "Draft",
    "Escalation",
    "EscalationChain",
    "Examination",
    "Incident",
    "IncidentUpdate",
    "Macro",
    "Notice",
    "Review",
    "RoutingRule",
    "RuleVersion",
    "SavedReply",
    "SavedView",
    "Scorecard",
    "SearchRow",
    "SearchWord",
    "Seen",
    "SlaPolicy",
    "Surge",
    "Tag",
    "Ticket",
    "TicketLink",
    "TicketMessage",
    "Tier",
]
