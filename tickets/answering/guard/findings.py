"""What the guard can say, and of what. Pages have the words for each code (tickets.answering.guard_words)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How grave a finding is. Nothing stops an answer unless the brand's policy says so (`judged`)."""

    STOP = "stop"
    SECOND = "second"
    ADVICE = "advice"
    GOOD = "good"
    # Not looked for, unless the policy names it.
    OFF = "off"


GRAVEST_FIRST = {Level.STOP: 0, Level.SECOND: 1, Level.ADVICE: 2, Level.GOOD: 3}


class Code(StrEnum):
    """Everything the guard looks for."""

    CARD_NUMBER = "card_number"
    BANK_ACCOUNT = "bank_account"
    LONG_NUMBER = "long_number"
    EMAIL_ADDRESS = "email_address"
    ASKS_FORBIDDEN = "asks_forbidden"
    ASKS_PRIVATE = "asks_private"
    BLAME = "blame"
    SHOUTING = "shouting"
    WRONG_LANGUAGE = "wrong_language"
    CANNED = "canned"
    REPEATS = "repeats"
    HOLLOW = "hollow"
    MISSES_ASK = "misses_ask"
    DEAR_LINK = "dear_link"
    PLACEHOLDER = "placeholder"
    # Of regulated sectors (tickets.packs turns them on).
    MONEY_CLAIM = "money_claim"
    HEALTH_CLAIM = "health_claim"
    HEALTH_DATA = "health_data"
    # What the customer themselves showed in public.
    SHOWN_NUMBER = "shown_number"
    SHOWN_HEALTH = "shown_health"
    ADDRESSES_ASK = "addresses_ask"


# Where the brand's policy says nothing else.
USUAL: Mapping[Code, Level] = {
    Code.CARD_NUMBER: Level.STOP,
    Code.BANK_ACCOUNT: Level.SECOND,
    Code.LONG_NUMBER: Level.ADVICE,
    Code.EMAIL_ADDRESS: Level.ADVICE,
    Code.ASKS_FORBIDDEN: Level.STOP,
    Code.ASKS_PRIVATE: Level.SECOND,
    Code.BLAME: Level.SECOND,
    Code.SHOUTING: Level.ADVICE,
    Code.WRONG_LANGUAGE: Level.ADVICE,
    Code.CANNED: Level.ADVICE,
    Code.REPEATS: Level.SECOND,
    Code.HOLLOW: Level.ADVICE,
    Code.MISSES_ASK: Level.ADVICE,
    Code.DEAR_LINK: Level.ADVICE,
    Code.PLACEHOLDER: Level.STOP,
    Code.MONEY_CLAIM: Level.OFF,
    Code.HEALTH_CLAIM: Level.OFF,
    Code.HEALTH_DATA: Level.OFF,
    Code.SHOWN_NUMBER: Level.ADVICE,
    Code.SHOWN_HEALTH: Level.OFF,
    Code.ADDRESSES_ASK: Level.GOOD,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `spans`: the words at fault, [start, end) of the answer's text; `data`: what its words need."""

    code: Code
    level: Level
    spans: tuple[tuple[int, int], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    # What one click may do about it: "private", "remove", "lower" (capitals), or nothing.
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an answer is read against. Texts are as they were written; languages are two-letter codes or empty."""

    public: bool = True
    # The customer's newest words, and what the reading says they want.
    asked: str = ""
    language: str = ""
    reasons: Sequence[str] = ()
    # Our earlier answers on this ticket; other answers of the brand lately; saved replies in every language.
    said_before: Sequence[str] = ()
    recent: Sequence[str] = ()
    saved: Sequence[str] = ()
    # US dollars that an answer costs more with a link in it.
    link_costs: float = 0.0
    # Addresses that are ours: naming them is no slip.
    own_domains: Sequence[str] = ()


def judged(findings: Sequence[Finding], policy: Mapping[str, str]) -> list[Finding]:
    """The findings at the levels a brand's policy gives them, the gravest first. A level of "off" drops a finding."""
    kept = []
    for found in findings:
        level = policy.get(found.code, found.level)
        if level in GRAVEST_FIRST:
            kept.append(Finding(found.code, Level(level), found.spans, found.data, found.fix))
    return sorted(kept, key=lambda one: GRAVEST_FIRST[one.level])


def gravest(findings: Sequence[Finding]) -> Level | None:
    """The gravest level there is; None without findings."""
    return min((one.level for one in findings), key=GRAVEST_FIRST.__getitem__, default=None)
