"""Macros: several actions on a ticket at once, in order. What each action may be stands in `DO`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from tickets.answering import saved_replies
from tickets.answering.saved_replies import Scope
from tickets.models import Macro, SavedReply, Ticket
from tickets.permissions import NotAllowed
from tickets.steering import assignment
from tickets.verbs import lifecycle, snoozing, tagging
from tickets.verbs.priority import set_priority

MOST_STEPS = 8
Action = Mapping[str, Any]
Verb = Callable[[Ticket, Action, User], str]


def _reply(ticket: Ticket, action: Action, by: User) -> str:
    """The saved reply's words, for the answer's box: a person reads them before they go out."""
    row = saved_replies.visible(SavedReply.objects.all(), by).filter(pk=action.get("saved") or 0).first()
    if row is None:
        raise NotAllowed(_("The saved reply of this macro is gone."))
    saved_replies.used(row.pk, by)
    language = (ticket.preview_language or ticket.language)[:2]
    text = row.texts.get(language) or next((text for text in row.texts.values() if text), "")
    return saved_replies.fill(str(text), ticket, by)


def _note(ticket: Ticket, action: Action, by: User) -> str:
    lifecycle.note(ticket.pk, text=str(action.get("text", "")), by=by)
    return ""


def _take(ticket: Ticket, _action: Action, by: User) -> str:
    assignment.assign(ticket.pk, to=by, by=by)
    return ""


def _put_back(ticket: Ticket, _action: Action, by: User) -> str:
    assignment.assign(ticket.pk, to=None, by=by)
    return ""


def _assign(ticket: Ticket, action: Action, by: User) -> str:
    to = User.objects.filter(pk=action.get("to") or 0, is_active=True).first()
    if to is None:
        raise NotAllowed(_("The person this macro assigns to is not here any more."))
    assignment.assign(ticket.pk, to=to, by=by)
    return ""


def _resolve(ticket: Ticket, _action: Action, by: User) -> str:
    lifecycle.resolve(ticket.pk, by=by)
    return ""


def _reopen(ticket: Ticket, _action: Action, by: User) -> str:
    lifecycle.reopen(ticket.pk, by=by)
    return ""


def _tag(ticket: Ticket, action: Action, by: User) -> str:
    tagging.tag(ticket.pk, add=action.get("add", ()), remove=action.get("remove", ()), by=by)
    return ""


def _priority(ticket: Ticket, action: Action, by: User) -> str:
    set_priority(ticket.pk, to=int(action.get("priority") or Ticket.Priority.NORMAL), by=by)
    return ""


def _snooze(ticket: Ticket, _action: Action, by: User) -> str:
    snoozing.snooze(ticket.pk, until=None, by=by)
    return ""


# By code: what it is called, and what it does.
DO: Mapping[str, tuple[Promise, Verb]] = {
    "reply": (gettext_lazy("Put a saved reply into the box"), _reply),
    "note": (gettext_lazy("Write a note"), _note),
    "take": (gettext_lazy("Take it"), _take),
    "assign": (gettext_lazy("Assign"), _assign),
    "put_back": (gettext_lazy("Put back in the queue"), _put_back),
    "tag": (gettext_lazy("Put a tag on"), _tag),
    "priority": (gettext_lazy("Set the priority"), _priority),
    "snooze": (gettext_lazy("Snooze until the customer writes"), _snooze),
    "resolve": (gettext_lazy("Resolve"), _resolve),
    "reopen": (gettext_lazy("Reopen"), _reopen),
}
# What an action needs beside its code.
NEEDS: Mapping[str, str] = {
    "reply": "saved",
    "note": "text",
    "assign": "to",
    "tag": "add",
    "priority": "priority",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A macro that was carried out whole. `text`: what it wants in the answer's box."""

    name: str
    text: str
    steps: int


def run(ticket: Ticket, macro_id: int, *, by: User) -> Ran:
    """Carry out all of it or nothing. Raises Macro.DoesNotExist, NotAllowed, EmptyNote. The ticket has its contact."""
    macro = saved_replies.visible(Macro.objects.all(), by).get(pk=macro_id)
    if macro.brand_id not in {None, ticket.brand_id}:
        raise NotAllowed(_("This macro is for another brand."))
    with transaction.atomic():
        said = [step(ticket, action, by) for action in macro.actions]
        Macro.objects.filter(pk=macro.pk).update(used=F("used") + 1)
    return Ran(macro.name, "\n\n".join(filter(None, said)), len(macro.actions))


def step(ticket: Ticket, action: Action, by: User) -> str:
    """One action; the words it wants in the answer's box, mostly none. Raises NotAllowed."""
    known = DO.get(str(action.get("do")))
    if known is None:
        raise NotAllowed(_("This macro holds an action that is not known here."))
    return known[1](ticket, action, by)


def keep(*, name: str, actions: Sequence[Action], scope: Scope, by: User, pk: int | None = None) -> Macro:
    """Make a macro, or change one. Raises NotAllowed, Macro.DoesNotExist."""
    if not name.strip() or not actions:
        raise NotAllowed(_("Give it a name and a step at least."))
    if len(actions) > MOST_STEPS:
        raise NotAllowed(_("A macro takes at most %(most)d steps.") % {"most": MOST_STEPS})
    for action in actions:
        need = NEEDS.get(str(action.get("do")), "")
        if str(action.get("do")) not in DO or (need and not action.get(need)):
            raise NotAllowed(_("A step is not complete."))
    with transaction.atomic():
        row = saved_replies.to_change(Macro.objects.all(), pk, by) or Macro(created_by=by)
        saved_replies.place(row, scope, by)
        row.name, row.actions = " ".join(name.split())[:80], [dict(action) for action in actions]
        row.save()
    return row
