"""How a customer of the demo platform takes an answer. Pure; a rough judge, good enough for a story.

A decent answer is in the customer's language, has at least five words of its own, is not word for word one of our
last answers, and does more than send the customer elsewhere (a bare link, "DM us").
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from enum import StrEnum

FEWEST_WORDS = 5
# An answer that sends people to private messages must say this much besides to count as care.
FEWEST_WORDS_WITH_DETOUR = 14

_LINK_OR_NAME = re.compile(r"https?://\S+|www\.\S+|[@#][\w.-]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")
_DETOUR = re.compile(
    r"\bdm\b|\bdms\b|direct message|private message|inbox us|الخاص|رسالة خاصة|رسائل خاصة|دايركت", re.IGNORECASE
)


class Mood(StrEnum):
    """How a customer's next post sounds."""

    CALMER = "calmer"
    ANGRIER = "angrier"
    CLOSING = "closing"


def is_decent(answer: str, language: str, lately: Collection[str]) -> bool:
    """Whether the customer feels that a person read the post. `lately` holds our last answers to anybody."""
    words = _words(answer)
    if len(words) < FEWEST_WORDS or not _speaks(words, language):
        return False
    if _DETOUR.search(answer) and len(words) < FEWEST_WORDS_WITH_DETOUR:
        return False
    return plain(answer) not in {plain(earlier) for earlier in lately}


def plain(text: str) -> str:
    """A text without names, links, marks and case: what makes two answers the same answer."""
    return " ".join(_words(text)).casefold()


def _words(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", _LINK_OR_NAME.sub(" ", text))
    # Accents and Arabic vowel signs are marks of their own here: without them a word is one run of letters.
    return _WORD.findall("".join(sign for sign in bare if not unicodedata.combining(sign)))


def _speaks(words: Sequence[str], language: str) -> bool:
    letters = "".join(words)
    arabic = len(_ARABIC.findall(letters)) * 2 >= len(letters)
    return arabic == language.startswith("ar")


def next_mood(*, decent: bool, earlier_answers: int) -> tuple[Mood, ...]:
    """The moods that fit, best first: a decent first answer calms, a decent later one closes, a poor one angers."""
    if not decent:
        return (Mood.ANGRIER,)
    return (Mood.CLOSING, Mood.CALMER) if earlier_answers else (Mood.CALMER, Mood.CLOSING)
