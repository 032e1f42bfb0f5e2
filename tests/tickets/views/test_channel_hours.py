"""What happened in the hours that went wrong: how late, on which tickets, what looks failed of. Only what is kept."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ingest import looks
from ingest.models import Channel, ChannelHour, Message
from tests.cast import a_bell, a_post, now, receive, ticket_of
from tickets.views.channel_hours import what_happened


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture
def hour(channel: Channel) -> datetime:
    """An hour of the day in which the channel was there already."""
    Channel.objects.update(created_at=now() - timedelta(days=2))
    channel.refresh_from_db()
    return now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)


def an_hour(channel: Channel, hour: datetime, **found: int) -> ChannelHour:
    counts = {"expected": 4, "present": 4, "late": 0, "missing": 0} | found
    return ChannelHour.objects.create(channel=channel, hour=hour, checked_at=now(), **counts)


def came(channel: Channel, posted_at: datetime, minutes_late: float, by: str = "reem") -> Message:
    (message,) = receive(channel, a_post("my bill is wrong", by=by, posted_at=posted_at))
    Message.objects.filter(pk=message.pk).update(received_at=posted_at + timedelta(minutes=minutes_late))
    return message


def words(channel: Channel, *rows: ChannelHour) -> list[tuple[str, ...]]:
    return [line.words for line in what_happened(channel, rows, now())]


def test_it_tells_how_late_the_last_came_and_names_their_tickets(channel: Channel, hour: datetime) -> None:
    row = an_hour(channel, hour, late=2, missing=1)
    first = came(channel, hour + timedelta(minutes=5), 31)
    second = came(channel, hour + timedelta(minutes=6), 72.4, by="sara")
    came(channel, hour + timedelta(minutes=7), 2, by="omar")
    (line,) = what_happened(channel, [row], now())
    assert line.words == ("1 was not here: taken in by the check.", "Up to 72 min late.")
    assert line.tickets == (ticket_of(first).pk, ticket_of(second).pk)
    assert line.more == 0


def test_hours_do_not_mix(channel: Channel, hour: datetime) -> None:
    rows = [an_hour(channel, hour, late=1), an_hour(channel, hour - timedelta(hours=2), missing=2)]
    came(channel, hour + timedelta(minutes=59), 20)
    assert words(channel, *rows) == [
        ("Up to 20 min late.",),
        ("2 were not here: taken in by the check.",),
    ]


def test_where_the_platform_vouches_for_a_time_the_authors_own_says_nothing(channel: Channel, hour: datetime) -> None:
    message = came(channel, hour - timedelta(hours=5), 20)
    there = hour + timedelta(minutes=10)
    Message.objects.filter(pk=message.pk).update(reachable_at=there, received_at=there + timedelta(minutes=25))
    assert words(channel, an_hour(channel, hour, late=1)) == [("Up to 25 min late.",)]


def test_what_is_older_than_the_channel_was_its_past(channel: Channel, hour: datetime) -> None:
    came(channel, hour + timedelta(minutes=5), 300)
    Channel.objects.update(created_at=hour + timedelta(minutes=30))
    channel.refresh_from_db()
    assert words(channel, an_hour(channel, hour, late=1)) == [()]


def test_looks_that_failed_then_are_counted_with_their_commonest_error(channel: Channel, hour: datetime) -> None:
    came(channel, hour + timedelta(minutes=50), 25)
    for minute, code in ((10, "platform_down"), (55, "unreachable"), (70, "unreachable")):
        looks.note(channel.pk, hour + timedelta(minutes=minute), failed=True, code=code)
    looks.note(channel.pk, hour, failed=False)
    # When the last of its posts was here, this had nothing to do with it any more.
    looks.note(channel.pk, hour + timedelta(minutes=130), failed=True, code="bad_credentials")
    assert words(channel, an_hour(channel, hour, late=1)) == [
        (
            "Up to 25 min late.",
            "3 of 4 looks failed then.",
            "The platform could not be reached. We try again by ourselves.",
        )
    ]


def test_more_tickets_than_a_line_holds_are_counted(channel: Channel, hour: datetime) -> None:
    for n in range(7):
        came(channel, hour + timedelta(minutes=n), 40, by=f"person{n}")
    (line,) = what_happened(channel, [an_hour(channel, hour, late=7)], now())
    assert (len(line.tickets), line.more) == (5, 2)


def test_many_hours_cost_as_much_as_one(channel: Channel, hour: datetime) -> None:
    rows = [an_hour(channel, hour - timedelta(hours=n), late=1) for n in range(9)]
    came(channel, hour, 30)
    with CaptureQueriesContext(connection) as queries:
        assert len(what_happened(channel, rows, now())) == 9
    assert len(queries) == 2


def test_the_page_shows_it_in_the_hours_row(desk: Client, channel: Channel, hour: datetime) -> None:
    message = came(channel, hour + timedelta(minutes=5), 31)
    an_hour(channel, hour, late=1)
    html = desk.get(f"/monitor/channels/{channel.pk}/").content.decode()
    row = html.split("r-troubled")[1].split("</table>")[0]
    assert "Up to 31 min late." in row
    assert f'href="/inbox/all/{ticket_of(message).pk}/"' in row
    assert "All hours as a table" in html
