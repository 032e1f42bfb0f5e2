"""Words in one spelling (sentiment.text.search_form), with the way back to where they stand in the text."""

import re
from dataclasses import dataclass
from functools import lru_cache

from sentiment.text import search_form

WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    return search_form(letter)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded letter by letter; `places[i]` is where the i-th folded letter stands in the text."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded text stands in the text as it was written."""
        return self.places[start], self.places[end - 1] + 1

    def find(self, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        """Every place where a pattern of folded letters holds, in the text as it was written."""
        return [self.span(*match.span()) for match in pattern.finditer(self.text) if match.end() > match.start()]


def fold(text: str) -> Folded:
    """The text in one spelling."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        folded = _folded_letter(letter)
        letters.append(folded)
        places.extend([place] * len(folded))
    return Folded("".join(letters), tuple(places))


def words_of(text: str) -> list[str]:
    """The words of a text in one spelling, in order."""
    return WORD.findall(fold(text).text)


def phrases(*alternatives: str) -> re.Pattern[str]:
    """One pattern for several, each folded as texts are and standing as whole words."""
    folded = (_fold_pattern(one) for one in alternatives)
    return re.compile(r"(?<!\w)(?:" + "|".join(folded) + r")(?!\w)")


def _fold_pattern(pattern: str) -> str:
    """Arabic and English letters folded, the signs of the pattern as they are."""
    return "".join(_folded_letter(sign) if sign.isalpha() else sign for sign in pattern)
