"""A ticket's columns and its clocks: what is kept, what moves, and when somebody must hear of it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from tickets.models import Ticket
from tickets.targets import clocks
from tickets.targets.clocks import Alarm, Clocks, Facts, Targets
from tickets.targets.policies import Targeting

COUNTED = [
    "answer_used", "answer_since", "answer_due_at", "resolve_used", "resolve_since", "resolve_due_at",
]  # fmt: skip
# The columns that `tick` writes.
CLOCKS = ["policy_id", *COUNTED, "alarm_at"]


def facts_of(ticket: Ticket) -> Facts:
    """What a ticket's clocks go by."""
    return Facts(
        status=ticket.status,
        opened_at=ticket.opened_at,
        waiting_since=ticket.waiting_since,
        answered=ticket.first_answered_at is not None,
    )


def clocks_of(ticket: Ticket) -> Clocks:
    """What a ticket has kept of its clocks."""
    return Clocks(**{name: getattr(ticket, name) for name in COUNTED})


def tick(ticket: Ticket, targeting: Targeting, now: datetime) -> None:
    """Bring a ticket's clocks to this moment, by the policy that is for it now. It is not saved.

    Its status, priority, customer and measured columns must be what they shall be.
    """
    policy, targets = targeting.of(ticket)
    facts = facts_of(ticket)
    counted = clocks.advance(clocks_of(ticket), facts, targets, now)
    for name, value in asdict(counted).items():
        setattr(ticket, name, value)
    ticket.policy_id = policy
    ticket.alarm_at = next((alarm.at for alarm in untold(ticket, targets)), None)


def untold(ticket: Ticket, targets: Targets) -> Sequence[Alarm]:
    """The alarms of its clocks as they stand that nobody was told of yet, in order."""
    return clocks.alarms(
        clocks_of(ticket), facts_of(ticket), targets, warned=ticket.warned_at, breached=ticket.breached_at
    )
