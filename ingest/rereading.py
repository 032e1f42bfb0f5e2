"""Reading the past again: which messages, how far a run has come, and the readings written over the old ones.

What a person said of a message stays. tickets.incoming.rereading drives a run and brings the tickets in step.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from ingest import batch
from ingest.models import Message, Reread
from ingest.models.message import MessageQuerySet
from ingest.scoring import columns_of
from sentiment.reading import Backend, Reading

# Messages a batch, by how often it was begun and never ended: a text that kills the process is closed in on.
SIZES = (128, 32, 8, 1, 1)
# The columns that hold a label a person may have corrected.
COLUMNS_OF = {
    "sentiment": ("negative", "neutral", "positive"),
    "follow_up": ("follow_up", "threshold"),
    "reasons": ("cues",),
    "urgency": ("urgency",),
    "trigger": ("trigger",),
    "aim": ("aim",),
    "language": ("language",),
}
LABEL_OF = {column: label for label, columns in COLUMNS_OF.items() for column in columns}


def wanted(since: datetime, until: datetime | None, model: str, version: str) -> MessageQuerySet:
    """What customers wrote in this time, has been through the reader, and was not read by this version of the model."""
    written = Message.objects.filter(direction=Message.Direction.IN, posted_at__gte=since, deleted_at=None)
    written = written.exclude(decision=Message.Decision.CONTEXT)
    written = written.filter(posted_at__lt=until) if until else written
    return written.exclude(state=Message.State.NEW).exclude(reader=model, reader_version=version)


def unfinished(since: datetime, until: datetime | None, spec: str, backend: Backend) -> Reread | None:
    """The run of the same words that was broken off, if there is one."""
    same = Reread.objects.filter(since=since, until=until, spec=spec, finished_at=None)
    return same.filter(model=backend.name[:80], version=backend.version[:40]).first()


def begin(since: datetime, until: datetime | None, spec: str, backend: Backend) -> Reread:
    """The run that was broken off, else a new one."""
    model, version, now = backend.name[:80], backend.version[:40], timezone.now()
    found: dict[str, Any] = wanted(since, until, model, version).aggregate(total=Count("id"), last=Max("id"))
    job, _made = Reread.objects.get_or_create(
        since=since,
        until=until,
        spec=spec,
        model=model,
        version=version,
        finished_at=None,
        defaults={"last": found["last"] or 0, "total": found["total"], "started_at": now, "moved_at": now},
    )
    return job


def next_batch(job: Reread) -> list[Message]:
    """The messages that come next, oldest first, with the texts they reply to; none when the run is over."""
    rows = wanted(job.since, job.until, job.model, job.version).filter(pk__gt=job.after, pk__lte=job.last)
    size = SIZES[min(job.tries, len(SIZES) - 1)]
    return list(rows.with_parents().only("text").order_by("id")[:size])


def readers_of(messages: QuerySet[Message]) -> list[tuple[str, str, int, int]]:
    """Model, version, how many of these it read, and of how many a person has said something."""
    counted = messages.order_by().values_list("reader", "reader_version")
    told = Count("id", filter=~Q(person_said=[]))
    return list(counted.annotate(n=Count("id"), told=told).order_by("-n", "reader"))


def write(texts: Mapping[int, str], readings: Mapping[int, Reading], now: datetime) -> None:
    """Write readings over the old ones in one statement, label by label: what a person said stays as it is.

    `texts` hold what was read; the marks of a text that was edited meanwhile would point at other words.
    """
    rows = [{"id": pk, "text": texts[pk], **columns_of(reading, now)} for pk, reading in readings.items()]
    if not rows:
        return
    names = [name for name in rows[0] if name not in {"id", "text"}]
    with connection.cursor() as sql:
        sql.execute(
            f"UPDATE ingest_message t SET {', '.join(_set(name) for name in names)}"  # noqa: S608  (our own columns)
            f" FROM jsonb_to_recordset(%s::jsonb) AS r({batch.columns(Message, ['id', 'text', *names])})"
            " WHERE t.id = r.id AND t.state <> 'new'",
            [batch.as_json(rows)],
        )


def _set(name: str) -> str:
    if label := LABEL_OF.get(name):
        return f'"{name}" = CASE WHEN \'{label}\' = ANY (t.person_said) THEN t."{name}" ELSE r."{name}" END'
    if name == "evidence":
        return "evidence = CASE WHEN t.text = r.text THEN r.evidence ELSE t.evidence END"
    return f'"{name}" = r."{name}"'


def left(job: Reread, now: datetime, began: datetime, done_before: int) -> timedelta | None:
    """How long the rest takes at the pace since `began`; None while nothing can be said."""
    done = job.done - done_before
    if done <= 0:
        return None
    return (now - began) / done * max(job.total - job.done, 0)
