"""Actions as they are kept and carried out by code: {"do": code, ...}. Bulk work and macros do the same things.

{"do": "take"}                          {"do": "assign", "to": person}      {"do": "put_back"}
{"do": "resolve"}                       {"do": "reopen"}                    {"do": "spam"}
{"do": "snooze", "until": choice or time; see tickets.verbs.snoozing.moment_of}
{"do": "tag", "add": [id], "remove": [id]}
{"do": "priority", "priority": 1}       {"do": "no_answer", "reason": code}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from tickets.models import Activity
from tickets.permissions import NotAllowed
from tickets.steering import assignment
from tickets.verbs import dismissing, lifecycle, priority, snoozing, tagging

Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of action: its name, and what does it, which gives the line of the record, or None for no change."""

    label: Promise
    do: Callable[[int, Action, User], Activity | None]
    # What it needs beside its code.
    needs: str = ""


def carry_out(ticket_id: int, action: Action, *, by: User) -> Activity | None:
    """Do it to one ticket; the line that undoes it. Raises Ticket.DoesNotExist, NotAllowed."""
    return step_of(action).do(ticket_id, action, by)


def step_of(action: Action) -> Step:
    """The kind of an action that is complete. Raises NotAllowed."""
    step = STEPS.get(str(action.get("do", "")))
    if step is None or (step.needs and not action.get(step.needs)):
        raise NotAllowed(_("This action is not known here."))
    return step


def _written(ticket_id: int, by: User, verb: Callable[[], object]) -> Activity | None:
    """The line that a verb wrote of its own."""
    mine = Activity.objects.filter(ticket=ticket_id, actor=by).order_by("-id")
    before = mine.values_list("id", flat=True).first()
    verb()
    line = mine.first()
    return line if line and line.pk != before else None


def _assign(ticket_id: int, action: Action, by: User) -> Activity | None:
    to = User.objects.filter(pk=action["to"], is_active=True).first()
    if to is None:
        raise NotAllowed(_("That person is not here any more. Choose another."))
    return _written(ticket_id, by, lambda: assignment.assign(ticket_id, to=to, by=by))


def _snooze(ticket_id: int, action: Action, by: User) -> Activity | None:
    until = snoozing.moment_of(str(action["until"]), by, timezone.now())
    return snoozing.snooze(ticket_id, until=until, by=by)


def _tag(ticket_id: int, action: Action, by: User) -> Activity | None:
    add, remove = ([int(pk) for pk in action.get(name, ())] for name in ("add", "remove"))
    return tagging.tag(ticket_id, add=add, remove=remove, by=by)


STEPS: Mapping[str, Step] = {
    "take": Step(
        gettext_lazy("Take it"),
        lambda pk, _action, by: _written(pk, by, lambda: assignment.assign(pk, to=by, by=by)),
    ),
    "assign": Step(gettext_lazy("Assign"), _assign, "to"),
    "put_back": Step(
        gettext_lazy("Put back in the queue"),
        lambda pk, _action, by: _written(pk, by, lambda: assignment.assign(pk, to=None, by=by)),
    ),
    "resolve": Step(
        gettext_lazy("Resolve"), lambda pk, _action, by: _written(pk, by, lambda: lifecycle.resolve(pk, by=by))
    ),
    "reopen": Step(
        gettext_lazy("Reopen"), lambda pk, _action, by: _written(pk, by, lambda: lifecycle.reopen(pk, by=by))
    ),
    "snooze": Step(gettext_lazy("Snooze"), _snooze, "until"),
    "tag": Step(gettext_lazy("Tags"), _tag),
    "priority": Step(
        gettext_lazy("Priority"),
        lambda pk, action, by: priority.set_priority(pk, to=int(action["priority"]), by=by),
        "priority",
    ),
    "no_answer": Step(
        gettext_lazy("No answer needed"),
        lambda pk, action, by: dismissing.no_answer(pk, reason=str(action["reason"]), by=by),
        "reason",
    ),
    "spam": Step(gettext_lazy("Mark as spam"), lambda pk, _action, by: dismissing.spam(pk, by=by)),
}
