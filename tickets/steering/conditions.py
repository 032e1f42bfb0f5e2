"""The language of rules: what must hold of a ticket for a rule to fit it. Pure.

Conditions are a tree as JSON keeps it:

    {"all": [...]}   every one of these, {"any": [...]} at least one, {"none": [...]} not one
    {"field": "trigger", "op": "in", "value": ["overcharging"]}

An empty group of `all` or `none` fits everything, an empty `any` nothing. `problems` says what is wrong with a tree
before it is kept; `fits` never raises for a tree without problems, and tells which leaves carried the decision.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Any

from sentiment.text import search_form

Json = Mapping[str, Any]

GROUPS = ("all", "any", "none")
# Groups within groups; deeper ones nobody can read.
DEEPEST = 3
MOST_LEAVES = 60


class Type(StrEnum):
    """What a field holds, and so what may be asked of it."""

    CHOICE = "choice"  # one word of a few
    SET = "set"  # several of them, or none
    TEXT = "text"  # what was written
    NUMBER = "number"
    FLAG = "flag"


FIELDS: Mapping[str, Type] = {
    "channel": Type.CHOICE,
    "platform": Type.CHOICE,
    "brand": Type.CHOICE,
    "kind": Type.CHOICE,
    "language": Type.CHOICE,
    "words": Type.TEXT,
    # Of the reading.
    "sentiment": Type.NUMBER,
    "reasons": Type.SET,
    "trigger": Type.CHOICE,
    "aim": Type.CHOICE,
    "urgency": Type.CHOICE,
    # Of the ticket.
    "priority": Type.NUMBER,
    "tags": Type.SET,
    "tier": Type.CHOICE,
    "incident": Type.CHOICE,
    "event": Type.SET,
    "reach": Type.NUMBER,
    "minutes_waiting": Type.NUMBER,
    # Which alarms its clocks have given: warned, breached (escalation chains alone).
    "clock": Type.SET,
    # Of the customer.
    "earlier_tickets": Type.NUMBER,
    "messages_30_days": Type.NUMBER,
    "came_back": Type.FLAG,
    # Of the moment.
    "weekday": Type.CHOICE,
    "hour": Type.NUMBER,
    "open_hours": Type.FLAG,
    # Of an answer on its way out (approval rules alone).
    "author": Type.CHOICE,
    "author_days": Type.NUMBER,
    "answer_words": Type.TEXT,
    "amount": Type.NUMBER,
    "guard": Type.SET,
    "canned": Type.NUMBER,
}

# What holds of a ticket: values by field. A field that is absent, or None, is not known; nothing asked of it holds.
Case = Mapping[str, Any]


def _words_of(value: Any) -> list[str]:
    return [folded for folded in (search_form(str(word)).strip() for word in value) if folded]


def _holds(text: str, word: str) -> bool:
    """The word as a word, or several of them as they stand; with a star at its end, anything that begins so."""
    begins = word.endswith("*")
    word = word.rstrip("*")
    place = text.find(word)
    while place >= 0:
        after = text[place + len(word) : place + len(word) + 1]
        if not text[max(place - 1, 0) : place].isalnum() and (begins or not after.isalnum()):
            return True
        place = text.find(word, place + 1)
    return False


def _text(test: Callable[[Iterator[bool]], bool]) -> Callable[[Any, Any], bool]:
    def asked(text: Any, value: Any) -> bool:
        folded = search_form(str(text))
        return test(_holds(folded, word) for word in _words_of(value))

    return asked


def _none(found: Iterator[bool]) -> bool:
    return not any(found)


OPS: Mapping[Type, Mapping[str, Callable[[Any, Any], bool]]] = {
    Type.CHOICE: {"in": lambda held, value: held in value, "not_in": lambda held, value: held not in value},
    Type.SET: {
        "any": lambda held, value: not set(held).isdisjoint(value),
        "all": lambda held, value: set(value) <= set(held),
        "none": lambda held, value: set(held).isdisjoint(value),
    },
    Type.TEXT: {"any": _text(any), "all": _text(all), "none": _text(_none)},
    Type.NUMBER: {
        "at_least": lambda held, value: held >= value,
        "at_most": lambda held, value: held <= value,
    },
    Type.FLAG: {"is": lambda held, value: bool(held) is value},
}


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a tree fits, and the leaves that made it so, in the order they were read."""

    fits: bool
    because: tuple[Json, ...] = ()

    def __bool__(self) -> bool:
        return self.fits


