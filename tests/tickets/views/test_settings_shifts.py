"""Settings: shifts and times away on their pages, one's own, and on the board."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from accounts.models import Away, Brand, Shift, User
from ingest import doorbell
from tests.cast import a_brand, a_person, now
from tickets.news import presence
from tickets.steering.attendance import week_kept

# A Monday, noon in Riyadh.
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody() -> None:
    doorbell.connection().delete(f"{settings.REDIS_PREFIX}:presence")


def on_monday(person: User, begins: int, ends: int) -> None:
    times = (time(hour) for hour in (begins, ends))
    Shift.objects.create(user=person, weekday=0, **dict(zip(("begins", "ends"), times, strict=True)))


def test_a_week_is_written_a_line_a_day(supervisor: Client, agent: User) -> None:
    page = supervisor.post(f"/settings/shifts/{agent.pk}/", {"day0": "9-13, 16:30-24:00", "day6": "٩"})
    assert page.status_code == 422
    assert not Shift.objects.exists()
    supervisor.post(f"/settings/shifts/{agent.pk}/", {"day0": "9-13, 16:30-24:00"})
    assert week_kept(agent) == {"0": [["09:00", "13:00"], ["16:30", "24:00"]]}
    assert 'value="09:00-13:00, 16:30-24:00"' in supervisor.get(f"/settings/shifts/{agent.pk}/").content.decode()


def test_a_usual_week_is_written_by_a_button_and_not_kept_yet(supervisor: Client, agent: User) -> None:
    page = supervisor.post(f"/settings/shifts/{agent.pk}/", {"day6": "10-18", "preset": "sun-thu"})
    html = page.content.decode()
    assert html.count('value="10:00-18:00"') == 5
    assert not Shift.objects.exists()


def test_the_list_says_who_is_on_shift_off_and_away_and_who_covers_each_hour(
    supervisor: Client, agent: User, brand: Brand
) -> None:
    late, gone, free = (a_person(brand, name=name) for name in ("Late", "Gone", "Free"))
    a_person(a_brand(), name="Stranger")
    on_monday(agent, 9, 17)
    on_monday(late, 14, 20)
    on_monday(gone, 9, 17)
    Away.objects.create(user=gone, begins_at=NOON - timedelta(hours=1), ends_at=NOON + timedelta(days=1), reason="ill")
    with travel(NOON, tick=False):
        page = supervisor.get("/settings/shifts/")
    states = {row.person.pk: row.state for row in page.context["rows"]}
    assert (states[agent.pk], states[late.pk]) == ("on", "off")
    assert (states[gone.pk], states[free.pk]) == ("away", "open")
    html = page.content.decode()
    assert "Stranger" not in html
    assert "ill" in html
    counted = {bar.hour: bar.people for bar in page.context["bars"] if bar.people}
    # Whoever fell ill at eleven had come at nine.
    assert (counted[9], counted[12], counted[15], counted[19]) == (2, 1, 2, 1)


def test_supervisors_keep_the_hours_of_their_own_people_alone(supervisor: Client, desk: Client, agent: User) -> None:
    stranger = a_person(a_brand())
    for path in ("", "away"):
        assert supervisor.post(f"/settings/shifts/{stranger.pk}/{path}", {"day0": "9-17"}).status_code == 404
        assert desk.post(f"/settings/shifts/{agent.pk}/{path}", {"day0": "9-17"}).status_code == 403
    assert desk.get("/settings/shifts/").status_code == 403
    assert not Shift.objects.exists()


def test_a_time_away_is_entered_by_the_clock_of_who_writes_and_ended(supervisor: Client, agent: User) -> None:
    given = {"begins_at": "2030-01-10T09:00", "ends_at": "2030-01-12T09:00", "reason": "إجازة", "hand_over": "on"}
    supervisor.post(f"/settings/shifts/{agent.pk}/away", given)
    row = Away.objects.get(user=agent)
    assert (row.begins_at, row.hand_over) == (datetime(2030, 1, 10, 6, 0, tzinfo=UTC), True)
    assert "إجازة" in supervisor.get(f"/settings/shifts/{agent.pk}/").content.decode()
    assert (
        supervisor.post(f"/settings/shifts/{agent.pk}/away", given | {"ends_at": "2020-01-01T09:00"}).status_code == 422
    )
    supervisor.post(f"/settings/shifts/away/{row.pk}/end")
    assert not Away.objects.exists()


def test_each_enters_their_own_and_reads_their_own_week(desk: Client, agent: User) -> None:
    on_monday(agent, 9, 17)
    assert "09:00-17:00" in desk.get("/profile/hours/").content.decode()
    assert desk.post("/profile/hours/", {"reason": "doctor"}).status_code == 302
    row = Away.objects.get(user=agent)
    assert (row.ends_at, row.hand_over, row.set_by) == (None, False, agent)
    desk.post(f"/settings/shifts/away/{row.pk}/end")
    row.refresh_from_db()
    assert row.ends_at <= now()


def test_nobody_ends_a_colleagues(desk: Client, brand: Brand) -> None:
    row = Away.objects.create(user=a_person(brand), begins_at=now())
    assert desk.post(f"/settings/shifts/away/{row.pk}/end").status_code == 404
    row.refresh_from_db()
    assert row.ends_at is None


def test_the_board_says_who_is_off_shift_and_until_when(supervisor: Client, agent: User, brand: Brand) -> None:
    User.objects.filter(pk=agent.pk).update(available=True)
    on_monday(agent, 14, 20)
    ill = a_person(brand, name="Ill")
    with travel(NOON, tick=False):
        Away.objects.create(
            user=ill, begins_at=NOON - timedelta(hours=1), ends_at=NOON + timedelta(hours=5), reason="flu"
        )
        html = supervisor.get("/monitor/board/", {"part": "board"}).content.decode()
        assert "Off shift until 23 Nov 14:00" in html
        assert "Away until 23 Nov 17:00, \u2068flu\u2069" in html
        presence.say(agent, "t", "viewing", None)
        assert "Here, off shift" in supervisor.get("/monitor/board/", {"part": "board"}).content.decode()


def test_the_list_asks_the_same_however_many_there_are(supervisor: Client, brand: Brand) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert supervisor.get("/settings/shifts/").status_code == 200
        return len(queries)

    on_monday(a_person(brand), 9, 17)
    asked()
    before = asked()
    for _each in range(5):
        on_monday(a_person(brand), 9, 17)
    assert asked() == before <= 10
