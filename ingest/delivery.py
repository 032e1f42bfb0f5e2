"""The outbox: each answer is posted once, or its true state is known.

A row is claimed by lease and marked `sending` before the platform is called. Whoever finds a row in `sending` with
its lease run out, or in `unknown`, looks on the platform for our own answer before posting anything.
"""

from datetime import timedelta
from random import SystemRandom
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ingest import adapters, parts, spending
from ingest.cleaning import clean, clean_json
from ingest.links import id_in
from ingest.models import Channel, Delivery, Message, OutgoingImage
from ingest.platforms.base import Image, Json, Kind, OutcomeUnknown, Outgoing, PlatformError, Sent

log = structlog.get_logger(__name__)
DICE = SystemRandom()

State = Delivery.State
# A platform may show our answer a little later than it took it: wait before looking for it.
LOOK_AFTER = timedelta(seconds=10)
# Nor does it show everywhere at once what the next part of an answer goes under.
FRESH = timedelta(minutes=2)
# Nobody could tell whether it is there: a person looks and says.
NEVER_KNOWN = "never_known"


def deliver_due(limit: int = 50) -> int:
    """Attempt what is due, one answer at a time, in order within each conversation; returns how many were tried."""
    tried = 0
    while tried < limit and (delivery := _claim()) is not None:
        tried += 1
        _attempt(delivery)
    return tried


def _claim() -> Delivery | None:
    """Take the next due delivery that no earlier one of its conversation holds back.

    Which is earlier: what was tried before, in the order it was first tried; then by the time it was said or is to be
    said. So the parts of an answer, and answers one after the other, go out in order, and an answer for later keeps
    back only what is to be said after it.

    Of one channel only so many are under way at once: a platform that stalls keeps a few threads of the worker waiting,
    never all, and the others' answers, and collecting, go on.

    The state it had comes back on the object; in the table it is `sending` from here on.
    """
    now = timezone.now()
    with connection.cursor() as sql:
        sql.execute(
            """
            WITH next AS (
                SELECT d.id, d.state FROM ingest_delivery d JOIN ingest_message dm ON dm.id = d.message_id
                 WHERE d.state IN ('waiting', 'sending', 'unknown') AND d.due_at <= %s
                   AND (d.lease_until IS NULL OR d.lease_until < %s)
                   AND NOT EXISTS (SELECT FROM ingest_delivery e JOIN ingest_message em ON em.id = e.message_id
                                    WHERE e.conversation_id = d.conversation_id
                                      AND e.state IN ('waiting', 'sending', 'unknown')
                                      AND (e.first_tried_at IS NULL, coalesce(e.first_tried_at, em.posted_at), e.id)
                                        < (d.first_tried_at IS NULL, coalesce(d.first_tried_at, dm.posted_at), d.id))
                   AND (SELECT count(*) FROM ingest_delivery s
                         WHERE s.channel_id = d.channel_id AND s.state = 'sending' AND s.lease_until > %s) < %s
                 ORDER BY d.due_at, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED)
            UPDATE ingest_delivery d
               SET state = 'sending', lease_until = %s, attempts = d.attempts + 1,
                   first_tried_at = coalesce(d.first_tried_at, %s)
              FROM next WHERE d.id = next.id
            RETURNING d.id, next.state
            """,
            [now, now, now, settings.DELIVERIES_AT_ONCE, now + settings.DELIVERY_LEASE, now],
        )
        row = sql.fetchone()
    if row is None:
        return None
    delivery = Delivery.objects.select_related("message", "channel", "conversation__contact").get(pk=row[0])
    delivery.state = row[1]
    return delivery


def _attempt(delivery: Delivery) -> None:
    may_be_there = looking = delivery.state != State.WAITING
    try:
        adapter = adapters.of(delivery.channel)
        outgoing = _outgoing(delivery)
        sent = adapter.find_reply(outgoing) if looking else None
        looking = False
        _note_sent(delivery, sent or adapter.reply(outgoing))
    except OutcomeUnknown as error:
        _put_back(delivery, State.UNKNOWN, error, max(LOOK_AFTER, _wait(delivery, error)))
    except PlatformError as error:
        _note_refusal(delivery, error, may_be_there=may_be_there, looking=looking)
    except Exception as error:
        log.exception("delivery failed", delivery=str(delivery.key))
        unexpected = OutcomeUnknown("unexpected", f"{type(error).__name__}: {error}")
        _put_back(delivery, State.UNKNOWN, unexpected, max(LOOK_AFTER, _wait(delivery, unexpected)))


def _outgoing(delivery: Delivery) -> Outgoing:
    message = delivery.message
    return Outgoing(
        key=str(delivery.key),
        text=message.text,
        parent_id=message.parent_external_id,
        root_id=message.root_external_id,
        conversation_key=delivery.conversation.key,
        to_handle=delivery.conversation.contact.handle,
        kind=Kind(message.kind),
        first_tried_at=delivery.first_tried_at or timezone.now(),
        parent_raw=_raw_of_parent(message),
        lang=message.language,
        images=tuple(
            Image(bytes(image.content), image.media_type, image.alt) for image in OutgoingImage.objects.of(message)
        ),
    )


def _raw_of_parent(message: Message) -> Json:
    above = Message.objects.filter(channel=message.channel_id, external_id=message.parent_external_id)
    return above.values_list("raw", flat=True).first() or {}


