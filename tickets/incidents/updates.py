"""One-to-many: what is told to every open ticket of an incident, in the background, batch by batch.

Each batch is taken from the front of what is left in the transaction that writes its answers, and each answer has a
key made of the update's and the ticket's: a process that dies leaves the batch as it was, a task that is rung twice
finds nothing left, and no ticket is answered twice. What goes out is an ordinary answer (tickets.answering.approvals):
it can be taken back while it waits, and is refused for every reason for which an answer is refused.
"""

from collections.abc import Mapping
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from ingest import doorbell
from ingest.models import Delivery
from ingest.platforms.base import PlatformError
from tickets.answering import approvals, replies
from tickets.answering.approvals import Wish
from tickets.incidents import audience, keeping
from tickets.incidents.audience import THEN, Plan, language_of, was_answered, words_for
from tickets.incidents.told import key_of
from tickets.models import Approval, Incident, IncidentUpdate, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import lifecycle

log = structlog.get_logger(__name__)

TASK = "radd.incident_updates"
BATCH = 10
LONGEST = 5000
RESOLVE = "resolve"
REFUSALS = (NotAllowed, replies.Unsendable, replies.TooLong, replies.EmptyAnswer, replies.MovedOn, PlatformError)


class MoreThanConfirmed(NotAllowed):
    """It would go to more than the number somebody confirmed; `now` is the number."""

    def __init__(self, now: int) -> None:
        super().__init__(_("It would go to %(now)d now. Look at the number again.") % {"now": now})
        self.now = now


def begin(
    incident_id: int, *, texts: Mapping[str, str], by: User, key: UUID, number: int, last: int, resolve: bool = False
) -> IncidentUpdate:
    """Put an update in line, for those whom it can be told, up to the ticket `last`. Begun twice by one key it is one.

    `number`: of how many customers the person was told. Raises Incident.DoesNotExist, NotAllowed, MoreThanConfirmed.
    """
    with transaction.atomic():
        incident = Incident.objects.select_for_update(of=("self",)).get(pk=incident_id)
        keeping.check_runs(by, incident.brand_id)
        earlier = IncidentUpdate.objects.filter(key=key, incident=incident).first()
        if earlier is not None:
            return earlier
        told = {language: tidied for language, text in texts.items() if (tidied := replies.tidy(text[:LONGEST]))}
        going = _checked(audience.plan(incident, told, last=last), number)
        kept = told | ({THEN: RESOLVE} if resolve else {})
        made = IncidentUpdate.objects.create(
            incident=incident, key=key, texts=kept, by=by, at=timezone.now(), left=going, total=len(going)
        )
        audit.record(by, "incident.told", incident, number=len(going), languages=sorted(told))
        doorbell.ring(TASK)
    return made


def go_on(update_id: int, *, by: User, number: int, last: int) -> IncidentUpdate:
    """Tell it to those in the incident who were not told yet: they joined since, or it was stopped before them.

    Raises IncidentUpdate.DoesNotExist, NotAllowed, MoreThanConfirmed.
    """
    with transaction.atomic():
        update = _locked(update_id, by)
        if update.finished_at is None:
            raise NotAllowed(_("It is being sent."))
        going = _checked(audience.plan(update.incident, words_of(update), update=update, last=last), number)
        # What was refused then may have been mended; those who get it now are counted anew.
        update.refused = [entry for entry in update.refused if entry[0] not in set(going)]
        update.left, update.total, update.finished_at = going, update.sent + len(update.refused) + len(going), None
        update.by = by
        update.save()
        audit.record(by, "incident.told", update.incident, number=len(going), languages=sorted(words_of(update)))
        doorbell.ring(TASK)
    return update


def _checked(plan: Plan, number: int) -> list[int]:
    """Whom it goes to. Raises NotAllowed where that is nobody, or more than somebody agreed to."""
    going = plan.tickets
    if not going:
        raise NotAllowed(_("There is nobody to tell it to."))
    if len(going) > number:
        raise MoreThanConfirmed(len(going))
    return going


def stop(update_id: int, *, by: User) -> IncidentUpdate:
    """Tell it to nobody else. What was sent stays: each answer can be taken back on its ticket while it waits."""
    with transaction.atomic():
        update = _locked(update_id, by)
        if update.finished_at is None:
            update.left, update.finished_at = [], timezone.now()
            update.save(update_fields=["left", "finished_at"])
    return update


def _locked(update_id: int, by: User) -> IncidentUpdate:
    rows = IncidentUpdate.objects.select_for_update(of=("self",)).select_related("incident")
    update = rows.get(pk=update_id)
    keeping.check_runs(by, update.incident.brand_id)
    return update


