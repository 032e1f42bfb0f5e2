"""The clocks of a ticket as its panel shows them, and the way up it is on; nothing here asks the database."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tickets.models import Ticket
from tickets.targets.clocks import OURS
from tickets.views.marks import clock, still, when


@dataclass(frozen=True, slots=True)
class Shown:
    """One clock: what it is for, how it stands, and when it is due."""

    name: str
    stands: SafeString
    due: SafeString | str = ""


def targets_of(ticket: Ticket, now: datetime) -> list[Shown]:
    """The clocks that there are; none of a ticket that is done with."""
    if not ticket.is_live:
        return []
    name = _("Next answer") if ticket.first_answered_at else _("First answer")
    shown = [_shown(name, ticket.answer_due_at, ticket.waiting_since, now)] if ticket.answer_due_at else []
    if ticket.status == Ticket.Status.SNOOZED and ticket.waiting_since:
        shown.append(Shown(name, still("player-pause", _("paused"))))
    if ticket.resolve_due_at:
        shown.append(_shown(_("Resolution"), ticket.resolve_due_at, ticket.opened_at, now))
    elif ticket.policy and ticket.policy.resolution and ticket.status not in OURS:
        shown.append(Shown(_("Resolution"), still("player-pause", _("paused"))))
    return shown


def _shown(name: str, due: datetime, since: datetime | None, now: datetime) -> Shown:
    return Shown(name, clock(due, since, now), when(due, now))