def _note_sent(delivery: Delivery, sent: Sent) -> None:
    """The platform has it. Our own post may have been read back before this line: then the copy gives way.

    A message with a delivery of its own is no copy, and stays.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                _write_sent(delivery.message, sent)
        except IntegrityError:
            Message.objects.filter(channel=delivery.channel, external_id=sent.external_id, delivery=None).delete()
            _write_sent(delivery.message, sent)
        spending.note(delivery.channel, sent.charged)
        _finish(Delivery.objects.filter(pk=delivery.pk), State.SENT, error_code="", last_error="")
        parts.hand_on(delivery, sent.external_id)


def seen_there(delivery: Delivery, url: str) -> None:
    """A person has seen the answer on the platform, at that address if they gave one. The caller holds the row."""
    message = delivery.message
    _note_sent(delivery, Sent(id_at(message, url), url))
    parts.go_on(delivery)


def id_at(message: Message, url: str) -> str:
    """The platform's id of our answer: of the copy read back, else as the link tells it; empty where nobody knows."""
    here = Message.objects.filter(channel=message.channel_id)
    copy = here.filter(url=url, direction=Message.Direction.OUT, delivery=None).exclude(url="").first()
    if copy:
        return copy.external_id
    above = here.filter(external_id=message.parent_external_id).values_list("url", "external_id").first()
    found = id_in(url, like=above) if above else ""
    others = here.filter(external_id=found).exclude(pk=message.pk)
    taken = others.filter(Q(delivery__isnull=False) | Q(direction=Message.Direction.IN))
    return "" if taken.exists() else found


def _write_sent(message: Message, sent: Sent) -> None:
    """What the platform said of it is kept as of any post: the next part of the answer goes under this one."""
    told = {name: value for name, value in sent.raw.items() if name != parts.KEY}
    raw = clean_json({**told, **message.raw})
    Message.objects.filter(pk=message.pk).update(external_id=sent.external_id, url=sent.url, raw=raw)


def _note_refusal(delivery: Delivery, error: PlatformError, *, may_be_there: bool, looking: bool = False) -> None:
    """The platform said no: to the answer, or, `looking`, to the question whether an earlier try got through."""
    if error.permanent and error.code in {"bad_credentials", "sealed_credentials"}:
        Channel.objects.filter(pk=delivery.channel_id).exclude(state__in=Channel.GONE).update(
            state=Channel.State.BROKEN, error_code=error.code[:40], last_error=clean(error.words)[:2000]
        )
    # A platform that asks us to wait has not refused: such tries are not counted.
    patient = error.code == "rate_limited"
    permanent = error.permanent and not _not_shown_yet(delivery, error)
    if permanent or (delivery.attempts >= settings.DELIVERY_ATTEMPTS and not patient):
        # Who could not look cannot say that it was not sent.
        code, words = (NEVER_KNOWN, f"{error.code}: {error.words}") if looking else (error.code, error.words)
        _give_up(delivery, code, words)
        return
    wait = _wait(delivery, error)
    if patient:
        delivery.attempts -= 1
    _put_back(delivery, State.UNKNOWN if may_be_there else State.WAITING, error, wait)


def _not_shown_yet(delivery: Delivery, error: PlatformError) -> bool:
    """Whether what is said to be gone is the part before this one, posted a moment ago."""
    gone = error.code in {"gone", "not_found"}
    return gone and parts.follows_one_sent_since(delivery.message, timezone.now() - FRESH)


def _give_up(delivery: Delivery, code: str, words: str) -> None:
    with transaction.atomic():
        if _finish(_held(delivery), State.FAILED, error_code=code[:40], last_error=clean(words)[:2000]):
            parts.stop(delivery)


def _put_back(delivery: Delivery, state: Delivery.State, error: PlatformError, wait: timedelta) -> None:
    log.warning("delivery put back", delivery=str(delivery.key), state=state, code=error.code, words=error.words[:200])
    if state == State.UNKNOWN and delivery.attempts >= settings.DELIVERY_ATTEMPTS * 3:
        _give_up(delivery, NEVER_KNOWN, error.words)
        return
    _held(delivery).update(
        state=state,
        attempts=delivery.attempts,
        lease_until=None,
        due_at=timezone.now() + wait,
        error_code=error.code[:40],
        last_error=clean(error.words)[:2000],
    )


def _held(delivery: Delivery) -> QuerySet[Delivery]:
    """The row while it is still in our hands: who comes back after the lease has nothing to say against another."""
    return Delivery.objects.filter(pk=delivery.pk, lease_until=delivery.lease_until)


def _finish(rows: QuerySet[Delivery], state: Delivery.State, **fields: Any) -> int:
    return rows.update(state=state, lease_until=None, finished_at=timezone.now(), settled=False, **fields)


def _wait(delivery: Delivery, error: PlatformError) -> timedelta:
    """As long as the platform asks, and a little more so that not all come back at once; else longer each time."""
    if error.retry_after:
        return timedelta(seconds=error.retry_after * DICE.uniform(1, 1.02))
    return _back_off(delivery.attempts)


def _back_off(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s ... at most 10 min, spread by a fifth so that many do not come back at once."""
    seconds = min(5 * 2 ** (attempts - 1), 600)
    return timedelta(seconds=seconds * DICE.uniform(0.9, 1.1))
