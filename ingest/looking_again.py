"""Posts that tickets wait on are looked at again: edits and deletions followed, public figures kept, within budget.

What is looked at is said from above (`care.pipeline`); when, and how, is said here. A claimed post comes due again
soon unless its look ended well, so that neither a dead process nor a platform in trouble leaves one unseen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ingest import adapters, batch, changes, spending
from ingest.cleaning import clean_json
from ingest.models import Channel, Message, Reach
from ingest.platforms.base import LookedUp, LooksUp, PlatformError

log = structlog.get_logger(__name__)

# Until this age a post is looked at this often; older ones once a day, as platforms ask of those who keep copies.
PACE = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(hours=6), timedelta(minutes=20)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(hours=6)),
)
OLD = timedelta(days=1)
# A look that did not end is made again after this.
AGAIN = timedelta(minutes=10)
CALLS_A_CHANNEL = 5
# This share of a rate limit is left to live reading and to answers.
KEPT_BACK = 0.2


def look_again(followed: QuerySet[Message], now: datetime | None = None) -> int:
    """Look at what is due among these, channel by channel; returns how many posts were looked at."""
    now = now or timezone.now()
    looked = 0
    for channel in Channel.objects.filter(state=Channel.State.ACTIVE):
        try:
            looked += _look_at(channel, followed, now)
        except PlatformError as error:
            log.warning("looking again failed", channel=channel.name, code=error.code, words=error.words[:200])
        except Exception:
            log.exception("looking again failed", channel=channel.name)
    return looked


def speeds(messages: Sequence[Message]) -> dict[int, dict[str, float]]:
    """By message id, how much each public figure grew an hour: from before it last changed until it was last looked at.

    Messages whose figures have not changed since they came are not among them. One query.
    """
    places = Window(RowNumber(), partition_by="message", order_by="-at")
    rows = Reach.objects.filter(message__in=[m.pk for m in messages]).annotate(place=places).filter(place__lte=2)
    told: dict[int, list[Reach]] = defaultdict(list)
    for row in sorted(rows, key=attrgetter("at"), reverse=True):
        told[row.message_id].append(row)
    pairs = {message: told[message.pk] for message in messages if len(told.get(message.pk, ())) == 2}
    return {message.pk: _speed(after, before, message.looked_up_at) for message, (after, before) in pairs.items()}


def _speed(after: Reach, before: Reach, looked_up_at: datetime | None) -> dict[str, float]:
    # Looks that found nothing new slow it down.
    hours = (max(after.at, looked_up_at or after.at) - before.at).total_seconds() / 3600
    return {
        name: (value - before.metrics[name]) / hours
        for name, value in after.metrics.items()
        if _is_number(value) and _is_number(before.metrics.get(name))
    }


def can_spare(channel: Channel, now: datetime) -> bool:
    """Whether calls may be spent on more than live posts: money and rate limit allow it."""
    room = channel.room
    resets_at = parse_datetime(room.get("resets_at") or "") if room else None
    tight = bool(room) and room.get("remaining", 0) < room.get("limit", 0) * KEPT_BACK
    if tight and (resets_at is None or resets_at > now):
        return False
    budget = spending.budget(channel, now)
    return not (budget.ahead or budget.gone)


# --- one channel ----------------------------------------------------------------------------------------------------
def _look_at(channel: Channel, followed: QuerySet[Message], now: datetime) -> int:
    adapter = adapters.of(channel)
    if not isinstance(adapter, LooksUp) or not can_spare(channel, now):
        return 0
    messages = _claim(followed.filter(channel=channel), adapter.at_once * CALLS_A_CHANNEL, now)
    for first in range(0, len(messages), adapter.at_once):
        some = messages[first : first + adapter.at_once]
        _keep(channel, some, adapter.look_up([message.external_id for message in some]), now)
    return len(messages)


def _claim(followed: QuerySet[Message], limit: int, now: datetime) -> list[Message]:
    """Those that waited longest; each is due again `AGAIN` from now unless its look ends well."""
    with transaction.atomic():
        rows = followed.filter(_due(now), direction=Message.Direction.IN, deleted_at=None).exclude(external_id="")
        rows = rows.order_by(Coalesce("looked_up_at", "received_at"), "id").only(
            "external_id", "received_at", "metrics"
        )
        messages = list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
        claims = [{"id": m.pk, "looked_up_at": now - _every(now - m.received_at) + AGAIN} for m in messages]
        batch.update(Message, claims, ["looked_up_at"])
    return messages


def _due(now: datetime) -> Q:
    due, younger = Q(), now
    for age, every in (*PACE, (None, OLD)):
        of_age = Q(received_at__lte=younger) if age is None else Q(received_at__lte=younger, received_at__gt=now - age)
        last = Q(looked_up_at__lt=now - every) | Q(looked_up_at=None, received_at__lt=now - every)
        due |= of_age & last
        younger = now - age if age else younger
    return due


def _every(age: timedelta) -> timedelta:
    return next((every for limit, every in PACE if age < limit), OLD)


def _keep(channel: Channel, asked: Sequence[Message], told: LookedUp, now: datetime) -> None:
    """What the platform said of these posts, in one transaction."""
    known = {message.external_id for message in asked}
    posts = {post.external_id: post for post in told.posts if post.external_id in known}
    figures = {external: clean_json(post.metrics) for external, post in posts.items() if post.metrics}
    with transaction.atomic():
        changes.follow(channel, list(posts.values()))
        changes.blank(channel, sorted(told.gone & known), now)
        _keep_figures(asked, figures, now)
        spending.note_call(channel, told.charged, told.room)


def _keep_figures(asked: Iterable[Message], figures: Mapping[str, dict[str, Any]], now: datetime) -> None:
    rows, reached = [], []
    for message in asked:
        told = figures.get(message.external_id, message.metrics)
        rows.append({"id": message.pk, "metrics": told, "looked_up_at": now})
        if told != message.metrics:
            # The figures it came with are the first of its story.
            reached += [(message, message.received_at, message.metrics), (message, now, told)]
    batch.update(Message, rows, ["metrics", "looked_up_at"])
    Reach.objects.bulk_create(
        [Reach(message=message, at=at, metrics=metrics) for message, at, metrics in reached if metrics],
        ignore_conflicts=True,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
