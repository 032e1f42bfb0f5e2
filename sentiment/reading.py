"""What a reading is: the values this floor hands upwards, and what a backend must offer to make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

DEFAULT_NEGATIVE_THRESHOLD = 0.42
"""P(negative) from which a message without any other sign is shown to a person.

Chosen for the bundled reader together with its cues: about the highest at which at least 95 of 100 posts that two
readers found to need an answer are kept, in English and in Arabic (`sentiment.evaluation` measures it).
"""


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities of the three classes; each in [0, 1], together 1."""

    negative: float
    neutral: float
    positive: float


NEUTRAL = Scores(negative=0.0, neutral=1.0, positive=0.0)
"""What is said of a text that holds nothing to read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as it was understood: its language, tone, reasons to answer, and which model said so."""

    language: str
    """ISO 639-1 ("ar", "en", ...) or "und" where no language can be told."""
    negative: float
    neutral: float
    positive: float
    reasons: tuple[str, ...]
    """Names from `sentiment.cues.REASONS`, in that order, each at most once."""
    urgency: str
    """"low", "normal" or "high"."""
    model: str
    version: str

    @property
    def valence(self) -> float:
        """From -1 (wholly negative) to 1 (wholly positive)."""
        return self.positive - self.negative

    @property
    def sentiment(self) -> str:
        """The likeliest class by name; on a tie the more negative one, so that nothing is overlooked."""
        if self.negative >= max(self.neutral, self.positive):
            return "negative"
        return "neutral" if self.neutral >= self.positive else "positive"


@dataclass(frozen=True, slots=True)
class Failure:
    """A text that could not be read, and why in one line."""

    error: str


class Backend(Protocol):
    """Anything that scores cleaned texts (`sentiment.text.clean`)."""

    @property
    def name(self) -> str:
        """The model as written on a reading."""

    @property
    def version(self) -> str:
        """The model's version as written on a reading."""

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Score n texts in one batch: n scores in the same order. May raise for a text it cannot read."""


@runtime_checkable
class Measuring(Protocol):
    """A backend that can say beforehand how long texts are to it, so that batches hold texts of one length."""

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each of n texts, as scored."""
