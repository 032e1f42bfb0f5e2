"""What went wrong with a channel in the last week, put together from what is recorded of it anyway.

Hours whose posts came late or were missing (as stretches), items set aside, calls not understood, answers that were not
sent, pauses, and what is wrong right now. When a platform failed to answer is kept for a day only (ingest.looks).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import TruncDay
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from ingest.models import Channel, Delivery, InboundEvent
from tickets.channels.channel_words import ERRORS

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
SHOWN = 30
PAUSES = ("channel.paused", "channel.resumed")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line. `ended` None: it goes on, or waits for a person. `messages` in words, where some were touched."""

    at: datetime
    what: str
    messages: str = ""
    ended: datetime | None = None


def of_week(channel: Channel, now: datetime) -> list[Trouble]:
    """The week's troubles, newest first; those that go on stand before all others."""
    since = now - WEEK
    parts: tuple[Callable[[], Iterable[Trouble]], ...] = (
        lambda: _hours(channel, since, now),
        lambda: _items(channel, since),
        lambda: _events(channel, since),
        lambda: _answers(channel, since),
        lambda: _pauses(channel, since),
        lambda: _right_now(channel, since),
    )
    found = [one for part in parts for one in part()]
    return sorted(found, key=lambda one: (one.ended is None, one.at), reverse=True)[:SHOWN]


def _hours(channel: Channel, since: datetime, now: datetime) -> Iterator[Trouble]:
    """Stretches of hours beside each other in which posts came late or were missing."""
    bad = channel.hours.filter(hour__gt=since, hour__lte=now).exclude(late=0, missing=0)
    begins = ends = None
    late = missing = 0
    for hour, was_late, was_missing in bad.order_by("hour").values_list("hour", "late", "missing"):
        if begins is not None and ends is not None and hour > ends:
            yield _stretch(begins, ends, late, missing)
            begins, late, missing = None, 0, 0
        begins, ends = begins or hour, hour + HOUR
        late, missing = late + was_late, missing + was_missing
    if begins is not None and ends is not None:
        yield _stretch(begins, ends, late, missing)


def _stretch(begins: datetime, ends: datetime, late: int, missing: int) -> Trouble:
    what = _("Posts were missing until a check took them in") if missing else _("Posts came late")
    told = [ngettext("%(n)d late", "%(n)d late", late) % {"n": late}] if late else []
    told += [ngettext("%(n)d missing", "%(n)d missing", missing) % {"n": missing}] if missing else []
    return Trouble(begins, what, _(", ").join(told), ends)


def _items(channel: Channel, since: datetime) -> Iterator[Trouble]:
    """Items that could not be understood, of a day together: those that wait, and those that were tried again."""
    rows = channel.bad_items.filter(created_at__gt=since)
    for first, waits, n in _by_day(rows.annotate(waits=IsNull(F("replayed_at"), True)), "created_at", "waits"):
        what = ngettext("An item was not understood and set aside", "Items were not understood and set aside", n)
        done = ngettext("It was tried again", "They were tried again", n)
        words = str(n)
        yield Trouble(first, what, words) if waits else Trouble(first, f"{what}. {done}", words, first)


def _events(channel: Channel, since: datetime) -> Iterator[Trouble]:
    failed = InboundEvent.objects.filter(channel=channel, state=InboundEvent.State.FAILED, received_at__gt=since)
    for first, _state, n in _by_day(failed, "received_at", "state"):
        yield Trouble(first, _("The platform told us something that was not understood"), str(n))


def _answers(channel: Channel, since: datetime) -> Iterator[Trouble]:
    failed = Delivery.objects.filter(channel=channel, state=Delivery.State.FAILED, finished_at__gt=since)
    for first, code, n in _by_day(failed, "finished_at", "error_code"):
        why = str(ERRORS.get(code, "")) if code else ""
        what = ngettext("An answer was not sent", "Answers were not sent", n)
        yield Trouble(first, f"{what}. {why}" if why else what, str(n))


def _by_day(rows: QuerySet[Any], moment: str, kind: str) -> Iterator[tuple[datetime, Any, int]]:
    """The first moment, the kind and the number of rows, for each day and kind."""
    days = rows.annotate(day=TruncDay(moment)).values("day", kind).order_by()
    for row in days.annotate(first=Min(moment), n=Count("pk")):
        yield row["first"], row[kind], row["n"]


def _pauses(channel: Channel, since: datetime) -> Iterator[Trouble]:
    """From each pause to what ended it, as the record has them; one that holds stands under what is wrong now."""
    lines = audit.of(channel).filter(verb__in=PAUSES).order_by("-id")[:SHOWN]
    resumed: datetime | None = None
    for line in lines:
        if line.verb == "channel.resumed":
            resumed = line.at
        elif resumed is not None and resumed > since:
            by = f"\u2068{line.actor_name}\u2069" if line.actor_name else _("The server's console")
            yield Trouble(line.at, _("Paused by %(name)s") % {"name": by}, "", resumed)
            resumed = None


def _right_now(channel: Channel, since: datetime) -> Iterator[Trouble]:
    """What keeps the channel from being read at this moment."""
    if channel.state in Channel.GONE:
        return
    if channel.state == Channel.State.PAUSED:
        line = audit.of(channel).filter(verb="channel.paused").first()
        if line:
            by = f"\u2068{line.actor_name}\u2069" if line.actor_name else _("The server's console")
            yield Trouble(line.at, _("Paused by %(name)s") % {"name": by})
    elif channel.error_code:
        words = str(ERRORS.get(channel.error_code) or channel.last_error or channel.error_code)
        yield Trouble(channel.last_ok_at or channel.last_polled_at or since, words)
