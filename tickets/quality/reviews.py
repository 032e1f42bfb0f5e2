"""Reviewing: a supervisor marks, skips or thinks again; whoever did the work sees it and may answer.

waiting -> done | skipped, and back while the agent has not seen it. Nobody reviews their own work.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell
from ingest.cleaning import clean
from tickets.activity import record
from tickets.models import Activity, Notice, Review, Ticket
from tickets.permissions import NotAllowed, check_may_work_on, check_supervises
from tickets.quality import marks as marking
from tickets.quality import scorecards

State = Review.State
LONGEST = 4000
RELATED = ("ticket__brand", "ticket__channel", "ticket__contact", "agent", "reviewer", "scorecard")


class NothingSaid(NotAllowed):
    """A review without a mark or a word, or an answer without one."""


class TooLate(NotAllowed):
    """It has gone on since; the words say how."""


# --- reading --------------------------------------------------------------------------------------------------------
def to_review(user: User) -> QuerySet[Review]:
    """What waits for this person to review it: of brands they see, and not their own work. The oldest first."""
    waiting = Review.objects.filter(state=State.WAITING, ticket__in=Ticket.objects.visible_to(user))
    return waiting.exclude(agent=user).select_related(*RELATED).order_by("sampled_at", "id")


def seen_by(user: User) -> QuerySet[Review]:
    """The reviews a supervisor may open: of the brands they see, but for their own work that is not reviewed yet."""
    if not user.is_supervisor:
        return Review.objects.none()
    seen = Review.objects.filter(ticket__in=Ticket.objects.visible_to(user))
    return seen.exclude(agent=user, state__in=[State.WAITING, State.SKIPPED]).select_related(*RELATED)


def done(user: User) -> QuerySet[Review]:
    """What was reviewed of the brands a supervisor sees, the newest first."""
    return seen_by(user).filter(state=State.DONE).order_by("-reviewed_at", "-id")


def of_mine(user: User) -> QuerySet[Review]:
    """The reviews of this person's own work, the newest first."""
    mine = Review.objects.filter(agent=user, state=State.DONE).select_related(*RELATED)
    return mine.order_by("-reviewed_at", "-id")


# --- the reviewer ---------------------------------------------------------------------------------------------------
def _locked(review_id: int) -> Review:
    """The ticket is locked before its review, as everywhere. Raises Review.DoesNotExist."""
    ticket_id = Review.objects.values_list("ticket_id", flat=True).get(pk=review_id)
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    review = Review.objects.select_for_update(of=("self",)).select_related("agent").get(pk=review_id)
    review.ticket = ticket
    return review


def _to_decide(review_id: int, by: User) -> Review:
    check_supervises(by)
    review = _locked(review_id)
    check_may_work_on(by, review.ticket)
    if review.agent_id == by.pk:
        raise NotAllowed(_("Somebody else must review your work."))
    return review


def review(review_id: int, *, scorecard: int, marks: Mapping[str, object], words: str = "", by: User) -> Review:
    """Give it its marks. The same again changes nothing; others by the same reviewer do until the agent has seen it.

    `marks` by the scorecard's question ids; a question without one is left. Raises NotAllowed, NothingSaid, TooLate,
    Scorecard.DoesNotExist, Review.DoesNotExist.
    """
    words = clean(words).replace("\r\n", "\n").strip()[:LONGEST]
    with transaction.atomic():
        row = _to_decide(review_id, by)
        card = scorecards.in_use().get(pk=scorecard)
        given = marking.read(marks, card.questions)
        if not given and not words:
            raise NothingSaid(_("Mark one question, or say something in words."))
        if row.state == State.DONE:
            if row.reviewer_id == by.pk and (row.marks, row.words) == (given, words):
                return row
            _check_may_change(row, by)
        again = row.state == State.DONE
        row.state, row.reviewer, row.reviewed_at = State.DONE, by, timezone.now()
        row.scorecard, row.questions, row.marks, row.words = card, card.questions, given, words
        row.score = marking.score(card.questions, given)
        row.save()
        _tell(row, row.agent_id, by, row.reviewed_at, answered=False)
        if not again:
            record(row.ticket, Activity.Verb.REVIEWED, by, review=row.pk)
        doorbell.ring_pages()
    return row


