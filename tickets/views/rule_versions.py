"""The versions of a rule of any kind: who made which and when, and two of them beside each other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tickets.models import RuleVersion
from tickets.models.rule import Rule
from tickets.numbers import whole
from tickets.steering.conditions import Json
from tickets.steering.rule_names import Names
from tickets.steering.rule_words import tree_words
from tickets.views.seen import brought

# What a page calls it, and what a version says of it.
Topic = tuple[str, Callable[[Json], str]]
Topics = Callable[[Sequence[Json]], list[Topic]]


def seen_of(request: HttpRequest, kept: Rule | None, status: int) -> int | None:
    """The version that whoever writes has seen: the one their form brought, until a refusal (409) shows the newest."""
    if kept is None:
        return None
    version = brought(request)
    return kept.version if version is None or status == HTTPStatus.CONFLICT else version


def beside(
    rule: Rule,
    versions: Iterable[RuleVersion],
    asked: Mapping[str, Any],
    topics: Callable[[Sequence[Json]], list[Topic]],
) -> dict[str, Any]:
    """All versions; the newest, or the one asked for (`b`), beside the one before it or the other asked for (`a`).

    `topics`: what this kind says beyond name, brand and conditions, given the versions that are compared.
    """
    kept = list(versions)
    by_number = {version.version: version for version in kept}
    right = by_number.get(whole(asked.get("b")) or 0) or (kept[0] if kept else None)
    left = by_number.get(whole(asked.get("a")) or 0) or (by_number.get(right.version - 1) if right else None)
    pair = [version.told if version else None for version in (left, right)]
    told = [one for one in pair if one]
    rows = _compared(pair, [*_common(told), *topics(told)]) if right and right.told else []
    return {"rule": rule, "versions": kept, "left": left, "right": right, "rows": rows}


def _compared(pair: Sequence[Json | None], topics: Iterable[Topic]) -> list[dict[str, Any]]:
    """What each says of each topic, and whether they differ."""
    rows = [(topic, *(say(told) if told else "" for told in pair)) for topic, say in topics]
    return [{"topic": t, "left": a, "right": b, "differs": bool(pair[0]) and a != b} for t, a, b in rows]


def _common(told: Sequence[Json]) -> list[Topic]:
    names = Names([one["conditions"] for one in told])
    brands = [{"field": "brand", "op": "in", "value": [one["brand"]]} for one in told if one.get("brand")]
    of_brands = Names([{"all": brands}])
    return [
        (_("Name"), lambda one: str(one["name"])),
        (_("On"), lambda one: _("yes") if one["is_on"] else _("no")),
        (_("Brand"), lambda one: _brand(one["brand"], of_brands)),
        (_("When"), lambda one: tree_words(one["conditions"], names) or _("every ticket")),
    ]


def _brand(brand: int | None, names: Names) -> str:
    if brand is None:
        return _("every brand")
    pair = names.of_field("brand", brand)
    return pair[0] if pair else ""
