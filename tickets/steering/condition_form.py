"""The conditions editor, for rules of every kind: what a form sends becomes a tree, a tree becomes rows with choices.

A form names its rows in order as `c-row`; each has an id. Of row 3: `c-3-parent`, and either `c-3-group` (all, any,
none) or `c-3-field`, `c-3-op` and `c-3-value` (as often as it has values; words parted by commas). Row 0 is the root.
A button named `do` says what to do with them: `c:leaf:3` and `c:group:3` add to a group, `c:remove:3` takes away,
`c:same` only draws anew. It works without a script: the page is then drawn as a whole.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ingest.adapters import label_of
from ingest.platforms.base import Kind
from ingest.platforms.registry import PLATFORMS
from tickets.answering.guard_words import NAMES
from tickets.models import Ticket
from tickets.numbers import wholes
from tickets.steering import rule_words
from tickets.steering.conditions import DEEPEST, FIELDS, GROUPS, OPS, Json, Problem, Type, problems
from tickets.steering.rule_names import FIELD_KINDS, choices_of
from tickets.steering.rule_words import VOCABULARIES

# The fields as the editor offers them, by what they are of.
SECTIONS: Sequence[tuple[Promise, Sequence[str]]] = (
    (gettext_lazy("Post"), ("words", "language", "channel", "platform", "brand", "kind", "reach")),
    (gettext_lazy("Reading"), ("sentiment", "reasons", "trigger", "aim", "urgency")),
    (gettext_lazy("Ticket"), ("priority", "tags", "incident", "event", "minutes_waiting", "clock")),
    (gettext_lazy("Customer"), ("tier", "earlier_tickets", "messages_30_days", "came_back")),
    (gettext_lazy("Moment"), ("weekday", "hour", "open_hours")),
    (gettext_lazy("Answer"), ("author", "author_days", "answer_words", "amount", "guard", "canned")),
)
ROUTING_FIELDS = tuple(name for label, names in SECTIONS[:5] for name in names if name != "clock")
LANGUAGES = ("ar", "en", "fr", "ur", "hi", "tr", "fa", "es", "de", "it", "pt", "nl", "id")
# From, to and step of what a number can be.
RANGES: Mapping[str, tuple[str, str, str]] = {
    "sentiment": ("-1", "1", "0.05"),
    "hour": ("0", "23", "1"),
    "canned": ("0", "1", "0.05"),
}


@dataclasses.dataclass(slots=True)
class Node:
    """One row of the editor, a condition or a group with its own rows. `depth`: of groups around it."""

    id: str
    depth: int
    group: str = ""
    field: str = ""
    op: str = ""
    value: Any = None
    children: list["Node"] = dataclasses.field(default_factory=list)
    problem: str = ""
    fresh: bool = False
    groups: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    ops: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    choices: list[tuple[Any, str, bool]] = dataclasses.field(default_factory=list)
    shape: str = ""
    range: tuple[str, str, str] = ("0", "", "any")

    @property
    def is_deepest(self) -> bool:
        return self.depth >= DEEPEST - 1

    @property
    def chosen(self) -> list[str]:
        return [label for _value, label, on in self.choices if on]

    @property
    def text(self) -> str:
        """The value as its box shows it."""
        if isinstance(self.value, list):
            return _(", ").join(map(str, self.value))
        return "" if self.value is None else str(self.value)


# --- reading what a form sent ---------------------------------------------------------------------------------------
def read(data: QueryDict) -> Json:
    """The tree that a form tells; it may be unfinished (tickets.steering.conditions.problems). Never raises."""
    ids = data.getlist("c-row")
    made: dict[str, dict[str, Any]] = {}
    root: dict[str, Any] = {"all": []}
    for one in ids:
        node = _group(data, one) if f"c-{one}-group" in data else _leaf(data, one)
        made[one] = node
        parent = made.get(data.get(f"c-{one}-parent", ""))
        if parent is None:
            root = node if "field" not in node else {"all": [node]}
        elif "field" not in parent:
            next(iter(parent.values())).append(node)
    return root


def _group(data: QueryDict, one: str) -> dict[str, Any]:
    name = data.get(f"c-{one}-group", "")
    return {name if name in GROUPS else "all": []}


def _leaf(data: QueryDict, one: str) -> dict[str, Any]:
    name = str(data.get(f"c-{one}-field", ""))
    if name not in FIELDS:
        return {"field": name, "op": "", "value": []}
    kind, op = FIELDS[name], str(data.get(f"c-{one}-op", ""))
    if op not in OPS[kind]:
        op = next(iter(OPS[kind]))
    # Another field was chosen: what it was compared with belongs to the one before.
    told = data.getlist(f"c-{one}-value") if data.get(f"c-{one}-was") == name else []
    return {"field": name, "op": op, "value": _value(name, kind, told)}


def _value(name: str, kind: Type, told: Sequence[str]) -> Any:
    if kind == Type.NUMBER:
        return _number(told[0] if told else "")
    if kind == Type.FLAG:
        return told[:1] != ["0"]
    if kind == Type.TEXT:
        words = [word.strip() for text in told for word in text.replace("،", ",").replace("\n", ",").split(",")]
        return [word for word in dict.fromkeys(words) if word]
    if name in FIELD_KINDS or name == "weekday":
        return wholes(told)
    return list(dict.fromkeys(told))


def _number(told: str) -> float | int | None:
    try:
        number = float(told.replace("−", "-").strip())
    except ValueError:
        return None
    if isnan(number) or abs(number) > 1e12:
        return None
    return int(number) if number == int(number) else number


def edited(tree: Json, do: str) -> tuple[Json, str]:
    """The tree after a button of the editor was pressed, and the id of the row to go on with."""
    what, _colon, one = do.removeprefix("c:").partition(":")
    nodes, order = _numbered(tree)
    node = nodes.get(one)
    if node is None or what not in {"leaf", "group", "remove"}:
        return tree, ""
    if what == "remove":
        parent = next(
            (pk for pk in order if "field" not in nodes[pk] and any(n is node for n in _parts(nodes[pk]))), ""
        )
        if parent:
            _parts(nodes[parent])[:] = [part for part in _parts(nodes[parent]) if part is not node]
        return tree, ""
    if "field" in node:
        return tree, ""
    added: dict[str, Any] = {"field": "words", "op": "any", "value": []}
    _parts(node).append(added if what == "leaf" else {"any": [added]})
    return tree, next(pk for pk, known in _numbered(tree)[0].items() if known is added)


def _parts(group: Json) -> list[Any]:
    """The rows of a group, to be changed in place."""
    return next(value for value in group.values() if isinstance(value, list))


def _numbered(tree: Json) -> tuple[dict[str, Any], list[str]]:
    """Every row by its id, which is its number in the order of the page."""
    found: list[Any] = []

    def walk(node: Json) -> None:
        found.append(node)
        if "field" not in node:
            for part in _parts(node):
                walk(part)

    walk(tree)
    return {str(n): node for n, node in enumerate(found)}, [str(n) for n in range(len(found))]


# --- drawing --------------------------------------------------------------------------------------------------------
def editor(tree: Json, fields: Sequence[str], *, checked: bool = False, fresh: str = "") -> dict[str, Any]:
    """What rules/conditions.html draws. `checked`: say what is wrong; `fresh`: the row to go on with."""
    root = tree if tree and "field" not in tree else {"all": [tree] if tree else []}
    wrong = {problem.path: problem for problem in problems(root, fields)} if checked else {}
    lists = choices_of({str(leaf["field"]) for leaf in _leaves(root)})
    number = iter(range(10_000))
    node = _node(root, (), wrong, lists, number)
    offered = [
        (str(label), [(name, str(rule_words.FIELD_WORDS[name])) for name in names if name in fields])
        for label, names in SECTIONS
    ]
    _mark(node, fresh)
    return {"root": node, "fields": [part for part in offered if part[1]]}


def _leaves(tree: Json) -> list[Json]:
    return [node for node in _numbered(tree)[0].values() if "field" in node]


def _mark(node: Node, fresh: str) -> None:
    node.fresh = bool(fresh) and node.id == fresh
    for child in node.children:
        _mark(child, fresh)


def _node(
    tree: Json, path: tuple[int, ...], wrong: Mapping[tuple[int, ...], Problem], lists: Mapping[str, Any], number: Any
) -> Node:
    problem = rule_words.problem_words(wrong[path]) if path in wrong else ""
    node = Node(str(next(number)), len(path), problem=problem)
    if "field" in tree:
        return _dressed(node, tree, lists)
    node.group = next(name for name in GROUPS if name in tree)
    node.groups = [(name, str(rule_words.GROUP_WORDS[name])) for name in GROUPS]
    node.children = [_node(part, (*path, place), wrong, lists, number) for place, part in enumerate(tree[node.group])]
    return node


def _dressed(node: Node, leaf: Json, lists: Mapping[str, Any]) -> Node:
    """A condition with what may be chosen in it."""
    node.field, node.op, node.value = str(leaf["field"]), str(leaf["op"]), leaf["value"]
    if node.field not in FIELDS:
        return node
    kind = FIELDS[node.field]
    node.ops = [(op, rule_words.op_words(node.field, op)) for op in OPS[kind]]
    node.range = RANGES.get(node.field, ("0", "", "any"))
    offered = _offered(node.field, lists)
    held = node.value if isinstance(node.value, list) else [node.value]
    node.choices = [(value, label, value in held) for value, label in offered]
    many = kind in {Type.CHOICE, Type.SET}
    node.shape = "many" if many else "one" if offered else "number" if kind == Type.NUMBER else "words"
    return node


def _offered(name: str, lists: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """The values a field can have, with their words; none where it is written freely."""
    if name in lists:
        return list(lists[name])
    if FIELDS[name] == Type.FLAG:
        return [(True, _("yes")), (False, _("no"))]
    values: Mapping[str, Sequence[Any]] = {
        **VOCABULARIES,
        "platform": sorted(PLATFORMS),
        "kind": [kind.value for kind in Kind if kind != Kind.REPOST],
        "language": LANGUAGES,
        "guard": [code.value for code in NAMES],
        "weekday": range(7),
        "priority": Ticket.Priority.values,
        "clock": tuple(rule_words.CLOCK_WORDS),
    }
    return [(value, _label(name, value)) for value in values.get(name, ())]


def _label(name: str, value: Any) -> str:
    if name == "platform":
        return label_of(value)
    return str(rule_words.value_word(name, value))
