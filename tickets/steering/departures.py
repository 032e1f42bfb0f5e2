"""Somebody leaves, for good or for a while: what they had in hand goes to a colleague, or back to its queue."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import people, teams
from accounts.models import Team, User
from accounts.permissions import may_see
from ingest import batch, doorbell
from tickets.models import Activity, Ticket
from tickets.models.ticket import NEEDS_US
from tickets.permissions import NotAllowed
from tickets.steering import routing


def let_go(person_id: int, *, to: User | None, by: User) -> int:
    """Close somebody's account and give their live tickets over; how many those were. Raises Refused, NotAllowed."""
    with transaction.atomic():
        person = people.deactivate(person_id, by=by)
        return hand_over(person, to=to, by=by)


def hand_over(person: User, *, to: User | None, by: User) -> int:
    """Give all live tickets of a person to a colleague who sees their brands, or (None) back to their queues.

    Raises NotAllowed where `by` may not see one of them, or `to` may not have it; then none is given.
    """
    with transaction.atomic():
        held = list(Ticket.objects.mine(person).select_for_update(of=("self",)).order_by("pk"))
        for ticket in held:
            if not may_see(by, ticket.brand_id):
                raise NotAllowed(_("Some of these tickets are of brands of other teams."))
            if to is not None and not (to.is_active and may_see(to, ticket.brand_id)):
                raise NotAllowed(_("%(name)s is not in a team of this brand.") % {"name": to.name})
        _write(held, person, to, by)
    return len(held)


def _write(held: list[Ticket], person: User, to: User | None, by: User) -> None:
    now = timezone.now()
    rows, lines = [], []
    for ticket in held:
        status = ticket.status if to or ticket.status not in NEEDS_US else Ticket.Status.NEW
        row = {"id": ticket.pk, "assignee_id": to.pk if to else None, "assigned_at": now if to else None}
        rows.append(row | {"status": status, "updated_at": now})
        verb = Activity.Verb.ASSIGNED if to else Activity.Verb.UNASSIGNED
        data = {"was": person.pk} | ({"to": to.pk, "name": to.name} if to else {})
        lines.append(Activity(ticket=ticket, verb=verb, actor=by, data=data, at=now))
    batch.update(Ticket, rows, ["assignee", "assigned_at", "status", "updated_at"])
    Activity.objects.bulk_create(lines)
    if held:
        routing.ring()
        doorbell.ring_pages()


def close_team(team_id: int, *, by: User) -> None:
    """Remove a team in which no live ticket is. Raises Team.DoesNotExist, people.Refused, NotAllowed."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team_id)
        if Ticket.objects.live().filter(team=team_id).exists():
            raise NotAllowed(_("Tickets still wait in this team. Solve them, or send them to another first."))
        teams.remove_team(team_id, by=by)
