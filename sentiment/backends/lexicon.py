"""A reader of word lists, for the last resort: no model, no download, used only when it is asked for.

The scheme is VADER's (Hutto and Gilbert, ICWSM 2014): graded words, turned by a negation before them, strengthened by
"very" and "!", what follows "but" weighing more; the sum squashed to [-1, 1]. Far weaker than a model, and blind to
everything its lists do not name.
"""

import math
from collections.abc import Iterable, Sequence
from functools import cache

from sentiment.backends.lexicon_words import ARABIC, EMOJI, EMOTICONS, ENGLISH, STRONGER, WEIGHTS
from sentiment.backends.softmax import softmax
from sentiment.cue_words import BUTS, FILLERS, NEGATIONS
from sentiment.phrases import Found, Table, Word, folded_words, negated, table, words
from sentiment.reading import Scores

_NEGATED = -0.7
_STRENGTHENED = 1.35
_AFTER_BUT, _BEFORE_BUT = 1.4, 0.6
_SPREAD = 12.0
"""VADER's alpha: how soon further words stop mattering."""
_SHARPNESS, _NEUTRAL = 3.0, 1.0
"""From valence v to the logits (-s v, n, s v): with no word of the lists, neutral is likelier than both together."""

_NEGATIONS = folded_words(NEGATIONS)
_PASSED_OVER = folded_words(FILLERS) | folded_words(STRONGER)
_STRONGER = folded_words(STRONGER)
_BUTS = folded_words(BUTS)


class Lexicon:
    """A backend without state; every text is scored by itself."""

    name = "radd-lexicon"
    version = "1"

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Scores of n texts."""
        return [_scores(valence(text)) for text in texts]


def valence(text: str) -> float:
    """From -1 to 1; 0 where no word or sign of the lists occurs."""
    said = words(text)
    total = sum(_weight(found, said) for found in _longest(_table().find(said)))
    total += sum(EMOJI.get(sign, 0.0) for sign in set(text))
    total += sum(weight for sign, weight in EMOTICONS.items() if sign in text)
    total *= 1 + 0.1 * min(text.count("!"), 3)
    return total / math.sqrt(total * total + _SPREAD)


def _scores(value: float) -> Scores:
    negative, neutral, positive = softmax((-_SHARPNESS * value, _NEUTRAL, _SHARPNESS * value))
    return Scores(negative=negative, neutral=neutral, positive=positive)


def _weight(found: Found, said: Sequence[Word]) -> float:
    weight = WEIGHTS[found.meaning]
    near = [*said[max(0, found.start - 1) : found.start], *said[found.end : found.end + 1]]
    if any(_STRONGER.intersection(word.forms) for word in near):
        weight *= _STRENGTHENED
    if negated(said, found.start, _NEGATIONS, _PASSED_OVER):
        weight *= _NEGATED
    if any(_BUTS.intersection(word.forms) for word in said[: found.start]):
        return weight * _AFTER_BUT
    if any(_BUTS.intersection(word.forms) for word in said[found.end :]):
        return weight * _BEFORE_BUT
    return weight


def _longest(found: Iterable[Found]) -> list[Found]:
    """Of phrases that overlap only the longest, so that "the best" is not also "best"."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda found: found.start - found.end):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return kept


@cache
def _table() -> Table:
    return table(ENGLISH, ARABIC)
