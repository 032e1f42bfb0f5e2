"""Where in a text as it was given the words stand that a model named in the cleaned one."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from sentiment.reading import Mark, Word

_WORD = re.compile(r"\S+")


def marks(given: str, cleaned: str, words: Iterable[Word]) -> tuple[Mark, ...]:
    """The places of `words` (of `cleaned`) in `given`, in the order of the text; what cannot be placed is left out.

    Cleaning keeps most words one for one; where it does not (an entity that was a space, a text clipped in its
    middle), the two are laid side by side and only words that are alike count.
    """
    wanted = {word.place: word.weight for word in words}
    if not wanted:
        return ()
    spans = [(found.start(), found.end()) for found in _WORD.finditer(given)]
    places = _places([given[start:end] for start, end in spans], cleaned.split())
    found = ((spans[places[place]], weight) for place, weight in wanted.items() if place in places)
    return tuple(sorted((Mark(start, end, weight) for (start, end), weight in found), key=lambda mark: mark.start))


def _places(given: list[str], cleaned: list[str]) -> dict[int, int]:
    """For words of the cleaned text, the number of the same word in the given one."""
    if len(given) == len(cleaned):
        return {place: place for place in range(len(cleaned))}
    alike = SequenceMatcher(None, cleaned, given, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in alike for step in range(block.size)}
