"""The steps of a chain as a form: `s-row` names the rows in order; row 2 has s-2-after, s-2-of, s-2-to and s-2-mail.

`to` is role:admin, team:3 or person:5. A button named `do` adds a step (s:add) or takes one away (s:remove:2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Brand, Team, User
from tickets.numbers import whole
from tickets.steering.conditions import Json
from tickets.steering.rule_names import spoken
from tickets.targets.chain_steps import MAIL, OPEN, ROLES, WALL
from tickets.targets.chain_words import ROLE_WORDS

Choice = tuple[Any, str, bool]
# What a further step is offered as: a quarter of an hour after the one before it, one floor higher.
LATER = 15


@dataclass(frozen=True, slots=True)
class Row:
    """One step as it is drawn."""

    id: int
    after: int | None
    of_open: bool
    to: str
    mail: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """Whom steps may tell, in groups, and the brands a chain may be for."""

    groups: list[tuple[str, list[tuple[str, str]]]]
    brands: list[Choice]


def offered(brand: int | None) -> Offered:
    """Three queries."""
    teams = [(f"team:{pk}", name) for pk, name in Team.objects.order_by("name").values_list("id", "name")]
    people = User.objects.filter(is_active=True).order_by("name").values_list("id", "name")
    groups = [
        (_("By role"), [(f"role:{role}", str(ROLE_WORDS[role])) for role in ROLES]),
        (_("Teams"), teams),
        (_("People"), [(f"person:{pk}", name) for pk, name in people]),
    ]
    brands = [(row.pk, spoken((row.name, row.name_ar)), row.pk == brand) for row in Brand.objects.all()]
    return Offered(groups, brands)


def rows_of(steps: Sequence[Json]) -> list[Row]:
    """Steps as the form draws them."""
    return [
        Row(n, step.get("after"), step.get("of") == OPEN, _named(step.get("to") or {}), MAIL in step.get("by", ()))
        for n, step in enumerate(steps)
    ]


def _named(to: Json) -> str:
    return next((f"{kind}:{to[kind]}" for kind in ("role", "team", "person") if kind in to), "")


def read(data: QueryDict) -> list[dict[str, Any]]:
    """The steps that a form tells; they may be unfinished (chain_steps.problem_of). Never raises."""
    return [_step(data, one) for one in data.getlist("s-row")[:50]]


def _step(data: QueryDict, one: str) -> dict[str, Any]:
    step: dict[str, Any] = {
        "after": whole(data.get(f"s-{one}-after", "").strip(), digits=6),
        "of": OPEN if data.get(f"s-{one}-of") == OPEN else WALL,
        "to": _to(data.get(f"s-{one}-to", "")),
    }
    return step | ({"by": [MAIL]} if data.get(f"s-{one}-mail") else {})


def _to(told: str) -> dict[str, Any]:
    kind, _colon, value = told.partition(":")
    if kind == "role" and value in ROLES:
        return {"role": value}
    if kind in {"team", "person"} and (pk := whole(value)) is not None:
        return {kind: pk}
    return {}


def edited(steps: Sequence[Json], do: str) -> list[Json]:
    """The steps after a button of theirs was pressed."""
    what, _colon, one = do.removeprefix("s:").partition(":")
    if what == "add":
        last = steps[-1].get("after") if steps else None
        after = 0 if not steps else (last or 0) + LATER
        return [*steps, {"after": after, "of": WALL, "to": {"role": "admin" if steps else "supervisor"}}]
    return [step for n, step in enumerate(steps) if str(n) != one] if what == "remove" else list(steps)
