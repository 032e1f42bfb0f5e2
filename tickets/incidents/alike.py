"""Posts of one hour that speak of the same thing more often than usual, and the words by which they are known. Pure.

What the model read says which posts may belong together, in any language; the words they share say what it is, and are
words that an incident can take new posts in by. A word is theirs where four times as large a share of them holds it as
of usual posts, twice as large a share as of the hour's posts about other things, and where few usual posts hold it at
all; where single words are too common, two that stand next to one another may do. Then the posts of the hour that hold
one of these words, whatever was read in them, are counted: ten at least, and four times as many as usual in an hour.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from sentiment.stems import stems
from sentiment.text import LINK, MENTION, clean
from tickets.incidents.terms import heard, read
from tickets.listing.search.words import WORD, written

# Posts that make a crowd; posts that must share a word; words that are named at most.
LEAST, FEWEST, MOST_WORDS = 10, 4, 6
# How many times as large a share of them holds a word as of usual posts, and as of the hour's posts about other things.
USUAL_TIMES, OTHER_TIMES = 4.0, 2.0
# What a larger share of usual posts holds tells nothing of a new one.
COMMON = 0.1
# So many more posts than usual in an hour.
HOURLY_TIMES = 4.0
# A word that adds a smaller share of the posts than this is not named.
ADDS = 0.05
# Few posts say little of what is usual: as if there were so many more, one of which holds the word.
UNKNOWN = 20
# Readings that name nothing.
NOTHING = frozenset({"", "other"})
SHORTEST = 3
_BREAK = re.compile(rf"{re.escape(MENTION)}|\b{re.escape(LINK)}\b")
# What any post may hold, folded as search folds it.
_LITTLE = """
    the and for you your our are was were has have had been being this that these those with from what when where why
    who how can cannot could will would should not but all any its his her their they them there here again still
    since hour day today now please just only one two three more than then about into out after before got get let
    hey hello anyone nobody someone something nothing does did don doesn isn too very also even thanks
    في من على الي عن مع هذا هذه ذا هذي اللي التي الذي ما لا لم لن كل بعد قبل عند عندي عندنا انا احنا انتم انت هو هي
    يا كم متي وين ليش وش ايش شو كيف فيه مافي الان الحين اليوم امس الصبح العصر ساعه ساعات يوم ايام محد احد وانا ثم
    او ان كان لو بس هل كذا قد تم عشان يرد
"""
_LITTLE_STEMS = frozenset(stem for word in _LITTLE.split() for stem in stems(word))
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A ticket's post: `about` is what the model read as its trigger, empty where it read none."""

    ticket: int
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Tickets that speak of the same, and the words they share as people wrote them, the most shared first."""

    about: str
    words: tuple[str, ...]
    tickets: tuple[int, ...]


def crowds(lately: Sequence[Said], usual: Sequence[str], hours: float) -> list[Crowd]:
    """Crowds among the posts of the last hour, the largest first; `usual`: posts of the `hours` before it."""
    found: list[Crowd] = []
    left = list(lately)
    named = Counter(one.about for one in lately if one.about not in NOTHING)
    before = _counted(usual)
    for about, n in named.most_common():
        crowd = _crowd(about, left, usual, before, hours) if n >= LEAST else None
        if crowd is not None:
            found.append(crowd)
            left = [one for one in left if one.ticket not in set(crowd.tickets)]
    return sorted(found, key=lambda crowd: -len(crowd.tickets))


def _crowd(about: str, left: Sequence[Said], usual: Sequence[str], before: Counter[Key], hours: float) -> Crowd | None:
    mine = [one.text for one in left if one.about == about]
    others = [one.text for one in left if one.about not in NOTHING | {about}]
    words = _shared(mine, others, before, len(usual))
    terms = read(words)
    held = tuple(one.ticket for one in left if heard(one.text, terms)) if words else ()
    if len(held) < LEAST:
        return None
    expected = sum(heard(text, terms) is not None for text in usual) / max(hours, 1.0)
    return Crowd(about, words, held) if len(held) >= HOURLY_TIMES * expected else None


def _shared(mine: Sequence[str], others: Sequence[str], before: Counter[Key], usual: int) -> tuple[str, ...]:
    """The words that most of these posts can be told by, each adding to those that the ones before it tell."""
    holders: dict[Key, set[int]] = defaultdict(set)
    forms: dict[Key, Counter[str]] = defaultdict(Counter)
    for turn, text in enumerate(mine):
        for key, form in _keys(text):
            holders[key].add(turn)
            forms[key][form] += 1
    beside = _counted(others)

    def is_theirs(key: Key) -> bool:
        share = len(holders[key]) / len(mine)
        known, other = (before[key] + 1) / (usual + UNKNOWN), (beside[key] + 1) / (len(others) + UNKNOWN)
        return known <= COMMON and share >= USUAL_TIMES * known and share >= OTHER_TIMES * other

    left = {key for key in holders if len(holders[key]) >= FEWEST and is_theirs(key)}
    told: set[int] = set()
    named: list[str] = []
    while left and len(named) < MOST_WORDS:
        best = max(left, key=lambda key: (len(holders[key] - told), len(holders[key]), -len(key), key))
        if len(holders[best] - told) < max(FEWEST - 1, ADDS * len(mine)):
            break
        told |= holders[best]
        named.append(forms[best].most_common(1)[0][0])
        left.discard(best)
    return tuple(named)


def _counted(texts: Collection[str]) -> Counter[Key]:
    """In how many of these texts each word, and each pair of neighbours, stands."""
    counted: Counter[Key] = Counter()
    for text in texts:
        counted.update({key for key, _form in _keys(text)})
    return counted


def _keys(text: str) -> Iterator[tuple[Key, str]]:
    """Stems of single words and of neighbours, each with the words as they were written; no names, links, figures."""
    for part in _BREAK.split(clean(text)):
        words = [(word, written(word)[:1]) for word in WORD.findall(part)]
        known = [(word.casefold(), stems(folded[0])) for word, folded in words if folded]
        for word, roots in known:
            if not _says_little(roots):
                for root in roots:
                    yield (root,), word
        for (one, first), (two, second) in pairwise(known):
            if not (_says_little(first) and _says_little(second)):
                for pair in product(first, second):
                    yield pair, f"{one} {two}"


def _says_little(roots: Sequence[str]) -> bool:
    return len(roots[0]) < SHORTEST or roots[0].isdigit() or not _LITTLE_STEMS.isdisjoint(roots)
