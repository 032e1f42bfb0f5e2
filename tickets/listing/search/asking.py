"""What a person typed into search, taken apart. Pure; nothing anybody types is an error.

bill refund       messages with both words, in any of their forms; the last may be half typed
"late again"      these words next to one another («…» and “…” as well)
-refund           not this word
@reem             who wrote it, by name or handle
#4021             the ticket itself
tag:billing       tickets with the tag (وسم:… as well)
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sentiment.stems import stems
from sentiment.text import search_form
from tickets.listing.search.words import HANDLE, LONGEST, any_of, quoted, written

LONGEST_QUESTION = 200
MOST_PARTS = 12
TOKEN = re.compile(r'(?P<minus>-?)(?:["“”«](?P<phrase>[^"“”»]*)["“”»]?|(?P<plain>[^\s"“”«»]+))')
NUMBER = re.compile(r"#?([0-9]{1,18})")
TAG = re.compile(r"(?:tag|وسم):(.+)", re.IGNORECASE)
# A word of fewer letters is not completed: too much begins with it.
SHORTEST_HALF = 2
Complete = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """Folded words that must stand next to one another; one word stands alone."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart."""

    parts: tuple[Part, ...] = ()
    without: tuple[Part, ...] = ()
    people: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    number: int | None = None
    # The last word, while it may be half typed: a word of `parts` or, with its @, one of `people`.
    half: str = ""

    @property
    def has_words(self) -> bool:
        """Whether there is anything to look for in the words of messages."""
        return bool(self.parts or self.people)

    @property
    def is_empty(self) -> bool:
        return not (self.has_words or self.tags or self.number is not None)


def asked(text: str) -> Asked:
    """A question as it was typed."""
    text = text.replace("\0", "")[:LONGEST_QUESTION]
    found = Asked()
    tokens = list(TOKEN.finditer(text))[:MOST_PARTS]
    for token in tokens:
        last = token is tokens[-1] and token.end() == len(text)
        found = _phrase(found, token) if token["phrase"] is not None else _plain(found, token, last=last)
    return found


def _phrase(found: Asked, token: "re.Match[str]") -> Asked:
    words = tuple(written(token["phrase"]))
    if not words:
        return found
    if token["minus"]:
        return replace(found, without=(*found.without, Part(words)))
    return replace(found, parts=(*found.parts, Part(words)))


def _plain(found: Asked, token: "re.Match[str]", *, last: bool) -> Asked:
    plain = token["plain"]
    if token["minus"]:
        words = tuple(written(plain))
        return replace(found, without=(*found.without, Part(words))) if words else found
    if tag := TAG.fullmatch(plain):
        return replace(found, tags=(*found.tags, tag[1]))
    folded = search_form(plain)
    if folded.startswith("@") and (name := HANDLE.findall(folded)):
        person = f"@{name[0][: LONGEST - 1]}"
        return replace(found, people=(*found.people, person), half=person if last else found.half)
    if (number := NUMBER.fullmatch(folded)) and folded.startswith("#"):
        return replace(found, number=int(number[1]))
    words = tuple(written(plain))
    if not words:
        return found
    half = words[-1] if last and len(words) == 1 and len(words[-1]) >= SHORTEST_HALF else found.half
    # A bare number may be a ticket's, and a word that somebody wrote.
    told = int(number[1]) if number else found.number
    return replace(found, parts=(*found.parts, Part(words)), half=half, number=told)


def tsquery(question: Asked, complete: Complete) -> str:
    """The question for the words of messages, in PostgreSQL's writing; `complete` gives the stems of a half word."""
    terms = [_part(part, question.half, complete) for part in question.parts]
    terms += [_person(person, question.half, complete) for person in question.people]
    terms += [f"!{_part(part, '', complete)}" for part in question.without]
    return " & ".join(terms)


def _part(part: Part, half: str, complete: Complete) -> str:
    if part.words == (half,):
        return any_of(dict.fromkeys([*stems(half), *complete(half)]))
    return f"({' <-> '.join(any_of(stems(word)) for word in part.words)})"


def _person(person: str, half: str, complete: Complete) -> str:
    return any_of(dict.fromkeys([person, *complete(person)])) if person == half else quoted(person)
