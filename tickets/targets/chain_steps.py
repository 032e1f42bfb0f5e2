"""The steps of a chain: when each is due, whom it tells, and by which ways.

    {"after": minutes, "of": "wall" | "open", "to": {...}, "by": ["mail"]}
    to: {"person": id} | {"team": id} | {"role": "assignee" | "lead" | "supervisor" | "admin"}

Minutes count from the moment the chain began: on the wall, or of the open hours of the ticket's own target. Everybody
is told in Radd, as they wish to be told; by mail at once only where the step says so. Kept without "of" and "by" they
mean the wall, and no mail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import Role, Team, User
from tickets.models import Ticket
from tickets.targets import sla
from tickets.targets.alarms import overseers_of
from tickets.targets.sla import Hours, NeverOpen

Step = Mapping[str, Any]
WALL, OPEN = "wall", "open"
MAIL = "mail"
# Who has the ticket, and the supervisors of their teams.
ASSIGNEE, LEAD = "assignee", "lead"
ROLES = (ASSIGNEE, LEAD, Role.SUPERVISOR.value, Role.ADMIN.value)
MINUTE = 60
MOST_STEPS = 10
# A fortnight: later than that nobody means it.
LATEST = 14 * 24 * 60


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a step tells: ids, and a name for the record. `code` names a role, for pages to put in words."""

    people: frozenset[int]
    name: str = ""
    code: str = ""


def due_at(step: Step, began: datetime, hours: Hours | None) -> datetime:
    """When a step is due; by the wall where the hours never open."""
    if step.get("of") == OPEN:
        try:
            return sla.due(hours, began, step["after"] * MINUTE)
        except NeverOpen:
            pass
    return began + timedelta(minutes=step["after"])


def by_mail(step: Step) -> bool:
    """Whether its people are mailed at once."""
    return MAIL in step.get("by", ())


def whom(to: Mapping[str, Any], ticket: Ticket) -> Whom:
    """The people a step names, as they are now: of a team its members, of a role those who see the brand."""
    here = User.objects.filter(is_active=True)
    role = to.get("role")
    if "person" in to:
        people = here.filter(pk=to["person"])
        return Whom(_ids(people), next((person.name for person in people), ""))
    if "team" in to:
        team = Team.objects.filter(pk=to["team"]).first()
        return Whom(_ids(here.filter(teams=to["team"])), team.name if team else "")
    if role == Role.ADMIN:
        return Whom(_ids(here.filter(role=Role.ADMIN)), code=Role.ADMIN.value)
    if role == ASSIGNEE and ticket.assignee_id:
        return Whom(_ids(here.filter(pk=ticket.assignee_id)), code=ASSIGNEE)
    leads = _leads_of(ticket) if role == LEAD else frozenset()
    if leads:
        return Whom(leads, code=LEAD)
    # Nobody has it, or nobody leads them: it is for those who oversee it.
    return Whom(overseers_of(ticket.team_id, ticket.brand_id), code=Role.SUPERVISOR.value)


def _leads_of(ticket: Ticket) -> frozenset[int]:
    """The supervisors of the teams of whoever has it, as far as these teams care for the brand."""
    if ticket.assignee_id is None:
        return frozenset()
    teams = Team.objects.filter(memberships__user=ticket.assignee_id, brands=ticket.brand_id)
    leads = User.objects.filter(is_active=True, role=Role.SUPERVISOR, teams__in=teams)
    return _ids(leads.exclude(pk=ticket.assignee_id))


def _ids(people: QuerySet[User]) -> frozenset[int]:
    return frozenset(people.values_list("pk", flat=True))


def problem_of(steps: Sequence[Step]) -> str:
    """A code for what is wrong with these steps; empty for good ones."""
    if not steps:
        return "no_step"
    if len(steps) > MOST_STEPS:
        return "too_many"
    minutes = [step.get("after") for step in steps]
    if not all(isinstance(after, int) and 0 <= after <= LATEST for after in minutes):
        return "no_minutes"
    if not all(_names_somebody(step.get("to")) for step in steps):
        return "nobody"
    return "" if minutes == sorted(minutes, key=lambda after: after or 0) else "not_later"


def _names_somebody(to: Any) -> bool:
    if not isinstance(to, Mapping) or len(to.keys() - {"name"}) != 1:
        return False
    return to.get("role") in ROLES or isinstance(to.get("person", to.get("team")), int)
