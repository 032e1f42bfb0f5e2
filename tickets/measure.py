"""What the messages on a ticket say of it: how the customer felt before and after care, and who waits for whom. Pure.

Lift is the customer's sentiment after care minus before care (docs/measures.md): the valence of the last customer
message after our first answer, minus that of the last one before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One message on a ticket. `valence` from -1 to 1, None where unread."""

    ours: bool
    posted_at: datetime
    received_at: datetime
    # Since when it waits: it may have been there to be read before it came (ingest.times). None: since it came.
    waits_from: datetime | None = None
    valence: float | None = None
    awaiting: bool = False
    urgency: str = "normal"
    text: str = ""
    language: str = ""
    # Its turn in coming onto the ticket. What was said before an answer may come onto the ticket after it.
    turn: int = 0
    # An answer written here, by somebody who had seen whatever was on the ticket by then.
    written_here: bool = False
    # An answer that will never be on the platform: it keeps its place and says nothing.
    lost: bool = False
    # False for an answer of ours that nobody is answered by: by the brand's policy it only repeats what was said
    # before, or it goes out at a later time.
    counts: bool = True

    @property
    def at(self) -> datetime:
        """When it was said. Authors may claim any time; none is later than the moment it reached us."""
        return min(self.posted_at, self.received_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ticket stands by its messages."""

    position: int
    first_valence: float | None
    before_valence: float | None
    after_valence: float | None
    latest_valence: float | None
    first_answered_at: datetime | None
    last_answered_at: datetime | None
    last_customer_at: datetime | None
    # Since when a customer message has waited for us; None if none does.
    waiting_since: datetime | None
    urgency: str
    preview: str
    preview_language: str


_RANK = {"low": 0, "normal": 1, "high": 2}


def measure(entries: Sequence[Entry]) -> Standing:
    """The standing of a ticket with these messages, in any order. Order in time is the order on the platform."""
    said = [entry for entry in entries if not entry.lost]
    ordered = sorted(said, key=lambda entry: (entry.at, entry.received_at, entry.turn))
    theirs = [entry for entry in ordered if not entry.ours]
    spoken = [entry for entry in ordered if entry.ours and theirs and entry.at >= theirs[0].at]
    # What policy does not count, a canned answer, stops no clock; what it did to the customer is measured all the same.
    answers = [entry for entry in spoken if entry.counts]
    first_words = spoken[0].at if spoken else None
    first_answer = answers[0].at if answers else None
    last_answer = answers[-1].at if answers else None
    before = [entry for entry in theirs if first_words is None or entry.at <= first_words]
    after = [entry for entry in theirs if first_words is not None and entry.at > first_words]
    seen = max((entry.turn for entry in said if entry.written_here and entry.counts), default=-1)
    waiting = [entry for entry in theirs if entry.awaiting and entry.turn > seen]
    newest = theirs[-1] if theirs else None
    return Standing(
        position=len(entries),
        first_valence=_first(theirs),
        before_valence=_last(before) if first_words else None,
        after_valence=_last(after),
        latest_valence=_last(theirs),
        first_answered_at=first_answer,
        last_answered_at=last_answer,
        last_customer_at=newest.at if newest else None,
        waiting_since=min((entry.waits_from or entry.received_at for entry in waiting), default=None),
        urgency=max((entry.urgency for entry in waiting), key=lambda word: _RANK.get(word, 1), default="normal"),
        preview=newest.text if newest else "",
        preview_language=newest.language if newest else "",
    )


def _first(entries: Sequence[Entry]) -> float | None:
    return next((entry.valence for entry in entries if entry.valence is not None), None)


def _last(entries: Sequence[Entry]) -> float | None:
    return _first(entries[::-1])
