"""How many looks at a channel failed lately: counters in Redis, an hour each, gone after a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import redis
import structlog
from django.conf import settings

from ingest import doorbell

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=25)


def note(channel_id: int, now: datetime, *, failed: bool) -> None:
    """One look was made."""
    key = _key(channel_id, now)
    try:
        pipe = doorbell.connection().pipeline(transaction=False)
        pipe.hincrby(key, "failed" if failed else "well", 1)
        pipe.expire(key, int(KEPT.total_seconds()))
        pipe.execute()
    except redis.RedisError:
        log.warning("counters unreachable")


def failed_share(channel_ids: Sequence[int], now: datetime, hours: int = 2) -> dict[int, tuple[int, int]]:
    """Of each channel: how many looks failed, and how many there were, in the running hour and those before it."""
    spans = [now - timedelta(hours=n) for n in range(hours)]
    try:
        pipe = doorbell.connection().pipeline(transaction=False)
        for pk in channel_ids:
            for moment in spans:
                pipe.hmget(_key(pk, moment), "failed", "well")
        told = pipe.execute() if channel_ids else []
    except redis.RedisError:
        return {}
    found: dict[int, tuple[int, int]] = {}
    for turn, pk in enumerate(channel_ids):
        pairs = told[turn * hours : (turn + 1) * hours]
        failed, well = (sum(int(pair[n] or 0) for pair in pairs) for n in (0, 1))
        found[pk] = failed, failed + well
    return found


def _key(channel_id: int, moment: datetime) -> str:
    return f"{settings.REDIS_PREFIX}:looks:{channel_id}:{int(moment.timestamp()) // 3600}"
