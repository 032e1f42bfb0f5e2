"""A ticket's story in the order it happened: what was said, noted and done, ready to be shown."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Case, Count, F, JSONField, When
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ingest import parts
from ingest.models import Delivery, Message
from ingest.parts import Place
from tickets.answering.care import CARE, Care
from tickets.customers import told as of_customers
from tickets.incoming.around import Others, others_of
from tickets.incoming.triage import HAVE_A_CAUSE
from tickets.labels import IN_A_SENTENCE, word
from tickets.models import Activity, Ticket, TicketMessage
from tickets.reach import reach_of
from tickets.reasons import WORDS, brief, words
from tickets.steering.rule_words import routed_line
from tickets.targets import clock_lines
from tickets.verbs import verb_lines

Verb = Activity.Verb
# Longer stories show their newest part; the rest is one link away.
SHOWN, SHOWN_ALL = 60, 2000
# Where an answer stands among its parts.
PLACE = Case(
    When(message__delivery__state__isnull=False, then=F(f"message__raw__{parts.KEY}")), output_field=JSONField()
)
MESSAGE_FIELDS_UNUSED = ("message__raw", "message__lease_until", "message__last_error")


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of an answer that went out as several: `n` of `of`."""

    message: Message
    delivery: Delivery
    n: int
    of: int


@dataclass(slots=True)
class Said:
    """A message, theirs or ours. An answer of several parts is one; `message` and `delivery` are those of its first."""

    id: str
    at: datetime
    message: Message
    name: str
    handle: str
    ours: bool
    valence: float | None
    # The customer's reading before this one, so that a trend can be shown.
    before: float | None = None
    delivery: Delivery | None = None
    because: list[str] = field(default_factory=list)
    # The reasons read, in words, but for those that `because` names.
    found: list[str] = field(default_factory=list)
    shares: int = 0
    # How far it has spread, in words.
    reach: str = ""
    # The newest words of the customer: spread out with its reading and reasons.
    newest: bool = False
    pieces: list[Piece] = field(default_factory=list)
    # What was kept with an answer of ours when it was sent.
    care: Care = field(default_factory=Care)
    kind: str = "said"

    @property
    def outside(self) -> bool:
        """Ours, but written on the platform itself and read back from there, or told by a person."""
        return self.ours and self.delivery is None and self.message.author is None

    @property
    def sent(self) -> int:
        """How many of its parts are on the platform."""
        return sum(piece.delivery.state == Delivery.State.SENT for piece in self.pieces)

    @property
    def untouched(self) -> bool:
        """All its parts wait, and none was tried yet."""
        return all(
            piece.delivery.state == Delivery.State.WAITING and not piece.delivery.first_tried_at
            for piece in self.pieces
        )

    @property
    def can_be_taken_back(self) -> bool:
        """Whether it, or some part of it, has not left yet."""
        rows = [*(piece.delivery for piece in self.pieces), self.delivery]
        return any(row is not None and row.state == Delivery.State.WAITING for row in rows)


@dataclass(slots=True)
class Noted:
    """A note for the team."""

    id: str
    at: datetime
    name: str
    text: str
    kind: str = "note"


@dataclass(slots=True)
class Done:
    """Things that people or Radd did, one after the other: shown as quiet lines, folded when there are many."""

    id: str
    at: datetime
    lines: list[tuple[datetime, SafeString]]
    kind: str = "done"


@dataclass(slots=True)
class Story:
    """The whole of it. `valences` are the customer's readings in order, with the moments of our answers among them."""

    entries: list[Said | Noted | Done | Others]
    readings: list[tuple[datetime, float]]
    answered_at: list[datetime]
    # Earlier entries that are not shown.
    hidden: bool = False

    @property
    def newest(self) -> Said | None:
        """The customer's newest message."""
        said = [entry for entry in self.entries if isinstance(entry, Said) and not entry.ours]
        return said[-1] if said else None


