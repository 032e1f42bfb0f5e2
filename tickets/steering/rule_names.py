"""What rules name by id, by the names people know: channels, brands, tags, teams and so on, in both languages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import get_language_bidi

from accounts.models import Brand, Team, User
from ingest.models import Channel
from tickets.models import Incident, Macro, SlaPolicy, Tag, Tier
from tickets.steering import conditions
from tickets.verbs.action_codes import spelled

Json = Mapping[str, Any]
Pair = tuple[str, str]
"""A name as it is, and in Arabic where somebody gave it one."""

# Which table a field's values are ids of, and whether its rows have an Arabic name.
FIELD_KINDS: Mapping[str, tuple[type[Model], bool]] = {
    "channel": (Channel, False),
    "brand": (Brand, True),
    "tags": (Tag, True),
    "tier": (Tier, True),
    "incident": (Incident, False),
    "event": (Incident, False),
    "author": (User, False),
}
ACTION_KINDS: Mapping[str, tuple[type[Model], bool]] = {
    "team": (Team, False),
    "to": (User, False),
    "add": (Tag, True),
    "policy": (SlaPolicy, False),
    "macro": (Macro, False),
    "people": (User, False),
    "teams": (Team, False),
}


class Names:
    """Names by table and id, asked for once."""

    def __init__(self, trees: Iterable[Json] = (), actions: Iterable[Sequence[Json]] = ()) -> None:
        wanted: dict[tuple[type[Model], bool], set[int]] = defaultdict(set)
        for tree in trees:
            for leaf in conditions.leaves(tree):
                if leaf.get("field") in FIELD_KINDS:
                    wanted[FIELD_KINDS[leaf["field"]]] |= _ids(leaf.get("value"))
        for told in actions:
            for action in map(spelled, told):
                for name, kind in ACTION_KINDS.items():
                    wanted[kind] |= _ids(action.get(name))
        self._known = {(kind[0], pk): pair for kind, ids in wanted.items() if ids for pk, pair in _read(*kind, ids)}

    def pair(self, model: type[Model], pk: Any) -> Pair:
        """The name of one row; its number where the row is gone."""
        return self._known.get((model, pk), (f"#{pk}", ""))

    def of_field(self, field: str, value: Any) -> Pair | None:
        """The name of a condition's value; None where the field does not hold ids."""
        return self.pair(FIELD_KINDS[field][0], value) if field in FIELD_KINDS else None

    def of_action(self, name: str, value: Any) -> str:
        """The name of what an action names, in the language of the page."""
        return spoken(self.pair(ACTION_KINDS[name][0], value))

    def named(self, leaf: Json) -> dict[str, Any]:
        """A leaf with its names beside it, to be kept in the record and read when what it names may be gone."""
        if leaf["field"] not in FIELD_KINDS:
            return dict(leaf)
        return {**leaf, "names": [list(self.pair(FIELD_KINDS[leaf["field"]][0], value)) for value in leaf["value"]]}


def spoken(pair: Sequence[str]) -> str:
    """The name in the language of the page."""
    return pair[1] or pair[0] if get_language_bidi() else pair[0]


def _ids(value: Any) -> set[int]:
    told = value if isinstance(value, list) else [value]
    return {one for one in told if isinstance(one, int) and not isinstance(one, bool)}


def _read(model: type[Model], arabic: bool, ids: set[int]) -> Iterable[tuple[int, Pair]]:
    return _pairs(QuerySet(model).filter(pk__in=ids), arabic)


def _pairs(rows: QuerySet[Any], arabic: bool) -> Iterable[tuple[int, Pair]]:
    if arabic:
        return [(pk, (name, name_ar)) for pk, name, name_ar in rows.values_list("pk", "name", "name_ar")]
    return [(pk, (name, "")) for pk, name in rows.values_list("pk", "name")]


def choices_of(fields: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    """What may be chosen for those of these fields that hold ids, by name (a query for each)."""
    found: dict[str, list[tuple[int, str]]] = {}
    for field in set(fields) & FIELD_KINDS.keys():
        model, arabic = FIELD_KINDS[field]
        found[field] = sorted(((pk, spoken(pair)) for pk, pair in _all(model, arabic)), key=lambda one: one[1])
    return found


def _all(model: type[Model], arabic: bool) -> Iterable[tuple[int, Pair]]:
    rows: QuerySet[Any] = QuerySet(model)
    if model is Incident:
        rows = rows.filter(closed_at=None)
    if model is User:
        rows = rows.filter(is_active=True)
    return _pairs(rows, arabic)
