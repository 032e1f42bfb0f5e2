"""The Drift page: weeks side by side, alarms in words, and the same on the page of troubles."""

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ingest.drift import WEEK, week_of
from ingest.models import Channel, ReadingWeek
from tests.cast import a_brand, a_channel
from tickets.views.drift import MOST

PAGE = "/monitor/drift/"


def a_week(channel: Channel, weeks_ago: int = 0, **fields: object) -> ReadingWeek:
    counts: dict[str, object] = {
        "messages": 400,
        "language": "en",
        "sentiment": {"negative": 200, "neutral": 120, "positive": 80},
        "follow_up": {"yes": 100, "no": 300},
        "urgency": {"high": 8, "normal": 92, "low": 300},
        "reasons": {"complaint": 120, "question": 60, "praise": 30, "chat": 20, "news": 10, "opinion": 5},
        "uncertainty": 0.214,
    }
    week = week_of(timezone.now()) - WEEK * weeks_ago
    return ReadingWeek.objects.create(channel=channel, week=week, **(counts | fields))


def test_weeks_stand_side_by_side_newest_first(desk: Client, channel: Channel) -> None:
    a_week(channel)
    a_week(channel, 1, messages=800, follow_up={}, uncertainty=None)
    html = desk.get(PAGE).content.decode()
    for part in (
        channel.name,
        "English",
        "50%",
        "30%",
        "20%",
        "25%",
        "2.0%",
        "0.21",
        ">400<",
        ">800<",
        "Complaint",
        "so far",
    ):
        assert part in html
    assert html.index(">400<") < html.index(">800<")
    assert "Opinion" not in html  # beyond the five that were named most
    assert html.count('<svg class="r-bar"') > 10
    assert "style=" not in html


def test_an_alarm_is_told_in_words_with_its_index(desk: Client, channel: Channel) -> None:
    a_week(
        channel, shift={"sentiment": 0.314}, alarms=["sentiment", "corrected_follow_up"], corrected={"follow_up": 40}
    )
    for path in (PAGE, "/monitor/channels/"):
        html = desk.get(path).content.decode()
        assert "The sentiment has shifted" in html
        assert "0.31" in html
        assert "People correct this twice as often: Follow-up" in html
    assert "Corrected: Follow-up" in desk.get(PAGE).content.decode()
    assert 'class="r-week moved"' in desk.get(PAGE).content.decode()


def test_without_an_alarm_there_is_no_trouble(desk: Client, channel: Channel) -> None:
    a_week(channel, shift={"sentiment": 0.01})
    a_week(channel, 2, alarms=["sentiment"])
    assert "Readings have drifted" not in desk.get("/monitor/channels/").content.decode()
    assert "has shifted" not in desk.get(PAGE).content.decode()


def test_last_weeks_alarm_stands_while_this_week_is_too_small(desk: Client, channel: Channel) -> None:
    a_week(channel, messages=20)
    a_week(channel, 1, alarms=["urgency"])
    assert "The urgency has shifted" in desk.get(PAGE).content.decode()


def test_what_belongs_to_another_team_is_not_shown(desk: Client) -> None:
    elsewhere = a_channel(a_brand(), name="Their channel")
    a_week(elsewhere, alarms=["sentiment"])
    for path in (PAGE, "/monitor/channels/"):
        assert "Their channel" not in desk.get(path).content.decode()
    assert "No week has been measured yet" in desk.get(PAGE).content.decode()


def test_the_page_costs_the_same_with_one_group_and_with_many(desk: Client, channel: Channel) -> None:
    a_week(channel)
    desk.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        desk.get(PAGE)
    for number in range(MOST + 1):
        a_week(channel, language=f"x{number}", messages=10)
    with CaptureQueriesContext(connection) as many:
        html = desk.get(PAGE).content.decode()
    # Session, person with brands; weeks; the rail's counts.
    assert len(one) == len(many) == 4
    assert html.count("<table") == MOST
    assert "2 more channels and languages" in html


def test_old_weeks_and_empty_ones_break_nothing(desk: Client, channel: Channel) -> None:
    a_week(channel, 1, messages=0, sentiment={}, urgency={}, reasons={}, follow_up={}, uncertainty=None)
    a_week(channel, 30, language="fr")
    html = desk.get(PAGE).content.decode()
    assert "French" not in html
    assert "–" in html
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    assert "الانحراف" in desk.get(PAGE).content.decode()
