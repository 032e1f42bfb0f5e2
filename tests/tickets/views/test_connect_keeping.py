"""A connected channel in the browser: settings, new keys, removing; each told among its last changes."""

import json
from typing import Any

import pytest
from django.test import Client

from ingest import connecting
from ingest.connecting import Wish
from ingest.models import Channel
from tests.cast import a_bell, a_brand, a_channel, a_person, a_team, fresh, said
from tests.platforms.fake_bluesky import BRAND, FakeBluesky
from tests.tickets.views.conftest import HTMX, signed_in
from tests.tickets.views.test_connect import html


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture
def channel(sky: FakeBluesky, db: None) -> Channel:
    given = {"identifier": BRAND.handle, "app_password": BRAND.password, "base_url": sky.url}
    channel = connecting.connect(a_brand("Nawa"), Wish("bluesky", "Nawa sky", given, options={"keywords": "nawa"}))
    Channel.objects.update(options=channel.options | {"told_state": "attention"})
    return fresh(channel)


def at(channel: Channel, rest: str = "") -> str:
    return f"/monitor/channels/{channel.pk}/{rest}"


def as_shown(channel: Channel, **changes: Any) -> dict[str, Any]:
    """The settings form as a person sends it back."""
    return {
        "name": channel.name, "brand": channel.brand_id, "poll_seconds": channel.poll_seconds,
        "base_url": channel.options["base_url"], "keywords": channel.options["keywords"], **changes,
    }  # fmt: skip


# --- settings ---------------------------------------------------------------------------------------------------------
def test_settings_show_what_holds_and_keep_what_is_sent(admin: Client, channel: Channel) -> None:
    page = html(admin.get(at(channel, "settings")))
    assert 'value="Nawa sky"' in page
    assert 'value="nawa"' in page
    team = a_team(channel.brand, "Night")
    form = as_shown(channel, name="Sky", poll_seconds=300, default_team=team.pk, keywords="nawa, نوى")
    response = admin.post(at(channel, "settings"), form)
    assert response["Location"] == at(channel)
    channel = fresh(channel)
    assert (channel.name, channel.poll_seconds, channel.default_team) == ("Sky", 300, team)
    assert (channel.options["keywords"], channel.options["told_state"]) == ("nawa, نوى", "attention")
    page = html(admin.get(at(channel)))
    assert all(words in page for words in ("Lina", "changed the settings", "name, default team, reading interval"))


def test_a_new_brand_is_made_from_the_settings(admin: Client, channel: Channel) -> None:
    admin.post(at(channel, "settings"), as_shown(channel, brand="", new_brand="Nawa Home"))
    assert fresh(channel).brand.name == "Nawa Home"


def test_an_interval_of_the_command_is_not_lost(admin: Client, channel: Channel) -> None:
    Channel.objects.update(poll_seconds=77)
    assert "77 seconds" in html(admin.get(at(channel, "settings")))
    admin.post(at(channel, "settings"), as_shown(channel, poll_seconds=77, name="Sky"))
    assert fresh(channel).poll_seconds == 77


def test_settings_that_cannot_be_kept_say_why(admin: Client, channel: Channel) -> None:
    a_channel(name="Taken")
    response = admin.post(at(channel, "settings"), as_shown(channel, name="Taken"))
    assert response.status_code == 422
    assert "Another channel has this name." in html(response)
    response = admin.post(at(channel, "settings"), as_shown(channel, base_url="http://127.0.0.1:9"))
    assert "Nobody answers at that address." in html(response)


def test_the_demo_channel_has_settings_and_no_keys(admin: Client, db: None) -> None:
    demo = a_channel(platform="demo", options={"path": "/tmp/x"})
    form = {"name": "Demo two", "brand": demo.brand_id, "poll_seconds": 60}
    assert admin.post(at(demo, "settings"), form).status_code == 302
    assert (fresh(demo).name, fresh(demo).options) == ("Demo two", {"path": "/tmp/x"})
    assert admin.get(at(demo, "keys")).status_code == 404


