"""Targets follow their calendar: split shifts, weekends, holidays, Ramadan, and nights when the clock is moved."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.targets.sla import MIDNIGHT, Days, Hours, NeverOpen, Span, due, elapsed, is_open, joined, open_from

RIYADH, BERLIN, CAIRO = ZoneInfo("Asia/Riyadh"), ZoneInfo("Europe/Berlin"), ZoneInfo("Africa/Cairo")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # put forward and back by half an hour
APIA = ZoneInfo("Pacific/Apia")  # left out a whole day, 30 December 2011
ALL_DAY = (Span(0, 1440),)
NINE_TO_FIVE = (Span(540, 1020),)


def at(text: str, zone: ZoneInfo = RIYADH) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


# Sunday to Thursday; Friday and Saturday are the weekend.
GULF = Hours(RIYADH, (NINE_TO_FIVE,) * 4 + ((), (), NINE_TO_FIVE))
SPLIT = Hours(RIYADH, ((Span(540, 720), Span(960, 1260)),) * 7)


def test_a_clock_begun_on_thursday_afternoon_goes_on_on_sunday():
    assert due(GULF, at("2026-11-19T16:30"), 3600) == at("2026-11-22T09:30")


def test_a_split_shift_stops_the_clock_over_noon():
    assert due(SPLIT, at("2026-11-22T11:30"), 3600) == at("2026-11-22T16:30")
    assert elapsed(SPLIT, at("2026-11-22T11:30"), at("2026-11-22T16:30")) == 3600


def test_a_holiday_is_passed_over():
    national_day = Days(date(2026, 9, 23), date(2026, 9, 23))
    closed = Hours(GULF.zone, GULF.week, (national_day,))
    assert due(closed, at("2026-09-22T16:30"), 3600) == at("2026-09-24T09:30")


def test_in_ramadan_other_hours_hold_and_a_holiday_within_it_holds_over_them():
    ramadan = Days(date(2026, 2, 18), date(2026, 3, 19), ((Span(600, 900),),) * 4 + ((), (), (Span(600, 900),)))
    eid_eve = Days(date(2026, 3, 18), date(2026, 3, 19))
    hours = Hours(GULF.zone, GULF.week, (ramadan, eid_eve))
    assert elapsed(hours, at("2026-03-17T00:00"), at("2026-03-18T00:00")) == 5 * 3600
    assert due(hours, at("2026-03-17T14:30"), 3600) == at("2026-03-22T09:30")


def test_the_same_target_in_two_time_zones_is_due_at_two_moments():
    berlin = Hours(BERLIN, GULF.week)
    start = at("2026-11-22T08:00", ZoneInfo("UTC"))
    assert due(GULF, start, 3600) == start + timedelta(hours=1)
    assert due(berlin, start, 3600) == start + timedelta(hours=1)
    assert due(berlin, start - timedelta(hours=2), 3600) == start + timedelta(hours=1)


def test_the_night_that_is_an_hour_longer_gives_an_hour_more():
    always = Hours(BERLIN, (ALL_DAY,) * 7)
    assert elapsed(always, at("2026-10-25T00:00", BERLIN), at("2026-10-26T00:00", BERLIN)) == 25 * 3600
    assert elapsed(always, at("2026-03-29T00:00", BERLIN), at("2026-03-30T00:00", BERLIN)) == 23 * 3600


def test_an_hour_that_the_wall_clock_never_shows_is_not_worked():
    night = Hours(BERLIN, ((Span(150, 195),),) * 7)  # 02:30 to 03:15; that night 02:00 to 03:00 is left out
    assert elapsed(night, at("2026-03-29T00:00", BERLIN), at("2026-03-30T00:00", BERLIN)) == 15 * 60


def test_an_hour_that_the_wall_clock_shows_twice_is_worked_twice():
    night = Hours(BERLIN, ((Span(135, 165),),) * 7)  # 02:15 to 02:45
    assert elapsed(night, at("2026-10-25T00:00", BERLIN), at("2026-10-26T00:00", BERLIN)) == 2 * 30 * 60


def test_a_day_that_a_country_left_out_has_no_hours():
    always = Hours(APIA, (NINE_TO_FIVE,) * 7)
    assert (
        elapsed(always, datetime(2011, 12, 29, 10, tzinfo=UTC), datetime(2011, 12, 31, 10, tzinfo=UTC)) == 2 * 8 * 3600
    )


def test_a_calendar_that_never_opens_says_so():
    with pytest.raises(NeverOpen):
        due(Hours(RIYADH, ((),) * 7), at("2026-11-22T00:00"), 60)


def test_a_clock_without_a_calendar_never_stops():
    start = at("2026-11-20T23:00")
    assert due(None, start, 7200) == start + timedelta(hours=2)
    assert elapsed(None, start, start + timedelta(days=1)) == 86400


def test_a_target_of_nothing_is_due_at_once():
    assert due(GULF, at("2026-11-20T12:00"), 0) == at("2026-11-20T12:00")


@pytest.mark.parametrize(("begins", "ends"), [(600, 600), (700, 600), (-1, 60), (0, 1441)])
def test_a_span_that_is_none_is_refused(begins, ends):
    with pytest.raises(ValueError, match="a span runs"):
        Span(begins, ends)


# --- properties -----------------------------------------------------------------------------------------------------
zones = st.sampled_from([RIYADH, BERLIN, CAIRO, LORD_HOWE, ZoneInfo("America/St_Johns"), ZoneInfo("UTC")])
spans = st.builds(
    lambda begins, length: Span(begins, min(begins + length, 1440)), st.integers(0, 1439), st.integers(1, 720)
)
days_spans = st.lists(spans, max_size=3).map(tuple)
weeks = st.tuples(*[days_spans] * 7)
dates = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> Hours:
    others = draw(
        st.lists(st.builds(lambda d, n, w: Days(d, d + timedelta(n), w), dates, st.integers(0, 40), weeks), max_size=3)
    )
    return Hours(draw(zones), draw(weeks), tuple(others))


moments = st.builds(
    lambda day, second: datetime.combine(day, MIDNIGHT, UTC) + timedelta(seconds=second), dates, st.integers(0, 86399)
)


@given(calendars(), moments, st.integers(0, 36 * 3600))
@settings(max_examples=40, deadline=None)
def test_elapsed_is_what_one_gets_by_asking_each_minute_whether_it_is_open(hours, start, seconds):
    start = start.replace(second=0)
    minutes = seconds // 60
    counted = sum(is_open(hours, start + timedelta(minutes=n)) for n in range(minutes))
    assert elapsed(hours, start, start + timedelta(minutes=minutes)) == counted * 60


@given(calendars(), moments, st.integers(1, 30 * 3600))
@settings(max_examples=80, deadline=None)
def test_exactly_the_target_has_passed_when_it_is_due_and_not_before(hours, start, seconds):
    try:
        end = due(hours, start, seconds)
    except NeverOpen:
        return
    assert elapsed(hours, start, end) == seconds
    assert elapsed(hours, start, end - timedelta(seconds=1)) == seconds - 1
    assert is_open(hours, end - timedelta(seconds=1))


@given(calendars(), moments, st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_time_in_two_parts_is_time_in_one(hours, start, first, second):
    middle, end = start + timedelta(seconds=first), start + timedelta(seconds=first + second)
    assert elapsed(hours, start, middle) + elapsed(hours, middle, end) == elapsed(hours, start, end)


@given(calendars(), moments, st.integers(1, 20 * 3600), st.integers(1, 20 * 3600))
@settings(max_examples=60, deadline=None)
def test_a_clock_that_was_stopped_at_any_moment_is_due_after_what_was_left(hours, start, target, ran):
    """Pausing and going on at once changes nothing: what was used is kept whole."""
    stop = start + timedelta(seconds=ran)
    try:
        whole = due(hours, start, target)
        used = elapsed(hours, start, stop)
        again = due(hours, stop, target - used)
    except NeverOpen:
        return
    assert again == max(whole, stop) if used >= target else again == whole


@given(calendars(), moments)
@settings(max_examples=60, deadline=None)
def test_stretches_are_in_order_and_apart(hours, start):
    found = list(open_from(hours, start, start + timedelta(days=30)))
    assert all(begins < ends for begins, ends in found)
    assert all(ends <= begins for (_, ends), (begins, _) in pairwise(found))


@given(days_spans)
def test_joining_spans_keeps_every_minute_and_no_other(several):
    def minutes(some):
        return {minute for span in some for minute in range(span.begins, span.ends)}

    assert minutes(joined(several)) == minutes(several)
    assert all(a.ends < b.begins for a, b in zip(joined(several), joined(several)[1:], strict=False))
