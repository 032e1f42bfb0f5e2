"""What a pack holds: things named in both languages, which a brand gets as ordinary rows that people may edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.functional import Promise

from tickets.answering.guard.findings import Code, Level


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with a name in both languages; by either it is known again."""

    en: str
    ar: str

    def name(self, language: str) -> str:
        """Its name for whoever adds it."""
        return self.ar if language.startswith("ar") else self.en


@dataclass(frozen=True, slots=True)
class PackRule(Named):
    """An approval rule: its conditions (tickets.steering.conditions), and the minutes a second person has."""

    conditions: Mapping[str, Any] = field(default_factory=dict)
    minutes: int = 30

    @classmethod
    def where_they_wrote(cls, en: str, ar: str, words: Sequence[str], minutes: int) -> Self:
        """For answers to customers who wrote one of these words."""
        return cls(en, ar, {"all": [{"field": "words", "op": "any", "value": words}]}, minutes)

    @classmethod
    def where_we_say(cls, en: str, ar: str, found: Sequence[Code], words: Sequence[str], minutes: int) -> Self:
        """For answers in which the guard finds one of these, or one of these words stands."""
        guard = {"field": "guard", "op": "any", "value": [code.value for code in found]}
        return cls(en, ar, {"any": [guard, {"field": "answer_words", "op": "any", "value": words}]}, minutes)

    @classmethod
    def of_new_agents(cls, en: str, ar: str, minutes: int) -> Self:
        """For answers of whoever has been here for less than a month."""
        return cls(en, ar, {"all": [{"field": "author_days", "op": "at_most", "value": 30}]}, minutes)


@dataclass(frozen=True, slots=True)
class PackReply(Named):
    """A saved reply with its texts in both languages."""

    text_en: str = ""
    text_ar: str = ""

    @property
    def texts(self) -> dict[str, str]:
        return {"en": self.text_en, "ar": self.text_ar}


@dataclass(frozen=True, slots=True)
class Pack:
    """One sector's pack. `guard`: the least level of each finding; `minutes`: the most a second person has."""

    slug: str
    label: Promise
    says: Promise
    guard: Mapping[Code, Level]
    minutes: int
    rules: Sequence[PackRule]
    replies: Sequence[PackReply]
    tags: Sequence[Named]
