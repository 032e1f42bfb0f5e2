"""What a reading is: the values this floor hands upwards, and what a backend must offer to make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

DEFAULT_NEGATIVE_THRESHOLD = 0.42
"""P(negative) from which a message without any other sign is shown to a person.

Chosen for the bundled reader together with its cues: about the highest at which at least 95 of 100 posts that two
readers found to need an answer are kept, in English and in Arabic (`sentiment.evaluation` measures it).
"""


REASONS = (
    "safety_or_legal", "threat_to_leave", "complaint", "fault_report", "question", "request", "details_given",
    "thanks", "praise", "chat", "opinion", "news", "spam", "unclear",
)  # fmt: skip
"""Every reason a reading can name, those that call for a person first; what each means stands in docs/labels.md."""
URGENCIES = ("low", "normal", "high")
TRIGGERS = (
    "dishonesty", "bad_service", "rudeness", "bad_product", "overcharging", "unresponsive", "delay_or_outage", "other",
)  # fmt: skip
"""What set a complaint off."""
AIMS = ("awareness", "apology", "solution", "refund", "sympathy", "unclear")
"""What a complaint is after."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a cleaned text that spoke for an answer; `weight` in (0, 1], 1 for the one that said most."""

    place: int
    """Its number among the words of the cleaned text, parted by spaces, from 0."""
    weight: float


@dataclass(frozen=True, slots=True)
class Care:
    """What a reader that was trained for customer care says besides the tone."""

    follow_up: float
    """Calibrated probability that a person owes this message an answer."""
    threshold: float
    """The `follow_up` from which a message is shown to a person: the model's own, for the text's language."""
    reasons: tuple[str, ...]
    """Names from `REASONS`, in that order, each at most once."""
    urgency: str
    trigger: str = ""
    """One of `TRIGGERS` where it is a complaint or a fault, else empty."""
    aim: str = ""
    """One of `AIMS` likewise."""
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of the text as it was given: characters `start` to `end` (exclusive), weight in (0, 1]."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities of the three classes; each in [0, 1], together 1."""

    negative: float
    neutral: float
    positive: float
    care: Care | None = None
    """None from a backend that knows sentiment only; cues (`sentiment.cues`) then name the reasons."""


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
    """Names from `REASONS`, in that order, each at most once."""
    urgency: str
    """"low", "normal" or "high"."""
    model: str
    version: str
    follow_up: float | None = None
    """As `Care.follow_up`; None from a model that knows sentiment only."""
    threshold: float | None = None
    """As `Care.threshold`."""
    trigger: str = ""
    aim: str = ""
    evidence: tuple[Mark, ...] = ()
    """The words that carried the decision, in the order of the text; empty where none stood out."""

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
class InContext(Protocol):
    """A backend that reads a text together with what it answers."""

    def score_replies(self, texts: Sequence[str], parents: Sequence[str]) -> list[Scores]:
        """As `Backend.score`; `parents` holds for each text the cleaned text it replies to, or an empty one."""


@runtime_checkable
class Measuring(Protocol):
    """A backend that can say beforehand how long texts are to it, so that batches hold texts of one length."""

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each of n texts, as scored."""
