"""Examining what triage set aside: a person confirms it, or overturns it, or takes that back.

Both are a person's word on follow_up, kept with every other correction to train from (docs/corrections.md); a
confirmation is one whose old and new value are the same. An Examination tells who looked, when, and what stood there.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import batch, doorbell
from ingest.corrections import NO, YES, Label, columns_said
from ingest.models import Correction, Message
from tickets.activity import record
from tickets.incoming.corrections import correct
from tickets.incoming.unexamined import unexamined
from tickets.models import Activity, Examination, Ticket
from tickets.permissions import NotAllowed
from tickets.standing import settle
from tickets.verbs import lifecycle

Verdict = Examination.Verdict
Disposition = Message.Disposition
# What an examination changes on a message, and taking it back restores.
KEPT = ("follow_up", "threshold", "person_said", "read_error", "decision", "disposition", "reasons", "decided_at")


class LookedAt(NotAllowed):
    """A colleague was quicker, or it is not this person's to look at."""


class TooLate(NotAllowed):
    """The work has gone on since; the words say how."""


def confirm(message_ids: Collection[int], *, by: User) -> list[int]:
    """Triage was right: nobody is owed an answer. Returns the ids that were confirmed, in order.

    Those that somebody has looked at meanwhile, and those of other teams' brands, are left alone.
    """
    with transaction.atomic():
        messages = list(_locked(unexamined(by).filter(pk__in=message_ids)))
        now = timezone.now()
        before = {message.pk: _kept(message) for message in messages}
        made = Correction.objects.bulk_create(_agreed(message, by, now) for message in messages)
        _say_no(messages, now)
        Examination.objects.bulk_create(
            Examination(
                message=message,
                user=by,
                verdict=Verdict.CONFIRMED,
                at=now,
                correction=correction,
                before=before[message.pk],
            )
            for message, correction in zip(messages, made, strict=True)
        )
    return [message.pk for message in messages]


def _locked(messages: Any) -> Any:
    """Locked in order of id, without what is large and not needed."""
    return messages.select_for_update(of=("self",)).defer("raw", "metrics").order_by("id")


def _agreed(message: Message, by: User, now: datetime) -> Correction:
    return Correction(
        message=message,
        label=Label.FOLLOW_UP,
        old=NO,
        new=NO,
        user=by,
        at=now,
        reader=message.reader,
        reader_version=message.reader_version,
    )


def _say_no(messages: Sequence[Message], now: datetime) -> None:
    """A person has said that nobody is owed an answer: written as a correction writes it, all in one statement."""
    rows = [
        {"id": message.pk, "examined_at": now, **columns_said(message, Label.FOLLOW_UP, NO)} for message in messages
    ]
    if rows:
        batch.update(Message, rows, [name for name in rows[0] if name != "id"])


def _kept(message: Message) -> dict[str, Any]:
    kept = {name: getattr(message, name) for name in KEPT}
    return kept | {"decided_at": message.decided_at.isoformat() if message.decided_at else None}


def overturn(message_id: int, *, by: User) -> Ticket:
    """Triage was wrong: somebody owes an answer. The message goes to its author's live ticket, or to a new one.

    The ways are those of a correction of follow_up. Raises LookedAt, and what `corrections.correct` raises.
    """
    with transaction.atomic():
        # Not locked here: a correction locks the ticket first, then the message.
        message = unexamined(by).defer("raw", "metrics").filter(pk=message_id).first()
        if message is None:
            raise LookedAt(_("Somebody has looked at it already."))
        began = timezone.now()
        made = correct(message_id, label=Label.FOLLOW_UP, value=YES, by=by)
        mine = Message.objects.filter(pk=message_id, examined_at=None).update(examined_at=began) if made else 0
        if not mine:
            raise LookedAt(_("Somebody has looked at it already."))
        ticket = Ticket.objects.get(entries__message=message_id)
        opening = (Activity.Verb.OPENED, Activity.Verb.REOPENED)
        Examination.objects.create(
            message=message,
            user=by,
            verdict=Verdict.OVERTURNED,
            at=began,
            correction=made,
            ticket=ticket,
            opened=Activity.objects.filter(ticket=ticket, verb__in=opening, at__gte=began).exists(),
            before=_kept(message),
        )
    return ticket


# --- taking back ----------------------------------------------------------------------------------------------------
def take_back(message_ids: Collection[int], *, by: User) -> list[int]:
    """Undo one's own: the messages wait to be examined again, as the model and triage had left them.

    Returns the ids that do, in order. Left alone is what somebody else examined, and what somebody has corrected
    since. Raises TooLate when one that was overturned has been answered or settled since; then nothing is undone.
    """
    with transaction.atomic():
        mine = Examination.objects.filter(user=by, taken_back_at=None, message__in=message_ids)
        # The ticket before its message, as everywhere; tickets in order of id.
        tickets = Ticket.objects.select_for_update(of=("self",)).order_by("id")
        known = tickets.in_bulk(mine.exclude(ticket=None).values_list("ticket_id", flat=True))
        messages = {row.pk: row for row in _locked(Message.objects.filter(pk__in=mine.values("message")))}
        looks = list(mine.select_for_update(of=("self",)).order_by("message_id"))
        undone = [look for look in looks if not _moved_on(look, messages[look.message_id])]
        _restore(undone)
        for ticket in known.values():
            if left := [look for look in undone if look.ticket_id == ticket.pk]:
                _leave(ticket, left, by)
    return [look.message_id for look in undone]


def _moved_on(look: Examination, message: Message) -> bool:
    """Whether somebody has said something else of it since."""
    said = Correction.objects.filter(message=message, label=Label.FOLLOW_UP).order_by("-id")
    if look.correction_id != said.values_list("id", flat=True).first():
        return True
    if look.verdict == Verdict.OVERTURNED and message.disposition != Disposition.AWAITING:
        raise TooLate(_("Too late to undo: its ticket has gone on since."))
    return message.examined_at is None


def _restore(looks: Sequence[Examination]) -> None:
    """Put back what stood on the messages, and forget the word: a slip that was undone teaches nothing."""
    columns = [*KEPT, "decided_by", "examined_at"]
    rows = [{"id": look.message_id, **look.before, "decided_by_id": None, "examined_at": None} for look in looks]
    batch.update(Message, rows, columns)
    words = [look.correction_id for look in looks]
    Examination.objects.filter(pk__in=[look.pk for look in looks]).update(taken_back_at=timezone.now(), correction=None)
    Correction.objects.filter(pk__in=[pk for pk in words if pk]).delete()


def _leave(ticket: Ticket, looks: Sequence[Examination], by: User) -> None:
    """The messages stay in the ticket's story but want nothing; a ticket that was opened for them alone is resolved."""
    settle([ticket], timezone.now())
    for look in looks:
        told = {"message": look.message_id, "label": Label.FOLLOW_UP.value, "old": YES, "new": NO}
        record(ticket, Activity.Verb.CORRECTED, by, **told)
    doorbell.ring_pages()
    if ticket.is_live and ticket.waiting_since is None and any(look.opened for look in looks):
        lifecycle.resolve(ticket.pk, by=by)
