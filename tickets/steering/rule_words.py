"""Rules in plain words: their conditions, what they do, why they fired, and what is wrong with one that was skipped."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from ingest.platforms.base import Kind
from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES
from tickets.answering.guard_words import NAMES
from tickets.labels import WORDS as LABELS
from tickets.models import Ticket
from tickets.steering.conditions import FIELDS, Problem, Type
from tickets.steering.rule_keeping import Wrong
from tickets.steering.rule_names import FIELD_KINDS, Names, spoken
from tickets.verbs.action_codes import spelled

Json = Mapping[str, Any]

FIELD_WORDS: Mapping[str, Promise] = {
    "channel": gettext_lazy("Channel"),
    "platform": gettext_lazy("Platform"),
    "brand": gettext_lazy("Brand"),
    "kind": gettext_lazy("Kind of post"),
    "language": gettext_lazy("Language"),
    "words": pgettext_lazy("field of a rule", "Words"),
    "sentiment": gettext_lazy("Sentiment"),
    "reasons": gettext_lazy("Reasons"),
    "trigger": gettext_lazy("Trigger"),
    "aim": gettext_lazy("Aim"),
    "urgency": gettext_lazy("Urgency"),
    "priority": gettext_lazy("Priority"),
    "tags": gettext_lazy("Tags"),
    "tier": gettext_lazy("Customer's tier"),
    "incident": gettext_lazy("Incident"),
    "event": gettext_lazy("Event in force"),
    "reach": gettext_lazy("Times seen"),
    "minutes_waiting": gettext_lazy("Minutes waiting"),
    "clock": gettext_lazy("Clock"),
    "earlier_tickets": gettext_lazy("Earlier tickets"),
    "messages_30_days": gettext_lazy("Messages in 30 days"),
    "came_back": gettext_lazy("Came back"),
    "weekday": gettext_lazy("Weekday"),
    "hour": gettext_lazy("Hour"),
    "open_hours": gettext_lazy("The team's hours"),
    "author": gettext_lazy("Who wrote the answer"),
    "author_days": gettext_lazy("Days the author is here"),
    "answer_words": gettext_lazy("Words of the answer"),
    "amount": gettext_lazy("Amount of money"),
    "guard": gettext_lazy("Guard's findings"),
    "canned": gettext_lazy("How canned"),
}
OP_WORDS: Mapping[Type, Mapping[str, Promise]] = {
    Type.CHOICE: {"in": gettext_lazy("is"), "not_in": gettext_lazy("is not")},
    Type.SET: {
        "any": gettext_lazy("has any of"),
        "all": gettext_lazy("has all of"),
        "none": gettext_lazy("has none of"),
    },
    Type.TEXT: {
        "any": gettext_lazy("include any of"),
        "all": gettext_lazy("include all of"),
        "none": gettext_lazy("include none of"),
    },
    Type.NUMBER: {"at_least": gettext_lazy("at least"), "at_most": gettext_lazy("at most")},
    Type.FLAG: {"is": pgettext_lazy("yes or no", "is")},
}
# 1 is the gravest: what the figures say the other way round.
PRIORITY_OPS = {"at_least": gettext_lazy("this or lower"), "at_most": gettext_lazy("this or higher")}
GROUP_WORDS = {
    "all": gettext_lazy("All of these hold"),
    "any": gettext_lazy("At least one of these holds"),
    "none": gettext_lazy("None of these holds"),
}
KIND_WORDS = {
    Kind.MENTION: gettext_lazy("Mention"),
    Kind.REPLY: pgettext_lazy("kind of post", "Reply"),
    Kind.QUOTE: gettext_lazy("Quote"),
    Kind.DM: gettext_lazy("Direct message"),
    Kind.COMMENT: gettext_lazy("Comment"),
    Kind.REVIEW: pgettext_lazy("kind of post", "Review"),
    Kind.MAIL: gettext_lazy("Mail"),
    Kind.POST: pgettext_lazy("kind of post", "Post"),
}
WEEKDAYS = (
    gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"), gettext_lazy("Thursday"),
    gettext_lazy("Friday"), gettext_lazy("Saturday"), gettext_lazy("Sunday"),
)  # fmt: skip
# The alarms that a ticket's clocks give.
CLOCK_WORDS = {"warned": gettext_lazy("runs out soon"), "breached": gettext_lazy("has run out")}
VOCABULARIES = {"reasons": REASONS, "trigger": TRIGGERS, "aim": AIMS, "urgency": URGENCIES}
PROBLEMS: Mapping[str, Promise] = {
    "no_condition": gettext_lazy("A condition is missing here."),
    "too_deep": gettext_lazy("Groups go three levels deep, no deeper. Make a second rule of it."),
    "too_many": gettext_lazy("A rule has at most 60 conditions. Make two rules of it."),
    "unknown_field": gettext_lazy("Choose what to ask of the ticket."),
    "unknown_question": gettext_lazy("Choose how to ask."),
    "no_value": gettext_lazy("Say what it is compared with."),
}
TROUBLES: Mapping[str, Promise] = {
    "team_removed": gettext_lazy("team “%(word)s” was removed"),
    "team_of_other_brand": gettext_lazy("team “%(word)s” does not care for the ticket's brand"),
    "person_gone": gettext_lazy("“%(word)s” no longer works here"),
    "person_of_other_brand": gettext_lazy("“%(word)s” is in no team of the ticket's brand"),
    "tag_removed": gettext_lazy("a tag was removed"),
    "policy_removed": gettext_lazy("the SLA policy “%(word)s” was removed"),
    "macro_removed": gettext_lazy("the macro “%(word)s” was removed"),
    "bad_conditions": gettext_lazy("its conditions cannot be read"),
    "unknown_action": gettext_lazy("it does something unknown: %(word)s"),
    "unreadable_action": gettext_lazy("one of its actions cannot be read: %(word)s"),
    "failed": gettext_lazy("it failed: %(word)s"),
}
WRONG: Mapping[str, Promise] = {
    "no_name": gettext_lazy("Give the rule a name."),
    "does_nothing": gettext_lazy("Say what the rule does."),
    "no_brand": gettext_lazy("This brand is not there any more."),
}


def trouble_words(code: str, word: str = "") -> str:
    """Why a rule was skipped."""
    return str(TROUBLES[code]) % {"word": word} if code in TROUBLES else code


def kept_trouble(told: str) -> str:
    """The same, from what a rule's row keeps; empty for one that is well."""
    code, _colon, word = told.partition(":")
    return trouble_words(code, word) if code else ""


