"""Macros: several actions on a ticket at once, in order (tickets.verbs.action_codes), all of them or none.

One action is no deed: a saved reply puts its words into the answer's box, for a person to read before they go out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.answering import saved_replies
from tickets.answering.saved_replies import Scope
from tickets.models import Macro, SavedReply, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import actions as deeds
from tickets.verbs.action_codes import Action, kind_of, spelled

MOST_STEPS = 8


def _words_of(ticket: Ticket, action: Action, by: User) -> str:
    """The saved reply's words, filled in for this customer."""
    row = saved_replies.visible(SavedReply.objects.all(), by).filter(pk=action.get("saved") or 0).first()
    if row is None:
        raise NotAllowed(_("The saved reply of this macro is gone."))
    saved_replies.used(row.pk, by)
    language = (ticket.preview_language or ticket.language)[:2]
    text = row.texts.get(language) or next((text for text in row.texts.values() if text), "")
    return saved_replies.fill(str(text), ticket, by)


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
    """One action; the words it wants in the answer's box, mostly none. Raises NotAllowed, EmptyNote."""
    if action.get("do") == "reply":
        return _words_of(ticket, action, by)
    deeds.carry_out(ticket.pk, action, by=by)
    return ""


def keep(
    *, name: str, actions: Sequence[Action], scope: Scope, by: User, pk: int | None = None, version: int | None = None
) -> Macro:
    """Make a macro, or change one. `version`: the one seen. Raises NotAllowed, Macro.DoesNotExist, MovedOn."""
    if not name.strip() or not actions:
        raise NotAllowed(_("Give it a name and a step at least."))
    if len(actions) > MOST_STEPS:
        raise NotAllowed(_("A macro takes at most %(most)d steps.") % {"most": MOST_STEPS})
    if not all((kind := kind_of(spelled(action))) and kind.in_macros for action in actions):
        raise NotAllowed(_("A step is not complete."))
    with transaction.atomic():
        row = saved_replies.to_change(Macro.objects.all(), pk, by, version) or Macro(created_by=by)
        saved_replies.place(row, scope, by)
        row.name, row.actions = " ".join(name.split())[:80], [dict(spelled(action)) for action in actions]
        row.save()
    return row
