"""The guard's findings in words: one sentence each, and what one click would do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tickets.answering.guard.findings import Code, Finding, Level
from tickets.answering.guard.tone import lowered
from tickets.views.marks import language_name

WORDS: Mapping[Code, Promise] = {
    Code.CARD_NUMBER: gettext_lazy("it holds a card number"),
    Code.BANK_ACCOUNT: gettext_lazy("it holds a bank account number"),
    Code.LONG_NUMBER: gettext_lazy("it holds a long number that may be somebody's own"),
    Code.EMAIL_ADDRESS: gettext_lazy("it shows a mail address in public"),
    Code.ASKS_FORBIDDEN: gettext_lazy("it asks for a password or a code, which nobody may ask for"),
    Code.ASKS_PRIVATE: gettext_lazy("it asks for private details in public"),
    Code.BLAME: gettext_lazy("it blames the customer"),
    Code.SHOUTING: gettext_lazy("it shouts"),
    Code.WRONG_LANGUAGE: gettext_lazy("it is in %(written)s, the customer wrote in %(customer)s"),
    Code.CANNED: gettext_lazy("it says almost word for word what was said before (%(score)s)"),
    Code.REPEATS: gettext_lazy("this customer was told so before, in the same words (%(score)s)"),
    Code.HOLLOW: gettext_lazy("it is polite, and says nothing yet"),
    Code.MISSES_ASK: gettext_lazy("it does not seem to take up what was asked"),
    Code.DEAR_LINK: gettext_lazy("its link makes it cost %(dollars)s more"),
    Code.PLACEHOLDER: gettext_lazy("a blank in it is not filled in"),
    Code.MONEY_CLAIM: gettext_lazy("it promises money, a loan or safety that nobody can promise"),
    Code.HEALTH_CLAIM: gettext_lazy("it promises a cure, or advises as only a doctor may"),
    Code.HEALTH_DATA: gettext_lazy("it tells something of this person’s health in public"),
    Code.SHOWN_NUMBER: gettext_lazy("the customer’s own post shows a card or account number: go on in private"),
    Code.SHOWN_HEALTH: gettext_lazy("the customer’s own post tells of their health: go on in private"),
    Code.ADDRESSES_ASK: gettext_lazy("it takes up what was asked"),
}
# The same where the words at fault were taken from the team's saved replies.
LIKE_SAVED = gettext_lazy("it is a saved reply almost word for word (%(score)s)")
# What the guard looks for, as a thing: for the page of its policy, and for rules that ask for it.
NAMES: Mapping[Code, Promise] = {
    Code.CARD_NUMBER: gettext_lazy("A card number"),
    Code.BANK_ACCOUNT: gettext_lazy("A bank account number"),
    Code.LONG_NUMBER: gettext_lazy("A long number in public"),
    Code.EMAIL_ADDRESS: gettext_lazy("A mail address in public"),
    Code.ASKS_FORBIDDEN: gettext_lazy("Asking for a password or a code"),
    Code.ASKS_PRIVATE: gettext_lazy("Asking for private details in public"),
    Code.BLAME: gettext_lazy("Blaming the customer"),
    Code.SHOUTING: gettext_lazy("Shouting"),
    Code.WRONG_LANGUAGE: gettext_lazy("Another language than the customer’s"),
    Code.CANNED: gettext_lazy("Words used before"),
    Code.REPEATS: gettext_lazy("The same words to the same customer"),
    Code.HOLLOW: gettext_lazy("Courtesy without content"),
    Code.MISSES_ASK: gettext_lazy("Not taking up what was asked"),
    Code.DEAR_LINK: gettext_lazy("A link that costs"),
    Code.PLACEHOLDER: gettext_lazy("A blank that is not filled in"),
    Code.SHOWN_NUMBER: gettext_lazy("A card or account number in the customer’s public post"),
    Code.SHOWN_HEALTH: gettext_lazy("Health told in the customer’s public post"),
    Code.HEALTH_DATA: gettext_lazy("Telling of a customer’s health in public"),
    Code.HEALTH_CLAIM: gettext_lazy("Promising a cure, or advising as a doctor"),
    Code.MONEY_CLAIM: gettext_lazy("Promising returns, loans or safety"),
}
# The findings without their details.
BRIEF: Mapping[Code, Promise] = {
    Code.WRONG_LANGUAGE: gettext_lazy("it is in another language than the customer’s"),
    Code.DEAR_LINK: gettext_lazy("its link makes it cost more"),
}
ICONS: Mapping[Level, tuple[str, str]] = {
    Level.STOP: ("circle-x", "bad"),
    Level.SECOND: ("users", "warn"),
    Level.ADVICE: ("alert-triangle", "warn"),
    Level.GOOD: ("circle-check", "good"),
}
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One finding as the box shows it. `becomes`: the whole text once it is mended, where a click can do that.

    `spans`: the words at fault as "3-9 12-20", counted in characters of the text.
    """

    level: str
    icon: str
    css: str
    lead: str
    words: str
    fix: str = ""
    does: str = ""
    becomes: str = ""
    spans: str = ""