def problem_words(problem: Problem) -> str:
    return str(PROBLEMS.get(problem.code, problem.code))


def wrong_words(error: Wrong) -> str:
    """Why a rule cannot be kept, in a sentence."""
    if error.action is not None:
        return _("This cannot be kept: %(why)s.") % {"why": trouble_words(error.action.code, error.action.word)}
    return problem_words(error.problems[0]) if error.problems else str(WRONG[error.code])


# --- conditions -----------------------------------------------------------------------------------------------------
def op_words(field: str, op: str) -> str:
    """How a question stands between what is asked and the answer."""
    if field == "priority":
        return str(PRIORITY_OPS.get(op, op))
    return str(OP_WORDS[FIELDS[field]].get(op, op))


def value_word(field: str, value: Any) -> str | None:
    """One value of a field with a vocabulary of its own, in words; None for what is known by a name or as it is."""
    if field == "weekday" and isinstance(value, int) and 0 <= value < 7:
        return str(WEEKDAYS[value])
    if field in {"kind", "clock"}:
        return str((KIND_WORDS if field == "kind" else CLOCK_WORDS).get(value, value))
    if field == "language":
        return language_name(str(value))
    if field == "priority" and value in Ticket.Priority.values:
        return str(Ticket.Priority(value).label)
    if field in VOCABULARIES:
        return str(LABELS[field].get(value, value))
    if field == "guard":
        return str(NAMES.get(value, value))
    if FIELDS.get(field) == Type.FLAG:
        return _("yes") if value else _("no")
    return None