def story_of(ticket: Ticket, *, whole: bool = False) -> Story:
    """Read a ticket's messages, what stands around them and its activities, and put them in order.

    Four queries, and one more where posts have public figures.
    """
    limit = SHOWN_ALL if whole else SHOWN
    links = list(
        TicketMessage.objects.filter(ticket=ticket)
        .annotate(place=PLACE, care=CARE)
        .select_related("message__contact", "message__author", "message__delivery")
        .defer(*MESSAGE_FIELDS_UNUSED)
        .order_by("-message__posted_at", "-id")[: limit + 1]
    )
    activities = list(
        Activity.objects.filter(ticket=ticket).select_related("actor").order_by("-at", "-id")[: limit + 1]
    )
    shown = links[:limit][::-1]
    said = _said([link.message for link in shown], {link.message_id: Place.read(link.place) for link in shown})
    cares = {f"m{link.message_id}": care for link in shown if (care := Care.read(link.care))}
    for entry in said:
        entry.care = cares.get(entry.id, entry.care)
    done = _done(reversed(activities[:limit]))
    others = others_of(ticket, [link.message for link in shown])
    return Story(
        entries=_in_order([*said, *done, *others]),
        readings=[(entry.at, entry.valence) for entry in said if not entry.ours and entry.valence is not None],
        answered_at=[entry.at for entry in said if entry.ours],
        hidden=len(links) > limit,
    )


def _said(messages: list[Message], places: Mapping[int, Place | None]) -> list[Said]:
    shares = _shares(messages)
    reach = reach_of([m for m in messages if m.direction == Message.Direction.IN and not m.deleted_at])
    entries = []
    heads: dict[str, Said] = {}
    before: float | None = None
    for message in messages:
        if place := places[message.pk]:
            piece = Piece(message, message.delivery, place.n, place.of)
            if place.answer in heads:
                heads[place.answer].pieces.append(piece)
                continue
        ours = message.direction == Message.Direction.OUT
        entry = Said(
            id=f"m{message.pk}",
            at=message.posted_at,
            message=message,
            name=_author(message, ours=ours),
            handle=message.contact.handle,
            ours=ours,
            valence=None if ours else message.valence,
            before=before,
            delivery=getattr(message, "delivery", None),
            shares=shares.get(message.external_id, 0),
            reach=reach.get(message.pk, ""),
        )
        before = before if entry.valence is None else entry.valence
        entries.append(entry)
        if place:
            heads[place.answer] = entry
            entry.pieces.append(piece)
    newest = next((entry for entry in reversed(entries) if not entry.ours), None)
    if newest:
        newest.newest = True
        # Trigger and aim stand beside it, each for itself.
        reasons = [{"code": reason.get("code"), "p": reason.get("p")} for reason in newest.message.reasons]
        newest.because = words(brief(reasons))
    for entry in entries:
        entry.found = _found(entry)
    return entries


def _found(entry: Said) -> list[str]:
    """The reasons read; in the newest message those that decided nothing, in one before it all, in a phrase or two."""
    message = entry.message
    told = {reason.get("code") for reason in message.reasons} if entry.newest else set()
    reasons = [{"code": code} for code in message.cues if code not in told]
    bearer = next((reason for reason in reasons if reason["code"] in HAVE_A_CAUSE), None)
    if bearer and not entry.newest:
        bearer |= {"trigger": message.trigger, "aim": message.aim}
    return words(reasons)


def _author(message: Message, *, ours: bool) -> str:
    if ours and message.author:
        return message.author.name
    return message.contact.display_name


def _shares(messages: list[Message]) -> Counter[str]:
    """How often each post was shared without a word, as far as we have seen."""
    ids = [message.external_id for message in messages if message.external_id]
    if not ids:
        return Counter()
    # That none is empty is said for the index message_ref: of more than a hundred ids PostgreSQL does not see it,
    # and would read every message there is.
    rows = (
        Message.objects.filter(channel_id=messages[0].channel_id, ref_external_id__in=ids)
        .exclude(ref_external_id="")
        .filter(decision=Message.Decision.FOLDED)
        .values_list("ref_external_id")
        .annotate(n=Count("id"))
    )
    return Counter(dict(rows))


def _done(activities: Iterable[Activity]) -> list[Noted | Done]:
    entries: list[Noted | Done] = []
    for activity in activities:
        if activity.verb == Activity.Verb.NOTED:
            name = activity.actor.name if activity.actor else ""
            entries.append(Noted(f"a{activity.pk}", activity.at, name, str(activity.data.get("text", ""))))
        elif line := line_of(activity):
            entries.append(Done(f"a{activity.pk}", activity.at, [(activity.at, line)]))
    return entries


def _in_order(entries: list[Said | Noted | Done | Others]) -> list[Said | Noted | Done | Others]:
    """By time, with neighbouring lines of doing drawn together, and so with neighbouring words of others."""
    ordered: list[Said | Noted | Done | Others] = []
    for entry in sorted(entries, key=attrgetter("at")):
        last = ordered[-1] if ordered else None
        if isinstance(entry, Done) and isinstance(last, Done):
            last.lines.extend(entry.lines)
        elif isinstance(entry, Others) and isinstance(last, Others):
            last.messages.extend(entry.messages)
        else:
            ordered.append(entry)
    return ordered


