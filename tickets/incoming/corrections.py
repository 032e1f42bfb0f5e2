"""Corrections: a person says what a reading should have been, and the work follows at once.

The write itself is ingest.corrections. Here is who may, what becomes of the message and its ticket, and the line in the
record.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Subquery
from django.utils.translation import gettext as _
from psycopg2.errors import DeadlockDetected

from accounts.models import User
from ingest import corrections, doorbell
from ingest.corrections import NO, YES, Label, Value
from ingest.models import Correction, Delivery, Message
from sentiment.reading import REASONS
from tickets.activity import record
from tickets.incoming import intake
from tickets.incoming.triage import HAVE_A_CAUSE, NEED_A_PERSON
from tickets.models import Activity, Ticket, TicketMessage
from tickets.moods import mood_of
from tickets.permissions import NotAllowed, check_may_correct
from tickets.reasons import WORDS
from tickets.standing import settle
from tickets.verbs import lifecycle

Disposition = Message.Disposition
TRIES_PER_CLASH = 5
# Triage's reasons that speak of where a message stands, not of what it says.
OF_PLACE = {"live_ticket", "came_back", "after_care"}
OF_TONE = {"negative", "positive", "unsure"}


class NotCorrectable(NotAllowed):
    """This message has no reading to correct; the words say why."""


class _Elsewhere(Exception):
    """The message came onto a ticket while we looked."""


def correct(message_id: int, *, label: str, value: object, by: User, note: str = "") -> Correction | None:
    """Say what a label of a customer's message is. None if it says so already, and then nothing is written.

    "yes" for follow_up brings a message that was set aside onto the live ticket or a new one; "no" settles it as
    needing no answer. Raises Message.DoesNotExist, NotAllowed, NotCorrectable, corrections.NoSuchValue.
    """
    wanted = corrections.checked(label, value)
    return _patiently(message_id, label, lambda _message: wanted, by, note)


def mark_reason(message_id: int, *, reason: str, holds: bool, by: User) -> Correction | None:
    """Add one reason, or take it away; the others stay as they are by then. As `correct` otherwise."""
    corrections.checked(Label.REASONS, [reason])

    def wanted(message: Message) -> Value:
        return [name for name in REASONS if (holds if name == reason else name in message.cues)]

    return _patiently(message_id, Label.REASONS, wanted, by, "")


def _patiently(
    message_id: int, label: str, wanted: Callable[[Message], Value], by: User, note: str
) -> Correction | None:
    """Triage or a colleague may take up the same customer at this moment: then look again."""
    for _turn in range(TRIES_PER_CLASH - 1):
        try:
            with transaction.atomic():
                return _correct(message_id, label, wanted, by, note)
        except (_Elsewhere, IntegrityError):
            continue
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    with transaction.atomic():
        return _correct(message_id, label, wanted, by, note)


def _correct(message_id: int, label: str, wanted: Callable[[Message], Value], by: User, note: str) -> Correction | None:
    """The ticket is locked before its message, as everywhere."""
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(entries__message=message_id).first()
    message = (
        Message.objects.select_for_update(of=("self",))
        .select_related("channel", "contact")
        .defer("raw", "metrics", "channel__secrets")
        .annotate(newest=_newest_of(ticket))
        .get(pk=message_id)
    )
    check_may_correct(by, message)
    if ticket is None and TicketMessage.objects.filter(message=message).exists():
        raise _Elsewhere
    if why := why_not(message):
        raise NotCorrectable(why)
    stood = stands(message, label)
    made = corrections.write(message, label, wanted(message), by=by, note=note, stood=stood)
    if made is None:
        return None
    ticket = _follow(message, ticket, made, by)
    if ticket is not None:
        told = {"message": message.pk, "label": str(made.label), "old": stood, "new": made.new}
        record(ticket, Activity.Verb.CORRECTED, by, **told)
    doorbell.ring_pages()
    return made


def _newest_of(ticket: Ticket | None) -> Subquery:
    """The number of the newest message of its customer. The ticket's lock keeps it what it is."""
    theirs = TicketMessage.objects.filter(ticket=ticket, message__direction=Message.Direction.IN)
    return Subquery(theirs.order_by("-message__posted_at", "-pk").values("message_id")[:1])


def stands(message: Message, label: str) -> Value:
    """What the desk takes this label to be. Where no person spoke of it, sentiment is the face that pages show, which
    goes by valence, and follow-up what triage made of the reading.
    """
    if label in message.person_said:
        return corrections.said(message, label)
    if label == Label.SENTIMENT and message.valence is not None:
        return mood_of(message.valence)
    if label == Label.FOLLOW_UP:
        if message.disposition == Disposition.AWAITING or message.decision == Message.Decision.TICKET:
            return YES
        if _set_aside(message) and message.decided_by_id is None:
            return NO
    return corrections.said(message, label)