def words_of(found: Finding) -> str:
    """What was found, in a clause."""
    words = LIKE_SAVED if found.data.get("like") == "saved" else WORDS[found.code]
    data = dict(found.data)
    if "score" in data:
        data["score"] = f"{data['score']:.2f}"
    if "dollars" in data:
        data["dollars"] = f"${data['dollars']:.3f}".rstrip("0")
    if found.code == Code.WRONG_LANGUAGE:
        data = {name: language_name(str(code)) for name, code in data.items()}
    return str(words) % data


def brief_of(code: Code, *, canned: float = 0.0) -> str:
    """A finding as it was kept with an answer, in a clause: of its details only how canned it was is kept."""
    return str(BRIEF.get(code, WORDS[code])) % {"score": f"{canned:.2f}"}


def told(findings: Sequence[Finding]) -> str:
    """Several findings in one sentence."""
    return pgettext("between clauses", "; ").join(words_of(found) for found in findings) + "."


def lines(
    findings: Sequence[Finding], text: str, *, alone: bool, may_go_private: bool, counts: bool = True
) -> list[Line]:
    """The findings as lines. `alone`: this person may send without a second; `counts`: the answer stops the clock."""
    return [_line(found, text, alone=alone, may_go_private=may_go_private, counts=counts) for found in findings]


def _line(found: Finding, text: str, *, alone: bool, may_go_private: bool, counts: bool) -> Line:
    icon, css = ICONS[found.level]
    words = words_of(found)
    if found.code in {Code.CANNED, Code.REPEATS} and not counts:
        words += pgettext("between clauses", "; ") + _("the clock will not stop for it")
    fix, does = _fix(found, may_go_private=may_go_private)
    return Line(
        level=found.level.value,
        icon=icon,
        css=css,
        lead=(lead := _lead(found.level, alone=alone)),
        words=words if lead else words[:1].upper() + words[1:],
        fix=fix,
        does=does,
        becomes=mended(text, found) if fix in {"remove", "lower"} else "",
        spans=" ".join(f"{start}-{end}" for start, end in found.spans),
    )


def _lead(level: Level, *, alone: bool) -> str:
    if level == Level.STOP:
        return _("Cannot be sent:")
    if level == Level.SECOND:
        return _("Look twice:") if alone else _("A second person must look:")
    return ""


def _fix(found: Finding, *, may_go_private: bool) -> tuple[str, str]:
    """What a click does, as a code and in words; nothing where nothing can be done by itself."""
    if found.fix == "private":
        return ("private", _("Move to private")) if may_go_private else ("", "")
    if found.fix == "remove":
        return "remove", _("Take it out")
    if found.fix == "lower":
        return "lower", _("Say it calmly")
    return "", ""


def mended(text: str, found: Finding) -> str:
    """The text without what was found, or without the raised voice."""
    if found.fix == "lower":
        return lowered(text)
    for start, end in sorted(found.spans, reverse=True):
        before, after = text[:start].rstrip(" "), text[end:].lstrip(" ")
        between = " " if before and after and after[0] not in ".,!?،؟;:\n" else ""
        text = before + between + after
    return text.strip(" ")
