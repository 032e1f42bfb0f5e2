"""What can be done to tickets by an action that is kept, {"do": code, ...}: one list for bulk work, macros and rules.

{"do": "take"}                          {"do": "assign", "to": person}      {"do": "put_back"}
{"do": "resolve"}                       {"do": "reopen"}                    {"do": "spam"}
{"do": "snooze", "until": choice or time; see tickets.verbs.snoozing.moment_of}     without: until the customer writes
{"do": "tag", "add": [id], "remove": [id]}                                  {"do": "note", "text": words}
{"do": "priority", "priority": 1}       {"do": "no_answer", "reason": code}
{"do": "incident", "incident": id}      {"do": "no_incident"}
{"do": "macro", "macro": id}            {"do": "reply", "saved": id}        words for the answer's box

What only rules can do stands in tickets.steering.rule_actions. Actions kept in an older spelling are read by `spelled`.
Pure: tickets.verbs.actions carries them out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of action: its name, what it needs one of beside its code, and where it may be kept.

    `label` stands before a value, as "Priority: Urgent"; `line` where the value is chosen beside it.
    """

    label: Promise
    needs: tuple[str, ...] = ()
    line: Promise | None = None
    in_bulk: bool = True
    in_macros: bool = True
    in_rules: bool = False

    @property
    def by_itself(self) -> str:
        """What it is called where no value follows."""
        return str(self.line or self.label)

    def is_whole(self, action: Action) -> bool:
        """Whether it says all that it needs."""
        return not self.needs or any(action.get(name) for name in self.needs)


KINDS: Mapping[str, Kind] = {
    "reply": Kind(gettext_lazy("Put a saved reply into the box"), ("saved",), in_bulk=False),
    "note": Kind(gettext_lazy("Write a note"), ("text",), in_bulk=False),
    "take": Kind(gettext_lazy("Take it")),
    "assign": Kind(gettext_lazy("Assign"), ("to",), in_rules=True),
    "put_back": Kind(gettext_lazy("Put back in the queue")),
    "tag": Kind(gettext_lazy("Tags"), ("add", "remove"), gettext_lazy("Put a tag on"), in_rules=True),
    "priority": Kind(gettext_lazy("Priority"), ("priority",), gettext_lazy("Set the priority"), in_rules=True),
    "snooze": Kind(gettext_lazy("Snooze"), line=gettext_lazy("Snooze until the customer writes")),
    "no_answer": Kind(gettext_lazy("No answer needed"), ("reason",)),
    "resolve": Kind(gettext_lazy("Resolve")),
    "reopen": Kind(gettext_lazy("Reopen")),
    "spam": Kind(gettext_lazy("Mark as spam")),
    "incident": Kind(gettext_lazy("Put into an incident"), ("incident",), in_macros=False),
    "no_incident": Kind(gettext_lazy("Take out of its incident"), in_macros=False),
    "macro": Kind(gettext_lazy("Macro"), ("macro",), in_bulk=False, in_macros=False, in_rules=True),
}
# By the code of old: today's, and how what stood beside it is called now.
OLDER: Mapping[str, tuple[str, Mapping[str, str]]] = {"agent": ("assign", {"person": "to"})}


def spelled(action: Action) -> Action:
    """The action as it is spelled today, whenever it was kept."""
    code, names = OLDER.get(str(action.get("do")), ("", {}))
    if not code:
        return action
    return {"do": code, **{names.get(name, name): value for name, value in action.items() if name != "do"}}


def kind_of(action: Action) -> Kind | None:
    """The kind of an action that says all it needs; None for any other."""
    found = KINDS.get(str(action.get("do", "")))
    return found if found is not None and found.is_whole(action) else None
