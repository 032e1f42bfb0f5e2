"""Labelled rows and answers by hand, as a care reader, a reader of sentiment alone and a broken one would give them."""

from sentiment.evaluation.answers import Answer
from sentiment.evaluation.rows import Labelled

COMPLAINT = Labelled(
    "bad service", "en", None, "negative", True, frozenset({"complaint"}), "normal", "bad_service", "apology"
)
THANKS = Labelled("شكرا", "ar", None, "positive", False, frozenset({"thanks"}), "low")


def said(row: Labelled, *, follow_up: float | None = None, threshold: float = 0.4, confidence: float = 0.8) -> Answer:
    """What a care reader says that gets everything right."""
    score = follow_up if follow_up is not None else 0.9 if row.follow_up else 0.1
    return Answer(
        language=row.language, sentiment=row.sentiment, confidence=confidence, follow_up=score, threshold=threshold,
        is_probability=True, reasons=row.reasons or frozenset(), urgency=row.urgency or "low",
        trigger=row.trigger or "", aim=row.aim or "",
    )  # fmt: skip


def rows(complaints: int = 3, thanks: int = 2) -> list[Labelled]:
    return [COMPLAINT] * complaints + [THANKS] * thanks
