"""Policies and calendars in the Settings area: written by admins, tried before they are kept."""

import json
from datetime import date
from html import unescape

import pytest
import time_machine
from django.test import Client

from accounts.models import AuditEntry, Role
from ingest.models import Channel
from tests.cast import a_person, a_team, a_ticket, fresh
from tests.tickets.views.conftest import signed_in
from tickets.models import Calendar, CalendarDays, SlaPolicy, Tier
from tickets.targets import retargeting

pytestmark = pytest.mark.django_db
TARGETS, CALENDARS = "/settings/targets/", "/settings/calendars/"
OFFICE = {str(day): [["09:00", "17:00"]] for day in (6, 0, 1, 2, 3)}
PLAIN = {
    "name": "Usual", "is_on": "on", "brand": "", "tier": "", "priority": "", "calendar": "", "first_answer": "1 h 30 m",
    "next_answer": "", "resolution": "8h", "warn_at": "25", "weekday": "3", "at": "16:30",
}  # fmt: skip


@pytest.fixture
def admin(bell: list[str]) -> Client:
    return signed_in(a_person(role=Role.ADMIN, name="Lina"))


@pytest.fixture
def office(db: None) -> Calendar:
    return Calendar.objects.create(name="Office", time_zone="Asia/Riyadh", spans=OFFICE)


def html(response) -> str:
    return unescape(response.content.decode())


def week(**days: str) -> dict[str, object]:
    return {"name": "Office", "time_zone": "Asia/Riyadh", **days}


# --- who ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [TARGETS, f"{TARGETS}new", CALENDARS, f"{CALENDARS}new"])
def test_only_admins_open_these_pages(path: str, desk: Client, supervisor: Client, admin: Client) -> None:
    assert (desk.get(path).status_code, supervisor.get(path).status_code) == (403, 403)
    assert admin.get(path).status_code == 200


def test_an_agent_who_posts_a_policy_changes_nothing(desk: Client) -> None:
    assert desk.post(f"{TARGETS}new", PLAIN).status_code == 403
    assert not SlaPolicy.objects.exists()


# --- policies -------------------------------------------------------------------------------------------------------
def test_a_policy_is_written_in_hours_and_kept_in_minutes(admin: Client, bell: list[str]) -> None:
    assert admin.post(f"{TARGETS}new", PLAIN).status_code == 302
    policy = SlaPolicy.objects.get()
    assert (policy.first_answer, policy.next_answer, policy.resolution) == (90, None, 480)
    page = html(admin.get(f"{TARGETS}{policy.pk}/"))
    assert 'value="1 h 30 m"' in page
    assert AuditEntry.objects.get(subject_id=policy.pk, verb="policy.made").actor_name == "Lina"


def test_a_new_policy_reaches_the_open_tickets(
    admin: Client, channel: Channel, django_capture_on_commit_callbacks, bell: list[str]
) -> None:
    ticket = a_ticket(channel)
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(f"{TARGETS}new", PLAIN)
    assert "radd.retarget:0" in bell
    retargeting.go_on(0)
    assert (fresh(ticket).due_at - ticket.waiting_since).total_seconds() == 90 * 60


def test_a_name_that_is_taken_and_a_policy_without_targets_are_sent_back(admin: Client) -> None:
    admin.post(f"{TARGETS}new", PLAIN)
    assert admin.post(f"{TARGETS}new", PLAIN).status_code == 422
    refused = admin.post(f"{TARGETS}new", PLAIN | {"name": "None", "first_answer": "", "resolution": ""})
    assert refused.status_code == 422
    assert "Give one target at least." in html(refused)
    assert "Write a stretch of time" in html(admin.post(f"{TARGETS}new", PLAIN | {"first_answer": "soon"}))
    assert SlaPolicy.objects.count() == 1


def test_what_somebody_else_saved_since_is_not_written_over(admin: Client) -> None:
    policy = SlaPolicy.objects.create(name="Usual", first_answer=30)
    at = f"{TARGETS}{policy.pk}/"
    seen = policy.version
    assert f'name="version" value="{seen}"' in html(admin.get(at))
    assert admin.post(at, PLAIN | {"name": "Theirs", "version": seen}).status_code == 302
    stale = admin.post(at, PLAIN | {"name": "Mine", "version": seen})
    assert stale.status_code == 409
    assert "Somebody saved this since you opened it." in html(stale)
    there = SlaPolicy.objects.get()
    assert there.name == "Theirs"
    # What I wrote is still in the form, with the version that stands there now.
    assert 'value="Mine"' in html(stale)
    assert f'name="version" value="{there.version}"' in html(stale)
    # To try it, or to be told of a slip, is not to have seen what came since.
    for again in ({"try": "1"}, {"name": ""}):
        assert f'name="version" value="{seen}"' in html(admin.post(at, PLAIN | again | {"version": seen}))
    assert admin.post(at, PLAIN | {"name": "Mine", "version": there.version}).status_code == 302
    assert SlaPolicy.objects.get().name == "Mine"


