"""The whole flow on one screen: a post comes in at the top and an answer goes out at the bottom.

Each stage claims rows by state from the database, works, writes, and rings the next. Every task here may run twice,
late or not at all: the beat (care/settings.py) sweeps every stage, and what a dead process held comes free by lease.

    collect_due -> collect -> store()          a post is stored once                       Message NEW
    (listen: a stream; hooks/: take_in)        the same, sooner                            Message NEW
    read                                       the model reads a batch                     Message SCORED
    triage                                     ticket, join, no answer, spam, folded       Message TRIAGED, Ticket
    route                                      a waiting ticket finds an agent             Ticket.assignee
    (a person answers: tickets.answering.replies.send)   answer + outbox row + record, one commit    Delivery WAITING
    deliver                                    the platform takes it, once                 Delivery SENT
    settle                                     the ticket takes note                       dispositions, lift

Beside the flow: `surround` asks for the threads around what became tickets, `backfill` reads a channel's past.
"""

import time
from collections.abc import Callable

from celery import shared_task
from django.utils import timezone

from ingest import backfilling, delivery, doorbell, drift, pictures, scoring, shadow, surroundings, webhooks
from ingest import collect as collecting
from ingest import looking_again as looking
from ingest import reconcile as reconciling
from ingest.models import Message
from tickets.answering import approvals, outcomes
from tickets.channels import erasing
from tickets.incidents import surges, updates
from tickets.incoming import changed, intake
from tickets.listing.search import indexing
from tickets.news import at_once, digest, notices, telling
from tickets.quality import sampling
from tickets.steering import attendance, routing
from tickets.targets import alarms, escalation, retargeting
from tickets.verbs import bulk, lifecycle, snoozing

# One run of a task works for about this long, then rings itself: other tasks get their turn.
TURN = 20.0


@shared_task(name="radd.collect_due")
def collect_due() -> int:
    """Send somebody to look at each channel whose time has come."""
    channels = collecting.due(timezone.now())
    for channel_id in channels:
        doorbell.ring("radd.collect", channel_id)
    return len(channels)


@shared_task(name="radd.collect")
def collect(channel_id: int) -> int:
    doorbell.answered("radd.collect", channel_id)
    return collecting.poll(channel_id)


@shared_task(name="radd.take_in")
def take_in() -> int:
    return _work("radd.take_in", webhooks.take_in_events)


@shared_task(name="radd.surround")
def surround() -> int:
    return _work("radd.surround", surroundings.look_around)


@shared_task(name="radd.backfill")
def backfill() -> int:
    """Beside the flow: a page at a time, and only while live posts do not wait."""
    return _work("radd.backfill", backfilling.read_some)


@shared_task(name="radd.prune_events")
def prune_events() -> int:
    return _work("radd.prune_events", webhooks.prune_events)


@shared_task(name="radd.sweep_pictures")
def sweep_pictures() -> int:
    return pictures.sweep()


@shared_task(name="radd.erase")
def erase() -> int:
    """Beside the flow: what removed channels brought, a small step at a time."""
    return _work("radd.erase", erasing.erase_some)


@shared_task(name="radd.read")
def read() -> int:
    return _work("radd.read", scoring.read_new, then="radd.triage")


@shared_task(name="radd.read_shadow")
def read_shadow() -> int:
    """Beside the flow: a model that is tried reads what was read live. Ends as soon as live reading waits."""
    return _work("radd.read_shadow", shadow.read_some)


@shared_task(name="radd.triage")
def triage() -> int:
    return _work("radd.triage", intake.triage_new, then="radd.route")


@shared_task(name="radd.index")
def index() -> int:
    """Beside the flow: what is on tickets can be found."""
    return _work("radd.index", indexing.index_some)


@shared_task(name="radd.alarms")
def tell_alarms() -> int:
    """Beside the flow: clocks that run out soon, or have run out, are told of within seconds."""
    return _work("radd.alarms", alarms.sound)


@shared_task(name="radd.approvals")
def tell_approvals() -> int:
    """Beside the flow: answers that wait too long for a second person are told of, once."""
    return _work("radd.approvals", approvals.alarm)


@shared_task(name="radd.tell")
def tell() -> int:
    """Beside the flow: people are told of what the record says happened to their tickets."""
    return _work("radd.tell", telling.tell_new)


