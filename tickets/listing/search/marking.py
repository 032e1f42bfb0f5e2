"""Where the words that were asked for stand in a text, in whatever form they are written there. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sentiment.stems import stems
from tickets.answering.guard.folding import WORD, Folded, fold
from tickets.listing.search.asking import Asked, Part

# Letters of a line in the list; what was asked for stands among its first, or after a few words that lead to it.
LINE = 160
FIRST = 70
BEFORE = 30
# The beginning of a text in which words are looked for.
LOOKED_AT = 20_000
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a text, and the words in it that were asked for: [start, end] each."""

    text: str
    marks: tuple[Span, ...]


def marks(text: str, question: Asked) -> list[Span]:
    """[start, end] of every word that was asked for, in order; words of a phrase only where they stand together."""
    folded = fold(text[:LOOKED_AT])
    words = [(word.group(), word.span()) for word in WORD.finditer(folded.text)]
    kinds = [frozenset(stems(word)) for word, _span in words]
    found: set[Span] = set()
    for part in question.parts:
        size = len(part.words)
        for start in range(len(words) - size + 1):
            here = words[start : start + size]
            if _fits(part, question.half, [word for word, _span in here], kinds[start : start + size]):
                found |= {_whole(folded, text, span) for _word, span in here}
    return _apart(sorted(found))


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Words that share a letter as it was written (one sign may fold into the end of one and the start of the next)
    are one stretch.
    """
    whole: list[Span] = []
    for start, end in spans:
        if whole and start < whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def line(text: str, found: Sequence[Span]) -> Line:
    """The piece of a text around the first marked words, cut between words."""
    flat = text.replace("\n", " ")
    first, start = found[0] if found else (0, 0), 0
    if first[1] > FIRST:
        start = max(0, first[0] - BEFORE)
        start = flat.find(" ", start, first[0]) + 1 or start
    end = min(len(flat), start + LINE)
    if end < len(flat):
        end = flat.rfind(" ", start + LINE // 2, end) if " " in flat[start + LINE // 2 : end] else end
    ahead = "… " if start else ""
    here = [(a - start + len(ahead), b - start + len(ahead)) for a, b in found if a >= start and b <= end]
    return Line(f"{ahead}{flat[start:end]}{' …' if end < len(flat) else ''}", tuple(here))


def _fits(part: Part, half: str, words: Sequence[str], kinds: Sequence[frozenset[str]]) -> bool:
    if part.words == (half,) and (words[0].startswith(half) or any(kind.startswith(half) for kind in kinds[0])):
        return True
    return all(not kind.isdisjoint(stems(word)) for word, kind in zip(part.words, kinds, strict=True))


def _whole(folded: Folded, text: str, span: Span) -> Span:
    """The word in the text as written, with the vowel signs and tatweel that folding took from its end."""
    start, end = folded.span(*span)
    # Signs that were folded away stand between the last letter and the next one that was kept.
    following = bisect_right(folded.places, end - 1)
    limit = folded.places[following] if following < len(folded.places) else len(text)
    while end < limit and not text[end].isspace() and not fold(text[end]).text:
        end += 1
    return start, end
