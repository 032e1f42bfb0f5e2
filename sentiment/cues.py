"""Reasons to answer, and how urgent: found by words and signs, in English and Arabic. (First form.)"""

from dataclasses import dataclass

REASONS = (
    "question", "request", "fault_report", "details_given", "threat_to_leave",
    "safety_or_legal", "complaint", "praise", "thanks", "spam",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cues:
    """Reasons in the order of `REASONS`, each once; urgency "low", "normal" or "high"."""

    reasons: tuple[str, ...]
    urgency: str


def find(text: str, language: str) -> Cues:
    """The cues in a cleaned text."""
    return Cues(("question",) if "?" in text or "؟" in text else (), "normal")
