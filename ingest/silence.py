"""The silence alarm: much less arrives than this hour of the week usually brings.

The last hours are held against the same hours of the weeks before. Busy channels are judged by one hour, quiet ones by
as many as it takes to expect something. Median and median deviation: one odd week neither hides nor makes an alarm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from statistics import median

from django.db import connection

WINDOWS = (1, 3, 6, 24)
WEEKS = 8
# Fewer weeks of history say nothing, and neither do hours in which fewer posts are usual.
LEAST_WEEKS = 4
LEAST_USUAL = 10
# Much less: under this share of what is usual, and this many deviations below it.
SHARE = 0.5
DEVIATIONS = 3
# Of a normal distribution: its deviation by its median absolute deviation.
SCALE = 1.4826


@dataclass(frozen=True, slots=True)
class Silence:
    """So many posts came in the last hours, where so many are usual."""

    hours: int
    came: int
    usual: int


def judge(counts: Mapping[int, Sequence[int]]) -> Silence | None:
    """A silence, if there is one. Pure.

    `counts`: by window in hours, the posts of its last hours this week, a week ago, two weeks ago and so on.
    """
    for hours in WINDOWS:
        came, *past = counts[hours]
        if len(past) < LEAST_WEEKS:
            return None
        usual = median(past)
        if usual < LEAST_USUAL:
            continue
        spread = max(SCALE * median(abs(count - usual) for count in past), sqrt(usual))
        quiet = came < usual * SHARE and came < usual - DEVIATIONS * spread
        return Silence(hours, came, round(usual)) if quiet else None
    return None


def of_channels(channel_ids: Sequence[int], now: datetime) -> dict[int, Silence]:
    """The channels that are silent now; one query, bounded by time."""
    found = {pk: judge(_known_weeks(weeks)) for pk, weeks in _counted(channel_ids, now).items()}
    return {pk: silence for pk, silence in found.items() if silence}


def _known_weeks(weeks: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """By window; the weeks before the first post there was are no history."""
    oldest = max(weeks)
    none = [0] * len(WINDOWS)
    return {hours: [weeks.get(n, none)[at] for n in range(oldest + 1)] for at, hours in enumerate(WINDOWS)}


def _counted(channel_ids: Sequence[int], now: datetime) -> dict[int, dict[int, list[int]]]:
    """Posts of others by channel, week back, and window."""
    counts = ", ".join(f"count(*) FILTER (WHERE m.posted_at > u.until - interval '{hours} hours')" for hours in WINDOWS)
    with connection.cursor() as sql:
        sql.execute(
            f"""
            SELECT m.channel_id, w.n, {counts}
              FROM generate_series(0, %s) AS w(n)
             CROSS JOIN LATERAL (SELECT %s - w.n * interval '7 days' AS until) u
              JOIN ingest_message m ON m.posted_at > u.until - interval '24 hours' AND m.posted_at <= u.until
             WHERE m.channel_id = ANY(%s) AND m.direction = 'in' AND m.decision <> 'context'
             GROUP BY m.channel_id, w.n
            """,  # noqa: S608  (hours of our own)
            [WEEKS, now, list(channel_ids)],
        )
        found: dict[int, dict[int, list[int]]] = {}
        for pk, week, *row in sql.fetchall():
            found.setdefault(pk, {})[week] = row
    return found
