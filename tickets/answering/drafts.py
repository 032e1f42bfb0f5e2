"""What people have begun to write on tickets: kept here, so that it is there on every device and others see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from ingest.cleaning import clean
from tickets.models import Draft, Ticket
from tickets.permissions import check_may_work_on

LONGEST = 10_000
# Saved so short a time ago, somebody is writing now.
WRITING = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Others:
    """A colleague's answer on its way; `now`: they are at it, else they left it there."""

    draft: Draft
    name: str
    now: bool


def keep(ticket: Ticket, by: User, kind: str, text: str, *, private: bool = False) -> bool:
    """Keep the words as they stand, and whether they are meant in `private`; without a word there is no draft.

    True if one is kept. Raises NotAllowed.
    """
    check_may_work_on(by, ticket)
    text = clean(text)[:LONGEST]
    if not text.strip():
        drop(ticket, by, kind)
        return False
    stands = {"text": text, "private": private, "updated_at": timezone.now()}
    Draft.objects.update_or_create(ticket=ticket, user=by, kind=kind, defaults=stands)
    return True


def drop(ticket: Ticket, by: User, kind: str) -> None:
    """It is said, or nothing is left of it."""
    Draft.objects.filter(ticket=ticket, user=by, kind=kind).delete()


@dataclass(frozen=True, slots=True)
class Drafts:
    """All that is begun on a ticket, as one person sees it."""

    answer: str
    note: str
    others: list[Others]
    # When the answer was last kept, in seconds since 1970; 0 where none is.
    kept: int = 0
    # Whether it is meant for the customer alone.
    private: bool = False


def drafts_on(ticket: Ticket, user: User, now: datetime) -> Drafts:
    """One query. Of others only answers are told: a note is nobody's business before it is saved."""
    rows = list(Draft.objects.filter(ticket=ticket).select_related("user").order_by("-updated_at"))
    mine = {row.kind: row for row in rows if row.user_id == user.pk}
    others = [
        Others(row, row.user.name, row.updated_at >= now - WRITING)
        for row in rows
        if row.user_id != user.pk and row.kind == Draft.Kind.ANSWER
    ]
    answer, note = mine.get(Draft.Kind.ANSWER), mine.get(Draft.Kind.NOTE)
    return Drafts(
        answer=answer.text if answer else "",
        note=note.text if note else "",
        others=others,
        kept=int(answer.updated_at.timestamp()) if answer else 0,
        private=answer is not None and answer.private,
    )
