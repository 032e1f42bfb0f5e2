"""What a reader, or a baseline, answers for one text, in the words of the labels."""

from dataclasses import dataclass

from sentiment.cues import FOR_A_PERSON
from sentiment.reading import DEFAULT_NEGATIVE_THRESHOLD, Failure, Reading


@dataclass(frozen=True, slots=True)
class Answer:
    """None where it says nothing: a baseline for sentiment has no opinion on urgency."""

    language: str = ""
    failed: bool = False
    sentiment: str | None = None
    confidence: float | None = None
    """Probability of `sentiment`; None where it gives none, or none that is meant as one."""
    follow_up: float | None = None
    """A score: the higher, the more likely somebody should look."""
    threshold: float = 0.5
    """The `follow_up` from which the reader itself shows the message to a person."""
    is_probability: bool = False
    """Whether `follow_up` is meant as a probability, so that its calibration can be judged."""
    reasons: frozenset[str] | None = None
    urgency: str | None = None
    trigger: str | None = None
    """Empty: it names none."""
    aim: str | None = None

    @property
    def needs_person(self) -> bool:
        """Whether the reader shows the message to a person."""
        return self.follow_up is not None and self.follow_up >= self.threshold


FAILED = Answer(
    failed=True,
    sentiment="neutral",
    follow_up=1.0,
    threshold=1.0,
    reasons=frozenset(),
    urgency="low",
    trigger="",
    aim="",
)
"""A text that could not be read goes to a person; in every other figure it counts as an answer without an opinion."""


def answer(read: Reading | Failure) -> Answer:
    """A reading as an answer."""
    if isinstance(read, Failure):
        return FAILED
    score, threshold = _follow_up(read)
    knows_care = read.follow_up is not None
    return Answer(
        language=read.language,
        sentiment=read.sentiment,
        confidence=max(read.negative, read.neutral, read.positive),
        follow_up=score,
        threshold=threshold,
        is_probability=knows_care,
        reasons=frozenset(read.reasons),
        urgency=read.urgency,
        trigger=read.trigger if knows_care else None,
        aim=read.aim if knows_care else None,
    )


def _follow_up(read: Reading) -> tuple[float, float]:
    """Score and threshold. A model of sentiment alone says nothing of follow-up; triage then goes by a rule.

    The rule: a cue that calls for a person, or P(negative) from a threshold. As a score that is 1 with such a cue and
    P(negative) without, so at the rule's threshold score and rule decide alike.
    """
    if read.follow_up is not None:
        return read.follow_up, 0.5 if read.threshold is None else read.threshold
    called = not FOR_A_PERSON.isdisjoint(read.reasons)
    return (1.0 if called else read.negative), DEFAULT_NEGATIVE_THRESHOLD
