"""Triage: from what is known of a message to what is done with it, and why. Pure; docs/triage.md tells it in words.

Recall first: a missed complaint costs more than a look, so whatever is not clearly fine becomes a ticket.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.models import Message
from ingest.platforms.base import Kind

Decision = Message.Decision
Disposition = Message.Disposition

# Findings of the reader that call for a person, in the order they are named to people.
NEED_A_PERSON = (
    "safety_or_legal",
    "threat_to_leave",
    "complaint",
    "fault_report",
    "question",
    "request",
    "details_given",
)
PRIVATE = {Kind.DM, Kind.MAIL}
NOT_WORDS = re.compile(r"https?://\S+|(?<!\w)@[\w.\-]+(?:@[\w.\-]+)?|[\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision rests on."""

    kind: str
    text: str
    ours: bool = False
    has_media: bool = False
    deleted: bool = False
    # The reading; `negative` and `positive` are None where no reading could be had.
    negative: float | None = None
    positive: float | None = None
    cues: tuple[str, ...] = ()
    urgency: str = ""
    # Where the thread and the person stand.
    live_ticket: bool = False
    resolved_thread: bool = False
    seen_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds. Defaults in care/settings.py."""

    negative: float
    unsure: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a message, the state that leaves it in, and the reasons as codes (tickets/reasons.py)."""

    decision: Decision
    disposition: Disposition
    reasons: tuple[dict[str, Any], ...] = ()
    urgency: str = "normal"
    reopen: bool = field(default=False)

    @property
    def needs_answer(self) -> bool:
        return self.disposition == Disposition.AWAITING


def decide(facts: Facts, policy: Policy) -> Verdict:
    """The decision on one message."""
    return _no_customer(facts) or _owed(facts, policy)


def overturn(facts: Facts) -> Verdict:
    """The decision once a person has said that somebody owes this message an answer, whatever `decide` found."""
    found = [{"code": "by_person"}, *({"code": cue} for cue in NEED_A_PERSON if cue in facts.cues)]
    urgency = facts.urgency or "normal"
    if facts.live_ticket:
        return Verdict(Decision.JOIN, Disposition.AWAITING, ({"code": "live_ticket"}, *found), urgency)
    if facts.resolved_thread:
        return Verdict(Decision.JOIN, Disposition.AWAITING, ({"code": "came_back"}, *found), urgency, reopen=True)
    return Verdict(Decision.TICKET, Disposition.AWAITING, tuple(found), urgency)


def _no_customer(facts: Facts) -> Verdict | None:
    """Messages that are nobody's new words to us: our own, repeats, deleted ones, spam."""
    if facts.ours:
        return _verdict(Decision.OURS, Disposition.OURS, "own_post")
    if facts.kind == Kind.REPOST:
        return _verdict(Decision.FOLDED, Disposition.MERGED, "repost")
    if facts.kind == Kind.QUOTE and not own_words(facts.text) and not facts.has_media:
        return _verdict(Decision.FOLDED, Disposition.MERGED, "bare_quote")
    if facts.seen_elsewhere:
        return _verdict(Decision.FOLDED, Disposition.MERGED, "other_channel")
    if facts.deleted and not facts.live_ticket:
        return _verdict(Decision.NO_ANSWER, Disposition.NO_ANSWER, "deleted")
    if "spam" in facts.cues and not facts.live_ticket and facts.kind not in PRIVATE:
        return _verdict(Decision.SPAM, Disposition.SPAM, "spam")
    return None