# --- keys -------------------------------------------------------------------------------------------------------------
def test_new_keys_are_tried_and_then_bring_a_channel_back(admin: Client, channel: Channel, sky: FakeBluesky) -> None:
    Channel.objects.update(state="broken", error_code="bad_credentials")
    sky.world.brand.password = "new-4321-fake-pass"
    form = {"identifier": BRAND.handle, "app_password": "new-4321-fake-pass"}
    assert BRAND.handle in html(admin.post(at(channel, "keys/test"), form, headers=HTMX))
    assert fresh(channel).state == "broken"
    assert admin.post(at(channel, "keys"), form)["Location"] == at(channel)
    page = html(admin.get(at(channel)))
    assert "entered new keys" in page
    assert "new-4321-fake-pass" not in page
    assert fresh(channel).state == "active"


def test_keys_of_another_account_are_refused_in_words(admin: Client, channel: Channel, sky: FakeBluesky) -> None:
    sky.world.account("rival.test", password="rival-pass-fake")
    form = {"identifier": "rival.test", "app_password": "rival-pass-fake"}
    response = admin.post(at(channel, "keys"), form)
    assert response.status_code == 422
    assert "These keys open another account, \u2068@rival.test\u2069." in html(response)
    assert "rival-pass-fake" not in html(response)


def test_a_bridge_gets_a_new_secret_shown_once(admin: Client, db: None) -> None:
    admin.post("/monitor/channels/connect/webhook/", {"name": "Reviews", "new_brand": "Nawa"})
    channel = Channel.objects.get()
    before = json.loads(channel.secrets or "")["secret"]
    page = html(admin.post(at(channel, "keys/secret")))
    kept = json.loads(fresh(channel).secrets or "")
    assert kept["secret"] in page
    assert before not in page
    assert kept["previous_secret"] == before


# --- removing ---------------------------------------------------------------------------------------------------------
def test_removing_says_what_would_go_and_keeps_it_unless_told(admin: Client, channel: Channel) -> None:
    said(channel, "my bill is wrong")
    page = html(admin.get(at(channel, "remove")))
    assert all(part in page for part in ("1 message", "1 ticket", "1 person who wrote through this channel alone"))
    assert admin.post(at(channel, "remove"), {"what": "keep"})["Location"] == "/monitor/channels/"
    assert fresh(channel).state == "removed"
    page = html(admin.get("/monitor/channels/"))
    assert "stay to be read" in page or "stays to be read" in page
    page = html(admin.get(at(channel)))
    assert "removed it and kept its data" in page
    assert at(channel, "resume") not in page


@pytest.mark.parametrize("typed", ["", "nawa", "Nawa sky!"])
def test_erasing_wants_the_name_typed(admin: Client, channel: Channel, typed: str) -> None:
    response = admin.post(at(channel, "remove"), {"what": "erase", "name": typed})
    assert response.status_code == 422
    assert "This is not the channel&#x27;s name." in html(response)
    assert fresh(channel).state == "active"


def test_with_the_name_typed_erasing_begins(admin: Client, channel: Channel) -> None:
    admin.post(at(channel, "remove"), {"what": "erase", "name": "Nawa sky"})
    assert fresh(channel).state == "erasing"
    assert admin.get(at(channel, "remove")).status_code == 404
    assert admin.get(at(channel, "settings")).status_code == 404


def test_a_removed_channel_comes_back_with_new_keys(admin: Client, channel: Channel) -> None:
    admin.post(at(channel, "remove"), {"what": "keep"})
    assert "Bring it back with new keys" in html(admin.get(at(channel)))
    admin.post(at(channel, "keys"), {"identifier": BRAND.handle, "app_password": BRAND.password})
    assert fresh(channel).state == "active"


# --- the record -------------------------------------------------------------------------------------------------------
def test_pausing_and_resuming_are_on_record_and_agents_do_not_see_it(admin: Client, channel: Channel) -> None:
    admin.post(at(channel, "pause"))
    admin.post(at(channel, "resume"))
    page = html(admin.get(at(channel)))
    assert page.index("resumed it") < page.index("paused it")
    assert "The server&#x27;s console" in page
    agent = signed_in(a_person(channel.brand))
    assert "Last changes" not in html(agent.get(at(channel)))
