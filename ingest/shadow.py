"""The shadow: a challenger reads what was read live, beside it, and nobody acts on what it says.

The row of the reading is the claim: whoever writes it first has the message, until the lease ends. Live reading comes
first: while any message waits for it, the shadow rests. No message is ever touched.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from ingest import batch, readers
from ingest.models import Correction, Message, ReaderModel, ShadowReading
from ingest.scoring import Read
from sentiment import engine
from sentiment.cues import FOR_A_PERSON
from sentiment.reading import REASONS, Failure, Reading

log = structlog.get_logger(__name__)

REST_AFTER_TROUBLE = timedelta(seconds=60)
RETRIES_A_ROUND = 4
# So many batches begun and none ended: the model kills the process, and must not go on hurting live reading beside it.
MOST_CRASHES = 6
STOPPED = "The process died {n} times over this model. Retire it; once it is mended, add it again."
# A message this old has no older one still on its way into the table.
SETTLED_AFTER = timedelta(minutes=10)
LOOKED_AT = 2000
# What can be compared, in the order of the pages; the language is found by rules that all models share.
LABELS = ("sentiment", "follow_up", "reasons", "urgency", "trigger", "aim")
OF_CARE = ("trigger", "aim")


@dataclass(frozen=True, slots=True)
class Claim:
    """A shadow reading to be made, in our hands until the lease ends."""

    id: int
    message: int
    attempts: int


def read_some(limit: int | None = None, read: Read | None = None) -> int:
    """Let the challenger read one small batch; returns how many messages were dealt with, 0 if there is no need now."""
    challenger = readers.challenger()
    if challenger is None or _rests(challenger):
        return 0
    if Message.objects.unread_at(timezone.now()).exists():
        return 0
    if challenger.tries >= MOST_CRASHES:
        readers.note_trouble(challenger, STOPPED.format(n=challenger.tries))
        return 0
    again = _claim_again(challenger)
    fresh = _claim_fresh(challenger, limit or settings.SHADOW_BATCH)
    read = read or partial(_read, challenger)
    # What was claimed before without success may have killed its reader: it is read alone.
    for claims in [fresh, *([claim] for claim in again)]:
        if not _read_batch(challenger, claims, read):
            return 0
    _advance(challenger)
    return len(fresh) + len(again)


def _read(challenger: ReaderModel, texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
    return engine.read_with(readers.load_challenger(challenger), texts, parents)


def _rests(challenger: ReaderModel) -> bool:
    return challenger.trouble_at is not None and challenger.trouble_at > timezone.now() - REST_AFTER_TROUBLE


# --- claiming -----------------------------------------------------------------------------------------------------
def _claim_fresh(challenger: ReaderModel, limit: int) -> list[Claim]:
    """Messages that were read live and not yet here, oldest first. Two workers may look at the same: one writes."""
    given = {"reader_id": challenger.pk, "lease_until": timezone.now() + settings.READ_LEASE, "attempts": 1}
    fields = [field for field in ShadowReading._meta.concrete_fields if not field.primary_key]
    others = {field.column: field.get_default() for field in fields if field.column != "message_id"} | given
    columns = ", ".join(f'"{column}"' for column in others)
    with connection.cursor() as sql:
        sql.execute(
            f"""
            INSERT INTO ingest_shadowreading (message_id, {columns})
            SELECT m.id, {", ".join(["%s"] * len(others))} FROM ingest_message m
             WHERE m.id > %s AND {READ_LIVE}
               AND NOT EXISTS (SELECT 1 FROM ingest_shadowreading s WHERE s.message_id = m.id AND s.reader_id = %s)
             ORDER BY m.id LIMIT %s
            ON CONFLICT (message_id, reader_id) DO NOTHING
            RETURNING id, message_id, attempts
            """,  # noqa: S608  (names of our own columns)
            [*others.values(), challenger.shadow_after, challenger.pk, limit],
        )
        return sorted((Claim(*row) for row in sql.fetchall()), key=lambda claim: claim.message)


READ_LIVE = "m.direction = 'in' AND m.state <> 'new' AND m.read_at IS NOT NULL AND m.deleted_at IS NULL"


def _claim_again(challenger: ReaderModel) -> list[Claim]:
    """Those whose reader died or failed as a whole."""
    now = timezone.now()
    with connection.cursor() as sql:
        sql.execute(
            """
            WITH next AS MATERIALIZED (
                SELECT id FROM ingest_shadowreading WHERE reader_id = %s AND at IS NULL AND lease_until < %s
                 ORDER BY lease_until LIMIT %s FOR UPDATE SKIP LOCKED)
            UPDATE ingest_shadowreading s SET lease_until = %s, attempts = attempts + 1
              FROM next WHERE s.id = next.id
            RETURNING s.id, s.message_id, s.attempts
            """,
            [challenger.pk, now, RETRIES_A_ROUND, now + settings.READ_LEASE],
        )
        return [Claim(*row) for row in sql.fetchall()]


def _advance(challenger: ReaderModel) -> None:
    """Move the mark over messages that need no look any more, so that claiming stays cheap however many there are."""
    with connection.cursor() as sql:
        sql.execute(
            f"""
            WITH next AS (
                SELECT m.id, m.state <> 'new' AND m.received_at < %s AND (NOT ({READ_LIVE}) OR EXISTS (
                    SELECT 1 FROM ingest_shadowreading s WHERE s.message_id = m.id AND s.reader_id = %s)) AS settled
                  FROM ingest_message m WHERE m.id > %s ORDER BY m.id LIMIT %s)
            SELECT max(id) FROM next WHERE id < COALESCE((SELECT min(id) FROM next WHERE NOT settled), id + 1)
            """,  # noqa: S608  (a condition of ours)
            [timezone.now() - SETTLED_AFTER, challenger.pk, challenger.shadow_after, LOOKED_AT],
        )
        (mark,) = sql.fetchone()
    if mark:
        ReaderModel.objects.filter(pk=challenger.pk).update(shadow_after=Greatest(F("shadow_after"), mark))


# --- reading ------------------------------------------------------------------------------------------------------
def _read_batch(challenger: ReaderModel, claims: Sequence[Claim], read: Read) -> bool:
    """Read and write one batch. False, and its messages are free again soon, when the model failed as a whole."""
    found = _messages(claims)
    for claim in claims:
        if claim.message not in found:
            ShadowReading.objects.filter(pk=claim.id).delete()
        elif claim.attempts > settings.READ_ATTEMPTS:
            _give_up_on(claim)
    claims = [claim for claim in claims if claim.message in found and claim.attempts <= settings.READ_ATTEMPTS]
    if not claims:
        return True
    row = ReaderModel.objects.filter(pk=challenger.pk)
    row.update(tries=F("tries") + 1)
    started = time.monotonic()
    try:
        answers = read([found[c.message].text for c in claims], [found[c.message].parent_text for c in claims])
    except Exception as error:
        log.exception("the challenger failed", messages=len(claims))
        readers.note_trouble(challenger, f"{type(error).__name__}: {error}")
        _let_go(claims)
        return False
    finally:
        row.update(tries=0)
    seconds = (time.monotonic() - started) / len(claims)
    now = timezone.now()
    first = _first_answers(found.values())
    rows, failures = [], []
    for claim, answer in zip(claims, answers, strict=True):
        ended = {"id": claim.id, "at": now, "lease_until": None, "seconds": seconds}
        if isinstance(answer, Failure):
            failures.append(ended | {"error": answer.error[:2000]})
        else:
            message = found[claim.message]
            rows.append(ended | answers_of(message, first.get(message.pk, {}), answer))
    for written in (rows, failures):
        batch.update(ShadowReading, written, list(written[0])[1:] if written else [], where="t.at IS NULL")
    return True


def _messages(claims: Sequence[Claim]) -> "dict[int, Message]":
    """The messages of these claims that are still there, with the texts they reply to."""
    rows = Message.objects.filter(pk__in=[claim.message for claim in claims], deleted_at=None)
    return {message.pk: message for message in rows.with_parents().defer("raw", "metrics", "media", "evidence")}


def _first_answers(messages: Iterable[Message]) -> dict[int, dict[str, Any]]:
    """What the model had said where a person has said otherwise since, by message and label."""
    corrected = [message.pk for message in messages if message.person_said]
    found: dict[int, dict[str, Any]] = {}
    if corrected:
        # The oldest last: it holds what stood there before anybody spoke.
        rows = Correction.objects.filter(message__in=corrected).order_by("-id")
        for message, label, old in rows.values_list("message_id", "label", "old"):
            found.setdefault(message, {})[label] = old
    return found


def _give_up_on(claim: Claim) -> None:
    log.warning("no shadow reading", message=claim.message)
    ShadowReading.objects.filter(pk=claim.id).update(
        at=timezone.now(), lease_until=None, error="The reader stopped while reading this text."
    )


def _let_go(claims: Sequence[Claim]) -> None:
    """The model failed, not the texts: the try does not count."""
    mine = ShadowReading.objects.filter(pk__in=[claim.id for claim in claims], at=None)
    mine.update(lease_until=timezone.now(), attempts=F("attempts") - 1)


# --- comparing ----------------------------------------------------------------------------------------------------
def answers_of(message: Message, first: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """Both models' answers on one message, and the labels they differ on, as columns.

    `first`: by label what the live model had said where a person has said otherwise since.
    """
    live, theirs = _live(message, first), _of(reading)
    return {
        "language": reading.language[:8],
        "live_model": message.reader,
        "live_version": message.reader_version,
        **theirs,
        **{f"live_{name}": value for name, value in live.items()},
        "differs": differs(live, theirs),
    }


def differs(live: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """The labels on which two answers differ; a label that either of them knows nothing of is left out."""
    both_know_care = live["threshold"] is not None and theirs["threshold"] is not None
    found = []
    for label in LABELS:
        name = "needs_person" if label == "follow_up" else label
        one, other = live[name], theirs[name]
        known = one not in (None, "") and other not in (None, "") if label not in OF_CARE else both_know_care
        if known and one != other:
            found.append(label)
    return found


def needs_person(follow_up: float | None, threshold: float | None, negative: float, reasons: Sequence[str]) -> bool:
    """Whether a reading calls for a person: by its own threshold; else by tone and reasons, much as triage goes."""
    if follow_up is not None and threshold is not None:
        return follow_up >= threshold
    return negative >= settings.TRIAGE_NEGATIVE or not FOR_A_PERSON.isdisjoint(reasons)


def _of(reading: Reading) -> dict[str, Any]:
    return {
        "negative": reading.negative,
        "neutral": reading.neutral,
        "positive": reading.positive,
        "sentiment": reading.sentiment,
        "reasons": [name for name in REASONS if name in reading.reasons],
        "urgency": reading.urgency,
        "follow_up": reading.follow_up,
        "threshold": reading.threshold,
        "needs_person": needs_person(reading.follow_up, reading.threshold, reading.negative, reading.reasons),
        "trigger": reading.trigger,
        "aim": reading.aim,
    }


def _live(message: Message, first: Mapping[str, Any]) -> dict[str, Any]:
    """What the live model had said. Of a label corrected since, the name is known and its probability is not."""
    tone_stands, decision_stands = "sentiment" not in first, "follow_up" not in first
    negative = message.negative if tone_stands else None
    reasons = first["reasons"] or [] if "reasons" in first else [name for name in REASONS if name in message.cues]
    return {
        "negative": negative,
        "neutral": message.neutral if tone_stands else None,
        "positive": message.positive if tone_stands else None,
        "sentiment": message.sentiment if tone_stands else first["sentiment"] or "",
        "reasons": reasons,
        "urgency": first.get("urgency", message.urgency) or "",
        "follow_up": message.follow_up if decision_stands else None,
        "threshold": message.threshold,
        "needs_person": _live_needs_person(message, first, negative, reasons),
        "trigger": first.get("trigger", message.trigger) or "",
        "aim": first.get("aim", message.aim) or "",
    }


def _live_needs_person(
    message: Message, first: Mapping[str, Any], negative: float | None, reasons: Sequence[str]
) -> bool | None:
    if first.get("follow_up") is not None:
        return bool(first["follow_up"] == "yes")
    if negative is None and (message.follow_up is None or "follow_up" in first):
        return None
    follow_up = None if "follow_up" in first else message.follow_up
    return needs_person(follow_up, message.threshold, negative or 0.0, reasons)
