"""Drift: what was read week by week in each channel and language, and an alarm when a week is unlike those before it.

Nothing is counted up and down: a week is measured from its messages, as often as one likes, with the same end.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Avg, CharField, Count, F, Func, Q, QuerySet, Value
from django.db.models.functions import Concat, Greatest
from django.utils import timezone

from ingest.models import Channel, Correction, Message, ReadingWeek
from ingest.stability import BEFORE, ENOUGH, LEAST_BEFORE, SHIFTED, doubled, shift
from sentiment.reading import URGENCIES

log = structlog.get_logger(__name__)

WEEK = timedelta(weeks=1)
# What is held against the weeks before, column by column.
DISTRIBUTIONS = ("sentiment", "follow_up", "urgency", "reasons")
# The alarm of a label that people correct too often is this and the label's name.
CORRECTED = "corrected_"

Key = tuple[int, str]


def week_of(moment: datetime) -> date:
    """The Monday of the ISO week a moment lies in, in the installation's time zone."""
    day = timezone.localtime(moment, timezone.get_default_timezone()).date()
    return day - timedelta(days=day.weekday())


def weeks_since(first: date, now: datetime | None = None) -> list[date]:
    """The Mondays from the week of `first` to the running one."""
    this, week = week_of(now or timezone.now()), first - timedelta(days=first.weekday())
    return [week + WEEK * n for n in range((this - week).days // 7 + 1)]


def measure_recent(now: datetime | None = None) -> int:
    """Measure the running week and the last one; returns how many rows they have."""
    this = week_of(now or timezone.now())
    return measure([this - WEEK, this])


def measure(weeks: Iterable[date]) -> int:
    """Measure these weeks (by their Mondays) anew, oldest first; returns how many rows they have."""
    return sum(_measure(week) for week in sorted(set(weeks)))


def in_force(channels: QuerySet[Channel], now: datetime | None = None) -> list[ReadingWeek]:
    """The rows of these channels that give alarm now (one query): of this week, or of the last one while this week
    holds too little to say.
    """
    this = week_of(now or timezone.now())
    rows = ReadingWeek.objects.filter(channel__in=channels, week__in=[this - WEEK, this], messages__gte=ENOUGH)
    newest = {(row.channel_id, row.language): row for row in rows.select_related("channel").order_by("week")}
    return sorted((row for row in newest.values() if row.alarms), key=lambda row: (row.channel.name, row.language))


# --- one week -------------------------------------------------------------------------------------------------------
def _measure(week: date) -> int:
    """Count a week, hold it against the weeks before, and write it over what stood there."""
    found = _counted(week)
    before = _before(week)
    for key, row in found.items():
        judge(row, before[key])
    with transaction.atomic():
        known = {_key(row): row for row in ReadingWeek.objects.filter(week=week).select_for_update().order_by("id")}
        ReadingWeek.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in found]).delete()
        changed = [row for key, row in sorted(found.items()) if key not in known or not _same(row, known[key])]
        ReadingWeek.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["channel", "language", "week"], update_fields=MEASURED
        )
    for row in changed:
        _tell(row, known.get(_key(row)))
    return len(found)


MEASURED = ("messages", "sentiment", "urgency", "reasons", "follow_up", "uncertainty", "corrected", "readers", "shift",
            "alarms")  # fmt: skip


def _same(row: ReadingWeek, known: ReadingWeek) -> bool:
    return all(getattr(row, name) == getattr(known, name) for name in MEASURED)


def _key(row: ReadingWeek) -> Key:
    return row.channel_id, row.language


def _before(week: date) -> dict[Key, list[ReadingWeek]]:
    """The rows of the four weeks before, by channel and language."""
    found: dict[Key, list[ReadingWeek]] = defaultdict(list)
    for row in ReadingWeek.objects.filter(week__lt=week, week__gte=week - WEEK * BEFORE):
        found[_key(row)].append(row)
    return found


def judge(row: ReadingWeek, before: Sequence[ReadingWeek]) -> None:
    """Set how far a row lies from those of the weeks before, and its alarms. Weeks with too little in them are left
    out; with fewer than two of them, or too little in this one, nothing can be said.
    """
    row.shift, row.alarms = {}, []
    past = [other for other in before if other.messages >= ENOUGH]
    if row.messages < ENOUGH or len(past) < LEAST_BEFORE:
        return
    for name in DISTRIBUTIONS:
        moved = shift(getattr(row, name), [getattr(other, name) for other in past])
        if moved is not None:
            row.shift[name] = round(moved, 4)
            row.alarms += [name] if moved > SHIFTED else []
    for label in sorted(row.corrected):
        if doubled(corrected_share(row, label), [corrected_share(other, label) for other in past]):
            row.alarms.append(CORRECTED + label)