def why_not(message: Message) -> str:
    """Why this message's reading cannot be corrected, in words; empty if it can."""
    if message.direction != Message.Direction.IN:
        return _("Only what customers write has a reading.")
    if message.state != Message.State.TRIAGED:
        return _("It has not come through triage yet.")
    if message.deleted_at is not None:
        return _("Its author deleted it.")
    if message.decision == Message.Decision.FOLDED:
        return _("It only repeats another post. Correct the reading of that one.")
    return ""


# --- what follows ---------------------------------------------------------------------------------------------------
def _follow(message: Message, ticket: Ticket | None, made: Correction, by: User) -> Ticket | None:
    """Bring message and ticket in step with what was said; the message's ticket, if it has one by now."""
    if made.label == Label.FOLLOW_UP and made.new == YES and ticket is None and _set_aside(message):
        return intake.take_up(message, by=by, now=made.at)
    before = message.disposition
    if made.label == Label.FOLLOW_UP:
        _dispose(message, ticket, made, by)
    message.reasons = retold(message.reasons, message, made.label)
    message.save(update_fields=["disposition", "decided_by", "decided_at", "reasons"])
    if ticket is not None:
        _retell(ticket, message, made.label)
        if message.disposition == Disposition.AWAITING != before:
            lifecycle.settle_unanswered(ticket, made.at, by=by, why="person")
        else:
            settle([ticket], made.at)
    return ticket


def _set_aside(message: Message) -> bool:
    return message.disposition in {Disposition.NO_ANSWER, Disposition.SPAM}


def _dispose(message: Message, ticket: Ticket | None, made: Correction, by: User) -> None:
    """What a word on follow_up makes of the disposition (not saved). What was answered stays answered."""
    owed = made.new == YES
    if owed and _set_aside(message) and ticket is not None and not _closed_by_a_person(message, ticket):
        message.disposition = _answered_since(message, ticket) or Disposition.AWAITING
    elif not owed and message.disposition in {Disposition.AWAITING, Disposition.NO_ANSWER}:
        message.disposition = Disposition.NO_ANSWER
    else:
        return
    message.decided_by, message.decided_at = by, made.at


def _closed_by_a_person(message: Message, ticket: Ticket) -> bool:
    """Resolving closed it. That an answer was owed is noted; the ticket is not opened over it."""
    return not ticket.is_live and message.decided_by_id is not None


def _answered_since(message: Message, ticket: Ticket) -> Disposition | None:
    """How it was answered, if an answer of ours that has arrived came after it; one on its way settles it by itself."""
    entries = TicketMessage.objects.filter(ticket=ticket)
    turn = entries.filter(message=message).values("pk")[:1]
    arrived = entries.filter(message__delivery__state=Delivery.State.SENT, message__delivery__settled=True)
    if arrived.filter(pk__gt=turn).exists():
        return Disposition.ANSWERED
    outside = entries.filter(message__direction=Message.Direction.OUT, message__delivery=None)
    return Disposition.ANSWERED_OUTSIDE if outside.filter(message__posted_at__gte=message.posted_at).exists() else None


def retold(reasons: Sequence[Mapping[str, Any]], message: Message, label: str) -> list[dict[str, Any]]:
    """Triage's reasons once a person has corrected this label: nothing is told that the person took back."""
    told = [dict(reason) for reason in reasons]
    if label == Label.SENTIMENT:
        return [reason for reason in told if reason.get("code") not in OF_TONE]
    if label == Label.REASONS:
        kept = [reason for reason in told if reason.get("code") not in REASONS or reason["code"] in message.cues]
        codes = {reason.get("code") for reason in kept}
        return kept + [{"code": cue} for cue in message.cues if cue in WORDS and cue not in codes]
    if label in {Label.TRIGGER, Label.AIM}:
        said = getattr(message, label)
        return [reason | {label: said} if reason.get("code") in HAVE_A_CAUSE else reason for reason in told]
    if label == Label.FOLLOW_UP:
        place = [reason for reason in told if reason.get("code") in OF_PLACE]
        found = NEED_A_PERSON if message.disposition == Disposition.AWAITING else ()
        return [*place, {"code": "by_person"}, *({"code": cue} for cue in found if cue in message.cues)]
    return told


def _retell(ticket: Ticket, message: Message, label: str) -> None:
    """The list row tells the reasons of the customer's newest message."""
    if vars(message)["newest"] == message.pk:
        ticket.why = [reason for reason in retold(ticket.why, message, label) if reason.get("code") not in OF_PLACE]
        ticket.save(update_fields=["why"])
