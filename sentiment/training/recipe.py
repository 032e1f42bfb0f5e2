"""The recipe of the shipped reader: which rows, in which mix, in which order, and what a run is judged on."""

from dataclasses import dataclass
from pathlib import Path

from sentiment.training import corpus
from sentiment.training.corpus import UMSAB, Row
from sentiment.training.fit import Plan, Stage

LAYERS = 10
"""Of the base's twelve: the two uppermost serve its own task most, and without them a core reads a fifth more."""
CHECKS = (0.4, 0.7, 0.85, 1.0)
"""Shares of a cycle at which the averaged weights are judged; the best by `score` is kept."""

CHANCE = 0.005
"""By so much the score of one run moves from check to check without meaning anything."""
TO_BRANDS = ("tone own", "tone gold", "tone arabic_real")

_GENERAL = {"umsab": 2.0, "semeval": 0.6, "arsarcasm": 1.0, "arabic_reviews": 0.7, "complaints": 2.0, "own": 2.0}
_CARE = {"umsab": 2.0, "semeval": 0.15, "arsarcasm": 0.6, "arabic_reviews": 0.5, "complaints": 1.5, "own": 4.0}
_AGAIN = {"umsab": 2.0, "semeval": 0.5, "arsarcasm": 1.0, "arabic_reviews": 0.5, "complaints": 2.0, "own": 4.0}
_TWEETS = {"umsab": 2.0, "semeval": 1.0, "arsarcasm": 1.0, "arabic_reviews": 0.5, "complaints": 2.0, "own": 3.0}
_LABELLED = 2.0
"""How often a public post that we labelled is drawn in the care stages."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One rise and fall of the learning rate; the next begins with the best weights of the one before."""

    plan: Plan
    stages: tuple[Stage, ...]


def general(row: Row) -> float:
    """Everything, much of it tweets at large: what words and emoji mean in eight languages."""
    return _GENERAL.get(row.source, 1.0)


def care(row: Row) -> float:
    """Mostly what customers write: general tweets alone make a reader worse at posts to brands."""
    return _to_brands(row, _CARE, _LABELLED)


def again(row: Row) -> float:
    """The same once more, gentler, with other draws from the large sources."""
    return _to_brands(row, _AGAIN, _LABELLED)


def tweets(row: Row) -> float:
    """Last, all tweets at large beside what customers write: by now those are read better than tweets are."""
    return _to_brands(row, _TWEETS, _LABELLED)


def _to_brands(row: Row, weights: dict[str, float], labelled: float) -> float:
    if row.source == "correction":
        return weights["own"]
    if row.source != "own" and row.follow_up is not None:
        return max(labelled, weights.get(row.source, 1.0))
    return weights.get(row.source, 1.0)


CYCLES = (
    Cycle(Plan(), (Stage("general", general), Stage("care", care))),
    Cycle(Plan(rate=8e-5, heads_rate=3e-4, seed=23), (Stage("again", again),)),
    Cycle(Plan(rate=5e-5, heads_rate=2e-4, seed=37), (Stage("tweets", tweets),)),
)


def training_rows(data: Path, corrections: Path | None = None) -> list[Row]:
    """All rows that are trained on. Raises FileNotFoundError naming the missing file."""
    rows = [row for row in corpus.public(data) + corpus.own() if row.split == "train"]
    return rows + (corpus.corrections(corrections) if corrections else [])


def validation_rows(data: Path) -> list[Row]:
    """Rows that a run is chosen by: our own held apart, real posts that we labelled, the public val files."""
    rows = corpus.validation(data) + corpus.held(data) + [row for row in corpus.own() if row.split == "val"]
    for language in UMSAB:
        file = data / f"sentiment/umsab_{language}_val.jsonl"
        rows += corpus.sentiment_file(file, "umsab", language)
    return rows + corpus.sentiment_file(data / "sentiment/tweeteval_val.jsonl", "tweeteval", "en")


def score(figures: dict[str, float]) -> float:
    """One number to choose a checkpoint by: posts to brands count for half, general tweets for the other half."""
    to_brands = [value for name, value in figures.items() if name.endswith(" AP") or name.startswith(TO_BRANDS)]
    tweets = [figures[f"tone {name}"] for name in ("umsab mean", "umsab/arabic", "umsab/english", "tweeteval/en")]
    return sum(to_brands) / len(to_brands) / 2 + sum(tweets) / len(tweets) / 2