def corrected_share(row: ReadingWeek, label: str) -> float:
    """The share of a week's messages whose label people have corrected."""
    return float(row.corrected.get(label, 0) / row.messages) if row.messages else 0.0


def _tell(row: ReadingWeek, known: ReadingWeek | None) -> None:
    """One line in the log for each alarm that was not there when the week was measured last."""
    for name in row.alarms:
        if known is None or name not in known.alarms:
            log.warning(
                "readings have drifted",
                channel=row.channel_id,
                language=row.language,
                week=row.week.isoformat(),
                what=name,
                shift=row.shift.get(name),
            )


# --- counting -------------------------------------------------------------------------------------------------------
LIKELIEST = {
    "negative": Q(negative__gte=Greatest("neutral", "positive")),
    "neutral": Q(negative__lt=Greatest("neutral", "positive"), neutral__gte=F("positive")),
    "positive": Q(positive__gt=Greatest("negative", "neutral")),
}
KNOWS = Q(follow_up__isnull=False, threshold__isnull=False)
OWED = {"yes": KNOWS & Q(follow_up__gte=F("threshold")), "no": KNOWS & Q(follow_up__lt=F("threshold"))}
# Columns whose classes are known: counted in one reading of the week's messages.
CLASSES: dict[str, dict[str, Q]] = {
    "sentiment": LIKELIEST,
    "follow_up": OWED,
    "urgency": {name: Q(urgency=name) for name in URGENCIES},
}


def read_in(week: date, of: str = "") -> dict[str, Any]:
    """What finds customers' messages posted in the week that begins on this Monday, and read; `of` leads to them."""
    zone = timezone.get_default_timezone()
    start, end = (datetime.combine(day, time(), zone) for day in (week, week + WEEK))
    found = {"direction": "in", "negative__isnull": False, "posted_at__gte": start, "posted_at__lt": end}
    return {of + name: value for name, value in found.items()}


def _counted(week: date) -> dict[Key, ReadingWeek]:
    """The rows of one week before they are judged (four queries, whatever the number of rows)."""
    messages = Message.objects.filter(**read_in(week)).order_by()
    counts: dict[str, Any] = {
        f"{column}_{name}": Count("id", filter=of)
        for column, classes in CLASSES.items()
        for name, of in classes.items()
    }
    told = Q(person_said__contains=["sentiment"])
    unsure = Avg(1.0 - Greatest("negative", "neutral", "positive"), filter=~told)
    found = {}
    for group in messages.values("channel", "language").annotate(messages=Count("id"), uncertainty=unsure, **counts):
        found[group["channel"], group["language"]] = ReadingWeek(
            channel_id=group["channel"],
            language=group["language"],
            week=week,
            messages=group["messages"],
            # Sums of the same numbers may differ in their last digits.
            uncertainty=None if group["uncertainty"] is None else round(group["uncertainty"], 6),
            **{
                column: {name: n for name in classes if (n := group[f"{column}_{name}"])}
                for column, classes in CLASSES.items()
            },
        )
    reader = Concat("reader", Value(" "), "reader_version", output_field=CharField())
    reason = Func("cues", function="unnest", output_field=CharField())
    _fill(found, "readers", messages.annotate(name=reader).values_list("channel", "language", "name"))
    _fill(found, "reasons", messages.annotate(name=reason).values_list("channel", "language", "name"))
    _fill_corrected(found, week)
    return found


def _fill(found: dict[Key, ReadingWeek], column: str, groups: Any) -> None:
    """Put the number of messages of each group (channel, language, name) into a column of its row."""
    for channel, language, name, n in groups.annotate(n=Count("id")):
        if row := found.get((channel, language)):
            getattr(row, column)[name] = n


def _fill_corrected(found: dict[Key, ReadingWeek], week: date) -> None:
    """Messages by label whose reading people changed: where they only confirmed it, or nothing had been read, it was
    not wrong.
    """
    changed = Correction.objects.filter(**read_in(week, "message__"), old__isnull=False).exclude(old=F("new"))
    groups = changed.values_list("message__channel", "message__language", "label")
    for channel, language, label, n in groups.order_by().annotate(n=Count("message", distinct=True)):
        if row := found.get((channel, language)):
            row.corrected[label] = n