@shared_task(name="radd.mail_notices")
def mail_notices() -> int:
    """Beside the flow: mail that cannot wait, and the daily one of what was not read, at each person's own hour."""
    doorbell.answered("radd.mail_notices")
    return at_once.send_due() + digest.send_due()


@shared_task(name="radd.escalate")
def escalate() -> int:
    """Beside the flow: tickets that want more than their agent go up their chains."""
    return _work("radd.escalate", escalation.sweep)


@shared_task(name="radd.retarget")
def retarget(after: int = 0) -> int:
    """Beside the flow: a batch of live tickets gets its clocks by the policies as they stand now; then the next."""
    doorbell.answered("radd.retarget", after)
    further = retargeting.go_on(after)
    if further is not None:
        doorbell.ring("radd.retarget", further)
    return further or 0


@shared_task(name="radd.route")
def route() -> int:
    return _work("radd.route", routing.drain)


@shared_task(name="radd.hand_over")
def hand_over() -> int:
    """Beside the flow: what people hold whose time away has begun."""
    return _work("radd.hand_over", attendance.hand_over_due, then="radd.route")


@shared_task(name="radd.deliver")
def deliver() -> int:
    return _work("radd.deliver", delivery.deliver_due, then="radd.settle")


@shared_task(name="radd.settle")
def settle() -> int:
    return _work("radd.settle", outcomes.settle_finished, then="radd.index")


@shared_task(name="radd.wake")
def wake() -> int:
    """Snoozed tickets whose time has come."""
    return _work("radd.wake", snoozing.wake_due)


@shared_task(name="radd.bulk")
def bulk_work() -> int:
    """Beside the flow: one action on many tickets."""
    return _work("radd.bulk", bulk.work)


@shared_task(name="radd.surges")
def look_for_surges() -> int:
    """Many alike tickets within an hour become a suggestion."""
    return surges.look()


@shared_task(name="radd.incident_updates")
def tell_incidents() -> int:
    """Beside the flow: what is told to everybody in an incident becomes answers, a batch at a time."""
    return _work("radd.incident_updates", updates.work)


@shared_task(name="radd.close_resolved")
def close_resolved() -> int:
    return lifecycle.close_resolved()


@shared_task(name="radd.look_again")
def look_again() -> int:
    """Beside the flow: what tickets wait on is looked at again, for edits, deletions and public figures."""
    return looking.look_again(changed.followed())


@shared_task(name="radd.reconcile_due")
def reconcile_due() -> int:
    return reconciling.ring_due()


@shared_task(name="radd.reconcile")
def reconcile(channel_id: int) -> int:
    doorbell.answered("radd.reconcile", channel_id)
    return reconciling.check(channel_id)


@shared_task(name="radd.watch_channels")
def watch_channels() -> int:
    return notices.tell_changes()


@shared_task(name="radd.measure_drift")
def measure_drift() -> int:
    return drift.measure_recent()


@shared_task(name="radd.sample_reviews")
def sample_reviews() -> int:
    """Beside the flow: each day everybody who answered has a few solved tickets drawn for review."""
    return sampling.sample()


def _work(task: str, stage: Callable[[], int], then: str = "") -> int:
    """Work a stage until nothing is left or the turn is over, ring the next stage, and say how much was done."""
    doorbell.answered(task)
    done, end = 0, time.monotonic() + TURN
    while count := stage():
        done += count
        if then:
            doorbell.ring(then)
        if time.monotonic() > end:
            doorbell.ring(task)
            break
    return done


def work_off(progress: Callable[[str, int], None] | None = None) -> dict[str, int]:
    """Read, triage and route in this process until nothing waits that can be worked now; the counts by stage.

    Safe beside running workers: each takes what the other has not claimed.
    """
    stages: dict[str, Callable[[], int]] = {
        "read": scoring.read_new,
        "triaged": intake.triage_new,
        "assigned": routing.drain,
    }
    totals = dict.fromkeys(stages, 0)
    while True:
        before = dict(totals)
        for name, stage in stages.items():
            while count := stage():
                totals[name] += count
                if progress:
                    progress(name, totals[name])
        if totals == before:
            if not Message.objects.exclude(state__in=["triaged", "held"]).exists():
                return totals
            # Somebody else holds the rest, or it rests after a failure.
            time.sleep(1)
