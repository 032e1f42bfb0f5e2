"""What a routing rule did because a ticket was put into an incident, taken back when that is undone.

The rule's line of the record keeps the ticket as it was before it and after. What is still as the rule left it becomes
as it was; what somebody has changed since stays, and so do words that were written and people who were told. From then
on the rule's line gives no targets, asks for no second person and shares nothing out (tickets.activity.routed).
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from accounts.permissions import may_see
from tickets import standing
from tickets.activity import TAKEN_BACK, record, routed
from tickets.models import Activity, Notice, Ticket
from tickets.steering import routing, rules

Verb = Activity.Verb
# Each is a matter of its own; tags and whose it is are looked at by themselves. Targets follow from the rule's line.
ALONE = ("team_id", "priority", "needs_skills", "needs_language")
KEPT = (*ALONE, "assignee_id", "tags")
# By these a person says whose a ticket is, or works on it as it is.
IN_HAND = (Verb.ASSIGNED, Verb.UNASSIGNED, Verb.ANSWERED, Verb.ASKED)
NOTE, NOTICE = "note", "notice"
STAYS: Mapping[str, Promise] = {
    "team_id": gettext_lazy("its team"),
    "priority": gettext_lazy("its priority"),
    "needs_skills": gettext_lazy("the skills it asks for"),
    "needs_language": gettext_lazy("the language it asks for"),
    "assignee_id": gettext_lazy("whose it is"),
    NOTE: gettext_lazy("the note"),
    NOTICE: gettext_lazy("who was told"),
}


def kept(ticket: Ticket) -> dict[str, Any]:
    """What a rule may change of a ticket, as JSON."""
    return {name: getattr(ticket, name) for name in KEPT}


def told(placed: Activity, before: Mapping[str, Any], ticket: Ticket) -> dict[str, Any]:
    """What the line of a rule keeps for this: the placing it was asked for, and the ticket before it and after."""
    return {"placed": placed.pk, "before": dict(before), "after": kept(ticket)}


def take_back(ticket: Ticket, placed: Activity, by: User) -> dict[str, Any]:
    """Take back what a rule did for this placing, the ticket locked, and settle it.

    For the record: the name of the rule, and by the names in STAYS what of it stays; empty where no rule did anything,
    or where the ticket is done with by now and is left as it is.
    """
    line = routed().filter(ticket=ticket, data__placed=placed.pk).first() if ticket.is_live else None
    if line is None:
        return {}
    stays = _put_back(ticket, line, by) + _said(ticket, line)
    line.data[TAKEN_BACK] = True
    line.save(update_fields=["data"])
    ticket.save(update_fields=rules.COLUMNS)
    standing.settle([ticket], timezone.now())
    routing.ring()
    return {"rule": line.data.get("name", ""), "stays": stays}


def _put_back(ticket: Ticket, line: Activity, by: User) -> list[str]:
    """Make the ticket as it was before the rule; what is not as the rule left it any more."""
    before, after = line.data["before"], line.data["after"]
    changed = [name for name in KEPT if before[name] != after[name]]
    stays = [name for name in ALONE if name in changed and not _back(ticket, name, before, after)]
    put_on = set(after["tags"]) - set(before["tags"])
    taken_off = [tag for tag in before["tags"] if tag not in after["tags"] and tag not in ticket.tags]
    ticket.tags = [tag for tag in ticket.tags if tag not in put_on] + taken_off
    if {"team_id", "assignee_id"} & set(changed) and not _hand_back(ticket, line, by):
        stays.append("assignee_id")
    return stays


def _back(ticket: Ticket, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """One column; whether it was still as the rule left it."""
    gone = name == "team_id" and before[name] and not Team.objects.filter(pk=before[name]).exists()
    if getattr(ticket, name) != after[name] or gone:
        return False
    setattr(ticket, name, before[name])
    return True


def _hand_back(ticket: Ticket, line: Activity, by: User) -> bool:
    """To whoever had it, or to the queue; whether nobody has taken it in hand since."""
    was = line.data["before"]["assignee_id"]
    if ticket.assignee_id == was:
        return True
    since = Activity.objects.filter(ticket=ticket, pk__gt=line.pk, actor__isnull=False, verb__in=IN_HAND)
    if since.exists():
        return False
    person = User.objects.filter(pk=was, is_active=True).first() if was else None
    had = person if person is not None and may_see(person, ticket.brand_id) else None
    given = ticket.assignee_id
    ticket.assignee, ticket.assigned_at = had, timezone.now() if had else None
    if had is None:
        record(ticket, Verb.UNASSIGNED, by, was=given)
    else:
        record(ticket, Verb.ASSIGNED, by, to=had.pk, name=had.name, was=given)
    return True


def _said(ticket: Ticket, line: Activity) -> list[str]:
    """What no undo can unsay: the rule's notes and notices, which bear the moment of its line."""
    noted = Activity.objects.filter(ticket=ticket, verb=Verb.NOTED, actor=None, at=line.at)
    noticed = Notice.objects.filter(ticket=ticket, at=line.at, kind=rules.ROUTED, data__rule=line.data.get("name", ""))
    return [name for name, rows in ((NOTE, noted), (NOTICE, noticed)) if rows.exists()]
