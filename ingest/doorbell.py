"""The doorbell: says that work waits in the database. Losing a ring, or ringing twice, changes nothing.

Any floor may ring; care/pipeline.py says who answers. A ring is sent when the transaction commits. While one ring of
a task has not been answered yet, further ones are swallowed: a burst of ten thousand posts wakes the reader once.
"""

from functools import cache, partial
from typing import cast

import redis
import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

# A ring that nobody answered within this many seconds may be repeated.
FORGET_AFTER = 3


@cache
def connection() -> "redis.Redis":
    """One pool of connections a process, with short patience: a bell must never hold up an answer."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)


def ring(task: str, *args: int) -> None:
    """Wake `task` once this transaction has committed."""
    transaction.on_commit(partial(_ring_now, task, args))


def ring_pages() -> None:
    """Tell open pages, through the live process, that the record of tickets has grown."""
    transaction.on_commit(_ring_pages_now)


def live_channel() -> str:
    """The Redis channel the live process hears. Redis pub/sub knows no database numbers, hence the prefix."""
    return f"{settings.REDIS_PREFIX}:live"


def _ring_pages_now() -> None:
    try:
        connection().publish(live_channel(), "1")
    except redis.RedisError as error:
        log.warning("live channel unreachable", error=str(error))
    # Whoever follows the record to tell people of it.
    _ring_now("radd.tell", ())


def answered(task: str, *args: int) -> None:
    """The task is awake and will look at the database from here on: later rings count again."""
    try:
        connection().delete(_key(task, args))
    except redis.RedisError:
        log.warning("doorbell unreachable", task=task)


def count(of: str = "", **amounts: float) -> None:
    """Add to the reader's counters (batches, messages, failures, seconds), or to those of one model.

    Losing some does no harm.
    """
    try:
        pipe = connection().pipeline(transaction=False)
        for name, amount in amounts.items():
            pipe.hincrbyfloat(_counters(of), name, amount)
        pipe.execute()
    except redis.RedisError:
        log.warning("counters unreachable")


def counters(of: str = "") -> dict[str, str]:
    """The reader's counters, or those of one model. Raises redis.RedisError."""
    return {name.decode(): value.decode() for name, value in fields_of(_counters(of)).items()}


def fields_of(key: str) -> dict[bytes, bytes]:
    """What a hash holds. Raises redis.RedisError."""
    return cast("dict[bytes, bytes]", connection().hgetall(key))


def _counters(of: str) -> str:
    return ":".join([settings.REDIS_PREFIX, "reader", *([of] if of else [])])


def _ring_now(task: str, args: tuple[int, ...]) -> None:
    try:
        if connection().set(_key(task, args), 1, nx=True, ex=FORGET_AFTER):
            current_app.send_task(task, args=args, ignore_result=True)
    except (redis.RedisError, OperationalError) as error:
        # The sweeps of the beat find the work anyway.
        log.warning("doorbell unreachable", task=task, error=str(error))


def _key(task: str, args: tuple[int, ...]) -> str:
    return ":".join([settings.REDIS_PREFIX, "bell", task, *map(str, args)])
