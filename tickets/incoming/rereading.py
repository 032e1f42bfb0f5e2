"""Reading the past again, batch by batch, beside the running desk (`manage.py reread`).

A batch is read outside any transaction. Its readings, the measures of its tickets and the run's new place are written
in one: a process killed at any moment has done a batch wholly or not at all, and the next start goes on from there.
Decisions and dispositions stay as they are, and so does everything that a person said.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from ingest import rereading
from ingest.imports.patience import patiently
from ingest.models import Message, Reread
from ingest.scoring import Read
from sentiment.reading import Failure, Reading
from tickets.models import Ticket
from tickets.standing import settle

log = structlog.get_logger(__name__)

LOCK_CLASS = 0x7265616C
# Seconds that a batch waits at most for live reading to catch up.
GIVE_WAY = 5.0


class Busy(Exception):
    """Another process works on this run."""


@contextmanager
def alone(job: Reread) -> Iterator[None]:
    """Hold the run for this process; the database lets go by itself when it dies. Raises Busy.

    Without it nothing would be doubled either, but two processes would read every batch for one of them to write.
    """
    with connection.cursor() as sql:
        sql.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, job.pk])
        (held,) = sql.fetchone()
    if not held:
        raise Busy
    try:
        yield
    finally:
        with connection.cursor() as sql:
            sql.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, job.pk])


def go_on(
    job: Reread,
    read: Read,
    tell: Callable[[Reread], None] = lambda _job: None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Work on the run until it is over; `tell` hears of each batch. Raises whatever stops the model as a whole."""
    while messages := patiently(lambda: _next(job)):
        if job.tries >= len(rereading.SIZES):
            patiently(partial(_pass_over, job, messages[0]))
            continue
        _give_way(sleep)
        patiently(partial(_count_try, job))
        answers = read([message.text for message in messages], [message.parent_text for message in messages])
        patiently(partial(_write, job, messages, answers))
        patiently(job.refresh_from_db)
        tell(job)
    patiently(lambda: _finish(job))
    tell(job)


def _next(job: Reread) -> list[Message]:
    job.refresh_from_db()
    return rereading.next_batch(job)


def _count_try(job: Reread) -> None:
    Reread.objects.filter(pk=job.pk).update(tries=F("tries") + 1)


def _write(job: Reread, messages: Sequence[Message], answers: Sequence[Reading | Failure]) -> None:
    """One batch, wholly or not at all; nothing if somebody else has written it."""
    now = timezone.now()
    texts = {message.pk: message.text for message in messages}
    readings = {pk: answer for pk, answer in zip(texts, answers, strict=True) if isinstance(answer, Reading)}
    with transaction.atomic():
        place = Reread.objects.select_for_update().get(pk=job.pk)
        if place.after != job.after or place.finished_at:
            return
        # Tickets before messages, and in order, as everywhere; then those that triage opened in between.
        tickets = _locked_tickets(readings)
        rereading.write(texts, readings, now)
        tickets += _locked_tickets(readings, known=tickets)
        settle(tickets, now, moved=False)
        place.after, place.tries, place.moved_at = messages[-1].pk, 0, now
        place.done += len(messages)
        place.failed += len(messages) - len(readings)
        place.save(update_fields=["after", "tries", "moved_at", "done", "failed"])


def _locked_tickets(message_ids: Iterable[int], known: Sequence[Ticket] = ()) -> list[Ticket]:
    theirs = Ticket.objects.filter(entries__message__in=list(message_ids)).distinct().values("pk")
    others = Ticket.objects.filter(pk__in=theirs).exclude(pk__in=[ticket.pk for ticket in known])
    return list(others.select_for_update(of=("self",)).order_by("id"))


def _pass_over(job: Reread, message: Message) -> None:
    """A message whose reading stopped the process every time keeps what it has."""
    log.warning("message passed over", message=message.pk)
    same = Reread.objects.filter(pk=job.pk, after=job.after)
    same.update(after=message.pk, tries=0, done=F("done") + 1, failed=F("failed") + 1, moved_at=timezone.now())


def _finish(job: Reread) -> None:
    now = timezone.now()
    Reread.objects.filter(pk=job.pk, finished_at=None).update(finished_at=now, moved_at=now)
    job.refresh_from_db()


def _give_way(sleep: Callable[[float], None]) -> None:
    """Live reading first, for a while: with no reader running, its messages would wait for ever."""
    waited = 0.0
    while waited < GIVE_WAY and Message.objects.unread_at(timezone.now()).exists():
        sleep(0.25)
        waited += 0.25