def test_a_tier_of_another_brand_is_refused(admin: Client, channel: Channel) -> None:
    tier = Tier.objects.create(brand=channel.brand, name="Gold", rank=1)
    other = a_ticket().brand
    assert "another brand" in html(admin.post(f"{TARGETS}new", PLAIN | {"tier": tier.pk, "brand": other.pk}))


def test_a_preview_says_when_a_ticket_of_thursday_afternoon_is_due_and_keeps_nothing(
    admin: Client, office: Calendar
) -> None:
    with time_machine.travel("2026-11-22 07:00+00:00", tick=False):
        page = html(admin.post(f"{TARGETS}new", PLAIN | {"calendar": office.pk, "try": "1"}))
    # Half an hour is left on Thursday; Friday and Saturday are closed.
    assert "Thursday 26 November 16:30" in page
    assert "Sunday 29 November 10:00" in page
    assert not SlaPolicy.objects.exists()


def test_policies_change_places_and_stay_where_they_are_at_the_ends(admin: Client) -> None:
    first, second = (SlaPolicy.objects.create(name=name, first_answer=9, position=n) for n, name in enumerate("ab"))
    admin.post(f"{TARGETS}{second.pk}/move", {"to": "up"})
    assert list(SlaPolicy.objects.all()) == [second, first]
    admin.post(f"{TARGETS}{second.pk}/move", {"to": "up"})
    assert list(SlaPolicy.objects.all()) == [second, first]


def test_a_policy_in_use_is_turned_off_before_it_is_removed(admin: Client) -> None:
    policy = SlaPolicy.objects.create(name="Usual", first_answer=9)
    admin.post(f"{TARGETS}{policy.pk}/remove")
    assert SlaPolicy.objects.exists()
    SlaPolicy.objects.update(is_on=False)
    admin.post(f"{TARGETS}{policy.pk}/remove")
    assert not SlaPolicy.objects.exists()


def test_the_list_costs_as_much_for_one_policy_as_for_ten(
    admin: Client, office: Calendar, django_assert_max_num_queries
) -> None:
    for turn in range(10):
        SlaPolicy.objects.create(name=f"Policy {turn}", first_answer=9, calendar=office, position=turn)
    with django_assert_max_num_queries(12):
        assert "Policy 9" in html(admin.get(TARGETS))


# --- calendars ------------------------------------------------------------------------------------------------------
def test_a_week_is_written_a_line_a_day_and_split_shifts_too(admin: Client) -> None:
    team = a_team(a_ticket().brand)
    told = week(day6="9-13, 16:30–22", day0="٩:٠٠ إلى ١٧:٠٠", day1="09:00-00:00", teams=[team.pk])
    assert admin.post(f"{CALENDARS}new", told).status_code == 302
    calendar = Calendar.objects.get()
    assert calendar.spans == {
        "6": [["09:00", "13:00"], ["16:30", "22:00"]], "0": [["09:00", "17:00"]], "1": [["09:00", "24:00"]],
    }  # fmt: skip
    assert list(calendar.teams.all()) == [team]


def test_hours_that_cannot_be_read_are_sent_back_at_their_day(admin: Client) -> None:
    refused = admin.post(f"{CALENDARS}new", week(day6="18:00-02:00", day0="nine to five"))
    assert refused.status_code == 422
    assert "Hours end on the day they begin: 18:00 - 02:00" in html(refused)
    assert "is no stretch of hours" in html(refused)
    assert "no time zone" in html(admin.post(f"{CALENDARS}new", week() | {"time_zone": "Asia/Nowhere"}))
    assert not Calendar.objects.exists()


def test_a_calendar_that_somebody_else_saved_since_is_not_written_over(admin: Client, office: Calendar) -> None:
    at, seen = f"{CALENDARS}{office.pk}/", str(office.version)
    assert f'name="version" value="{seen}"' in html(admin.get(at))
    assert admin.post(at, week(name="Theirs", version=seen)).status_code == 302
    # A usual week that is put in is not to have seen what came since.
    assert f'name="version" value="{seen}"' in html(admin.post(at, week(preset="sun-thu", version=seen)))
    stale = admin.post(at, week(name="Mine", version=seen))
    assert stale.status_code == 409
    assert "Somebody saved this since you opened it." in html(stale)
    there = fresh(office)
    assert there.name == "Theirs"
    assert 'value="Mine"' in html(stale)
    assert f'name="version" value="{there.version}"' in html(stale)
    assert admin.post(at, week(name="Mine", version=str(there.version))).status_code == 302
    assert fresh(office).name == "Mine"


