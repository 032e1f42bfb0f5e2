"""The words by which an incident's posts are known, and which of them a text holds. Pure.

Words are folded and stemmed as search does it (tickets.listing.search.words), so one spelling of a word stands for all
of its forms. Several words must stand next to one another; with a star at its end a word stands for all that begin so.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.cleaning import clean
from sentiment.stems import stems
from tickets.listing.search.words import written

MOST = 30
LONGEST = 60
# A shorter beginning would stand for half the language.
SHORTEST_BEGINNING = 3
_BETWEEN = re.compile(r"[\n,،;؛]+")


class BadTerm(ValueError):
    """No term: `word` holds no letter or figure, or is too short to stand for a beginning; empty for too many."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class TooLong(BadTerm):
    """A term of more than LONGEST signs: nothing of it is cut off, and nothing is kept."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term as a person wrote it, and its words' stems in order; `begins`: the folded beginning of its last word."""

    said: str
    words: tuple[frozenset[str], ...]
    begins: str = ""


def split(text: str) -> list[str]:
    """Terms as they are typed, one on a line or between commas; each once in any of its spellings. Raises BadTerm."""
    found: dict[str, str] = {}
    for part in _BETWEEN.split(clean(text)):
        said = " ".join(part.split())
        if not said:
            continue
        if len(said) > LONGEST:
            raise TooLong(said)
        folded = written(said)
        if not folded or (said.endswith("*") and len(folded[-1]) < SHORTEST_BEGINNING):
            raise BadTerm(said)
        found.setdefault(" ".join(folded) + "*" * said.endswith("*"), said)
    if len(found) > MOST:
        raise BadTerm("")
    return list(found.values())


def read(kept: Iterable[str]) -> tuple[Term, ...]:
    """Terms that were kept; what holds no word any more is left out."""
    return tuple(term for said in kept if (term := _term(str(said))) is not None)


def _term(said: str) -> Term | None:
    folded = written(said)
    if not folded:
        return None
    begins = folded[-1] if said.rstrip().endswith("*") else ""
    whole = folded[:-1] if begins else folded
    return Term(said, tuple(frozenset(stems(word)) for word in whole), begins)


def heard(text: str, terms: Sequence[Term]) -> str | None:
    """The first of these terms that the text holds, as it was written; None for none."""
    words = written(text) if terms else []
    known = [frozenset(stems(word)) for word in words]
    return next((term.said for term in terms if _holds(words, known, term)), None)


def _holds(words: Sequence[str], known: Sequence[frozenset[str]], term: Term) -> bool:
    long = len(term.words) + bool(term.begins)
    for start in range(len(words) - long + 1):
        fits = all(not term.words[turn].isdisjoint(known[start + turn]) for turn in range(len(term.words)))
        if fits and (not term.begins or _begins(words[start + long - 1], known[start + long - 1], term.begins)):
            return True
    return False


def _begins(word: str, known: frozenset[str], beginning: str) -> bool:
    return word.startswith(beginning) or any(stem.startswith(beginning) for stem in known)
