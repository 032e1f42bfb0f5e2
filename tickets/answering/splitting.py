"""A long answer in parts that each fit one post. Pure: text in, parts out.

Cuts stand behind white space only, so links, handles and hashtags stay whole; Chinese and Japanese, which have none
between sentences, are cut behind their full stops too. A cut behind a sentence is better than one behind a clause, and
that is better than one behind a word. Each part's number ("1/3") stands behind its words and counts with them.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from ingest.platforms.base import Length

Measure = Callable[[str], Length]

WORD, CLAUSE, SENTENCE = 1, 2, 3
# A part that ends with a sentence may be shorter than it could be, but not by more than to this share.
SHORTEST = 1 / 3

SPACE = re.compile(r"\s+")
# Places where white space asks not to be broken.
NO_BREAK = "\u00a0\u2007\u202f"
WIDE_STOP = re.compile(r"[。！？](?=\S)")
LINK = re.compile(r"(?:https?://|www\.)\S*", re.IGNORECASE)
CLOSING = "\"'”’»)]}」』）"
STOPS, PAUSES = ".!?؟۔…。！？", "،؛,;:"


class CannotSplit(Exception):
    """The text does not go out in parts."""


class LongWord(CannotSplit):
    """A word, a link or a run without a space is longer than a part."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class TooManyParts(CannotSplit):
    """It would take more parts than may be."""

    def __init__(self, most: int) -> None:
        super().__init__(str(most))
        self.most = most


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `said` is its piece of the text: all of them joined are the text."""

    said: str
    number: str = ""

    @property
    def text(self) -> str:
        """What is posted."""
        return f"{self.said.strip()} {self.number}" if self.number else self.said


def split(text: str, measure: Measure, most: int) -> list[Part]:
    """The text in parts that each fit, by `measure`; one without a number where it fits whole.

    Raises LongWord, TooManyParts.
    """
    if not text.strip() or measure(text).fits:
        return [Part(text)]
    cuts = _cuts(text)
    for kinds in (True, False):
        for digits in range(1, len(str(most)) + 1):
            pieces = _pieces(text, cuts, measure, "9" * digits, kinds=kinds)
            if pieces is not None and len(str(len(pieces))) <= digits and len(pieces) <= most:
                return [Part(piece, f"{turn}/{len(pieces)}") for turn, piece in enumerate(pieces, 1)]
    raise TooManyParts(most)


# --- where it may be cut --------------------------------------------------------------------------------------------
def _cuts(text: str) -> list[tuple[int, int]]:
    """The places between words, as (place, what ends there), in order; the last one is the end of the text."""
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    found = [(space.end(), _rank(text, space)) for space in SPACE.finditer(text, first, last) if _breaks(space.group())]
    links = [link.span() for link in LINK.finditer(text)]
    for stop in WIDE_STOP.finditer(text, first, last):
        after = text[stop.end()]
        if after not in CLOSING + STOPS + PAUSES and not any(start < stop.end() < end for start, end in links):
            found.append((stop.end(), SENTENCE))
    return [*sorted(cut for cut in found if not _joins(text[cut[0]])), (len(text), SENTENCE)]


def _breaks(space: str) -> bool:
    return any(letter not in NO_BREAK for letter in space)


def _joins(letter: str) -> bool:
    """Whether a letter belongs to the one before it: an accent, a joiner, a colour of skin."""
    return (
        unicodedata.category(letter).startswith("M")
        or letter in "\u200c\u200d\uff9e\uff9f"
        or "\U0001f3fb" <= letter <= "\U0001f3ff"
    )


def _rank(text: str, space: "re.Match[str]") -> int:
    if "\n" in space.group():
        return SENTENCE
    before = text[: space.start()].rstrip(CLOSING)[-1:]
    after = text[space.end() : space.end() + 1]
    if before and before in STOPS:
        # "approx. two days": what goes on in small letters was no end.
        return WORD if before == "." and after.islower() else SENTENCE
    return CLAUSE if before and before in PAUSES else WORD


# --- the pieces -----------------------------------------------------------------------------------------------------
def _pieces(
    text: str, cuts: Sequence[tuple[int, int]], measure: Measure, total: str, *, kinds: bool
) -> list[str] | None:
    """The text cut so that each piece fits with its number out of `total`; None where the numbers grow longer.

    `kinds`: prefer the ends of sentences and clauses. Raises LongWord.
    """
    places, start = [0], 0
    while start < len(text):
        if len(str(len(places))) > len(total):
            return None
        fits = partial(_fits, text, measure, f"{len(places)}/{total}", start)
        start = _next(cuts, start, fits, text, kinds=kinds)
        places.append(start)
    return [text[start:end] for start, end in pairwise(places)]


def _fits(text: str, measure: Measure, number: str, start: int, end: int) -> bool:
    return measure(Part(text[start:end], number).text).fits


def _next(cuts: Sequence[tuple[int, int]], start: int, fits: Callable[[int], bool], text: str, *, kinds: bool) -> int:
    """Where the piece that begins at `start` ends."""
    first = bisect_right(cuts, start, key=lambda cut: cut[0])
    if not fits(cuts[first][0]):
        raise LongWord(text[start : cuts[first][0]].strip())
    low = _farthest(cuts, first, fits)
    farthest = cuts[low][0]
    if not kinds or low == len(cuts) - 1:
        return farthest
    least = start + (farthest - start) * SHORTEST
    well = sorted(((rank, place) for place, rank in cuts[first : low + 1] if place >= least), reverse=True)
    return next(place for _rank, place in well if fits(place))


def _farthest(cuts: Sequence[tuple[int, int]], first: int, fits: Callable[[int], bool]) -> int:
    """The last cut that fits, from one that does. Steps grow, then shrink: measuring may be dear."""
    low, step = first, 1
    while low + step < len(cuts) and fits(cuts[low + step][0]):
        low, step = low + step, 2 * step
    high = min(low + step, len(cuts))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(cuts[middle][0]) else (low, middle)
    return low
