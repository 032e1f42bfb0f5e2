"""Reading: claim a batch of unread messages, let the model read it outside any transaction, write it in one go.

A text that breaks the model must cost nobody else anything: fresh messages are read in batches, and whatever was
claimed before without success (the reader refused it, or the process died over it) is read alone. After
READ_ATTEMPTS tries the message goes on to triage unread, with the error kept and shown.

A reply is read together with what it answers. What a person said of a message is never written over.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from ingest import batch, doorbell, readers
from ingest.models import Message
from sentiment.reading import Failure, Reading

log = structlog.get_logger(__name__)

# Texts, and for each the text it replies to, or None.
Read = Callable[[Sequence[str], Sequence[str | None]], list[Reading | Failure]]
REST_AFTER_FAILURE = timedelta(seconds=20)
RETRIES_A_ROUND = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """One message in our hands until the lease ends."""

    id: int
    text: str
    attempts: int
    # The text it replies to, where that message is known; else None.
    parent: str | None


def read_new(limit: int | None = None, read: Read | None = None) -> int:
    """Read one round of messages; returns how many left the unread state or were tried.

    Zero means that nothing can be read just now.
    """
    read = read or _read
    fresh = _claim(limit or settings.READ_BATCH, fresh=True)
    again = _claim(RETRIES_A_ROUND, fresh=False)
    retries = [claim for claim in again if not _give_up_on(claim)]
    _read_batch(fresh, read)
    for claim in retries:
        _read_batch([claim], read)
    return len(fresh) + len(again)


def replay(message_ids: Sequence[int]) -> int:
    """Put messages that could not be read back in line, their attempts forgotten; not those a person read since."""
    return (
        Message.objects.filter(pk__in=message_ids, person_said=[])
        .unreadable()
        .update(state=Message.State.NEW, attempts=0, lease_until=None, read_error="", last_error="")
    )


def _read(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
    return readers.read_live(texts, parents)


def _claim(limit: int, *, fresh: bool) -> list[Claim]:
    """Take up to `limit` messages. Materialised: inside an IN the planner may run a LIMIT once for every row."""
    now = timezone.now()
    attempts = "attempts = 0" if fresh else "attempts > 0"
    with connection.cursor() as sql:
        sql.execute(
            f"""
            WITH next AS MATERIALIZED (
                SELECT id FROM ingest_message
                 WHERE state = 'new' AND {attempts} AND (lease_until IS NULL OR lease_until < %s)
                 ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
            UPDATE ingest_message m SET lease_until = %s, attempts = attempts + 1
              FROM next WHERE m.id = next.id
            RETURNING m.id, m.text, m.attempts,
                      (SELECT parent.text FROM ingest_message parent
                        WHERE m.parent_external_id <> '' AND parent.channel_id = m.channel_id
                          AND parent.external_id = m.parent_external_id AND NOT parent.external_id = '')
            """,  # noqa: S608  (one of two conditions of ours)
            [now, limit, now + settings.READ_LEASE],
        )
        return sorted((Claim(*row) for row in sql.fetchall()), key=lambda claim: claim.id)


def _give_up_on(claim: Claim) -> bool:
    """True, and on to triage unread, when every try but the one just claimed has failed."""
    if claim.attempts <= settings.READ_ATTEMPTS:
        return False
    why = Message.objects.values_list("last_error", flat=True).get(pk=claim.id)
    log.warning("message goes to triage unread", message=claim.id)
    Message.objects.filter(pk=claim.id).update(
        state=Message.State.SCORED,
        lease_until=None,
        attempts=0,
        read_error=why or "The reader stopped while reading this text.",
    )
    return True


def _read_batch(claims: Sequence[Claim], read: Read) -> None:
    if not claims:
        return
    started = time.monotonic()
    try:
        answers = read([claim.text for claim in claims], [claim.parent for claim in claims])
    except Exception as error:
        log.exception("reader failed", messages=len(claims))
        answers = [Failure(f"{type(error).__name__}: {error}")] * len(claims)
    now = timezone.now()
    rows, failures = [], []
    for claim, answer in zip(claims, answers, strict=True):
        if isinstance(answer, Reading):
            rows.append(_row(claim, answer, now))
        else:
            failures.append(_failure(claim, answer, now))
    doorbell.count(batches=1, messages=len(rows), failures=len(failures), seconds=time.monotonic() - started)
    _write(rows)
    batch.update(Message, failures, ["last_error", "lease_until"], where="t.state = 'new'")


def _write(rows: Sequence[dict[str, object]]) -> None:
    """The readings; a message that a person read in the meantime keeps what they said and goes on to triage with it."""
    fields = list(rows[0])[1:] if rows else []
    if batch.update(Message, rows, fields, where="t.state = 'new' AND t.person_said = '{}'") < len(rows):
        told = Message.objects.filter(pk__in=[row["id"] for row in rows], state=Message.State.NEW)
        told.exclude(person_said=[]).update(
            state=Message.State.SCORED, lease_until=None, attempts=0, last_error="", read_error=""
        )


def _row(claim: Claim, reading: Reading, now: datetime) -> dict[str, object]:
    return {
        "id": claim.id,
        "state": Message.State.SCORED.value,
        "lease_until": None,
        "attempts": 0,
        "last_error": "",
        **columns_of(reading, now),
    }


def columns_of(reading: Reading, now: datetime) -> dict[str, object]:
    """A reading as the columns of its message, by name."""
    return {
        "language": reading.language[:8],
        "negative": reading.negative,
        "neutral": reading.neutral,
        "positive": reading.positive,
        "cues": list(reading.reasons),
        "urgency": reading.urgency,
        "follow_up": reading.follow_up,
        "threshold": reading.threshold,
        "trigger": reading.trigger,
        "aim": reading.aim,
        "evidence": [[mark.start, mark.end, round(mark.weight, 3)] for mark in reading.evidence],
        "reader": reading.model[:80],
        "reader_version": reading.version[:40],
        "read_at": now,
        "read_error": "",
    }


def _failure(claim: Claim, failure: Failure, now: datetime) -> dict[str, object]:
    rest = REST_AFTER_FAILURE * claim.attempts
    return {"id": claim.id, "last_error": failure.error[:2000], "lease_until": now + rest}
