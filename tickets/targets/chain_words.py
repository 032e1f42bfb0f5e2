"""Escalation chains in plain words: when one begins, whom each step tells, and what is wrong with one."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from tickets.steering.conditions import Json
from tickets.steering.rule_names import Names
from tickets.steering.rule_words import isolated, tree_words
from tickets.targets.chain_steps import ASSIGNEE, LEAD, OPEN, by_mail
from tickets.targets.durations import in_words

ROLE_WORDS: Mapping[str, Promise] = {
    ASSIGNEE: gettext_lazy("whoever has it"),
    LEAD: gettext_lazy("the supervisors of whoever has it"),
    Role.SUPERVISOR.value: gettext_lazy("the supervisors"),
    Role.ADMIN.value: gettext_lazy("the admins"),
}
WRONG: Mapping[str, Promise] = {
    "no_name": gettext_lazy("Give the chain a name."),
    "no_condition": gettext_lazy("Say when it begins."),
    "bad_conditions": gettext_lazy("A condition is not finished yet."),
    "no_step": gettext_lazy("Give one step at least."),
    "too_many": gettext_lazy("A chain has at most ten steps."),
    "no_minutes": gettext_lazy("Say after how many minutes each step is taken, a fortnight at most."),
    "nobody": gettext_lazy("Say whom each step tells."),
    "not_later": gettext_lazy("Each step comes later than the one before it."),
    "no_brand": gettext_lazy("This brand is not there any more."),
}


def wrong_words(code: str) -> str:
    """Why a chain cannot be kept."""
    return str(WRONG[code])


def names_of(trees: Sequence[Json], steps: Sequence[Json]) -> Names:
    """The names of everything these conditions and steps speak of, asked for once."""
    return Names(trees, [[_as_action(step.get("to") or {}) for step in steps]])


def _as_action(to: Json) -> Json:
    return {"to": to["person"]} if "person" in to else dict(to)


def whom_words(to: Json, names: Names) -> str:
    """Whom a step tells."""
    role = str(to.get("role", ""))
    if role in ROLE_WORDS:
        return str(ROLE_WORDS[role])
    if "person" in to:
        return isolated(names.of_action("to", to["person"]))
    return _("team %(name)s") % {"name": isolated(names.of_action("team", to.get("team")))}


def step_words(step: Json, names: Names) -> str:
    """One step as a phrase: when, whom, and that a mail goes out where one does."""
    after = int(step.get("after") or 0)
    when = _("at once") if not after else _("after %(time)s") % {"time": in_words(after)}
    if after and step.get("of") == OPEN:
        when = _("after %(time)s of open hours") % {"time": in_words(after)}
    told = {"when": when, "whom": whom_words(step.get("to") or {}, names)}
    return (_("%(when)s: %(whom)s, by mail too") if by_mail(step) else _("%(when)s: %(whom)s")) % told


def sentence(tree: Json, steps: Sequence[Json], names: Names) -> str:
    """A whole chain in plain words."""
    told = {
        "conditions": tree_words(tree, names) or "…",
        "steps": _("; ").join(step_words(step, names) for step in steps) or "…",
    }
    return _("If a customer waits and %(conditions)s, tell: %(steps)s.") % told