def words_of(update: IncidentUpdate) -> dict[str, str]:
    """Its words by language."""
    return {language: text for language, text in update.texts.items() if language != THEN}


def resolves(update: IncidentUpdate) -> bool:
    """Whether it is to resolve the tickets it is told on."""
    return bool(update.texts.get(THEN) == RESOLVE)


def was_stopped(update: IncidentUpdate) -> bool:
    """Whether it ended before everybody was told or refused."""
    return update.finished_at is not None and update.sent + len(update.refused) < update.total


# --- in the background ----------------------------------------------------------------------------------------------
def work(limit: int = BATCH) -> int:
    """Tell one batch of one update, whichever waits longest; how many tickets were taken from the line."""
    with transaction.atomic():
        waiting = IncidentUpdate.objects.filter(finished_at=None).order_by("id")
        rows = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("by", "incident")
        update = rows.first()
        if update is None:
            return 0
        batch, update.left = update.left[:limit], update.left[limit:]
        language = update.by.interface_language if update.by else ""
        with translation.override(language or translation.get_language() or "en"):
            for ticket_id in batch:
                _one(update, ticket_id)
        if not update.left:
            update.finished_at = timezone.now()
        update.save(update_fields=["left", "sent", "refused", "finished_at"])
        doorbell.ring_pages()
    return max(len(batch), 1)


def _one(update: IncidentUpdate, ticket_id: int) -> None:
    """One ticket in a savepoint of its own: told, or refused with words. What breaks there holds up nobody else."""
    try:
        with transaction.atomic():
            _tell(update, ticket_id)
    except Ticket.DoesNotExist:
        update.refused.append([ticket_id, _("That ticket is not there. Choose another.")])
    except REFUSALS as refusal:
        update.refused.append([ticket_id, _in_words(refusal)])
    except DatabaseError:
        # Nothing of this ticket's: the whole batch is tried again.
        raise
    except Exception:
        log.exception("an incident's update could not be told", update=update.pk, ticket=ticket_id)
        update.refused.append([ticket_id, _("It failed inside Radd. The log says why.")])
    else:
        update.sent += 1


def _tell(update: IncidentUpdate, ticket_id: int) -> None:
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("channel").get(pk=ticket_id)
    by = _check_still_meant(update, ticket)
    parent = replies.answers_to(ticket)
    language = language_of(ticket, parent)
    text = words_for(update.texts, language)
    if not text:
        raise NotAllowed(audience.no_words(language))
    done_with, wish = was_answered(ticket), Wish(resolve=resolves(update), many=True)
    key = key_of(update.key, ticket_id)
    done = approvals.answer(ticket_id, text=text, by=by, seen=ticket.position, key=key, wish=wish)
    if isinstance(done, Approval):
        return
    if wish.resolve and done_with:
        # Somebody has answered them before: no policy on canned answers keeps it open.
        lifecycle.resolve(ticket_id, by=by)


def _check_still_meant(update: IncidentUpdate, ticket: Ticket) -> User:
    """Who tells it. Raises NotAllowed where that or the ticket is another matter by now."""
    if update.by is None or not update.by.is_active:
        raise NotAllowed(_("Who began it is not here any more."))
    keeping.check_runs(update.by, ticket.brand_id)
    if ticket.incident_id != update.incident_id:
        raise NotAllowed(_("It is not in the incident any more."))
    if not ticket.is_live:
        raise NotAllowed(_("It was resolved meanwhile."))
    same = Q(contact=ticket.contact_id) | (Q(customer=ticket.customer_id) if ticket.customer_id else Q(pk__in=[]))
    theirs = Ticket.objects.filter(same, incident=update.incident_id).exclude(pk=ticket.pk).values_list("id", flat=True)
    if Delivery.objects.filter(key__in=[key_of(update.key, pk) for pk in theirs]).exists():
        raise NotAllowed(audience.same_customer())
    return update.by


def _in_words(refusal: Exception) -> str:
    """A refusal as the list of an update tells it."""
    if isinstance(refusal, replies.TooLong):
        words = _("Longer than the platform takes: %(used)d of %(limit)d.")
        return words % {"used": refusal.length.used, "limit": refusal.length.limit}
    if isinstance(refusal, PlatformError):
        return _("This channel cannot be used as it is set up.")
    if isinstance(refusal, replies.MovedOn):
        return _("The customer wrote at that moment.")
    return str(refusal) or _("There is nothing to send.")
