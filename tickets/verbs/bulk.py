"""One action on hundreds of tickets, in the background: batch by batch under a lease, with progress, and undone.

Each batch is taken from the front of what is left in the transaction that does it, so a process that dies leaves the
batch as it was, and no ticket is worked twice. Tickets that refuse are told with their words and hold up nothing.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from ingest import doorbell
from tickets.models import Activity, BulkAction, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import actions, undoing
from tickets.verbs.action_codes import Action, spelled

State = BulkAction.State
MOST = 2000
BATCH = 25
TASK = "radd.bulk"
AT_WORK = (State.WORKING, State.UNDOING)


def begin(ticket_ids: Sequence[int], action: Action, *, by: User) -> BulkAction:
    """Put an action on these tickets in line; those this person may not see are left out. Raises NotAllowed."""
    if not actions.step_of(action).in_bulk:
        raise NotAllowed(_("This action is not known here."))
    ids = list(dict.fromkeys(ticket_ids))
    seen = list(
        Ticket.objects.visible_to(by).filter(pk__in=ids[: MOST + 1]).order_by("id").values_list("id", flat=True)
    )
    if not seen:
        raise NotAllowed(_("Choose what to do, and with which tickets."))
    if len(ids) > MOST:
        raise NotAllowed(_("Nobody may do this to so many at once: choose at most %(most)d.") % {"most": MOST})
    with transaction.atomic():
        made = BulkAction.objects.create(
            by=by, action=dict(spelled(action)), left=seen, total=len(seen), created_at=timezone.now()
        )
        doorbell.ring(TASK)
    return made


def work(limit: int = BATCH) -> int:
    """Work one batch of one action, whichever waits longest; how many tickets were taken from the line."""
    with transaction.atomic():
        now = timezone.now()
        waiting = BulkAction.objects.filter(state__in=AT_WORK).exclude(lease_until__gt=now).order_by("id")
        job = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("by").first()
        if job is None:
            return 0
        batch, job.left = job.left[:limit], job.left[limit:]
        with translation.override(job.by.interface_language or translation.get_language() or "en"):
            for ticket_id in batch:
                _one(job, ticket_id)
        if not job.left:
            job.state = State.DONE if job.state == State.WORKING else State.UNDONE
            job.finished_at = timezone.now()
        job.save()
        doorbell.ring_pages()
    # An action whose tickets are all gone still counts as worked.
    return max(len(batch), 1)


def _one(job: BulkAction, ticket_id: int) -> None:
    """One ticket in a savepoint of its own: done, or refused with words."""
    try:
        with transaction.atomic():
            if job.state == State.UNDOING:
                _undo_one(job, ticket_id)
                return
            line = actions.carry_out(ticket_id, job.action, by=job.by)
    except NotAllowed as refusal:
        job.refused.append([ticket_id, str(refusal)])
        return
    except Ticket.DoesNotExist:
        job.refused.append([ticket_id, _("That ticket is not there. Choose another.")])
        return
    job.done += 1
    if line is not None:
        # `z` passes over it: what was done to all is undone for all.
        line.data = {**line.data, "bulk": str(job.key)}
        line.save(update_fields=["data"])
        job.before.append([ticket_id, {"line": line.pk}])


def _undo_one(job: BulkAction, ticket_id: int) -> None:
    lines: dict[int, dict[str, Any]] = dict(job.before)
    undoing.undo(int(lines[ticket_id]["line"]), by=job.by)
    job.done += 1


def undo(job_id: int, *, by: User) -> BulkAction:
    """Take back what was done, in the background likewise; what has gone on since is refused with words.

    Raises BulkAction.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        job = _mine(job_id, by)
        if job.state not in {State.DONE, State.STOPPED}:
            raise NotAllowed(_("This cannot be undone."))
        can = Activity.objects.in_bulk([told["line"] for _pk, told in job.before])
        job.left = [pk for pk, told in job.before if told["line"] in can and undoing.can_undo(can[told["line"]])]
        if not job.left:
            raise NotAllowed(_("There is nothing to undo."))
        job.state, job.done, job.total, job.refused, job.finished_at = State.UNDOING, 0, len(job.left), [], None
        job.save()
        doorbell.ring(TASK)
    return job


def stop(job_id: int, *, by: User) -> BulkAction:
    """Do no more of it; what was done stays until it is undone."""
    with transaction.atomic():
        job = _mine(job_id, by)
        if job.state == State.WORKING:
            job.state, job.left, job.finished_at = State.STOPPED, [], timezone.now()
            job.save()
    return job


def _mine(job_id: int, by: User) -> BulkAction:
    return BulkAction.objects.select_for_update(of=("self",)).get(pk=job_id, by=by)
