"""The words of a message as search keeps them: one tsvector, written here and not by PostgreSQL's own parsers.

Besides stems with their places a row holds words that nobody can type, because no word begins with these signs:
`@...` names and handles of who wrote it, `_b7` its brand, `_12_437000` the stretch of time it falls into, in stretches
of several lengths. An AND with one of the latter costs only what that stretch holds: GIN skips through the longer list
of places by the shorter one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sentiment.stems import stems
from sentiment.text import search_form

WORD = re.compile(r"[^\W_]+")
HANDLE = re.compile(r"[\w.-]+")
# Stretches of 2**n seconds: an hour, nine hours, three days, three and a half weeks, half a year.
STRETCHES = (12, 15, 18, 21, 24)
LONGEST = 40
# Of one message with its notes; what is longer is found by its beginning.
MOST_WORDS = 4000
# Between the words of a message, of a name and of a note, so that no phrase reaches from one into the other.
GAP = 10
LAST_PLACE = 16_383
Words = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Said:
    """A message as search sees it, with the notes that were written under it."""

    message: int
    brand: int
    at: datetime
    text: str
    name: str = ""
    handle: str = ""
    notes: Sequence[str] = ()


def written(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [word[:LONGEST] for word in WORD.findall(search_form(text))[:MOST_WORDS]]


def names_of(name: str, handle: str) -> set[str]:
    """What a person can be asked for by, each with its @."""
    whole = HANDLE.findall(search_form(handle.lstrip("@")))
    return {f"@{word}"[:LONGEST] for word in (*written(name), *whole[:1])}


def kept(said: Said) -> tuple[str, dict[str, str]]:
    """What is kept of a message: its tsvector in PostgreSQL's own writing, and its words with the stem of each.

    Numbers and the shortest words are not completed, so they are no part of the latter.
    """
    words: Words = {}
    known: dict[str, str] = {}
    for place, word in _placed(said):
        found = stems(word)
        for stem in found:
            words.setdefault(stem, []).append(place)
        if len(word) > 2 and not word.isdigit():
            known |= {stem: stem for stem in found} | {word: found[0]}
    names = names_of(said.name, said.handle)
    for sign in (*names, brand(said.brand), *times(int(said.at.timestamp()))):
        words[sign] = []
    vector = " ".join(f"{quoted(word)}{_places(places)}" for word, places in words.items())
    return vector, known | {name: name for name in names}


def _placed(said: Said) -> Iterator[tuple[int, str]]:
    """Every word of a message, its writer and its notes with its place; one name is found without its @ too."""
    place, left = 1, MOST_WORDS
    for text in (said.name, said.handle, said.text, *said.notes):
        for word in written(text)[:left]:
            yield min(place, LAST_PLACE), word
            place, left = place + 1, left - 1
        place += GAP


def brand(pk: int) -> str:
    """The word of a brand."""
    return f"_b{pk}"


def times(second: int) -> Iterator[str]:
    """The words of the stretches that a moment falls into."""
    return (stretch(power, second >> power) for power in STRETCHES)


def stretch(power: int, number: int) -> str:
    """The word of one stretch of 2**power seconds."""
    return f"_{power}_{number}"


def quoted(word: str) -> str:
    """A word as tsvector and tsquery take it, whatever signs it holds."""
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def any_of(words: Iterable[str]) -> str:
    """A tsquery for one of several words."""
    return f"({' | '.join(map(quoted, words))})"


def _places(places: Sequence[int]) -> str:
    # A word keeps 255 places at most.
    return ":" + ",".join(map(str, places[:255])) if places else ""
