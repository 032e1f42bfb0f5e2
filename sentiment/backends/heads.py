"""From the raw answers (logits) of a reader of ours to what it says: calibrated, by thresholds chosen on validation.

`config.json` of such a reader holds under `reader`: `temperature` (what each head's logits are divided by; Guo et
al., ICML 2017), `follow_up` by language ("ar", "en", "other"): `scale` and `shift` (Platt scaling) and `threshold`,
and `reasons`, the threshold of each reason.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sentiment.backends.pieces import Pieces
from sentiment.backends.softmax import softmax
from sentiment.function_words import is_quiet
from sentiment.languages import detect
from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES, Care, Scores, Word

SIZES = {
    "sentiment": 3,
    "follow_up": 1,
    "reasons": len(REASONS),
    "urgency": len(URGENCIES),
    "trigger": len(TRIGGERS),
    "aim": len(AIMS),
}
"""Heads in the order of the logits, with their numbers of labels."""
ABOUT_A_FAULT = frozenset({"complaint", "fault_report"})
MOST_WORDS = 6
"""So many words are marked at most: more would say nothing."""
STANDS_OUT = 0.35
"""A word is marked from this share of what the strongest word said."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How P(follow-up) is had from a logit in one language, and from where on a person should see the message."""

    scale: float
    shift: float
    threshold: float

    def probability(self, logit: float) -> float:
        """Calibrated, in [0, 1]."""
        return sigmoid(self.scale * logit + self.shift)


class Heads:
    """What a reader's logits mean. Raises KeyError for a configuration that lacks a part."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._temperature: dict[str, float] = config["temperature"]
        self._follow_up = {language: FollowUp(**given) for language, given in config["follow_up"].items()}
        self._reasons = [float(config["reasons"][reason]) for reason in REASONS]

    def scores(self, text: str, pieces: Pieces, logits: Sequence[float], evidence: Sequence[float]) -> Scores:
        """What is said of one cleaned text."""
        parts = split(logits)
        negative, neutral, positive = softmax(self._cooled("sentiment", parts["sentiment"]))
        follow_up = self.follow_up(text)
        chance = follow_up.probability(parts["follow_up"][0])
        reasons = self._said(parts["reasons"])
        owed = chance >= follow_up.threshold
        faulty = not ABOUT_A_FAULT.isdisjoint(reasons)
        care = Care(
            follow_up=chance,
            threshold=follow_up.threshold,
            reasons=reasons,
            urgency=self._urgency(parts["urgency"], owed),
            trigger=_likeliest(TRIGGERS, parts["trigger"]) if faulty else "",
            aim=_likeliest(AIMS, parts["aim"]) if faulty else "",
            words=words(text, pieces, evidence) if owed else (),
        )
        return Scores(negative, neutral, positive, care)

    def follow_up(self, text: str) -> FollowUp:
        """The calibration for the language of a cleaned text."""
        language = detect(text)
        return self._follow_up.get(language, self._follow_up["other"])

    def _said(self, logits: Sequence[float]) -> tuple[str, ...]:
        """The reasons above their thresholds; the likeliest one where none is."""
        chances = [sigmoid(logit) for logit in self._cooled("reasons", logits)]
        found = tuple(
            reason for reason, chance, least in zip(REASONS, chances, self._reasons, strict=True) if chance >= least
        )
        return found or (REASONS[chances.index(max(chances))],)

    def _urgency(self, logits: Sequence[float], owed: bool) -> str:
        """Nothing is urgent where nothing is owed."""
        return _likeliest(URGENCIES, logits) if owed else URGENCIES[0]

    def _cooled(self, head: str, logits: Iterable[float]) -> list[float]:
        temperature = self._temperature.get(head, 1.0)
        return [logit / temperature for logit in logits]


def split(logits: Sequence[float]) -> dict[str, Sequence[float]]:
    """The logits of each head."""
    parts: dict[str, Sequence[float]] = {}
    start = 0
    for name, size in SIZES.items():
        parts[name] = logits[start : start + size]
        start += size
    return parts


def words(text: str, pieces: Pieces, evidence: Sequence[float]) -> tuple[Word, ...]:
    """The words of a cleaned text that spoke most for an answer, strongest first.

    Words that only join others are passed over, unless there are no others. A token's evidence is its summand of the
    follow-up logit. Each summand is taken against the post's mean, for context is spread over all tokens, and a word
    counts for the sum of its tokens.
    """
    said = [(word, value) for word, value in zip(pieces.words, evidence, strict=False) if word >= 0]
    if not said:
        return ()
    mean = sum(value for _, value in said) / len(said)
    weights: dict[int, float] = {}
    for word, value in said:
        weights[word] = weights.get(word, 0.0) + value - mean
    spelt = text.split()
    telling = {word: weight for word, weight in weights.items() if word < len(spelt) and not is_quiet(spelt[word])}
    ranked = sorted((telling or weights).items(), key=lambda one: -one[1])[:MOST_WORDS]
    strongest = ranked[0][1]
    if strongest <= 0:
        return ()
    return tuple(Word(word, value / strongest) for word, value in ranked if value >= STANDS_OUT * strongest)


def sigmoid(value: float) -> float:
    """1 / (1 + e^-x) without overflow."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    return math.exp(value) / (1 + math.exp(value))


def _likeliest(names: Sequence[str], logits: Sequence[float]) -> str:
    return names[max(range(len(names)), key=lambda number: logits[number])]
