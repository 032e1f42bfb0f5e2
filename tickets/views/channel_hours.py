"""The hours of a channel's page: what was proved of each, and what happened in those that went wrong.

Only what is kept is told: how late posts came, which tickets they are on, and how many looks failed then, and of what.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Max, QuerySet
from django.db.models.functions import Coalesce, TruncHour
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingest import looks, reconcile
from ingest.models import Channel, ChannelHour, Message
from ingest.times import IN_AN_OUTBOX
from tickets.channels.channel_words import ERRORS
from tickets.models import TicketMessage
from tickets.views import channel_charts

HOUR = timedelta(hours=1)
# Tickets named in a line, and rows read to find them.
NAMED, MOST_ROWS = 5, 500
# Since when the platform had it: where it vouches for that, the author's own time says nothing (ingest.times).
THERE = Coalesce("reachable_at", "posted_at")
LATENESS = ExpressionWrapper(F("received_at") - THERE, output_field=DurationField())


@dataclass(frozen=True, slots=True)
class Line:
    """One hour that went wrong: what happened, and the tickets of the posts that came late."""

    row: ChannelHour
    words: tuple[str, ...]
    tickets: tuple[int, ...]
    more: int


def hours_of(channel: Channel, now: datetime) -> dict[str, Any]:
    """All that the page says of the last day's hours."""
    rows = {row.hour: row for row in channel.hours.filter(hour__gt=now - timedelta(hours=channel_charts.HOURS))}
    newest_first = sorted(rows.values(), key=lambda row: row.hour, reverse=True)
    return {
        "checkable": bool(rows) or reconcile.checkable(channel),
        "bars": channel_charts.hours(rows, now),
        "hours": newest_first,
        "troubled": what_happened(channel, [row for row in newest_first if row.late or row.missing], now),
        "late": sum(row.late for row in newest_first),
        "missing": sum(row.missing for row in newest_first),
    }


def what_happened(channel: Channel, rows: Sequence[ChannelHour], now: datetime) -> list[Line]:
    """The lines of these hours, in their order (two queries, none without hours)."""
    if not rows:
        return []
    most, tickets = _most_late(channel, rows), _tickets(channel, rows)
    lines = []
    for row in rows:
        late = most.get(row.hour)
        found = tickets.get(row.hour, [])
        words = [*_of_posts(row, late), *_of_looks(channel, row, late, now)]
        lines.append(Line(row, tuple(words), tuple(found[:NAMED]), max(len(found) - NAMED, 0)))
    return lines


def _late(channel: Channel, rows: Sequence[ChannelHour]) -> QuerySet[Message]:
    """Posts of these hours that came late, or were taken in because they were missing."""
    since = max(min(row.hour for row in rows), channel.created_at)
    until = max(row.hour for row in rows) + HOUR
    posts = Message.objects.filter(channel=channel, posted_at__gte=since - IN_AN_OUTBOX, posted_at__lt=until)
    timed = posts.exclude(decision=Message.Decision.CONTEXT).annotate(there=THERE, lateness=LATENESS)
    return timed.filter(there__gte=since, there__lt=until, lateness__gt=reconcile.late_after(channel))


def _most_late(channel: Channel, rows: Sequence[ChannelHour]) -> dict[datetime, timedelta]:
    by_hour = _late(channel, rows).annotate(hour=TruncHour("there")).values_list("hour").order_by()
    return dict(by_hour.annotate(most=Max("lateness")))


def _tickets(channel: Channel, rows: Sequence[ChannelHour]) -> dict[datetime, list[int]]:
    """Ids of the tickets that those posts are on, the oldest first, by hour."""
    late = _late(channel, rows).values("pk")
    on = TicketMessage.objects.filter(message__in=late).annotate(
        hour=TruncHour(Coalesce("message__reachable_at", "message__posted_at"))
    )
    found: dict[datetime, list[int]] = defaultdict(list)
    for hour, ticket in on.order_by("pk").values_list("hour", "ticket_id")[:MOST_ROWS]:
        if ticket not in found[hour]:
            found[hour].append(ticket)
    return found


def _of_posts(row: ChannelHour, most: timedelta | None) -> list[str]:
    words = []
    if row.missing:
        told = ngettext(
            "%(n)d was not here: taken in by the check.", "%(n)d were not here: taken in by the check.", row.missing
        )
        words.append(told % {"n": row.missing})
    if most is not None:
        words.append(_("Up to %(time)s late.") % {"time": duration(most.total_seconds())})
    return words


def _of_looks(channel: Channel, row: ChannelHour, most: timedelta | None, now: datetime) -> list[str]:
    """How looks fared from that hour until the last of its posts was here."""
    until = min(row.hour + HOUR - timedelta(seconds=1) + (most or timedelta(0)), now)
    found = looks.between(channel.pk, row.hour, until)
    if not found.failed:
        return []
    figures = {"failed": found.failed, "looks": found.failed + found.well}
    words = [_("%(failed)d of %(looks)d looks failed then.") % figures]
    if found.codes:
        code = found.codes.most_common(1)[0][0]
        words.append(str(ERRORS.get(code, code)))
    return words


def duration(seconds: float | None) -> str:
    """As people say it: 6 s, 4 min, 3 h."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return _("%(n)d s") % {"n": round(seconds)}
    if seconds < 5400:
        return _("%(n)d min") % {"n": round(seconds / 60)}
    return _("%(n)d h") % {"n": round(seconds / 3600)}