def _owed(facts: Facts, policy: Policy) -> Verdict:
    """Whether somebody owes this message an answer, and where it belongs."""
    reasons = _why_a_person(facts, policy)
    urgency = facts.urgency or "normal"
    if facts.live_ticket:
        if not reasons and not _is_a_last_word(facts):
            # Perhaps the detail we asked for: whoever works on the ticket must see it.
            reasons = ({"code": "wrote_again"},)
        owed = Disposition.AWAITING if reasons else Disposition.NO_ANSWER
        return Verdict(Decision.JOIN, owed, ({"code": "live_ticket"}, *(reasons or _why_nobody(facts))), urgency)
    if reasons and facts.resolved_thread:
        return Verdict(Decision.JOIN, Disposition.AWAITING, ({"code": "came_back"}, *reasons), urgency, reopen=True)
    if reasons:
        return Verdict(Decision.TICKET, Disposition.AWAITING, reasons, urgency)
    if facts.resolved_thread:
        return Verdict(Decision.JOIN, Disposition.NO_ANSWER, ({"code": "after_care"}, *_why_nobody(facts)), "low")
    return Verdict(Decision.NO_ANSWER, Disposition.NO_ANSWER, _why_nobody(facts), "low")


def _why_a_person(facts: Facts, policy: Policy) -> tuple[dict[str, Any], ...]:
    if facts.deleted:
        return ()
    if not own_words(facts.text) and not facts.has_media:
        return _sad_face(facts, policy)
    found: list[dict[str, Any]] = [{"code": cue} for cue in NEED_A_PERSON if cue in facts.cues]
    if facts.negative is None or facts.positive is None:
        return ({"code": "unread"}, *found)
    if facts.negative >= policy.negative:
        found.append({"code": "negative", "p": round(facts.negative, 2)})
    if found:
        return tuple(found)
    if facts.kind in PRIVATE and not _closing(facts):
        return ({"code": "private"},)
    if not own_words(facts.text) and facts.has_media:
        return ({"code": "only_media"},)
    likeliest = max(facts.negative, facts.positive, 1 - facts.negative - facts.positive)
    if likeliest < policy.unsure and not _closing(facts):
        return ({"code": "unsure", "p": round(likeliest, 2)},)
    return ()


def _sad_face(facts: Facts, policy: Policy) -> tuple[dict[str, Any], ...]:
    """No words at all: only a clearly unhappy emoji is worth a look."""
    if facts.kind in PRIVATE:
        return ({"code": "private"},)
    if facts.negative is None and has_signs(facts.text):
        return ({"code": "unread"},)
    if facts.negative is not None and facts.negative >= max(policy.negative, 0.6) and has_signs(facts.text):
        return ({"code": "negative", "p": round(facts.negative, 2)},)
    return ()


def _why_nobody(facts: Facts) -> tuple[dict[str, Any], ...]:
    if facts.deleted:
        return ({"code": "deleted"},)
    if not own_words(facts.text):
        return ({"code": "no_words"},)
    for cue in ("thanks", "praise"):
        if cue in facts.cues:
            return ({"code": cue},)
    if facts.positive is not None and facts.positive >= 0.5:
        return ({"code": "positive", "p": round(facts.positive, 2)},)
    return ({"code": "nothing_asked"},)


def _closing(facts: Facts) -> bool:
    """Thanks or praise that closes a matter."""
    return "thanks" in facts.cues or "praise" in facts.cues


def _is_a_last_word(facts: Facts) -> bool:
    """On an open ticket: thanks, praise, content, or nothing said at all."""
    content = facts.positive is not None and facts.positive >= 0.5
    return facts.deleted or content or _closing(facts) or not own_words(facts.text)


def own_words(text: str) -> str:
    """What is left of a text without handles, links, signs and emoji; empty if its author added no word."""
    return NOT_WORDS.sub("", text)


def has_signs(text: str) -> bool:
    """Whether anything but handles, links and punctuation is there: an emoji, say."""
    rest = re.sub(r"https?://\S+|(?<!\w)@[\w.\-]+", "", text)
    return any(ord(sign) > 0x2190 for sign in rest)


def _verdict(decision: Decision, disposition: Disposition, code: str) -> Verdict:
    return Verdict(decision, disposition, ({"code": code},), "low")
