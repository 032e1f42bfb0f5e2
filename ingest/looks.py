"""How many looks at a channel failed lately, and why: counters in Redis, an hour each, gone after a day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import redis
import structlog
from django.conf import settings

from ingest import doorbell

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=25)
HOUR = timedelta(hours=1)
CODE = "code:"


@dataclass(slots=True)
class Looks:
    """What became of the looks of some hours. `codes`: how often each error was why."""

    failed: int = 0
    well: int = 0
    codes: Counter[str] = field(default_factory=Counter)


def note(channel_id: int, now: datetime, *, failed: bool, code: str = "") -> None:
    """One look was made. `code`: that of the error it failed with."""
    key = _key(channel_id, now)
    try:
        pipe = doorbell.connection().pipeline(transaction=False)
        pipe.hincrby(key, "failed" if failed else "well", 1)
        if code:
            pipe.hincrby(key, CODE + code, 1)
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


def between(channel_id: int, since: datetime, until: datetime) -> Looks:
    """What became of the looks from the hour of `since` to the hour of `until`, both whole; at most a day of them."""
    spans = [since + n * HOUR for n in range(min(_hour(until) - _hour(since) + 1, 25))]
    try:
        pipe = doorbell.connection().pipeline(transaction=False)
        for moment in spans:
            pipe.hgetall(_key(channel_id, moment))
        told = pipe.execute()
    except redis.RedisError:
        return Looks()
    found = Looks()
    for counters in told:
        found.failed += int(counters.get(b"failed", 0))
        found.well += int(counters.get(b"well", 0))
        codes = {name.decode(): int(n) for name, n in counters.items() if name.startswith(CODE.encode())}
        found.codes.update({name.removeprefix(CODE): n for name, n in codes.items()})
    return found


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600


def _key(channel_id: int, moment: datetime) -> str:
    return f"{settings.REDIS_PREFIX}:looks:{channel_id}:{_hour(moment)}"
