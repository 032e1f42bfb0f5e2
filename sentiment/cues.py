"""Reasons to answer, and how urgent it is: found by words and signs, in English and in Arabic of every region.

Rules, not a model: each finding can be traced to a phrase of `sentiment.cue_words`. They read single posts without
their thread, and take irony at its word.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sentiment.cue_words import BUTS, ENGLISH, FILLERS, HIGH_ENGLISH, NEGATIONS, SIGNS
from sentiment.cue_words_ar import ARABIC, ARABIZI, HIGH_ARABIC
from sentiment.cue_words_elsewhere import ELSEWHERE
from sentiment.phrases import Found, Table, Word, folded_words, negated, table, words

REASONS = (
    "question", "request", "fault_report", "details_given", "threat_to_leave",
    "safety_or_legal", "complaint", "praise", "thanks", "spam",
)  # fmt: skip
"""Every reason there is, in the order readings list them; after LABELS of customer-care annotation."""

FOR_A_PERSON = frozenset(REASONS[:7])
"""Reasons that each alone ask for somebody's attention."""

_HIGH = "high"
_IF_NEGATED = "_if_negated"
_UNDONE_BY_NEGATION = frozenset({"praise", "complaint", "fault_report", "settled"})
_REFERENCE = re.compile(r"(?<![\w#@])(?:\d[ -]?){6,}(?!\w)")
_SHORT = 120
"""Characters up to which a long number in a text is taken for an order or customer number that was asked for."""
_LINK = re.compile(r"\bhttp\b")
_NEGATIONS = folded_words(NEGATIONS)
_BUTS = folded_words(BUTS)
_FILLERS = folded_words(FILLERS)


@dataclass(frozen=True, slots=True)
class Cues:
    """Reasons in the order of `REASONS`, each once; urgency "low" (nothing is asked of anyone), "normal" or "high"."""

    reasons: tuple[str, ...]
    urgency: str


def find(text: str, language: str) -> Cues:
    """The cues in a cleaned text in the language `sentiment.text.detect` names. Never raises."""
    said = words(text)
    found = list(_table(_family(language)).find(said))
    meanings = {meaning for one in found if (meaning := _in_context(one, said))} | _signs(text)
    if "settled" in meanings and not any(_BUTS.intersection(word.forms) for word in said):
        meanings -= {"complaint", "fault_report"}
    if not _is_spam(text, found, meanings):
        meanings.discard("spam")
    reasons = tuple(reason for reason in REASONS if reason in meanings)
    return Cues(reasons, _urgency(meanings))


def _urgency(meanings: set[str]) -> str:
    if FOR_A_PERSON.isdisjoint(meanings):
        return "low"
    return "high" if _HIGH in meanings else "normal"


def _in_context(found: Found, said: Sequence[Word]) -> str | None:
    """What a phrase means where it stands: "not bad" and "not great" say the opposite of their words."""
    if found.meaning.endswith(_IF_NEGATED):
        return found.meaning.removesuffix(_IF_NEGATED) if _negated(found, said) else None
    if found.meaning in _UNDONE_BY_NEGATION and _negated(found, said):
        return None
    return found.meaning


def _negated(found: Found, said: Sequence[Word]) -> bool:
    return negated(said, found.start, _NEGATIONS, _FILLERS)


def _signs(text: str) -> set[str]:
    """What punctuation, emoji and numbers say without words."""
    meanings = {meaning for meaning, signs in SIGNS.items() if not signs.isdisjoint(text)}
    if len(text) <= _SHORT and _REFERENCE.search(text):
        meanings.add("details_given")
    return meanings


def _is_spam(text: str, found: Sequence[Found], meanings: set[str]) -> bool:
    """Only when several things speak for it: two advertising phrases and a link or number, and no fault of ours."""
    phrases = {one.phrase.parts for one in found if one.meaning == "spam"}
    if len(phrases) < 2 or not (_LINK.search(text) or _REFERENCE.search(text)):
        return False
    return meanings.isdisjoint(("fault_report", "complaint", "threat_to_leave"))


def _family(language: str) -> str:
    return language if language in ("ar", "en") else "elsewhere"


@cache
def _table(family: str) -> Table:
    """English and Arabic are looked for in every text, for posts mix them; the rest where the language allows it."""
    extra = {"ar": (ARABIZI,), "en": (), "elsewhere": (ELSEWHERE,)}[family]
    return table(ENGLISH, ARABIC, *extra, HIGH_ENGLISH, HIGH_ARABIC)
