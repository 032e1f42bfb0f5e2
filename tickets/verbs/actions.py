"""Actions carried out on one ticket by a person: what bulk work and macros do. Their list is action_codes."""

from collections.abc import Callable, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.incidents import placing
from tickets.models import Activity
from tickets.permissions import NotAllowed
from tickets.steering import assignment
from tickets.verbs import dismissing, lifecycle, priority, snoozing, tagging
from tickets.verbs.action_codes import KINDS, Action, Kind, kind_of, spelled

Deed = Callable[[int, Action, User], Activity | None]


def carry_out(ticket_id: int, action: Action, *, by: User) -> Activity | None:
    """Do it to one ticket; the line that undoes it, None for no change. Raises Ticket.DoesNotExist, NotAllowed."""
    told = spelled(action)
    step_of(told)
    deed = DEEDS.get(str(told["do"]))
    if deed is None:
        raise NotAllowed(_("This action is not known here."))
    return deed(ticket_id, told, by)


def step_of(action: Action) -> Kind:
    """The kind of an action that is complete. Raises NotAllowed."""
    kind = kind_of(spelled(action))
    if kind is None:
        raise NotAllowed(_("This action is not known here."))
    return kind


def label_of(code: str) -> str:
    """What an action is called."""
    return str(KINDS[code].label)


def _written(ticket_id: int, by: User, verb: Callable[[], object]) -> Activity | None:
    """The line that a verb wrote of its own."""
    mine = Activity.objects.filter(ticket=ticket_id, actor=by).order_by("-id")
    before = mine.values_list("id", flat=True).first()
    verb()
    line = mine.first()
    return line if line and line.pk != before else None


def _take(ticket_id: int, _action: Action, by: User) -> Activity | None:
    return _written(ticket_id, by, lambda: assignment.assign(ticket_id, to=by, by=by))


def _put_back(ticket_id: int, _action: Action, by: User) -> Activity | None:
    return _written(ticket_id, by, lambda: assignment.assign(ticket_id, to=None, by=by))


def _assign(ticket_id: int, action: Action, by: User) -> Activity | None:
    to = User.objects.filter(pk=action["to"], is_active=True).first()
    if to is None:
        raise NotAllowed(_("That person is not here any more. Choose another."))
    return _written(ticket_id, by, lambda: assignment.assign(ticket_id, to=to, by=by))


def _resolve(ticket_id: int, _action: Action, by: User) -> Activity | None:
    return _written(ticket_id, by, lambda: lifecycle.resolve(ticket_id, by=by))


def _reopen(ticket_id: int, _action: Action, by: User) -> Activity | None:
    return _written(ticket_id, by, lambda: lifecycle.reopen(ticket_id, by=by))


def _note(ticket_id: int, action: Action, by: User) -> Activity | None:
    return lifecycle.note(ticket_id, text=str(action["text"]), by=by)


def _snooze(ticket_id: int, action: Action, by: User) -> Activity | None:
    told = action.get("until")
    until = snoozing.moment_of(str(told), by, timezone.now()) if told else None
    return snoozing.snooze(ticket_id, until=until, by=by)


def _tag(ticket_id: int, action: Action, by: User) -> Activity | None:
    add, remove = ([int(pk) for pk in action.get(name) or ()] for name in ("add", "remove"))
    return tagging.tag(ticket_id, add=add, remove=remove, by=by)


def _priority(ticket_id: int, action: Action, by: User) -> Activity | None:
    return priority.set_priority(ticket_id, to=int(action["priority"]), by=by)


def _no_answer(ticket_id: int, action: Action, by: User) -> Activity | None:
    return dismissing.no_answer(ticket_id, reason=str(action["reason"]), by=by)


def _spam(ticket_id: int, _action: Action, by: User) -> Activity | None:
    return dismissing.spam(ticket_id, by=by)


def _incident(ticket_id: int, action: Action, by: User) -> Activity | None:
    return placing.put_in(ticket_id, incident=int(action["incident"]), by=by)


def _no_incident(ticket_id: int, _action: Action, by: User) -> Activity | None:
    return placing.take_out(ticket_id, by=by)


# "reply" is for the answer's box (tickets.answering.macros), "macro" for rules.
DEEDS: Mapping[str, Deed] = {
    "note": _note,
    "take": _take,
    "assign": _assign,
    "put_back": _put_back,
    "tag": _tag,
    "priority": _priority,
    "snooze": _snooze,
    "no_answer": _no_answer,
    "resolve": _resolve,
    "reopen": _reopen,
    "spam": _spam,
    "incident": _incident,
    "no_incident": _no_incident,
}