def test_a_usual_week_is_one_click_and_is_not_kept_before_it_is_saved(admin: Client, office: Calendar) -> None:
    page = html(admin.post(f"{CALENDARS}{office.pk}/", week(day0="08:00-16:00", preset="sun-thu")))
    assert page.count('value="08:00-16:00"') == 5
    assert fresh(office).spans == OFFICE


def test_the_holidays_of_a_country_are_looked_at_and_then_taken_once(admin: Client, office: Calendar) -> None:
    with time_machine.travel("2026-11-22 07:00+00:00", tick=False):
        page = html(admin.get(f"{CALENDARS}{office.pk}/holidays", {"country": "sa"}))
        assert "Founding Day" in page
        days = ["2027-02-22"]
        admin.post(f"{CALENDARS}{office.pk}/holidays", {"country": "SA", "day": days})
        admin.post(f"{CALENDARS}{office.pk}/holidays", {"country": "SA", "day": days})
    assert [(one.first, one.source) for one in office.days.all()] == [(date(2027, 2, 22), "SA")]


def test_a_country_that_is_not_known_says_so(admin: Client, office: Calendar) -> None:
    answer = admin.get(f"{CALENDARS}{office.pk}/holidays", {"country": "XQ"})
    assert answer.status_code == 422
    assert "are not known" in html(answer)


def test_ramadan_has_its_hours_each_year_by_one_click_with_its_dates_shown(admin: Client, office: Calendar) -> None:
    with time_machine.travel("2026-11-22 07:00+00:00", tick=False):
        assert "8 Feb 2027" in html(admin.get(f"{CALENDARS}{office.pk}/"))
    admin.post(f"{CALENDARS}{office.pk}/ramadan", {"hours": "10:00-15:00"})
    admin.post(f"{CALENDARS}{office.pk}/ramadan", {"hours": "10:00-14:00, 21:00-23:00"})
    days = office.days.get()
    assert (days.reckoning, days.month, days.length) == ("hijri", 9, 30)
    # Fridays and Saturdays stay closed.
    assert days.spans == {day: [["10:00", "14:00"], ["21:00", "23:00"]] for day in OFFICE}


def test_a_day_of_every_hijri_year_and_one_by_date_are_added_and_removed(admin: Client, office: Calendar) -> None:
    yearly = {"name": "Ashura", "reckoning": "hijri", "month": "1", "day": "10", "length": "1"}
    once = {"name": "Move", "reckoning": "dates", "first": "2026-12-01", "last": "2026-12-02", "hours": "9-12"}
    for told in (yearly, once):
        assert admin.post(f"{CALENDARS}{office.pk}/days/add", told).status_code == 302
    assert admin.post(f"{CALENDARS}{office.pk}/days/add", yearly | {"day": ""}).status_code == 422
    assert admin.post(f"{CALENDARS}{office.pk}/days/add", once | {"hours": "12-9"}).status_code == 422
    assert {one.name for one in office.days.all()} == {"Ashura", "Move"}
    for one in office.days.all():
        admin.post(f"{CALENDARS}{office.pk}/days/{one.pk}/remove")
    assert not CalendarDays.objects.exists()


def test_a_calendar_that_a_policy_goes_by_stays(admin: Client, office: Calendar) -> None:
    SlaPolicy.objects.create(name="Usual", first_answer=9, calendar=office)
    admin.post(f"{CALENDARS}{office.pk}/remove")
    assert Calendar.objects.exists()
    SlaPolicy.objects.all().delete()
    admin.post(f"{CALENDARS}{office.pk}/remove")
    assert not Calendar.objects.exists()


def test_the_record_of_changes_is_plain_json(admin: Client, office: Calendar) -> None:
    admin.post(f"{CALENDARS}{office.pk}/ramadan", {"hours": "10:00-15:00"})
    assert json.dumps(AuditEntry.objects.get(verb="calendar.days").data)


def test_hours_of_ramadan_that_cannot_be_read_stay_written_and_say_why(admin: Client, office: Calendar) -> None:
    answer = admin.post(f"{CALENDARS}{office.pk}/ramadan", {"hours": "15-10"})
    assert answer.status_code == 422
    assert 'value="15-10"' in html(answer)
    assert "Hours end on the day they begin" in html(answer)
    assert not office.days.exists()


def test_the_country_that_days_were_taken_from_is_offered_again(admin: Client, office: Calendar) -> None:
    office.days.create(name="National Day", first="2026-11-25", source="OM")
    assert 'value="OM">' in html(admin.get(f"{CALENDARS}{office.pk}/"))
