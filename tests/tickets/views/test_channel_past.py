"""A channel's past on its page: begun and stopped by admins, watched by all, fresh while it is read."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role
from ingest.models import Backfill, Channel
from ingest.platforms.registry import PLATFORMS
from tests.cast import Remembering, a_bell, a_brand, a_channel, a_person, now
from tests.tickets.views.conftest import HTMX, signed_in


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture
def past(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the past of a channel that has one."""
    monkeypatch.setitem(PLATFORMS, "fake", Remembering)
    return f"/monitor/channels/{channel.pk}/past"


@pytest.fixture
def admin(channel: Channel) -> Client:
    return signed_in(a_person(channel.brand, role=Role.ADMIN))


def page(client: Client, channel: Channel) -> str:
    return client.get(f"/monitor/channels/{channel.pk}/").content.decode()


def a_backfill(channel: Channel, **fields: Any) -> Backfill:
    given = {"since": now() - timedelta(days=10), "due_at": now(), "started_at": now()} | fields
    return Backfill.objects.create(channel=channel, **given)


def test_an_admin_reads_the_last_days_watches_and_stops(admin: Client, channel: Channel, past: str) -> None:
    assert f'action="{past}/read"' in page(admin, channel)
    html = admin.post(f"{past}/read", {"days": "30"}, follow=True).content.decode()
    assert "The last 30 days are being read." in html
    assert f'hx-get="{past}" hx-trigger="every 3s"' in html
    Backfill.objects.update(reached=now() - timedelta(days=15), found=412, stored=380)
    part = admin.get(past, headers=HTMX).content.decode()
    assert part.startswith('<section class="r-sec" id="past"')
    assert all(words in part for words in ('value="50"', "412 found", "380 new", "reached"))
    assert "Stopped. What was read stays." in admin.post(f"{past}/stop", follow=True).content.decode()
    assert "It had ended already." in admin.post(f"{past}/stop", follow=True).content.decode()
    assert "hx-trigger" not in admin.get(past, headers=HTMX).content.decode()


@pytest.mark.parametrize("days", ["", "0", "-1", "9999", "٣", "1e3"])
def test_days_that_make_no_sense_are_refused_in_words(admin: Client, past: str, days: str) -> None:
    html = admin.post(f"{past}/read", {"days": days}, follow=True).content.decode()
    assert "Give a number of days from 1 to 365." in html
    assert not Backfill.objects.exists()


def test_others_watch_and_may_do_nothing(desk: Client, supervisor: Client, channel: Channel, past: str) -> None:
    a_backfill(channel)
    for client in (desk, supervisor):
        html = page(client, channel)
        assert "Being read" in html
        assert f"{past}/stop" not in html
        assert client.post(f"{past}/read", {"days": "3"}).status_code == 403
        assert client.post(f"{past}/stop").status_code == 403
    assert Backfill.objects.get().state == "working"


def test_another_brands_past_is_not_there(desk: Client, admin: Client, past: str) -> None:
    other = a_channel(a_brand(), platform="fake")
    assert desk.get(f"/monitor/channels/{other.pk}/past", headers=HTMX).status_code == 404
    assert admin.post("/monitor/channels/0/past/read", {"days": "3"}).status_code == 404


def test_without_the_script_the_part_is_the_page(desk: Client, channel: Channel, past: str) -> None:
    assert desk.get(past).headers["Location"] == f"/monitor/channels/{channel.pk}/"


def test_what_is_wrong_stands_in_words_with_the_next_try(desk: Client, channel: Channel, past: str) -> None:
    a_backfill(channel, error="unreachable: <timeout>", due_at=now() + timedelta(minutes=9), attempts=2)
    part = desk.get(past, headers=HTMX).content.decode()
    assert "The platform could not be reached. We try again by ourselves." in part
    assert "It rests. Next page at" in part
    Backfill.objects.update(state="stopped", error="odd: <b>no</b>", finished_at=now())
    part = desk.get(past, headers=HTMX).content.decode()
    assert "&lt;b&gt;no&lt;/b&gt;" in part
    assert "It rests" not in part


def test_a_paused_channel_says_what_its_past_waits_for(admin: Client, channel: Channel, past: str) -> None:
    a_backfill(channel)
    Channel.objects.update(state="paused")
    assert "Waits until the channel is read again" in admin.get(past, headers=HTMX).content.decode()


def test_a_platform_without_a_past_says_so(admin: Client, channel: Channel) -> None:
    html = page(admin, channel)
    assert "This platform gives no past" in html
    assert 'name="days"' not in html
    answer = admin.post(f"/monitor/channels/{channel.pk}/past/read", {"days": "3"}, follow=True)
    assert "This platform gives no past." in answer.content.decode()
