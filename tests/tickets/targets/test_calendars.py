"""Calendars as people keep them: hours by weekday, holidays by date, by country, each year and each Hijri year."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tickets.models import Calendar, CalendarDays
from tickets.targets.calendars import BadHours, hours_of, laid_out, public_holidays, week_of, zone_of
from tickets.targets.sla import Span

Reckoning = CalendarDays.Reckoning
TODAY = date(2026, 11, 22)
OFFICE = {str(day): [["09:00", "17:00"]] for day in (6, 0, 1, 2, 3)}


def days(**fields):
    return CalendarDays(name="x", **fields)


def firsts(special):
    return [stretch.first for stretch in laid_out(special, TODAY)]


def test_a_week_is_read_from_monday_and_a_day_that_is_not_named_is_closed():
    week = week_of(OFFICE)
    assert week[0] == (Span(540, 1020),)
    assert week[4] == week[5] == ()


def test_a_day_may_have_several_spans_and_end_at_midnight():
    assert week_of({"0": [["09:00", "13:00"], ["16:30", "24:00"]]})[0] == (Span(540, 780), Span(990, 1440))


@pytest.mark.parametrize(
    ("spans", "code"),
    [
        ({"7": []}, "no_weekday"),
        ({"monday": []}, "no_weekday"),
        ({"0": [["17:00", "09:00"]]}, "ends_before_it_begins"),
        ({"0": [["09:00", "09:00"]]}, "ends_before_it_begins"),
        ({"0": [["9", "17:00"]]}, "no_time"),
        ({"0": [["09:60", "17:00"]]}, "no_time"),
        ({"0": [["09:00", "24:01"]]}, "no_time"),
        ({"0": [["09:00"]]}, "no_span"),
        ({"0": "09:00-17:00"}, "no_span"),
    ],
)
def test_hours_that_cannot_be_read_say_why(spans, code):
    with pytest.raises(BadHours) as refused:
        week_of(spans)
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["Asia/Nowhere", "../etc/passwd", "", "/etc/passwd"])
def test_a_time_zone_that_is_none_is_refused(name):
    with pytest.raises(BadHours):
        zone_of(name)


def test_ramadan_comes_eleven_days_earlier_each_year():
    ramadan = days(reckoning=Reckoning.HIJRI, month=9, day=1, length=30)
    found = firsts(ramadan)
    assert {date(2026, 2, 18), date(2027, 2, 8), date(2028, 1, 28)} <= set(found)


def test_a_day_that_a_year_does_not_have_is_left_out_of_that_year():
    assert {day.year for day in firsts(days(reckoning=Reckoning.GREGORIAN, month=2, day=29))} == {2024, 2028}


def test_a_date_alone_is_one_day():
    stretch = laid_out(days(reckoning=Reckoning.DATES, first=TODAY), TODAY)[0]
    assert (stretch.first, stretch.last) == (TODAY, TODAY)


def test_special_days_without_a_day_are_refused():
    for special in (days(reckoning=Reckoning.DATES), days(reckoning=Reckoning.HIJRI, month=9)):
        with pytest.raises(BadHours):
            laid_out(special, TODAY)


def test_a_holiday_within_ramadan_is_a_holiday_whichever_was_written_first():
    ramadan = days(reckoning=Reckoning.HIJRI, month=9, day=1, length=30, spans={"0": [["10:00", "15:00"]]})
    founding = days(reckoning=Reckoning.GREGORIAN, month=2, day=22)
    calendar = Calendar(name="Riyadh", time_zone="Asia/Riyadh", spans=OFFICE)
    monday = date(2027, 2, 22)
    for order in ([ramadan, founding], [founding, ramadan]):
        hours = hours_of(calendar, order, TODAY)
        assert hours.spans_on(monday) == ()
        assert hours.spans_on(date(2027, 2, 15)) == (Span(600, 900),)
        assert hours.zone == ZoneInfo("Asia/Riyadh")


def test_holidays_of_a_country_come_by_name_in_either_language_and_days_beside_each_other_as_one():
    english = public_holidays("SA", [2027], "en")
    arabic = public_holidays("SA", [2027], "ar")
    assert [(h.first, h.last) for h in english] == [(h.first, h.last) for h in arabic]
    eid = next(h for h in english if h.name == "Eid al-Fitr Holiday")
    assert (eid.last - eid.first).days >= 2
    assert any("العيد" in h.name or "عيد" in h.name for h in arabic)


def test_a_country_that_is_not_known_is_refused():
    with pytest.raises(BadHours):
        public_holidays("ZZ", [2027], "en")
