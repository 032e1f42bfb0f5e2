"""How each channel is: one state and the reasons for it, as codes that pages and notices have words for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils.dateparse import parse_datetime

from ingest import looks, sessions, silence, spending
from ingest.models import BadItem, Channel, ChannelHour, Delivery, InboundEvent
from ingest.platforms.base import Json
from ingest.reconcile import late_after
from ingest.silence import Silence
from ingest.spending import Budget

# So many failed looks in a row are no hiccup any more; neither is so long without a good one.
FAILED_LOOKS = 3
LOOKS_MISSED = 5
LEAST_STALE = timedelta(minutes=10)
# A key that ends this soon, and is not renewed by use, wants a person.
EXPIRES_SOON = timedelta(days=3)
FAILED_SHARE = 0.25
LEAST_LOOKS = 4
# What a session is renewed with, where it renews itself.
RENEWALS = ("refresh_token", "refreshJwt", "refresh_jwt", "refresh")


class State(StrEnum):
    """How a channel is, from well to worst; only `attention` needs a person."""

    HEALTHY = "healthy"
    SLOW = "slow"
    FAILING = "failing"
    ATTENTION = "attention"
    PAUSED = "paused"
    # It is no longer at work, and nothing is expected of it.
    REMOVED = "removed"


RANK = {State.HEALTHY: 0, State.SLOW: 1, State.FAILING: 2, State.ATTENTION: 3}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code and what its words need."""

    code: str
    state: State
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a channel at one moment."""

    now: datetime
    created_at: datetime
    kept_state: str = Channel.State.ACTIVE
    error_code: str = ""
    last_error: str = ""
    attempts: int = 0
    poll_seconds: int = 60
    late_after: timedelta = timedelta(minutes=10)
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    expires_at: datetime | None = None
    # Seconds within which 95 of 100 posts of the last hour came; None without posts.
    lag: float | None = None
    looks: int = 0
    failed_looks: int = 0
    budget: Budget | None = None
    room: Json = field(default_factory=dict)
    silence: Silence | None = None
    # Posts of the last day that the reconciler had to take in.
    missing: int = 0
    outbox_waiting: int = 0
    outbox_failed: int = 0
    bad_items: int = 0
    failed_events: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """One channel's state, the reasons from the gravest down, and what they were judged by."""

    state: State
    reasons: tuple[Reason, ...]
    facts: Facts

    @property
    def well(self) -> bool:
        return self.state in {State.HEALTHY, State.PAUSED, State.REMOVED}


# --- judging: pure --------------------------------------------------------------------------------------------------
def judge(facts: Facts) -> Health:
    """The state is that of the gravest reason."""
    if facts.kept_state in Channel.GONE:
        return Health(State.REMOVED, (Reason(str(facts.kept_state), State.REMOVED),), facts)
    if facts.kept_state == Channel.State.PAUSED:
        return Health(State.PAUSED, (Reason("paused", State.PAUSED),), facts)
    reasons = [*_of_access(facts), *_of_looks(facts), *_of_money(facts), *_of_flow(facts)]
    reasons.sort(key=lambda reason: -RANK[reason.state])
    return Health(reasons[0].state if reasons else State.HEALTHY, tuple(reasons), facts)


def _of_access(facts: Facts) -> list[Reason]:
    if facts.kept_state == Channel.State.BROKEN:
        return [Reason(facts.error_code or "broken", State.ATTENTION, {"words": facts.last_error})]
    if facts.expires_at is None or facts.expires_at > facts.now + EXPIRES_SOON:
        return []
    code = "expired" if facts.expires_at <= facts.now else "expires_soon"
    return [Reason(code, State.ATTENTION, {"at": facts.expires_at})]


def _of_looks(facts: Facts) -> list[Reason]:
    if facts.kept_state == Channel.State.BROKEN or (facts.budget and facts.budget.gone):
        return []
    patience = max(LEAST_STALE, timedelta(seconds=LOOKS_MISSED * facts.poll_seconds))
    stale = facts.now - (facts.last_ok_at or facts.created_at) > patience
    if facts.error_code:
        lasting = stale or facts.attempts >= FAILED_LOOKS
        return [Reason(facts.error_code, State.FAILING if lasting else State.SLOW, {"words": facts.last_error})]
    if stale:
        return [Reason("not_looked_at", State.FAILING, {"since": facts.last_ok_at})]
    if facts.looks >= LEAST_LOOKS and facts.failed_looks >= facts.looks * FAILED_SHARE:
        return [Reason("often_fails", State.SLOW, {"failed": facts.failed_looks, "looks": facts.looks})]
    return []


