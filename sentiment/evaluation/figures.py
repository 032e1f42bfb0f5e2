"""All figures of one group of rows: those for which it has labels, and the reader has answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sentiment.evaluation.answers import Answer
from sentiment.evaluation.calibration import Calibration, calibration
from sentiment.evaluation.classes import Classes, classes
from sentiment.evaluation.follow_up import FollowUp, follow_up
from sentiment.evaluation.multilabel import Several, several
from sentiment.evaluation.rows import CLASSES, Labelled
from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES

Pair = tuple[Labelled, Answer]
T = TypeVar("T")
YES_NO = ("no", "yes")
COMPLAINS = frozenset({"complaint", "fault_report"})
"""Reasons that data sets of complaints call a complaint: a state of affairs below what the speaker expected, told with
displeasure or calmly (Preotiuc-Pietro et al., ACL 2019). Our labels keep the calm ones apart as fault reports."""


@dataclass(frozen=True, slots=True)
class Figures:
    """None: the group has no such label, or the reader no such answer."""

    rows: int
    failures: int
    """Texts that could not be read."""
    sentiment: Classes | None = None
    sentiment_calibration: Calibration | None = None
    """Of the probability of the likeliest class."""
    follow_up: FollowUp | None = None
    follow_up_scored_by: str = ""
    """"probability" from a reader that knows it; "rule": P(negative), or 1 with a cue, from one that does not;
    "mixed" where both occur."""
    follow_up_decided: Classes | None = None
    """The decision at the reader's own threshold as yes and no."""
    follow_up_calibration: Calibration | None = None
    """None where the score is no probability."""
    reasons: Several | None = None
    complaint: Classes | None = None
    """Whether the reasons name one of `COMPLAINS`."""
    urgency: Classes | None = None
    trigger: Classes | None = None
    aim: Classes | None = None


def figures(pairs: Sequence[Pair]) -> Figures:
    """The figures of n labelled rows and n answers."""
    asked = _both(pairs, lambda row: row.follow_up, lambda answer: answer.follow_up)
    decided = [answer.needs_person for _, _, answer in asked]
    return Figures(
        rows=len(pairs),
        failures=sum(answer.failed for _, answer in pairs),
        sentiment=_named(pairs, CLASSES, lambda row: row.sentiment, lambda answer: answer.sentiment),
        sentiment_calibration=_tone_calibration(pairs),
        follow_up=follow_up(
            [wanted for wanted, _, _ in asked],
            [score for _, score, _ in asked],
            decided,
            _threshold([answer for _, _, answer in asked]),
        ),
        follow_up_scored_by=_scored_by([answer for _, _, answer in asked]),
        follow_up_decided=classes(
            [YES_NO[wanted] for wanted, _, _ in asked], [YES_NO[shown] for shown in decided], YES_NO
        ),
        follow_up_calibration=_follow_up_calibration(pairs),
        reasons=_reasons(pairs),
        complaint=_complaint(pairs),
        urgency=_named(pairs, URGENCIES, lambda row: row.urgency, lambda answer: answer.urgency),
        trigger=_named(pairs, TRIGGERS, lambda row: row.trigger, lambda answer: answer.trigger),
        aim=_named(pairs, AIMS, lambda row: row.aim, lambda answer: answer.aim),
    )


def _both(
    pairs: Sequence[Pair], label: Callable[[Labelled], T | None], said: Callable[[Answer], float | None]
) -> list[tuple[T, float, Answer]]:
    """Label, score and answer of the rows that have the label and a score."""
    found = ((label(row), said(answer), answer) for row, answer in pairs)
    return [(wanted, score, answer) for wanted, score, answer in found if wanted is not None and score is not None]


def _named(
    pairs: Sequence[Pair],
    names: Sequence[str],
    label: Callable[[Labelled], str | None],
    said: Callable[[Answer], str | None],
) -> Classes | None:
    found = [(label(row), said(answer)) for row, answer in pairs]
    known = [(wanted, given) for wanted, given in found if wanted is not None and given is not None]
    return classes([wanted for wanted, _ in known], [given for _, given in known], names)


def _tone_calibration(pairs: Sequence[Pair]) -> Calibration | None:
    known = _both(pairs, lambda row: row.sentiment, lambda answer: answer.confidence)
    return calibration([said for _, said, _ in known], [answer.sentiment == wanted for wanted, _, answer in known])


def _follow_up_calibration(pairs: Sequence[Pair]) -> Calibration | None:
    known = _both(pairs, lambda row: row.follow_up, lambda answer: answer.follow_up if answer.is_probability else None)
    return calibration([said for _, said, _ in known], [wanted for wanted, _, _ in known])


def _reasons(pairs: Sequence[Pair]) -> Several | None:
    known = [(row.reasons, answer.reasons) for row, answer in pairs]
    both = [(wanted, given) for wanted, given in known if wanted is not None and given is not None]
    return several([wanted for wanted, _ in both], [given for _, given in both], REASONS)


def _complaint(pairs: Sequence[Pair]) -> Classes | None:
    known = [(row.complaint, answer.reasons) for row, answer in pairs]
    both = [(w, bool(COMPLAINS & given)) for w, given in known if w is not None and given is not None]
    return classes([YES_NO[wanted] for wanted, _ in both], [YES_NO[given] for _, given in both], YES_NO)


def _scored_by(answers: Sequence[Answer]) -> str:
    kinds = {answer.is_probability for answer in answers if not answer.failed}
    if not kinds:
        return ""
    return "mixed" if len(kinds) == 2 else "probability" if kinds.pop() else "rule"


def _threshold(answers: Sequence[Answer]) -> float | None:
    """The reader's own threshold; None where it has several (one a language)."""
    read = [answer for answer in answers if not answer.failed]
    probable = [answer for answer in read if answer.is_probability]
    thresholds = {answer.threshold for answer in probable or read}
    return thresholds.pop() if len(thresholds) == 1 else None
