"""Monitor -> Channels -> one of them: how it is and why, its hours, its money, its verbs."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from ingest import spending
from ingest.collect import store
from ingest.models import BadItem, Channel, ChannelHour
from ingest.platforms.base import Room
from tests.cast import a_bell, a_brand, a_channel, a_person, a_post
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.views import channel_charts
from tickets.views.channel_hours import duration

QUERIES = 20


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture
def admin(channel: Channel) -> Client:
    return signed_in(a_person(channel.brand, role=Role.ADMIN))


def page(client: Client, channel: Channel) -> str:
    return client.get(f"/monitor/channels/{channel.pk}/").content.decode()


def an_hour(channel: Channel, back: int = 0, **found: int) -> ChannelHour:
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=back)
    counts = {"expected": 4, "present": 4, "late": 0, "missing": 0} | found
    return ChannelHour.objects.create(channel=channel, hour=hour, checked_at=now, **counts)


def test_the_list_leads_to_the_channel_and_says_how_it_is(desk: Client, channel: Channel) -> None:
    html = desk.get("/monitor/channels/").content.decode()
    assert f'href="/monitor/channels/{channel.pk}/"' in html
    assert "Healthy" in html
    Channel.objects.update(error_code="unreachable", attempts=4)
    html = desk.get("/monitor/channels/").content.decode()
    assert "Failing" in html
    assert "The platform could not be reached." in html


def test_another_brands_channel_is_not_there(desk: Client, channel: Channel) -> None:
    other = a_channel(a_brand())
    assert desk.get(f"/monitor/channels/{other.pk}/").status_code == 404
    assert desk.get("/monitor/channels/0/").status_code == 404


def test_a_healthy_channel_shows_its_figures_and_no_reasons(desk: Client, channel: Channel) -> None:
    now = timezone.now()
    store(channel, [a_post(posted_at=now - timedelta(seconds=30))])
    Channel.objects.update(last_ok_at=now, last_new_at=now, room=spending.as_kept(Room(300, 299)))
    html = page(desk, channel)
    assert all(part in html for part in ("Healthy", "Received today", "299 / 300", "Not checked yet"))
    assert "<h2>Why</h2>" not in html
    assert "Spent this month" not in html


def test_reasons_stand_in_words(desk: Client, channel: Channel) -> None:
    Channel.objects.update(state="broken", error_code="never_heard_of", last_error="odd <thing>")
    html = page(desk, channel)
    assert "Needs attention" in html
    assert "odd &lt;thing&gt;" in html


def test_hours_tell_what_was_expected_present_late_and_missing(desk: Client, channel: Channel) -> None:
    an_hour(channel)
    an_hour(channel, 2, expected=142, present=109, late=31, missing=2)
    html = page(desk, channel)
    assert "24 hours: 31 late, 2 missing" in html
    rows = html.split("<tbody>")[1].split("</tbody>")[0]
    assert [number for number in ("142", "109", "31", "2") if f'<span class="n">{number}</span>' in rows] == [
        "142", "109", "31", "2",
    ]  # fmt: skip
    assert "taken in since" in html


def test_money_is_shown_where_the_platform_charges(desk: Client, channel: Channel) -> None:
    Channel.objects.update(platform="x", monthly_cap=Decimal(30))
    spending.note(channel, {"post_read": 100, "post_create_with_url": 2})
    html = page(desk, channel)
    assert all(part in html for part in ("$0.90", "$0.50", "$0.40", "of $30.00 cap", "$1.00", "prices of 20 Apr 2026"))


def test_admins_pause_resume_and_look_now(admin: Client, supervisor: Client, channel: Channel) -> None:
    at = f"/monitor/channels/{channel.pk}"
    assert f"{at}/pause" not in page(supervisor, channel)
    assert supervisor.post(f"{at}/pause").status_code == 403
    html = admin.post(f"{at}/pause", follow=True).content.decode()
    assert "is paused. Answers still go out." in html
    assert f"{at}/resume" in html
    assert "is read again." in admin.post(f"{at}/resume", follow=True).content.decode()
    assert "A look is on its way." in admin.post(f"{at}/look", follow=True).content.decode()
    assert admin.get(f"{at}/pause").status_code == 405
    assert admin.post("/monitor/channels/0/pause").status_code == 404


def test_items_are_tried_again_by_supervisors(desk: Client, supervisor: Client, channel: Channel) -> None:
    item = BadItem.objects.create(channel=channel, external_id="b1", payload={"odd": 1}, error="no <author>")
    at = f"/monitor/channels/{channel.pk}/items/{item.pk}/replay"
    assert "no &lt;author&gt;" in page(desk, channel)
    assert at not in page(desk, channel)
    assert desk.post(at).status_code == 403
    assert at in page(supervisor, channel)
    assert "Still not understood" in supervisor.post(at, follow=True).content.decode()
    good = a_post("my bill is wrong")
    payload = {**{name: getattr(good, name) for name in ("external_id", "text", "conversation_key")}, "kind": "mention",
               "author": {"external_id": "a1"}, "posted_at": good.posted_at.isoformat()}  # fmt: skip
    BadItem.objects.update(payload=payload)
    assert "It was taken in." in supervisor.post(at, follow=True).content.decode()
    assert at not in page(supervisor, channel)
    other = a_channel(channel.brand)
    assert supervisor.post(f"/monitor/channels/{other.pk}/items/{item.pk}/replay").status_code == 404


def test_the_cost_does_not_grow_with_what_is_shown(
    desk: Client, channel: Channel, django_assert_max_num_queries: Any
) -> None:
    page(desk, channel)
    with django_assert_max_num_queries(QUERIES):
        page(desk, channel)
    for back in range(20):
        an_hour(channel, back)
        BadItem.objects.create(channel=channel, external_id=str(back), payload={}, error="no")
    spending.note(channel, {f"item{n}": 1 for n in range(9)})
    with django_assert_max_num_queries(QUERIES):
        page(desk, channel)


@pytest.mark.parametrize(("seconds", "words"), [(None, "–"), (6, "6 s"), (89, "89 s"), (120, "2 min"), (10_800, "3 h")])
def test_durations_are_short(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_bars_never_leave_their_drawing(channel: Channel) -> None:
    an_hour(channel, 1, expected=300, present=298, late=1, missing=1)
    rows = {row.hour: row for row in ChannelHour.objects.all()}
    bars = channel_charts.hours(rows, timezone.now())
    assert len(bars) == 24
    assert [name for name, _y, _height in bars[-2].pieces] == ["b2", "lt", "ms"]
    assert all(y > -10 for bar in bars for _name, y, _height in bar.pieces)


def test_the_weeks_troubles_come_after_the_page_and_are_a_page_of_their_own_without_a_script(
    desk: Client, channel: Channel
) -> None:
    at = f"/monitor/channels/{channel.pk}/trouble"
    assert f'hx-get="{at}"' in page(desk, channel)
    assert "None: posts came in time" in desk.get(at).content.decode()
    BadItem.objects.create(channel=channel, external_id="x", payload={}, error="no")
    part = desk.get(at, headers=HTMX).content.decode()
    assert "An item was not understood and set aside" in part
    assert "<html" not in part
    assert desk.get(f"/monitor/channels/{a_channel(a_brand()).pk}/trouble").status_code == 404
