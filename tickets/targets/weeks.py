"""A calendar's hours as a person writes them in a line a day: "09:00-13:00, 16:30-24:00". Pure."""

import re
from collections.abc import Mapping, Sequence

from tickets.targets.calendars import BadHours, Spans, week_of

SPAN = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|to|till|until|حتى|إلى|الى)\s*(\d{1,2})(?:[:.](\d{2}))?", re.IGNORECASE
)
# What may stand between two spans.
BETWEEN = re.compile(r"[\s,،;؛+&]+|\band\b|(?<!\w)و(?!\w)", re.IGNORECASE)
# The week as readers of Arabic calendars begin it, by numbers of weekdays from Monday.
FROM_SUNDAY, FROM_MONDAY = (6, 0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4, 5, 6)
WHOLE_DAY = [["00:00", "24:00"]]
# Usual weeks, by one click; the days that are worked.
PRESETS: Mapping[str, Sequence[int]] = {
    "sun-thu": (6, 0, 1, 2, 3),
    "mon-fri": (0, 1, 2, 3, 4),
    "sat-thu": (5, 6, 0, 1, 2, 3),
    "every-day": FROM_MONDAY,
}
USUAL = [["09:00", "17:00"]]


def spans_of(line: str) -> list[list[str]]:
    """The spans of one day. "9-17" is from nine to seventeen; an end at 0:00 is the day's end. Raises BadHours."""
    rest = BETWEEN.sub("", SPAN.sub("", line))
    if rest:
        raise BadHours("no_span", rest[:20])
    return [_span(match) for match in SPAN.finditer(line)]


def _span(match: "re.Match[str]") -> list[str]:
    begins, ends = _time(match[1], match[2]), _time(match[3], match[4])
    return [begins, "24:00" if ends == "00:00" else ends]


def _time(hour: str, minute: str | None) -> str:
    return f"{int(hour):02d}:{int(minute or 0):02d}"


def week_from(lines: Mapping[int, str]) -> dict[str, list[list[str]]]:
    """Lines by weekday as a calendar keeps them, in order and with the days that are closed left out.

    Raises BadHours, whose `word` begins with the weekday's number.
    """
    kept: dict[str, list[list[str]]] = {}
    for day, line in lines.items():
        try:
            spans = sorted(spans_of(line))
            week_of({str(day): spans})
        except BadHours as trouble:
            raise BadHours(trouble.code, f"{day}:{trouble.word}") from trouble
        if spans:
            kept[str(day)] = spans
    return kept


def line_of(spans: Spans, day: int) -> str:
    """The line of a day that a calendar keeps."""
    return ", ".join(f"{begins}-{ends}" for begins, ends in spans.get(str(day), ()))


def preset(name: str, spans: Spans) -> dict[str, list[list[str]]]:
    """A usual week with the hours that the calendar has on its first open day, else the usual ones."""
    if name == "always":
        return {str(day): WHOLE_DAY for day in FROM_MONDAY}
    hours = next((list(map(list, spans[str(day)])) for day in FROM_SUNDAY if spans.get(str(day))), USUAL)
    return {str(day): hours for day in PRESETS[name]}