def _of_money(facts: Facts) -> list[Reason]:
    reasons = []
    if facts.budget and facts.budget.gone:
        reasons.append(Reason("cap_reached", State.ATTENTION, {"cap": facts.budget.cap}))
    elif facts.budget and facts.budget.ahead:
        reasons.append(Reason("ahead_of_cap", State.SLOW, {"cap": facts.budget.cap, "spent": facts.budget.spent}))
    resets_at = parse_datetime(facts.room.get("resets_at") or "") if facts.room else None
    if facts.room and facts.room.get("remaining") == 0 and resets_at and resets_at > facts.now:
        reasons.append(Reason("no_room", State.SLOW, {"until": resets_at}))
    return reasons


def _of_flow(facts: Facts) -> list[Reason]:
    reasons = []
    if facts.silence:
        quiet = facts.silence
        data = {"hours": quiet.hours, "came": quiet.came, "usual": quiet.usual}
        reasons.append(Reason("silent", State.ATTENTION, data))
    if facts.lag is not None and facts.lag > facts.late_after.total_seconds():
        reasons.append(Reason("late", State.SLOW, {"minutes": round(facts.lag / 60)}))
    return reasons


# --- asking ---------------------------------------------------------------------------------------------------------
def of_channels(channels: Sequence[Channel], now: datetime) -> dict[int, Health]:
    """The health of each, by id. As many queries for many as for one."""
    ids = [channel.pk for channel in channels]
    budgets = spending.budgets(channels, now)
    quiet, lags, looked = silence.of_channels(ids, now), _lags(ids, now), looks.failed_share(ids, now)
    kept, counts = sessions.kept(ids), _counts(ids, now)
    found = {}
    for channel in channels:
        failed, all_looks = looked.get(channel.pk, (0, 0))
        found[channel.pk] = judge(
            Facts(
                now=now,
                created_at=channel.created_at,
                kept_state=channel.state,
                error_code=channel.error_code,
                last_error=channel.last_error,
                attempts=channel.attempts,
                poll_seconds=channel.poll_seconds,
                late_after=late_after(channel),
                last_ok_at=channel.last_ok_at,
                last_new_at=channel.last_new_at,
                expires_at=expiry(_credentials(channel), kept.get(channel.pk, {})),
                lag=lags.get(channel.pk),
                looks=all_looks,
                failed_looks=failed,
                budget=budgets[channel.pk],
                room=channel.room,
                silence=quiet.get(channel.pk),
                **{name: rows.get(channel.pk, 0) for name, rows in counts.items()},
            )
        )
    return found


def expiry(credentials: Json, session: Json) -> datetime | None:
    """When somebody must enter new keys; None where they last, or are renewed by being used."""
    for told in (session, credentials):
        if told.get("expires_at") and not any(told.get(name) for name in RENEWALS):
            return _moment(told["expires_at"])
    return None


def _moment(told: Any) -> datetime | None:
    try:
        if isinstance(told, int | float | Decimal):
            return datetime.fromtimestamp(float(told), UTC)
        moment = parse_datetime(str(told))
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _credentials(channel: Channel) -> Json:
    try:
        return dict(json.loads(channel.secrets or "{}"))
    except (TypeError, ValueError):
        return {}


def _lags(ids: Sequence[int], now: datetime) -> dict[int, float]:
    """Seconds by which posts of the last hour came late, where the platform vouches for their time.

    What authors claim says nothing here; what is older than the channel is its past, not late (ingest.times).
    """
    with connection.cursor() as sql:
        sql.execute(
            """
            SELECT m.channel_id,
                   percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM m.received_at - m.reachable_at))
              FROM ingest_message m
             WHERE m.channel_id = ANY(%s) AND m.posted_at > %s AND m.posted_at <= %s AND m.direction = 'in'
               AND m.decision <> 'context' AND m.reachable_at IS NOT NULL
             GROUP BY m.channel_id
            """,
            [list(ids), now - timedelta(hours=1), now],
        )
        return {pk: max(float(lag), 0.0) for pk, lag in sql.fetchall()}


def _counts(ids: Sequence[int], now: datetime) -> dict[str, dict[int, int]]:
    """Figures by their name in Facts, and channel."""
    deliveries = Delivery.objects.filter(channel__in=ids)
    failed = deliveries.filter(state=Delivery.State.FAILED, finished_at__gte=now - timedelta(days=1))
    hours = ChannelHour.objects.filter(channel__in=ids, hour__gt=now - timedelta(days=1)).values_list("channel")
    events = InboundEvent.objects.filter(channel__in=ids, state=InboundEvent.State.FAILED).values_list("channel")
    items = BadItem.objects.filter(Q(channel__in=ids), replayed_at=None).order_by().values_list("channel")
    return {
        "outbox_waiting": dict(deliveries.unfinished().values_list("channel").annotate(n=Count("pk"))),
        "outbox_failed": dict(failed.values_list("channel").annotate(n=Count("pk"))),
        "missing": dict(hours.annotate(n=Sum("missing"))),
        "bad_items": dict(items.annotate(n=Count("pk"))),
        "failed_events": dict(events.annotate(n=Count("pk"))),
    }
