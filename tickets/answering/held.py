"""Answers for later that were held, since the customer wrote first (tickets.incoming.overtaken): a person decides.

Each is sent anyway, changed or dropped, once, by whoever sees it first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell, parts
from ingest.models import Delivery, OutgoingImage
from ingest.platforms.base import Kind
from tickets.activity import record
from tickets.answering import approvals, pictures
from tickets.answering.approvals import Wish
from tickets.incoming.overtaken import OVERTAKEN
from tickets.models import Activity, Approval, Ticket
from tickets.permissions import NotAllowed, check_may_work_on
from tickets.thread import Said, Story


class Decided(NotAllowed):
    """It is not held, or not any more."""


@dataclass(frozen=True, slots=True)
class Held:
    """One answer that was held, its words, and who wrote it."""

    delivery: Delivery
    text: str
    name: str
    mine: bool


def held_in(story: Story, user: User) -> Held | None:
    """The newest held answer of a story that nobody has decided on or answered after; asks the database nothing."""
    answers = [entry for entry in story.entries if isinstance(entry, Said) and entry.ours and entry.delivery]
    newest = max(answers, key=lambda entry: entry.message.pk, default=None)
    if newest is None or newest.delivery is None or newest.delivery.error_code != OVERTAKEN:
        return None
    text = "\n".join(piece.message.text for piece in newest.pieces) or newest.message.text
    return Held(newest.delivery, text, newest.name, mine=newest.message.author_id == user.pk)


def send_anyway(key: UUID, *, by: User, seen: int) -> Delivery | Approval:
    """Send it as it is, at once, beneath what is new. Twice, it is sent once.

    `seen`: the ticket's position as the page showed it. Raises as tickets.answering.approvals.answer, and NotAllowed
    where somebody has decided on it already.
    """
    again = uuid5(key, "anyway")
    with transaction.atomic():
        rows, ticket = _locked(key, by)
        before = Delivery.objects.filter(key=again).first() or Approval.objects.filter(key=again).first()
        if before is not None:
            return before
        _decide(rows)
        message = rows[0].message
        wish = Wish(private=message.kind == Kind.DM, pictures=_pictures(rows, ticket, by))
        return approvals.answer(ticket.pk, text=_words(rows), by=by, seen=seen, key=again, wish=wish)


def take_up(key: UUID, *, by: User) -> str:
    """Its words, for this person's box, with its pictures in their tray. Raises NotAllowed."""
    with transaction.atomic():
        rows, ticket = _locked(key, by)
        _decide(rows)
        _pictures(rows, ticket, by)
        doorbell.ring_pages()
    return _words(rows)


def drop(key: UUID, *, by: User) -> None:
    """It is not sent at all; its words stay in the story. Raises NotAllowed."""
    with transaction.atomic():
        rows, ticket = _locked(key, by)
        _decide(rows)
        record(ticket, Activity.Verb.CHANGED, by, what="held_dropped", message=rows[0].message_id)
        doorbell.ring_pages()


def _locked(key: UUID, by: User) -> tuple[list[Delivery], Ticket]:
    """The outbox rows of the answer in order, and its ticket, all locked. Raises Delivery.DoesNotExist, NotAllowed."""
    first = Delivery.objects.select_related("message").get(key=key)
    rows = list(parts.of_answer(first).select_for_update(of=("self",)).select_related("message"))
    ticket = Ticket.objects.select_for_update().get(entries__message=first.message_id)
    check_may_work_on(by, ticket)
    return rows, ticket


def _decide(rows: Sequence[Delivery]) -> None:
    """Nobody is asked about it from here on."""
    if not Delivery.objects.filter(pk__in=[row.pk for row in rows], error_code=OVERTAKEN).update(error_code=""):
        raise Decided(_("Somebody else has decided on it already."))


def _words(rows: Sequence[Delivery]) -> str:
    return "".join(parts.said_in(row.message) for row in rows)


def _pictures(rows: Sequence[Delivery], ticket: Ticket, by: User) -> list[UUID]:
    """Copies of its pictures in this person's box; their keys, in order."""
    mine = OutgoingImage.objects.in_draft(pictures.draft_of(ticket), by)
    before = set(mine.values_list("key", flat=True))
    for row in rows:
        pictures.back_in_draft(row.message, ticket, by)
    return [key for key in mine.values_list("key", flat=True) if key not in before]
