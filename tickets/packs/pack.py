"""What a pack holds: things named in both languages, which a brand gets as ordinary rows that people may edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
