"""Triage: from what is known of a message to what is done with it, and why. Pure; docs/triage.md tells it in words.

Recall first: a missed complaint costs more than a look, so whatever is not clearly fine becomes a ticket.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from ingest.corrections import EVEN
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
# Those that call for one whatever else the reader says.
GRAVE = {"safety_or_legal", "threat_to_leave"}
# Those that say why nobody is called.
NEED_NOBODY = ("thanks", "praise", "chat", "opinion", "news", "unclear")
# A complaint and a fault have a trigger and an aim.
HAVE_A_CAUSE = ("complaint", "fault_report")
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
    # None and empty from a reader that knows sentiment only.
    follow_up: float | None = None
    threshold: float | None = None
    trigger: str = ""
    aim: str = ""
    # Where the thread and the person stand.
    live_ticket: bool = False
    resolved_thread: bool = False
    seen_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds. Defaults in care/settings.py."""

    negative: float
    unsure: float
    # From which follow_up a person is called; None for the reader's own threshold.
    follow_up: float | None = None


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
    return _no_customer(facts, policy) or _owed(facts, policy)


def overturn(facts: Facts) -> Verdict:
    """The decision once a person has said that somebody owes this message an answer, whatever `decide` found."""
    found = ({"code": "by_person"}, *told(facts.cues, facts.trigger, facts.aim))
    urgency = facts.urgency or "normal"
    if facts.live_ticket:
        return Verdict(Decision.JOIN, Disposition.AWAITING, ({"code": "live_ticket"}, *found), urgency)
    if facts.resolved_thread:
        return Verdict(Decision.JOIN, Disposition.AWAITING, ({"code": "came_back"}, *found), urgency, reopen=True)
    return Verdict(Decision.TICKET, Disposition.AWAITING, found, urgency)


def told(cues: Collection[str], trigger: str = "", aim: str = "") -> tuple[dict[str, Any], ...]:
    """The reasons among these that call for a person, the gravest first; a complaint with its trigger and its aim."""
    cause = {name: value for name, value in (("trigger", trigger), ("aim", aim)) if value}
    bearer = next((cue for cue in HAVE_A_CAUSE if cue in cues), "")
    return tuple({"code": cue, **(cause if cue == bearer else {})} for cue in NEED_A_PERSON if cue in cues)


def _no_customer(facts: Facts, policy: Policy) -> Verdict | None:
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
    if (
        "spam" in facts.cues
        and not facts.live_ticket
        and facts.kind not in PRIVATE
        and not _by_the_model(facts, policy)
    ):
        return _verdict(Decision.SPAM, Disposition.SPAM, "spam")
    return None


def _owed(facts: Facts, policy: Policy) -> Verdict:
    """Whether somebody owes this message an answer, and where it belongs."""
    reasons = _why_a_person(facts, policy)
    urgency = facts.urgency or "normal"
    if facts.live_ticket or facts.resolved_thread:
        reasons = () if _is_plain_thanks(facts) else reasons
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
    if found := _by_the_model(facts, policy) if facts.follow_up is not None else _by_signs(facts, policy):
        return found
    if facts.kind in PRIVATE and not _closing(facts):
        return ({"code": "private"},)
    if not own_words(facts.text) and facts.has_media:
        return ({"code": "only_media"},)
    return _unsure(facts, policy)


def _by_the_model(facts: Facts, policy: Policy) -> tuple[dict[str, Any], ...]:
    """From a reader that was trained to say whether an answer is owed; grave reasons count however sure it is."""
    if facts.follow_up is None:
        return ()
    reasons = told(facts.cues, facts.trigger, facts.aim)
    bar = EVEN if facts.threshold is None else facts.threshold
    if facts.follow_up >= (bar if policy.follow_up is None else policy.follow_up):
        return (*reasons, {"code": "follow_up", "p": round(facts.follow_up, 2)})
    return tuple(reason for reason in reasons if reason["code"] in GRAVE)


def _by_signs(facts: Facts, policy: Policy) -> tuple[dict[str, Any], ...]:
    """From a reader that knows sentiment only: the tone, and cues in the words."""
    reasons = told(facts.cues, facts.trigger, facts.aim)
    if facts.negative is None or facts.positive is None:
        return ({"code": "unread"}, *reasons)
    if facts.negative >= policy.negative:
        return (*reasons, {"code": "negative", "p": round(facts.negative, 2)})
    return reasons


def _unsure(facts: Facts, policy: Policy) -> tuple[dict[str, Any], ...]:
    """Whether the tone is told too badly to go by; a reader that knows what is owed has said so already."""
    if facts.follow_up is not None or facts.negative is None or facts.positive is None or _closing(facts):
        return ()
    likeliest = max(facts.negative, facts.positive, 1 - facts.negative - facts.positive)
    return ({"code": "unsure", "p": round(likeliest, 2)},) if likeliest < policy.unsure else ()


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
    if facts.follow_up is not None:
        named = tuple({"code": cue} for cue in NEED_NOBODY if cue in facts.cues)
        return (*named, {"code": "nothing_owed", "p": round(1 - facts.follow_up, 2)})
    for cue in ("thanks", "praise"):
        if cue in facts.cues:
            return ({"code": cue},)
    if facts.positive is not None and facts.positive >= 0.5:
        return ({"code": "positive", "p": round(facts.positive, 2)},)
    return ({"code": "nothing_asked"},)


def _closing(facts: Facts) -> bool:
    """Thanks or praise that closes a matter."""
    return "thanks" in facts.cues or "praise" in facts.cues


def _is_plain_thanks(facts: Facts) -> bool:
    """In a thread that we are in: content, nothing but thanks or praise, and more likely than not nothing owed.

    The bar for a first word is low so that no complaint is missed; it must not wake a matter that was just settled.
    """
    content = facts.positive is not None and facts.positive >= EVEN
    plain = bool(facts.cues) and set(facts.cues) <= {"thanks", "praise"}
    return content and plain and facts.follow_up is not None and facts.follow_up < EVEN


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
