"""Calendars as people keep them become hours that clocks follow (tickets.targets.sla).

Special days are given by date, or each year by month and day of the Gregorian or the Hijri calendar. The Hijri calendar
is Umm al-Qura's, by which Saudi Arabia counts; elsewhere a month may begin a day later by the moon, which a person
settles by giving dates. Holidays of a country come from the package `holidays`, and stay editable.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from hijridate import Gregorian, Hijri

from tickets.models import Calendar, CalendarDays
from tickets.targets.sla import Days, Hours, Span, Week

Reckoning = CalendarDays.Reckoning
Spans = Mapping[str, Sequence[Sequence[str]]]

# Every year around a moment in which special days are looked for: targets reach three years ahead.
YEARS_BACK, YEARS_AHEAD = 2, 4
# The years that the Hijri calendar is known for, by its own count (hijridate).
FIRST_HIJRI, LAST_HIJRI = 1343, 1500


class BadHours(ValueError):
    """Hours that cannot be read; `code` says why, for pages to put in words, `word` what was written."""

    def __init__(self, code: str, word: str = "") -> None:
        super().__init__(f"{code}: {word}" if word else code)
        self.code = code
        self.word = word


def week_of(spans: Spans) -> Week:
    """{"0": [["09:00", "17:00"]], ...} as a week, Monday first. Raises BadHours."""
    if not set(spans) <= set("0123456"):
        raise BadHours("no_weekday", ", ".join(sorted(set(spans) - set("0123456"))))
    return tuple(tuple(_span(*pair) for pair in _pairs(spans.get(str(day), ()))) for day in range(7))


def _pairs(told: object) -> Iterator[tuple[str, str]]:
    if not isinstance(told, list | tuple):
        raise BadHours("no_span", str(told)[:40])
    for pair in told:
        if not (isinstance(pair, list | tuple) and len(pair) == 2):
            raise BadHours("no_span", str(pair)[:40])
        yield str(pair[0]), str(pair[1])


def _span(begins: str, ends: str) -> Span:
    first, last = _minute(begins), _minute(ends)
    if first >= last:
        raise BadHours("ends_before_it_begins", f"{begins} - {ends}")
    return Span(first, last)


def _minute(told: str) -> int:
    hour, colon, minute = told.partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and int(minute) < 60):
        raise BadHours("no_time", told[:20])
    whole = int(hour) * 60 + int(minute)
    if whole > 1440:
        raise BadHours("no_time", told[:20])
    return whole


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name. Raises BadHours."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadHours("no_time_zone", name[:60]) from error


def hours_of(calendar: Calendar, days: Iterable[CalendarDays], around: date) -> Hours:
    """The hours of a calendar, its special days laid out over the years around a day. Raises BadHours."""
    stretches = [stretch for special in days for stretch in laid_out(special, around)]
    return Hours(zone_of(calendar.time_zone), week_of(calendar.spans), tuple(sorted(stretches, key=_wider_first)))


def _wider_first(days: Days) -> tuple[int, date]:
    """Of special days that overlap the shorter hold: a holiday within Ramadan is a holiday."""
    return (days.first - days.last).days, days.first


def laid_out(special: CalendarDays, around: date) -> list[Days]:
    """Every stretch of days that one line of a calendar means in the years around a day."""
    week = week_of(special.spans or {})
    if special.reckoning == Reckoning.DATES:
        if special.first is None:
            raise BadHours("no_first_day", special.name)
        return [Days(special.first, max(special.last or special.first, special.first), week)]
    if not (special.month and special.day):
        raise BadHours("no_month_or_day", special.name)
    first_days = _hijri if special.reckoning == Reckoning.HIJRI else _gregorian
    length = timedelta(days=max(special.length, 1) - 1)
    return [Days(day, day + length, week) for day in first_days(special.month, special.day, around)]


def _gregorian(month: int, day: int, around: date) -> Iterator[date]:
    for year in range(around.year - YEARS_BACK, around.year + YEARS_AHEAD + 1):
        try:
            yield date(year, month, day)
        except ValueError:
            # 29 February, in the years that have none.
            continue


def _hijri(month: int, day: int, around: date) -> Iterator[date]:
    this_year = Gregorian(around.year, around.month, around.day).to_hijri().year
    # A Hijri year is eleven days shorter: one more reaches as far.
    years = range(max(this_year - YEARS_BACK, FIRST_HIJRI), min(this_year + YEARS_AHEAD + 1, LAST_HIJRI) + 1)
    for year in years:
        try:
            begins = Hijri(year, month, day).to_gregorian()
        except (ValueError, OverflowError):
            # The 30th of a month that has 29 days that year.
            continue
        yield date(begins.year, begins.month, begins.day)


@dataclass(frozen=True, slots=True)
class Holiday:
    """One public holiday of a country: a stretch of days beside each other with one name."""

    name: str
    first: date
    last: date


def public_holidays(country: str, years: Sequence[int], language: str) -> list[Holiday]:
    """The public holidays of a country (ISO 3166-1, two letters), by name in a language where that is known.

    Days by the moon are forecasts. Raises BadHours for a country that is not known.
    """
    try:
        known = holidays.country_holidays(country, years=list(years))
        wanted = [told for told in known.supported_languages if told.split("_")[0] == language]
        if wanted:
            known = holidays.country_holidays(country, years=list(years), language=wanted[0])
    except NotImplementedError as error:
        raise BadHours("no_country", country[:8]) from error
    found: list[Holiday] = []
    for day, name in sorted(known.items()):
        if found and found[-1].name == name and found[-1].last == day - timedelta(days=1):
            found[-1] = Holiday(name, found[-1].first, day)
        else:
            found.append(Holiday(name, day, day))
    return found
