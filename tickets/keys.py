"""The keys: one list of what has a key, for the scripts, the sheet and the page on which a person changes theirs.

A key is one sign as it is typed (`A` is shift and a), a name (`Enter`), or two in a row (`g i`). What each does stands
in static/js/keys.js, by its code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from tickets.permissions import NotAllowed

# A single letter or sign may be chosen; these move the focus or belong to the browser.
NOT_TO_CHOOSE = frozenset({"g", "Enter", "Escape", "Tab", " "})


@dataclass(frozen=True, slots=True)
class Key:
    """Something with a key. `fixed`: the same for everybody."""

    code: str
    key: str
    label: Promise
    group: str
    fixed: bool = False

    @property
    def shown(self) -> list[str]:
        """The key as it stands on keyboards, one piece for each press."""
        return [show(part) for part in self.key.split(" ")]


def show(key: str) -> str:
    """A key as people know it: shift by its arrow."""
    if len(key) == 1 and key.isalpha() and key.isupper():
        return f"⇧{key}"
    return {"Enter": "↵", "Escape": "Esc", "ArrowDown": "↓", "ArrowUp": "↑"}.get(key, key)


KEYS: tuple[Key, ...] = (
    Key("next", "j", gettext_lazy("Next ticket"), "list"),
    Key("previous", "k", gettext_lazy("Previous ticket"), "list"),
    Key("check", "x", gettext_lazy("Check for bulk"), "list"),
    Key("check_down", "J", gettext_lazy("Check downwards"), "list"),
    Key("check_up", "K", gettext_lazy("Check upwards"), "list"),
    Key("bulk", "b", gettext_lazy("Do to those checked"), "list"),
    Key("open", "Enter", gettext_lazy("Open"), "list", fixed=True),
    Key("leave", "Escape", gettext_lazy("Back to the list"), "list", fixed=True),
    Key("news", ".", gettext_lazy("Show what is new"), "list"),
    Key("next_right", "t", gettext_lazy("Take the next right one"), "list"),
    Key("filter", "f", gettext_lazy("Filter this list"), "list"),
    Key("order", "O", gettext_lazy("Order of the list"), "list"),
    Key("rows", "V", gettext_lazy("Rows and saved views"), "list"),
    Key("take", "i", gettext_lazy("Take it"), "ticket"),
    Key("assign", "a", gettext_lazy("Assign"), "ticket"),
    Key("unassign", "A", gettext_lazy("Put back in the queue"), "ticket"),
    Key("resolve", "e", gettext_lazy("Resolve or reopen"), "ticket"),
    Key("no_answer", "E", gettext_lazy("No answer needed"), "ticket"),
    Key("snooze", "s", gettext_lazy("Snooze"), "ticket"),
    Key("tags", "l", gettext_lazy("Tags"), "ticket"),
    Key("priority_1", "1", gettext_lazy("Priority: urgent"), "ticket"),
    Key("priority_2", "2", gettext_lazy("Priority: high"), "ticket"),
    Key("priority_3", "3", gettext_lazy("Priority: normal"), "ticket"),
    Key("priority_4", "4", gettext_lazy("Priority: low"), "ticket"),
    Key("merge", "m", gettext_lazy("Merge"), "ticket"),
    Key("split", "d", gettext_lazy("Split messages off"), "ticket"),
    Key("link", "L", gettext_lazy("Link with a ticket"), "ticket"),
    Key("incident", "I", gettext_lazy("Put into an incident"), "ticket"),
    Key("spam", "!", gettext_lazy("Mark as spam"), "ticket"),
    Key("undo", "z", gettext_lazy("Undo"), "ticket"),
    Key("answer", "r", gettext_lazy("Write an answer"), "ticket"),
    Key("note", "n", gettext_lazy("Write a note"), "ticket"),
    Key("correct", "c", gettext_lazy("Correct the reading"), "ticket"),
    Key("platform", "o", gettext_lazy("Open on the platform"), "ticket"),
    Key("panel", "]", gettext_lazy("Customer panel"), "ticket"),
    Key("customer", "u", gettext_lazy("The customer’s page"), "ticket"),
    Key("translate", "v", gettext_lazy("Translate a message"), "ticket"),
    Key("search", "/", gettext_lazy("Search"), "go"),
    Key("help", "?", gettext_lazy("This sheet"), "go"),
    Key("tour", "T", gettext_lazy("Show me around"), "go"),
)
GROUPS: Mapping[str, Promise] = {
    "list": pgettext_lazy("keys", "In the list"),
    "ticket": pgettext_lazy("keys", "On the ticket"),
    "go": pgettext_lazy("keys", "Everywhere"),
}
BY_CODE: Mapping[str, Key] = {key.code: key for key in KEYS}


def of_group(group: str) -> list[Key]:
    """The keys of one part of the sheet."""
    return [key for key in KEYS if key.group == group]


def chosen(user: User) -> dict[str, Any]:
    """What this person has made of the keys: {"off": whether single letters do nothing, "map": {code: key}}."""
    kept = user.preferences.get("keys", {})
    own = {code: key for code, key in kept.get("map", {}).items() if code in BY_CODE}
    return {"off": bool(kept.get("off")), "map": own}


def choose(user: User, own: Mapping[str, str], *, off: bool) -> None:
    """Keep a person's own keys; those that are as they were are not kept. Raises NotAllowed, with all as it was."""
    wanted = {code: key.strip() or BY_CODE[code].key for code, key in own.items() if code in BY_CODE}
    moved = {code: key for code, key in wanted.items() if not BY_CODE[code].fixed and key != BY_CODE[code].key}
    taken: dict[str, str] = {}
    for known in KEYS:
        key = moved.get(known.code, known.key)
        if known.code in moved and (len(key) != 1 or key in NOT_TO_CHOOSE):
            raise NotAllowed(_("Choose one letter or sign for “%(what)s”.") % {"what": known.label})
        if key in taken:
            two = {"one": taken[key], "other": known.label, "key": show(key)}
            raise NotAllowed(_("%(key)s cannot do both “%(one)s” and “%(other)s”.") % two)
        taken[key] = str(known.label)
    user.preferences = {**user.preferences, "keys": {"off": off, "map": moved}}
    user.save(update_fields=["preferences"])
