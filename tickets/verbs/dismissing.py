"""Ending a ticket without an answer: none is needed, for a reason that is kept; or it is spam.

Where the reason speaks of what the message says, it is a person's word on the reading and is kept to train from, as
every correction is (docs/corrections.md). Undoing forgets the word: a slip teaches nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from ingest import batch
from ingest.cleaning import clean
from ingest.corrections import NO, Label, write
from ingest.models import Correction, Message
from sentiment.reading import REASONS
from tickets.activity import record
from tickets.incoming.corrections import stands, why_not
from tickets.models import Activity, Ticket, TicketMessage
from tickets.permissions import NotAllowed
from tickets.standing import settle
from tickets.steering import routing
from tickets.verbs import lifecycle
from tickets.verbs.in_hand import back_to_life, check_live, in_hand

Disposition = Message.Disposition
Verb = Activity.Verb
Status = Ticket.Status
SPAM = "spam"
LONGEST = 500
# Why nobody is owed an answer.
REASONS_WHY: Mapping[str, Promise] = {
    "nothing_asked": gettext_lazy("Nothing is asked"),
    "thanks": gettext_lazy("Only thanks or praise"),
    "not_ours": gettext_lazy("Not about us"),
    "solved": gettext_lazy("Solved by itself"),
    "elsewhere": gettext_lazy("Handled elsewhere"),
    "abuse": gettext_lazy("Only abuse"),
}
# Those that say of the words themselves that nothing is owed.
OF_WORDS = {"nothing_asked", "thanks", "not_ours"}
# What is changed on a message, and taking it back restores.
KEPT = ("follow_up", "cues", "person_said", "read_error", "disposition", "decided_by_id", "decided_at")


def no_answer(ticket_id: int, *, reason: str, by: User, text: str = "") -> Activity:
    """Nobody is owed an answer, and why: the waiting messages are settled and the ticket is resolved.

    Raises Ticket.DoesNotExist, NotAllowed.
    """
    if reason not in REASONS_WHY:
        raise NotAllowed(_("Choose why no answer is needed."))
    with in_hand(ticket_id, by) as ticket:
        check_live(ticket)
        messages = list(_lock(lifecycle.unseen(ticket)))
        words = [(Label.FOLLOW_UP, NO)] if reason in OF_WORDS else []
        told = _dismiss(ticket, messages, Disposition.NO_ANSWER, words, by)
        _end(ticket, Status.RESOLVED)
        return record(ticket, Verb.NO_ANSWER, by, reason=reason, text=clean(text).strip()[:LONGEST], **told)


def spam(ticket_id: int, *, by: User) -> Activity:
    """What the customer wrote that nobody has answered is spam; the ticket is closed. Raises as `no_answer`."""
    with in_hand(ticket_id, by) as ticket:
        check_live(ticket)
        theirs = TicketMessage.objects.filter(ticket=ticket, message__direction=Message.Direction.IN)
        unanswered = Message.objects.filter(
            pk__in=theirs.values("message"), disposition__in=[Disposition.AWAITING, Disposition.NO_ANSWER]
        )
        told = _dismiss(ticket, list(_lock(unanswered)), Disposition.SPAM, [(Label.REASONS, SPAM)], by)
        _end(ticket, Status.CLOSED)
        return record(ticket, Verb.SPAM, by, **told)


def _lock(messages: Any) -> Any:
    return messages.select_for_update(of=("self",)).defer("raw", "metrics").order_by("id")


def _dismiss(
    ticket: Ticket, messages: Sequence[Message], to: Disposition, words: Sequence[tuple[str, str]], by: User
) -> dict[str, Any]:
    """Settle these messages; what stood there, for undoing."""
    now = timezone.now()
    before = [[message.pk, _kept(message)] for message in messages]
    said = [made.pk for message in messages for label, value in words if (made := _say(message, label, value, by))]
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        disposition=to, decided_by=by, decided_at=now
    )
    return {"before": before, "words": said, "was": ticket.status}


def _say(message: Message, label: str, value: str, by: User) -> Correction | None:
    if why_not(message):
        return None
    new = [name for name in REASONS if name == SPAM or name in message.cues] if label == Label.REASONS else value
    return write(message, label, new, by=by, stood=stands(message, label))


def _kept(message: Message) -> dict[str, Any]:
    kept = {name: getattr(message, name) for name in KEPT}
    return kept | {"decided_at": message.decided_at.isoformat() if message.decided_at else None}


def _end(ticket: Ticket, status: str) -> None:
    now = timezone.now()
    ticket.status, ticket.resolved_at, ticket.due_at, ticket.snoozed_until = status, now, None, None
    ticket.save(update_fields=["status", "resolved_at", "due_at", "snoozed_until"])
    settle([ticket], now)
    routing.ring()


def take_back(line: Activity, by: User) -> None:
    """Undo either: the messages wait again and the ticket is back. Raises NotAllowed where it was reopened since."""
    with in_hand(line.ticket_id, by) as ticket:
        if ticket.is_live or ticket.merged_into_id:
            raise NotAllowed(_("Too late to undo: it was changed again since."))
        before = line.data["before"]
        Message.objects.select_for_update().filter(pk__in=[pk for pk, _was in before]).order_by("id").count()
        rows = [{"id": pk, **was, "decided_at": _moment(was["decided_at"])} for pk, was in before]
        if rows:
            columns = [name.removesuffix("_id") for name in KEPT]
            batch.update(Message, rows, columns)
        Correction.objects.filter(pk__in=line.data["words"]).delete()
        back_to_life(ticket, _awake(line.data["was"]))
        settle([ticket], timezone.now())
        routing.ring()


def _awake(status: str) -> str:
    """What slept is looked at again."""
    return Status.OPEN if status == Status.SNOOZED else status


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