def line_of(activity: Activity) -> SafeString | None:
    """One line for what happened; None for what the thread shows in another way (messages, notes, deliveries)."""
    if told := clock_lines.line_of(activity) or of_customers.line_of(activity) or verb_lines.line_of(activity):
        return told
    if activity.verb == Verb.ROUTED:
        return routed_line(activity.data)
    words_of = ACTOR_LINES if activity.actor else PLAIN_LINES
    verb = _told_as(activity)
    if verb not in words_of:
        return None
    why = str(activity.data.get("why", ""))
    line = format_html(
        words_of[verb](),
        actor=_name(activity.actor.name if activity.actor else ""),
        to=_name(str(activity.data.get("name", ""))),
        note=_name(str(activity.data.get("text", ""))),
        **(_correction(activity.data) if verb == "corrected_label" else {}),
    )
    return format_html("{}: {}", line, WORDS[why]) if why in WORDS else line


def _told_as(activity: Activity) -> str:
    """The verb, or a finer word for it where its details give one."""
    verb, data = activity.verb, activity.data
    finer = {
        Verb.ASSIGNED: "took" if activity.actor and data.get("to") == activity.actor.pk else "",
        Verb.ANSWERED: "answered_outside" if data.get("outside") else "",
        Verb.CORRECTED: "corrected_label" if "label" in data else "",
        Verb.CHANGED: CHANGES.get(data.get("what", ""), ""),
        Verb.APPROVED: "approved_edited" if data.get("edited") else "",
        Verb.WARNED: "approval_late" if "approval" in data else "",
    }
    return finer.get(Verb(verb)) or verb


CHANGES = {
    "held": "held",
    "held_dropped": "held_dropped",
    "it_is_there": "it_is_there",
    "deleted": "message_deleted",
    "edited": "message_edited",
}


def _correction(data: Mapping[str, Any]) -> dict[str, str]:
    """The words of a correction's line."""
    label = str(data["label"])
    return {
        "label": str(IN_A_SENTENCE.get(label, label)),
        "old": word(label, data.get("old")),
        "new": word(label, data.get("new")),
    }


def _name(name: str) -> SafeString:
    return format_html("<bdi>{}</bdi>", name)


# Called when a page is drawn, so that each reader gets their own language.
ACTOR_LINES: dict[str, Any] = {
    "assigned": lambda: _("{actor} assigned it to {to}"),
    "took": lambda: _("{actor} took it"),
    "unassigned": lambda: _("{actor} put it back in the queue"),
    "taken_back": lambda: _("{actor} took an answer back"),
    "answered_outside": lambda: _("{actor} answered outside Radd"),
    "held_dropped": lambda: _("{actor} dropped the answer that was held"),
    "it_is_there": lambda: _("{actor} saw the answer on the platform and marked it as sent"),
    "resolved": lambda: _("{actor} resolved it"),
    "reopened": lambda: _("{actor} reopened it"),
    "closed": lambda: _("{actor} closed it"),
    "corrected": lambda: _("{actor} corrected the reading"),
    "corrected_label": lambda: _("{actor} corrected {label}: {new} (was: {old})"),
    "changed": lambda: _("{actor} changed it"),
    "asked": lambda: _("{actor} asked for a second person"),
    "approved": lambda: _("{actor} approved the answer"),
    "approved_edited": lambda: _("{actor} changed the answer and approved it"),
    "returned": lambda: _("{actor} returned the answer: {note}"),
    "withdrawn": lambda: _("{actor} withdrew the answer"),
    "reviewed": lambda: _("{actor} reviewed how it was handled"),
}
PLAIN_LINES: dict[str, Any] = {
    "opened": lambda: _("Opened as a ticket"),
    "assigned": lambda: _("Given to {to}"),
    "unassigned": lambda: _("Put back in the queue"),
    "resolved": lambda: _("Resolved"),
    "reopened": lambda: _("Reopened"),
    "closed": lambda: _("Closed"),
    "corrected": lambda: _("The reading was corrected"),
    "corrected_label": lambda: _("{label} corrected: {new} (was: {old})"),
    "changed": lambda: _("Changed"),
    "approval_late": lambda: _("The answer that waits for a second person is late"),
    "held": lambda: _("An answer for later was held: the customer wrote first"),
    "message_edited": lambda: _("The customer edited a message"),
    "message_deleted": lambda: _("The customer deleted a message"),
}
