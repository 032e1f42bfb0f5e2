"""The Drift page: what was read week by week, side by side, for each channel and language; and its alarms in words."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ingest import drift as drifting
from ingest.drift import CORRECTED, WEEK, corrected_share, week_of
from ingest.models import ReadingWeek
from ingest.stability import BEFORE, ENOUGH, SHIFTED
from tickets.labels import name_of, word
from tickets.listing.filters import channels_of

# The running week, the four it is held against, and one more to see where they come from.
WEEKS = BEFORE + 2
# Groups with the most messages first; a page shows at most this many.
MOST = 60
TOP_REASONS = 5
# The reader's uncertainty cannot go beyond this: three shares of a third.
FLATTEST = 2 / 3
# From so far off the weeks before a share of a distribution in alarm is marked.
STANDS_OUT = 0.03

SHIFTS: dict[str, Promise] = {
    "sentiment": gettext_lazy("The sentiment has shifted"),
    "follow_up": gettext_lazy("The share that needs an answer has shifted"),
    "urgency": gettext_lazy("The urgency has shifted"),
    "reasons": gettext_lazy("The reasons have shifted"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one week, and how much of its bar is filled, from 0 to 100."""

    text: str
    bar: float | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One figure through the weeks, newest first."""

    name: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is unlike the weeks before, in words, with the index behind it."""

    words: str
    shift: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """A channel and a language: its alarms and its figures."""

    channel: str
    platform: str
    language: str
    alarms: list[Alarm]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Drifted:
    """A row of the trouble panel."""

    channel: str
    language: str
    week: date
    alarms: list[Alarm]


def alarms_of(row: ReadingWeek) -> list[Alarm]:
    """A week's alarms in words."""
    return [Alarm(_words(name), row.shift.get(name)) for name in row.alarms]


def _words(name: str) -> str:
    if name.startswith(CORRECTED):
        label = name_of(name.removeprefix(CORRECTED))
        return _("People correct this twice as often: %(label)s") % {"label": label}
    return str(SHIFTS.get(name, name))


def drifted(request: HttpRequest) -> list[Drifted]:
    """The alarms in force, of this person's channels (one query)."""
    rows = drifting.in_force(channels_of(request))
    return [Drifted(row.channel.name, row.language, row.week, alarms_of(row)) for row in rows]


@require_safe
def drift(request: HttpRequest) -> HttpResponse:
    """Weeks side by side."""
    weeks = [week_of(timezone.now()) - WEEK * n for n in range(WEEKS)]
    found: dict[tuple[int, str], dict[date, ReadingWeek]] = defaultdict(dict)
    rows = ReadingWeek.objects.filter(channel__in=channels_of(request), week__gte=weeks[-1])
    for row in rows.select_related("channel"):
        found[row.channel_id, row.language][row.week] = row
    largest = sorted(found.values(), key=lambda group: (-_size(group), min(row.pk for row in group.values())))
    context = {
        "weeks": weeks,
        "groups": [group_of(group, weeks) for group in largest[:MOST]],
        "left_out": max(len(largest) - MOST, 0),
        "enough": ENOUGH,
        "shifted": SHIFTED,
        "here": "drift",
    }
    return render(request, "monitor/drift.html", context)


def _size(group: dict[date, ReadingWeek]) -> int:
    return sum(row.messages for row in group.values())


def group_of(group: dict[date, ReadingWeek], weeks: Sequence[date]) -> Group:
    """One table: its weeks newest first; a week without messages has empty cells."""
    rows = [group.get(week) for week in weeks]
    some = next(iter(group.values()))
    newest = next((row for row in rows[:2] if row and row.messages >= ENOUGH), None)
    return Group(
        channel=some.channel.name,
        platform=some.channel.platform,
        language=some.language,
        alarms=alarms_of(newest) if newest else [],
        lines=[*_lines(rows), *_reason_lines(rows), *_correction_lines(rows)],
    )


def _lines(rows: Sequence[ReadingWeek | None]) -> list[Line]:
    busiest = max((row.messages for row in rows if row), default=0) or 1
    urgency = name_of("urgency")
    return [
        _line(rows, _("Messages"), lambda row: Cell(f"{row.messages:,}", 100 * row.messages / busiest)),
        *(_share(rows, word("sentiment", tone), "sentiment", tone) for tone in ("negative", "neutral", "positive")),
        _share(rows, word("follow_up", "yes"), "follow_up", "yes"),
        *(_share(rows, f"{urgency}: {word('urgency', name)}", "urgency", name) for name in ("high", "low")),
        _line(rows, _("Mean uncertainty"), _uncertainty),
    ]


def _reason_lines(rows: Sequence[ReadingWeek | None]) -> list[Line]:
    """The reasons named most over these weeks, as shares of the messages."""
    named: Counter[str] = Counter()
    for row in rows:
        named.update(row.reasons if row else {})
    top = [name for name, _n in named.most_common(TOP_REASONS)]
    return [_share(rows, word("reasons", [name]), "reasons", name, of_messages=True) for name in top]


def _correction_lines(rows: Sequence[ReadingWeek | None]) -> list[Line]:
    """Labels that people corrected in any of these weeks."""
    labels = sorted({label for row in rows if row for label in row.corrected})
    return [_correction_line(rows, label) for label in labels]


def _correction_line(rows: Sequence[ReadingWeek | None], label: str) -> Line:
    def cell(row: ReadingWeek) -> Cell:
        share = corrected_share(row, label)
        return Cell(_percent(share), 100 * share, CORRECTED + label in row.alarms)

    return _line(rows, _("Corrected: %(label)s") % {"label": name_of(label)}, cell)


def _share(
    rows: Sequence[ReadingWeek | None], title: str, column: str, name: str, *, of_messages: bool = False
) -> Line:
    shares = [_part(row, column, name, of_messages=of_messages) if row else None for row in rows]

    def cell(row: ReadingWeek, place: int) -> Cell:
        share = shares[place]
        if share is None:
            return Cell("–")
        before = [other for other in shares[place + 1 :] if other is not None]
        # A distribution is in alarm as a whole; the eye is led to those of its parts that are not where they were.
        moved = column in row.alarms and bool(before) and abs(share - sum(before) / len(before)) >= STANDS_OUT
        return Cell(_percent(share), 100 * share, moved)

    return Line(title, [cell(row, place) if row else Cell("") for place, row in enumerate(rows)])


def _part(row: ReadingWeek, column: str, name: str, *, of_messages: bool) -> float | None:
    counts = getattr(row, column)
    whole = row.messages if of_messages else sum(counts.values())
    return counts.get(name, 0) / whole if whole else None


def _line(rows: Sequence[ReadingWeek | None], title: str, of: Callable[[ReadingWeek], Cell]) -> Line:
    """A figure through the weeks; a week without messages has an empty cell."""
    return Line(title, [of(row) if row else Cell("") for row in rows])


def _uncertainty(row: ReadingWeek) -> Cell:
    if row.uncertainty is None:
        return Cell("–")
    return Cell(f"{row.uncertainty:.2f}", 100 * row.uncertainty / FLATTEST)


def _percent(share: float) -> str:
    """Whole per cents; below ten with one place, where a change from 1 to 2 would say little."""
    return f"{100 * share:.1f}%" if 0 < share < 0.1 else f"{100 * share:.0f}%"