def language_name(code: str) -> str:
    """A language's name in the language of the page."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def leaf_words(leaf: Json, names: Names | None = None) -> str:
    """One condition as a sentence without its point; names from the leaf itself where it carries them."""
    field = str(leaf["field"])
    if field not in FIELDS:
        return field
    told = {"field": str(FIELD_WORDS[field]), "op": op_words(field, str(leaf["op"])), "value": _values(leaf, names)}
    if FIELDS[field] == Type.FLAG or (field == "clock" and leaf["op"] == "any"):
        line = _("%(field)s: %(value)s") % told
    elif field == "priority":
        line = _("%(field)s %(value)s, %(op)s") % told
    else:
        line = _("%(field)s %(op)s %(value)s") % told
    return _("not: %(condition)s") % {"condition": line} if leaf.get("not") else line


def _values(leaf: Json, names: Names | None) -> str:
    field, value = str(leaf["field"]), leaf["value"]
    held = value if isinstance(value, list) else [value]
    if field in FIELD_KINDS:
        pairs = leaf.get("names") or [names.of_field(field, one) if names else (f"#{one}", "") for one in held]
        return _(", ").join(isolated(spoken(pair)) for pair in pairs)
    words = [value_word(field, one) for one in held]
    quoted = FIELDS[field] == Type.TEXT
    return _(", ").join(
        _("“%(word)s”") % {"word": isolated(str(one))} if quoted else word if word is not None else plain(one)
        for one, word in zip(held, words, strict=True)
    )


def plain(value: Any) -> str:
    """A figure as people write it: no point where there is nothing after it, a true minus."""
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return str(value).replace("-", "\u200e−") if isinstance(value, int | float) else str(value)


def isolated(text: str) -> str:
    """A name or a word of either direction, which leaves the sentence around it in order."""
    return f"\u2068{text}\u2069"


def tree_words(tree: Json, names: Names) -> str:
    """A tree of conditions as one sentence without its point; empty where it fits everything."""
    if "field" in tree:
        return leaf_words(tree, names)
    group = next((name for name in ("all", "any", "none") if name in tree), "")
    parts = [told for part in (tree.get(group) or ()) if (told := _part(part, names))]
    if not parts:
        return ""
    if group == "none":
        return _("none of: %(conditions)s") % {"conditions": _(", ").join(parts)}
    return (_(" and ") if group == "all" else _(" or ")).join(parts)


def _part(part: Json, names: Names) -> str:
    told = tree_words(part, names)
    several = "field" not in part and sum(len(part.get(name, ())) for name in ("all", "any", "none")) > 1
    return f"({told})" if several and told else told


def because_words(because: Iterable[Json]) -> str:
    """What made a rule fit, as the record keeps it; `reasons are short`: at most four are named."""
    told = list(because)
    words = [leaf_words(leaf) for leaf in told[:4] if leaf.get("field") in FIELDS]
    if len(told) > 4:
        words.append(ngettext("%(n)d more", "%(n)d more", len(told) - 4) % {"n": len(told) - 4})
    return _("; ").join(words) or _("it fits every ticket")


# --- actions --------------------------------------------------------------------------------------------------------
def action_words(action: Json, names: Names) -> str:
    """What one action does; empty for what goes without saying."""
    action = spelled(action)
    words = ACTION_WORDS.get(str(action.get("do")))
    return words(action, names) if words else str(action.get("do", ""))


ACTION_WORDS: Mapping[str, Callable[[Json, Names], str]] = {
    "team": lambda a, n: _("team %(name)s") % {"name": isolated(n.of_action("team", a.get("team")))},
    "assign": lambda a, n: _("give to %(name)s") % {"name": isolated(n.of_action("to", a.get("to")))},
    "share": lambda a, _n: _("in turn") if a.get("how") == "round_robin" else _("least loaded"),
    "skills": lambda a, _n: _("who knows %(skills)s") % {"skills": _(", ").join(map(isolated, a.get("skills", ())))},
    "language": lambda a, _n: _("who speaks %(language)s") % {"language": language_name(a["language"])}
    if a.get("language")
    else _("who speaks the customer's language"),
    "priority": lambda a, _n: _("priority %(name)s") % {"name": value_word("priority", a.get("priority"))},
    "tag": lambda a, n: _("tag %(names)s") % {
        "names": _(", ").join(isolated(n.of_action("add", tag)) for tag in a.get("add", ()))
    },
    "policy": lambda a, n: _("SLA %(name)s") % {"name": isolated(n.of_action("policy", a.get("policy")))},
    "macro": lambda a, n: _("macro %(name)s") % {"name": isolated(n.of_action("macro", a.get("macro")))},
    "approval": lambda _a, _n: _("answers wait for a second person"),
    "notify": lambda a, n: _("tell %(names)s") % {
        "names": _(", ").join(
            isolated(n.of_action(name, one)) for name in ("people", "teams") for one in a.get(name, ())
        )
    },
    "reopened": lambda _a, _n: _("also when a ticket comes back"),
}  # fmt: skip


def actions_words(actions: Sequence[Json], names: Names) -> str:
    """What a rule does, in one line."""
    return _(", ").join(filter(None, (action_words(action, names) for action in actions))) or _("nothing yet")


def sentence(tree: Json, actions: Sequence[Json], names: Names) -> str:
    """A whole rule in plain words."""
    told = {"conditions": tree_words(tree, names), "actions": actions_words(actions, names)}
    if not told["conditions"]:
        return _("For every ticket: %(actions)s.") % told
    return _("If %(conditions)s, then: %(actions)s.") % told


# --- the record -----------------------------------------------------------------------------------------------------
def routed_line(data: Json) -> SafeString:
    """The line of a ticket's record: which rule routed it, and why."""
    told = {"place": data.get("place", ""), "because": because_words(data.get("because") or ())}
    name = format_html("<bdi>{}</bdi>", data.get("name", ""))
    return format_html(_("Routed by rule {place} “{name}”: {because}"), name=name, **told)