def _check_may_change(row: Review, by: User) -> None:
    if row.reviewer_id not in {None, by.pk}:
        raise TooLate(_("Somebody else has reviewed it already."))
    if row.seen_at is not None:
        raise TooLate(_("Its agent has seen it, so it stays as it is."))


def skip(review_id: int, *, by: User) -> Review:
    """Not worth a look after all. Skipping twice changes nothing. Raises NotAllowed, TooLate."""
    with transaction.atomic():
        row = _to_decide(review_id, by)
        if row.state == State.SKIPPED:
            return row
        if row.state == State.DONE:
            raise TooLate(_("Somebody else has reviewed it already."))
        row.state, row.reviewer, row.reviewed_at = State.SKIPPED, by, timezone.now()
        row.save(update_fields=["state", "reviewer", "reviewed_at"])
        doorbell.ring_pages()
    return row


def put_back(review_id: int, *, by: User) -> Review:
    """Undo a skip, or one's own review that its agent has not seen: it waits again. Raises NotAllowed, TooLate."""
    with transaction.atomic():
        row = _to_decide(review_id, by)
        if row.state == State.WAITING:
            return row
        was_done = row.state == State.DONE
        if was_done:
            _check_may_change(row, by)
            Notice.objects.filter(user=row.agent_id, key=_key(row, answered=False)).delete()
            record(row.ticket, Activity.Verb.UNDONE, by, what=Activity.Verb.REVIEWED.value, review=row.pk)
        row.state, row.reviewer, row.reviewed_at, row.scorecard = State.WAITING, None, None, None
        row.questions, row.marks, row.score, row.words = [], {}, None, ""
        row.save()
        doorbell.ring_pages()
    return row


# --- whose work it was ----------------------------------------------------------------------------------------------
def _mine(review_id: int, by: User) -> Review:
    row = _locked(review_id)
    if row.agent_id != by.pk or row.state != State.DONE:
        raise NotAllowed(_("Only the agent whose work was reviewed may do this."))
    return row


def see(review_id: int, *, by: User) -> Review:
    """Its agent has read it; from here on it stays as it is. Raises NotAllowed, Review.DoesNotExist."""
    with transaction.atomic():
        row, now = _mine(review_id, by), timezone.now()
        if row.seen_at is None:
            row.seen_at = now
            row.save(update_fields=["seen_at"])
            Notice.objects.filter(user=by, key=_key(row, answered=False), read_at=None).update(read_at=now)
    return row


def answer(review_id: int, *, text: str, by: User) -> Review:
    """What its agent says to it; said again it replaces what was said. Raises NotAllowed, NothingSaid."""
    text = clean(text).replace("\r\n", "\n").strip()[:LONGEST]
    if not text:
        raise NothingSaid(_("There is nothing to send yet."))
    with transaction.atomic():
        row, now = _mine(review_id, by), timezone.now()
        if row.answer == text:
            return row
        row.answer, row.answered_at, row.seen_at = text, now, row.seen_at or now
        row.save(update_fields=["answer", "answered_at", "seen_at"])
        Notice.objects.filter(user=by, key=_key(row, answered=False), read_at=None).update(read_at=now)
        if row.reviewer_id:
            _tell(row, row.reviewer_id, by, now, answered=True)
        doorbell.ring_pages()
    return row


def _key(row: Review, *, answered: bool) -> str:
    return f"review:{row.pk}:answered" if answered else f"review:{row.pk}"


def _tell(row: Review, user_id: int, actor: User, now: datetime, *, answered: bool) -> None:
    Notice.objects.bulk_create(
        [Notice(user_id=user_id, kind=Notice.Kind.REVIEWED, ticket_id=row.ticket_id, actor=actor, at=now,
                key=_key(row, answered=answered), data={"review": row.pk, "answered": answered})],
        ignore_conflicts=True,
    )  # fmt: skip
