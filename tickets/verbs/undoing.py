"""Undo: what somebody did to a ticket is taken back by them, once, as long as nobody has gone on from there.

A line of the record carries what its undoing needs. Each verb knows how it is taken back; here stands which do.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.activity import record
from tickets.customers import kinship, told
from tickets.incidents import placing
from tickets.models import Activity, Ticket
from tickets.permissions import NotAllowed
from tickets.steering import assignment
from tickets.verbs import dismissing, lifecycle, linking, merging, parting, priority, snoozing, tagging

Verb = Activity.Verb
# `z` reaches back this far.
REACH = timedelta(minutes=15)
# By verb: what takes it back, and returns what the record is to say besides, if anything.
UNDO: Mapping[str, Callable[[Activity, User], Mapping[str, Any] | None]] = {
    Verb.SNOOZED: snoozing.take_back,
    Verb.TAGGED: tagging.take_back,
    Verb.PRIORITISED: priority.take_back,
    Verb.MERGED: merging.take_back,
    Verb.SPLIT: parting.take_back,
    Verb.LINKED: linking.take_back,
    Verb.UNLINKED: linking.take_back,
    Verb.SPAM: dismissing.take_back,
    Verb.NO_ANSWER: dismissing.take_back,
    Verb.RESOLVED: lifecycle.take_back,
    Verb.ASSIGNED: assignment.take_back,
    Verb.UNASSIGNED: assignment.take_back,
    Verb.CHANGED: told.take_back,
    Verb.INCIDENT: placing.take_back,
}
# What a line of these must tell to be taken back: of two tickets, one has the line that does.
TELLS = {
    Verb.MERGED: "from",
    Verb.SPLIT: "to",
    Verb.LINKED: "here",
    Verb.UNLINKED: "here",
    Verb.RESOLVED: "closed",
    Verb.ASSIGNED: "was",
    Verb.UNASSIGNED: "was",
    Verb.CHANGED: "customer",
    Verb.INCIDENT: "was",
}
# The names under which lines tell of a second ticket.
OTHERS = {Verb.MERGED: "from", Verb.SPLIT: "to", Verb.LINKED: "other", Verb.UNLINKED: "other"}


def can_undo(line: Activity) -> bool:
    """Whether a line of the record can be taken back at all."""
    needs = TELLS.get(Verb(line.verb))
    return line.verb in UNDO and (needs is None or needs in line.data)


def undo(line_id: int, *, by: User) -> Activity:
    """Take back what this line tells; the line that tells so.

    Raises Activity.DoesNotExist, Ticket.DoesNotExist, NotAllowed: it is somebody else's, it was undone already, or
    the work has gone on since; the words say which.
    """
    with transaction.atomic():
        line = Activity.objects.select_related("ticket").get(pk=line_id)
        if line.actor_id != by.pk:
            raise NotAllowed(_("Whoever did it can undo it."))
        if not can_undo(line):
            raise NotAllowed(_("This cannot be undone."))
        of_customer = told.is_of_customer(line)
        if of_customer:
            kinship.alone()
        # Two presses at one moment wait for each other here; tickets in order of id, as the verbs lock them.
        other = OTHERS.get(Verb(line.verb))
        ids = [line.ticket_id, *([int(line.data[other])] if other in line.data else [])]
        list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("id"))
        if Activity.objects.filter(ticket=line.ticket_id, verb=Verb.UNDONE, data__of=line.pk).exists():
            raise NotAllowed(_("It was undone already."))
        last = Activity.objects.filter(ticket__in=ids).order_by("-id").values_list("id", flat=True).first()
        more = (told.take_back if of_customer else UNDO[line.verb])(line, by)
        return record(line.ticket, Verb.UNDONE, by, of=line.pk, what=line.verb, after=last, **(more or {}))


def last_of(user: User) -> Activity | None:
    """What this person did last that can be undone, as far back as `z` reaches."""
    since = timezone.now() - REACH
    mine = Activity.objects.filter(actor=user, at__gte=since).order_by("-at", "-id")
    # What became of an incident stands on each of its tickets, and would fill the reach by itself.
    mine = mine.exclude(verb=Verb.INCIDENT, data__has_key="of")
    undone: set[int] = set()
    # Undoing wrote lines of its own: those between the last before it and its line.
    reach = 0
    for line in mine[:50]:
        if line.verb == Verb.UNDONE:
            undone.add(int(line.data.get("of", 0)))
            reach = int(line.data.get("after", 0))
        elif can_undo(line) and "bulk" not in line.data and line.pk not in undone and (not reach or line.pk <= reach):
            return line
    return None
