"""Finding many phrases in one text in one pass over its words.

A phrase table is compiled once into a dictionary by first word, so that a text costs a few look-ups a word however
many phrases there are. `sentiment.cue_words` explains how phrases are written.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sentiment.text import search_form

GAP = 3
"""Words that a `~` may stand for, at most."""
SENTENCE_HEAD = 4
"""Words from the start of a sentence among which a `^` phrase may begin."""

_TOKENS = re.compile(r"[^\W_]+|[.!?؟…؛;\n]|[,،:()\"“”\-–—]")
_APOSTROPHES = re.compile("['’‘`´\u02bc]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_STAND_INS = re.compile(r"@user|\bhttp\b")
_ENDS = frozenset(".!?؟…؛;\n")
_ARABIC = re.compile("[\u0621-\u064a]")
_NEGATED = re.compile(r"[وف]?(ما|لا)([يتنبكاوع]\w{3,})")
_CIRCUMFIX = re.compile(r"(\w{3,})ش")
_AROUND = re.compile(r"[وف]?م(\w{3,})ش")
_PREPOSITION = re.compile(r"[بل](\w{4,})")
_ARTICLE = re.compile(r"(?:ال|بال|كال|لل)(\w{3,})")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: forms it may be known by, place in its sentence, whether punctuation stands before it."""

    forms: tuple[str, ...]
    place: int
    after_break: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a table: what it stands for and its parts ("*" ends a stem, "~" is a gap)."""

    meaning: str
    parts: tuple[str, ...]
    at_head: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase met in a text: its meaning and the words `start` to `end` (exclusive) it covers."""

    meaning: str
    phrase: Phrase
    start: int
    end: int


@dataclass(slots=True)
class Table:
    """Phrases by their first word: whole, or by stem of each length that occurs."""

    whole: dict[str, list[Phrase]] = field(default_factory=dict)
    stems: dict[str, list[Phrase]] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()

    def find(self, words: Sequence[Word]) -> Iterator[Found]:
        """Every phrase that begins at any word; overlapping ones too."""
        for start, word in enumerate(words):
            for phrase in self._candidates(word):
                if phrase.at_head and word.place >= SENTENCE_HEAD:
                    continue
                end = _match(words, start, phrase.parts)
                if end:
                    yield Found(phrase.meaning, phrase, start, end)

    def _candidates(self, word: Word) -> Iterator[Phrase]:
        for form in word.forms:
            yield from self.whole.get(form, ())
            for length in self.lengths:
                yield from self.stems.get(form[:length], ())


def table(*sources: Mapping[str, str]) -> Table:
    """Compile meaning-to-phrases mappings into one table."""
    built = Table()
    for source in sources:
        for meaning, written in source.items():
            for phrase in _written(meaning, written):
                first = phrase.parts[0]
                shelf = built.stems if first.endswith("*") else built.whole
                shelf.setdefault(first.rstrip("*"), []).append(phrase)
    built.lengths = tuple(sorted({len(stem) for stem in built.stems}))
    return built


def words(text: str) -> list[Word]:
    """The words of a cleaned text in search form, apostrophes dropped, stretched letters ("sooo") made single."""
    found: list[Word] = []
    place, after_break = 0, True
    for token in _TOKENS.findall(_folded(_STAND_INS.sub(" ", text))):
        if not token[0].isalnum():
            place, after_break = (0 if token in _ENDS else place), True
            continue
        for word in _apart(token):
            found.append(Word(_forms(word), place, after_break))
            after_break = False
        place += 1
    return found


def negated(said: Sequence[Word], at: int, negations: frozenset[str], passed_over: frozenset[str]) -> bool:
    """Whether a negation stands before word `at`, with nothing between them but words to be passed over."""
    while at > 0 and not said[at].after_break:
        at -= 1
        if not negations.isdisjoint(said[at].forms):
            return True
        if passed_over.isdisjoint(said[at].forms):
            return False
    return False


def folded_words(written: str) -> frozenset[str]:
    """A plain list of words as a set in the form `words` gives them."""
    return frozenset(_folded(written).split())


def _folded(text: str) -> str:
    return _STRETCHED.sub(r"\1", _APOSTROPHES.sub("", search_form(text)))


def _written(meaning: str, written: str) -> Iterable[Phrase]:
    for line in re.split(r"[|\n]", written):
        parts = _folded(line).split()
        at_head = parts[:1] == ["^"]
        if parts[at_head:]:
            yield Phrase(meaning, tuple(parts[at_head:]), at_head)


def _apart(token: str) -> tuple[str, ...]:
    """Arabic negations written onto their verb are words of their own: "مايشتغل", "مبيشتغلش", "لاينصح"."""
    if not _ARABIC.match(token):
        return (token,)
    joined = _NEGATED.fullmatch(token)
    if joined:
        return joined[1], _CIRCUMFIX.sub(r"\1", joined[2])
    around = _AROUND.fullmatch(token)
    return ("ما", around[1]) if around else (token,)


def _forms(word: str) -> tuple[str, ...]:
    """A word and, if Arabic, what is left without a joined wa-, fa-, bi-, li- or article."""
    if len(word) < 3 or not _ARABIC.match(word):
        return (word,)
    bare = word[1:] if word[0] in "وف" else word
    article = _ARTICLE.match(bare) or _PREPOSITION.match(bare)
    return tuple(dict.fromkeys((word, bare, article[1] if article else bare)))


def _match(words: Sequence[Word], start: int, parts: Sequence[str]) -> int:
    """Where the phrase that begins at `start` ends, or 0 if it does not stand there."""
    at = start + 1
    for number, part in enumerate(parts[1:], 1):
        if part == "~":
            rest = parts[number + 1 :]
            ends = (_match(words, skip, rest) for skip in range(at, at + GAP + 1) if _is(words, skip, rest[0]))
            return next((end for end in ends if end), 0)
        if not _is(words, at, part):
            return 0
        at += 1
    return at


def _is(words: Sequence[Word], at: int, part: str) -> bool:
    if at >= len(words):
        return False
    forms = words[at].forms
    if part.endswith("*"):
        return any(form.startswith(part[:-1]) for form in forms)
    return part in forms
