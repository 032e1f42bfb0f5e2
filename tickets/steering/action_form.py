"""The actions of a rule as a form: one line for each thing a rule can do, empty where it does not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Brand, Team, User
from tickets.models import Macro, SlaPolicy, Tag, Ticket
from tickets.numbers import whole, wholes
from tickets.steering.condition_form import LANGUAGES
from tickets.steering.conditions import Json
from tickets.steering.rule_names import spoken
from tickets.steering.rule_words import language_name
from tickets.steering.seats import LEAST_LOADED, ROUND_ROBIN
from tickets.verbs.action_codes import spelled

# What stands for "the customer's own language": an empty choice means that no language is asked.
OWN = "own"
Choice = tuple[Any, str, bool]


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen, and what is."""

    brands: list[Choice]
    teams: list[Choice]
    people: list[Choice]
    shares: list[Choice]
    skills: list[Choice]
    languages: list[Choice]
    priorities: list[Choice]
    tags: list[Choice]
    policies: list[Choice]
    macros: list[Choice]
    told_people: list[Choice]
    told_teams: list[Choice]
    approval: bool
    reopened: bool


def offered(brand: int | None, actions: Sequence[Json]) -> Offered:
    """The form of these actions (six queries)."""
    held = {str(action.get("do")): action for action in map(spelled, actions)}

    def of(do: str, name: str) -> Any:
        return held.get(do, {}).get(name)

    people = list(User.objects.filter(is_active=True).only("id", "name", "skills"))
    teams = list(Team.objects.values_list("id", "name"))
    named = [(person.pk, person.name) for person in people]
    language = (of("language", "language") or OWN) if "language" in held else ""
    return Offered(
        brands=_choices(((b.pk, spoken((b.name, b.name_ar))) for b in Brand.objects.all()), [brand]),
        teams=_choices(teams, [of("team", "team")]),
        people=_choices(named, [of("assign", "to")]),
        shares=_choices(_shares(), [of("share", "how") or LEAST_LOADED]),
        skills=_choices(_skills(people, of("skills", "skills") or ()), of("skills", "skills") or ()),
        languages=_choices(_languages(), [language]),
        priorities=_choices(Ticket.Priority.choices, [of("priority", "priority")]),
        tags=_choices(((t.pk, spoken((t.name, t.name_ar))) for t in Tag.objects.all()), of("tag", "add") or ()),
        policies=_choices(SlaPolicy.objects.values_list("id", "name"), [of("policy", "policy")]),
        macros=_choices(Macro.objects.filter(owner=None).values_list("id", "name"), [of("macro", "macro")]),
        told_people=_choices(named, of("notify", "people") or ()),
        told_teams=_choices(teams, of("notify", "teams") or ()),
        approval="approval" in held,
        reopened="reopened" in held,
    )


def _choices(pairs: Iterable[tuple[Any, Any]], held: Iterable[Any]) -> list[Choice]:
    chosen = set(held)
    return [(value, str(label), value in chosen) for value, label in pairs]


def _shares() -> list[tuple[str, str]]:
    return [(LEAST_LOADED, _("to the least loaded")), (ROUND_ROBIN, _("to each in turn"))]


def _skills(people: Iterable[User], asked: Iterable[str]) -> list[tuple[str, str]]:
    """Skills that somebody has, and those asked for although nobody has them any more."""
    return [(skill, skill) for skill in sorted({skill for one in people for skill in one.skills} | set(asked))]


def _languages() -> list[tuple[str, str]]:
    return [(OWN, _("the customer's")), *((code, language_name(code)) for code in LANGUAGES)]


# --- reading what a form sent ---------------------------------------------------------------------------------------
def read(data: QueryDict) -> list[dict[str, Any]]:
    """The actions that a form tells, in the order in which they are carried out; names stand beside ids."""
    found: list[dict[str, Any]] = []
    for do, name, field, _table in IDS:
        pk = whole(data.get(f"a-{field}"))
        if pk is not None:
            found.append(named({"do": do, name: pk}))
    found += _further(data)
    people, teams = _ids(data, "a-told-people"), _ids(data, "a-told-teams")
    if people or teams:
        found.append({"do": "notify", "people": people, "teams": teams})
    found += [{"do": do} for do in ("approval", "reopened") if data.get(f"a-{do}")]
    return found


# Action, what holds its id, the form's field, the table.
IDS: Sequence[tuple[str, str, str, Any]] = (
    ("team", "team", "team", Team), ("assign", "to", "person", User),
    ("policy", "policy", "policy", SlaPolicy), ("macro", "macro", "macro", Macro),
)  # fmt: skip


def named(action: Json) -> dict[str, Any]:
    """With the name of what its id names today: how it is spoken of once it is gone."""
    for do, name, _field, table in IDS:
        if action.get("do") == do and (pk := action.get(name)):
            label = table.objects.filter(pk=pk).values_list("name", flat=True).first()
            return {**action, "name": label or str(pk)}
    return dict(action)


def _further(data: QueryDict) -> list[dict[str, Any]]:
    """What names no row: how to share out, what a person must know, priority, tags."""
    found: list[dict[str, Any]] = []
    if data.get("a-share") == ROUND_ROBIN:
        found.append({"do": "share", "how": ROUND_ROBIN})
    if skills := [skill[:40] for skill in data.getlist("a-skills") if skill]:
        found.append({"do": "skills", "skills": skills})
    if language := data.get("a-language"):
        found.append({"do": "language", "language": "" if language == OWN else language[:8]})
    priority = whole(data.get("a-priority"))
    if priority in Ticket.Priority.values:
        found.append({"do": "priority", "priority": priority})
    if tags := _ids(data, "a-tags"):
        found.append({"do": "tag", "add": tags})
    return found


def _ids(data: QueryDict, name: str) -> list[int]:
    return wholes(data.getlist(name))