def fits(tree: Json, case: Case) -> Match:
    """Whether these conditions hold of a case. The tree has no `problems`."""
    if not tree:
        return Match(True)
    if "field" in tree:
        held = _leaf(tree, case)
        return Match(held, (tree,) if held else ())
    group, parts = next((name, tree[name]) for name in GROUPS if name in tree)
    found = [fits(part, case) for part in parts]
    because = tuple(leaf for match in found if match for leaf in match.because)
    if group == "all":
        return Match(all(found), because if all(found) else ())
    if group == "any":
        return Match(any(found), because)
    return Match(not any(found), _not_so(tree, case) if not any(found) else ())


def _not_so(tree: Json, case: Case) -> tuple[Json, ...]:
    """The leaves of a `none` group that do not hold, each marked as denied: they are what made it fit."""
    return tuple({**leaf, "not": True} for leaf in leaves(tree) if not _leaf(leaf, case))


def _leaf(leaf: Json, case: Case) -> bool:
    held = case.get(leaf["field"])
    if held is None:
        return False
    return OPS[FIELDS[leaf["field"]]][leaf["op"]](held, leaf["value"])


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a tree: a code for pages to put in words, and where, as indexes from the root."""

    code: str
    path: tuple[int, ...] = ()
    word: str = ""


def problems(tree: Any, fields: Sequence[str] | None = None) -> list[Problem]:
    """Everything that is wrong with a tree; none for a good one. `fields`: those that this kind of rule may ask."""
    if tree == {}:
        return []
    found = list(_wrong(tree, (), fields))
    if sum(1 for _ in leaves(tree)) > MOST_LEAVES:
        found.append(Problem("too_many"))
    return found


def leaves(tree: Any) -> Iterator[Json]:
    """Every leaf of a tree, as far as it is one."""
    if isinstance(tree, Mapping):
        if "field" in tree:
            yield tree
        for group in GROUPS:
            for part in tree.get(group) or () if isinstance(tree.get(group), list) else ():
                yield from leaves(part)


def _wrong(tree: Any, path: tuple[int, ...], fields: Sequence[str] | None) -> Iterator[Problem]:
    if not isinstance(tree, Mapping):
        yield Problem("no_condition", path)
    elif "field" in tree:
        yield from _wrong_leaf(tree, path, fields)
    else:
        groups = [name for name in GROUPS if name in tree]
        if len(groups) != 1 or len(tree) != 1 or not isinstance(tree[groups[0]], list):
            yield Problem("no_condition", path)
        elif len(path) >= DEEPEST:
            yield Problem("too_deep", path)
        else:
            for place, part in enumerate(tree[groups[0]]):
                yield from _wrong(part, (*path, place), fields)


def _wrong_leaf(leaf: Json, path: tuple[int, ...], fields: Sequence[str] | None) -> Iterator[Problem]:
    field, op, value = leaf.get("field"), leaf.get("op"), leaf.get("value")
    known = isinstance(field, str) and field in FIELDS and (fields is None or field in fields)
    if not known:
        yield Problem("unknown_field", path, str(field))
    elif not isinstance(op, str) or op not in OPS[FIELDS[str(field)]]:
        yield Problem("unknown_question", path, str(op))
    elif not _good(FIELDS[str(field)], value):
        yield Problem("no_value", path, str(field))


def _good(kind: Type, value: Any) -> bool:
    if kind == Type.NUMBER:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and not (isinstance(value, float) and isnan(value))
    if kind == Type.FLAG:
        return isinstance(value, bool)
    if not (isinstance(value, list) and value and all(isinstance(one, str | int) for one in value)):
        return False
    return kind != Type.TEXT or len(_words_of(value)) == len(value)
