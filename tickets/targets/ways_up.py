"""The ways up that a ticket is on, as its page tells them: whom the last step told, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from tickets.models import Escalation, Ticket
from tickets.steering.rule_names import Names
from tickets.targets.chain_steps import by_mail
from tickets.targets.chain_words import names_of, whom_words
from tickets.targets.escalation import opened


@dataclass(frozen=True, slots=True)
class Way:
    """One way up. `chain`: its name, empty where a person sent it up (`by`); `told`, `next`: people, in words."""

    chain: str
    by: str
    step: int
    steps: int
    told: str
    next: str
    next_at: datetime | None
    mail: bool = False


def ways_of(ticket: Ticket) -> list[Way]:
    """Those that nobody has acknowledged yet; asks for nothing where the ticket is on none, else at most three."""
    if not ticket.escalated:
        return []
    rows = list(opened(ticket).filter(acknowledged_at=None).select_related("by").order_by("began_at", "id"))
    names = names_of([], [step for row in rows if row.chain for step in row.chain.steps])
    return [_way(row, names) for row in rows]


def _way(row: Escalation, names: Names) -> Way:
    steps = row.chain.steps if row.chain else []
    last = steps[row.step - 1] if 0 < row.step <= len(steps) else None
    further = steps[row.step] if row.step < len(steps) and row.next_at else None
    return Way(
        chain=row.chain.name if row.chain else "",
        by=row.by.name if row.by else "",
        step=row.step,
        steps=len(steps),
        told=whom_words(last["to"], names) if last else "",
        next=whom_words(further["to"], names) if further else "",
        next_at=row.next_at,
        mail=further is not None and by_mail(further),
    )
