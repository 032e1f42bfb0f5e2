"""From a model's raw answers (logits) and label names to the three probabilities of a reading."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from sentiment.reading import Scores

CLASSES = ("negative", "neutral", "positive")
_NAMES = {
    "negative": "negative", "neg": "negative", "bad": "negative",
    "neutral": "neutral", "neu": "neutral", "mixed": "neutral",
    "positive": "positive", "pos": "positive", "good": "positive",
}  # fmt: skip
_STARS = re.compile(r"(\d)[ _-]?stars?")
_NUMBERED = re.compile(r"label[ _-]?(\d)")


def softmax(logits: Iterable[float]) -> list[float]:
    """Probabilities of one text's logits; shifted by the largest so that nothing overflows."""
    values = [float(value) for value in logits]
    top = max(values)
    powers = [math.exp(value - top) for value in values]
    total = math.fsum(powers)
    return [power / total for power in powers]


def class_of_label(labels: Mapping[int, str]) -> list[str]:
    """Which of the three classes each label (by its number, 0 to n - 1) belongs to.

    Understands negative/neutral/positive in any case, "1 star" to "5 stars", and bare LABEL_0.. with two labels
    (negative, positive) or three (negative, neutral, positive). Raises ValueError naming labels it does not know.
    """
    names = [str(labels[number]).strip().casefold() for number in range(len(labels))]
    by_name = [_NAMES.get(name) or _of_stars(name) for name in names]
    known = [name for name in by_name if name]
    if len(known) == len(names) and {"negative", "positive"} <= set(known):
        return known
    if len(names) in (2, 3) and all(_NUMBERED.fullmatch(name) for name in names):
        return list(CLASSES) if len(names) == 3 else ["negative", "positive"]
    raise ValueError(f"no sentiment labels: {', '.join(map(repr, labels.values()))}")


def scores(logits: Iterable[float], classes: Sequence[str]) -> Scores:
    """One text's logits as scores; `classes` as `class_of_label` gives them. A class without a label gets 0."""
    total = dict.fromkeys(CLASSES, 0.0)
    for name, probability in zip(classes, softmax(logits), strict=True):
        total[name] += probability
    return Scores(total["negative"], total["neutral"], total["positive"])


def _of_stars(name: str) -> str | None:
    found = _STARS.fullmatch(name)
    if not found:
        return None
    return {"1": "negative", "2": "negative", "3": "neutral", "4": "positive", "5": "positive"}.get(found[1])
