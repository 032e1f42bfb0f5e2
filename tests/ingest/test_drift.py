"""Weeks of readings: counted once however often they are measured, and loud when they are unlike those before."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

from accounts.models import User
from ingest import drift
from ingest.drift import WEEK, in_force, measure, measure_recent, week_of, weeks_since
from ingest.models import Channel, Contact, Conversation, Correction, Message, ReadingWeek
from tests.cast import a_brand, a_channel, a_person

pytestmark = pytest.mark.django_db
# A Wednesday; its week begins on the 16th.
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
THIS = date(2026, 11, 16)
TONES = {"negative": (0.8, 0.1, 0.1), "neutral": (0.1, 0.8, 0.1), "positive": (0.1, 0.1, 0.8)}

_numbers = count(1)


@pytest.fixture
def channel() -> Channel:
    return a_channel()


def some(channel: Channel, weeks_ago: int = 0, *, of: dict[str, Any] | None = None, **tones: int) -> list[Message]:
    """So many messages of each tone, read, posted on the Tuesday of that week; `of` tells what else they are."""
    contact, _ = Contact.objects.get_or_create(brand=channel.brand, platform="imported", external_id="somebody")
    conversation, _ = Conversation.objects.get_or_create(channel=channel, contact=contact, key="talk")
    posted = datetime(2026, 11, 17, 12, 0, tzinfo=UTC) - WEEK * weeks_ago
    rows = []
    for tone, n in tones.items():
        negative, neutral, positive = TONES[tone]
        read: dict[str, Any] = {
            "language": "en", "negative": negative, "neutral": neutral, "positive": positive, "urgency": "normal",
            "cues": ["complaint"] if tone == "negative" else [], "reader": "test", "reader_version": "1",
        }  # fmt: skip
        rows += [
            Message(
                channel=channel,
                contact=contact,
                conversation=conversation,
                kind="mention",
                external_id=f"p{next(_numbers)}",
                posted_at=posted,
                received_at=posted,
                **(read | (of or {})),
            )
            for _turn in range(n)
        ]
    return Message.objects.bulk_create(rows)


def four_ordinary_weeks(channel: Channel, **more: Any) -> None:
    for weeks_ago in (1, 2, 3, 4):
        some(channel, weeks_ago, negative=100, neutral=60, positive=40, **more)


def all_weeks() -> int:
    return measure([THIS - WEEK * n for n in range(5)])


def this_week(language: str = "en") -> ReadingWeek:
    return ReadingWeek.objects.get(week=THIS, language=language)


def correct(messages: list[Message], old: object, new: object, label: str = "sentiment") -> None:
    by = User.objects.first() or a_person(messages[0].channel.brand)
    Correction.objects.bulk_create(
        Correction(message=message, label=label, old=old, new=new, user=by, at=NOW) for message in messages
    )


# --- counting -------------------------------------------------------------------------------------------------------
def test_a_week_begins_on_monday_where_the_desk_stands(settings: Any) -> None:
    sunday_night = datetime(2026, 11, 15, 22, 30, tzinfo=UTC)
    assert week_of(sunday_night) == THIS  # past midnight in Riyadh
    assert week_of(NOW) == THIS
    assert weeks_since(date(2026, 11, 5), NOW) == [date(2026, 11, 2), date(2026, 11, 9), THIS]


def test_the_edges_of_a_week_are_those_of_the_desk(channel: Channel) -> None:
    (first, last) = some(channel, negative=2)
    Message.objects.filter(pk=first.pk).update(posted_at=datetime(2026, 11, 15, 21, 0, tzinfo=UTC))
    Message.objects.filter(pk=last.pk).update(posted_at=datetime(2026, 11, 22, 20, 59, 59, tzinfo=UTC))
    assert measure([THIS]) == 1
    assert this_week().messages == 2
    assert measure([THIS - WEEK, THIS + WEEK]) == 0


def test_a_row_counts_what_was_read(channel: Channel) -> None:
    some(channel, negative=3, neutral=2, positive=1)
    some(
        channel,
        negative=1,
        of={"follow_up": 0.9, "threshold": 0.4, "urgency": "high", "cues": ["complaint", "request"]},
    )
    some(channel, neutral=2, of={"follow_up": 0.1, "threshold": 0.4, "reader_version": "2"})
    measure([THIS])
    row = this_week()
    assert row.messages == 9
    assert row.sentiment == {"negative": 4, "neutral": 4, "positive": 1}
    assert row.follow_up == {"yes": 1, "no": 2}
    assert row.urgency == {"normal": 8, "high": 1}
    assert row.reasons == {"complaint": 4, "request": 1}
    assert row.readers == {"test 1": 7, "test 2": 2}
    assert row.uncertainty == pytest.approx(0.2)


def test_languages_and_channels_have_rows_of_their_own(channel: Channel) -> None:
    some(channel, negative=1)
    some(channel, negative=2, of={"language": "ar"})
    some(a_channel(), negative=3)
    assert measure([THIS]) == 3
    assert sorted(ReadingWeek.objects.values_list("language", "messages")) == [("ar", 2), ("en", 1), ("en", 3)]


def test_our_own_posts_and_what_was_not_read_do_not_count(channel: Channel) -> None:
    some(channel, negative=1)
    some(channel, negative=1, of={"direction": "out"})
    some(channel, negative=1, of={"negative": None, "neutral": None, "positive": None})
    measure([THIS])
    assert this_week().messages == 1


def test_measuring_again_changes_nothing_and_follows_what_changed(channel: Channel) -> None:
    messages = some(channel, negative=3, positive=1)
    measure([THIS])
    first = this_week()
    assert measure([THIS]) == 1
    again = this_week()
    assert (again.pk, again.sentiment) == (first.pk, first.sentiment)
    Message.objects.filter(pk=messages[0].pk).update(language="ar")
    measure([THIS])
    assert (this_week().messages, this_week("ar").messages) == (3, 1)
    Message.objects.filter(language="ar").delete()
    measure([THIS])
    assert not ReadingWeek.objects.filter(language="ar").exists()


def test_what_a_person_said_is_no_uncertainty_of_the_reader(channel: Channel) -> None:
    some(channel, negative=1)
    some(channel, positive=1, of={"negative": 0.0, "neutral": 0.0, "positive": 1.0, "person_said": ["sentiment"]})
    measure([THIS])
    assert this_week().uncertainty == pytest.approx(0.2)


def test_corrections_are_counted_by_message_and_confirmations_are_none(channel: Channel) -> None:
    a, b, c, d = some(channel, negative=4)
    correct([a, b], "negative", "neutral")
    correct([a], "neutral", "positive")
    correct([c], "no", "no", "follow_up")
    correct([d], None, "no", "follow_up")
    measure([THIS])
    assert this_week().corrected == {"sentiment": 2}


def test_the_cost_does_not_grow_with_rows(channel: Channel, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for language in ("en", "ar", "fr"):
        some(channel, negative=1, of={"language": language})
    some(a_channel(), negative=1)
    # Counts, readers, reasons, corrections; weeks before; savepoint, known rows, upsert, release.
    with django_assert_num_queries(9):
        measure([THIS])
    Message.objects.filter(language="fr").update(language="en")
    with django_assert_num_queries(10):  # and the rows that are gone
        measure([THIS])


# --- alarms ---------------------------------------------------------------------------------------------------------
def test_a_week_like_those_before_is_quiet(channel: Channel) -> None:
    four_ordinary_weeks(channel)
    some(channel, negative=105, neutral=58, positive=37)
    all_weeks()
    assert this_week().alarms == []
    assert set(this_week().shift) == {"sentiment", "urgency", "reasons"}
    assert in_force(Channel.objects.all(), NOW) == []


def test_a_week_unlike_those_before_gives_alarm_once_in_the_log(channel: Channel) -> None:
    four_ordinary_weeks(channel)
    some(channel, negative=40, neutral=60, positive=100)
    with capture_logs() as logs:
        all_weeks()
        measure_recent(NOW)
    assert this_week().alarms == ["sentiment"]
    assert this_week().shift["sentiment"] > 0.25
    told = [line for line in logs if line["event"] == "readings have drifted"]
    assert [(line["what"], line["language"], line["week"]) for line in told] == [("sentiment", "en", "2026-11-16")]
    assert [row.pk for row in in_force(Channel.objects.all(), NOW)] == [this_week().pk]


@pytest.mark.parametrize(
    ("what", "usual", "now"),
    [
        ("follow_up", {"follow_up": 0.1, "threshold": 0.4}, {"follow_up": 0.9, "threshold": 0.4}),
        ("urgency", {"urgency": "low"}, {"urgency": "high"}),
        ("reasons", {"cues": ["question"]}, {"cues": ["threat_to_leave"]}),
    ],
)
def test_every_distribution_can_give_alarm(
    channel: Channel, what: str, usual: dict[str, Any], now: dict[str, Any]
) -> None:
    four_ordinary_weeks(channel, of=usual)
    some(channel, negative=100, neutral=60, positive=40, of=now)
    all_weeks()
    assert this_week().alarms == [what]


@pytest.mark.parametrize(("this", "before", "alarm"), [(200, 200, True), (199, 200, False), (200, 199, False)])
def test_too_few_messages_say_nothing(channel: Channel, this: int, before: int, *, alarm: bool) -> None:
    for weeks_ago in (1, 2, 3, 4):
        some(channel, weeks_ago, negative=before)
    some(channel, positive=this)
    all_weeks()
    assert bool(this_week().alarms) is alarm


def test_one_week_before_is_no_rule(channel: Channel) -> None:
    some(channel, 1, negative=200)
    some(channel, positive=200)
    all_weeks()
    assert this_week().alarms == []
    some(channel, 3, negative=200)
    all_weeks()
    assert "sentiment" in this_week().alarms


def test_labels_that_people_correct_twice_as_often_give_alarm(channel: Channel) -> None:
    for weeks_ago in (1, 2, 3, 4):
        correct(some(channel, weeks_ago, negative=200)[:6], "negative", "neutral")
    correct(some(channel, negative=200)[:12], "negative", "neutral")
    all_weeks()
    assert this_week().alarms == ["corrected_sentiment"]


def test_last_weeks_alarm_stands_until_this_week_can_say(channel: Channel) -> None:
    for weeks_ago in (2, 3, 4):
        some(channel, weeks_ago, negative=200)
    some(channel, 1, positive=200)
    some(channel, negative=50)
    all_weeks()
    (row,) = in_force(Channel.objects.all(), NOW)
    assert row.week == THIS - WEEK
    some(channel, negative=150)
    measure_recent(NOW)
    assert [row.week for row in in_force(Channel.objects.all(), NOW)] != [THIS - WEEK]
    assert in_force(Channel.objects.all(), NOW + WEEK * 3) == []


def test_alarms_are_those_of_the_channels_asked_for(channel: Channel) -> None:
    four_ordinary_weeks(channel)
    some(channel, positive=200)
    all_weeks()
    assert in_force(Channel.objects.filter(brand=a_brand()), NOW) == []
    assert len(in_force(Channel.objects.filter(brand=channel.brand), NOW)) == 1


# --- the command ----------------------------------------------------------------------------------------------------
def test_past_weeks_can_be_measured_again_by_hand(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    four_ordinary_weeks(channel)
    monkeypatch.setattr(drift.timezone, "now", lambda: NOW)
    call_command("measure_drift")
    assert ReadingWeek.objects.count() == 1  # the last week; nothing came in this one
    call_command("measure_drift", "--since", "2026-10-20")
    assert ReadingWeek.objects.count() == 4
    assert "4 rows in 5 weeks" in capsys.readouterr().out
    call_command("measure_drift", "--weeks", "3")


@pytest.mark.parametrize("words", [["--since", "soon"], ["--weeks", "0"], ["--since", "2999-01-01"]])
def test_a_command_that_makes_no_sense_is_refused(words: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("measure_drift", *words)


def test_judging_is_the_same_whenever_it_is_done() -> None:
    judge: Callable[..., None] = drift.judge
    row = ReadingWeek(messages=300, sentiment={"negative": 300})
    before = [ReadingWeek(messages=300, sentiment={"positive": 300}) for _turn in range(4)]
    judge(row, before)
    first = (dict(row.shift), list(row.alarms))
    judge(row, before)
    assert (row.shift, row.alarms) == first
    judge(row, [])
    assert (row.shift, row.alarms) == ({}, [])


def test_a_day_belongs_to_one_week_only() -> None:
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=7 * n) for n in range(1500)]
    assert all(week_of(moment).weekday() == 0 for moment in moments)
    assert all(timedelta() <= week_of(b) - week_of(a) <= WEEK for a, b in pairwise(moments))
