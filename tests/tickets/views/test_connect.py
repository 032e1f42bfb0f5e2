"""Monitor -> Channels -> Connect: by the pages alone, for admins alone, and no secret on any of them."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Brand, Role
from ingest.models import Backfill, Channel
from tests.cast import a_bell, a_brand, a_channel, a_person
from tests.platforms.fake_bluesky import BRAND, FakeBluesky
from tests.platforms.fake_mail import FakeMail
from tests.platforms.fake_mastodon import TOKEN, FakeMastodon
from tests.platforms.fake_x import FakeX
from tests.platforms.fake_x.api import KEYS
from tests.tickets.views.conftest import HTMX, signed_in

BLUESKY = "/monitor/channels/connect/bluesky/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


def filled(sky: FakeBluesky, **fields: Any) -> dict[str, Any]:
    """The form of a Bluesky channel as a person sends it."""
    return {
        "name": "Nawa sky", "new_brand": "Nawa", "identifier": BRAND.handle, "app_password": BRAND.password,
        "base_url": sky.url, "keywords": "nawa", "poll_seconds": "60", "backfill_days": "7", **fields,
    }  # fmt: skip


def html(response: HttpResponse | Any) -> str:
    return str(response.content.decode())


def everything_kept() -> str:
    """What web sessions hold, as the database has it."""
    return " ".join(Session.objects.values_list("session_data", flat=True)) + str(
        [session.get_decoded() for session in Session.objects.all()]
    )


# --- who may ----------------------------------------------------------------------------------------------------------
ADDRESSES = [
    ("connect", []), ("connect-back", []), ("connect-platform", ["bluesky"]), ("connect-test", ["bluesky"]),
    ("connect-sign-in", ["mastodon"]), ("channel-settings", [0]), ("channel-remove", [0]), ("channel-keys", [0]),
    ("channel-keys-test", [0]), ("channel-new-secret", [0]), ("channel-sign-in", [0]),
]  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("name", "args"), ADDRESSES)
@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_nobody_but_admins_connects_or_changes_a_channel(method: str, name: str, args: list[Any], role: Role) -> None:
    channel = a_channel(platform="bluesky")
    client = signed_in(a_person(channel.brand, role=role))
    address = reverse(name, args=[channel.pk if arg == 0 else arg for arg in args])
    assert getattr(client, method)(address).status_code == 403
    assert list(Channel.objects.values_list("state", "name")) == [("active", channel.name)]


@pytest.mark.parametrize(("name", "args"), ADDRESSES)
def test_who_has_not_signed_in_is_sent_to_the_door(db: None, name: str, args: list[Any]) -> None:
    response = Client().get(reverse(name, args=[1 if arg == 0 else arg for arg in args]))
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/sign-in/")


def test_the_list_offers_it_to_admins_alone(admin: Client, db: None) -> None:
    assert 'href="/monitor/channels/connect/"' in html(admin.get("/monitor/channels/"))
    channel = a_channel()
    assert 'href="/monitor/channels/connect/"' in html(admin.get("/monitor/channels/"))
    supervisor = signed_in(a_person(channel.brand, role=Role.SUPERVISOR))
    assert "/monitor/channels/connect/" not in html(supervisor.get("/monitor/channels/"))


# --- choosing and trying ----------------------------------------------------------------------------------------------
def test_five_platforms_are_offered_and_the_demo_is_not(admin: Client) -> None:
    page = html(admin.get("/monitor/channels/connect/"))
    for name in ("x", "bluesky", "mastodon", "email", "webhook"):
        assert f'href="/monitor/channels/connect/{name}/"' in page
    assert admin.get("/monitor/channels/connect/demo/").status_code == 404
    assert admin.get("/monitor/channels/connect/imported/").status_code == 404


@pytest.mark.parametrize("platform", ["x", "bluesky", "mastodon", "email", "webhook"])
def test_each_platform_says_what_it_needs(admin: Client, platform: str, django_assert_max_num_queries: Any) -> None:
    a_brand()
    with django_assert_max_num_queries(12):
        page = html(admin.get(f"/monitor/channels/connect/{platform}/"))
    assert "What is needed" in page
    assert page.count("<li>") >= 2


def test_scopes_and_the_address_to_come_back_to_stand_on_the_page(admin: Client) -> None:
    page = html(admin.get("/monitor/channels/connect/x/"))
    assert "http://testserver/monitor/channels/connect/back" in page
    assert "offline.access" in page
    assert "write:statuses" in html(admin.get("/monitor/channels/connect/mastodon/"))


def test_a_try_shows_the_account_and_keeps_nothing(admin: Client, sky: FakeBluesky) -> None:
    # Names and brands may come later.
    form = filled(sky, name="", new_brand="")
    page = html(admin.post(f"{BLUESKY}test", form, headers=HTMX))
    assert BRAND.handle in page
    assert "<form" not in page
    assert not Channel.objects.exists()


def test_without_a_script_a_try_is_the_whole_page_with_all_but_the_secret(admin: Client, sky: FakeBluesky) -> None:
    page = html(admin.post(f"{BLUESKY}test", filled(sky)))
    assert "<form" in page
    assert f'value="{BRAND.handle}"' in page
    assert BRAND.password not in page


def test_wrong_keys_are_told_in_words(admin: Client, sky: FakeBluesky) -> None:
    response = admin.post(f"{BLUESKY}test", filled(sky, app_password="wrong-wrong-wrong"), headers=HTMX)
    assert response.status_code == 422
    assert "These keys are not accepted." in html(response)
    assert "wrong-wrong-wrong" not in html(response)


def test_a_wrong_address_is_told_in_words(admin: Client, sky: FakeBluesky) -> None:
    response = admin.post(BLUESKY, filled(sky, base_url="http://127.0.0.1:9"))
    assert response.status_code == 422
    assert "Nobody answers at that address." in html(response)
    assert BRAND.password not in html(response)
    assert not Brand.objects.exists()


# --- connecting -------------------------------------------------------------------------------------------------------
def test_an_admin_connects_bluesky_on_a_server_of_their_own(admin: Client, sky: FakeBluesky) -> None:
    response = admin.post(BLUESKY, filled(sky))
    channel = Channel.objects.select_related("brand").get()
    assert response["Location"] == f"/monitor/channels/{channel.pk}/"
    assert (channel.brand.name, channel.handle, channel.options["keywords"]) == ("Nawa", BRAND.handle, "nawa")
    assert Backfill.objects.filter(channel=channel).exists()
    page = html(admin.get(response["Location"]))
    assert "Nawa sky is connected." in page
    assert "Last changes" in page
    assert "connected it" in page


def test_what_is_missing_stands_by_its_field(admin: Client, sky: FakeBluesky) -> None:
    response = admin.post(BLUESKY, filled(sky, app_password="", new_brand=""))
    assert response.status_code == 422
    # All at once, each once.
    assert "Choose a brand, or name a new one." in html(response)
    assert html(response).count("This is needed.") == 1
    response = admin.post(BLUESKY, filled(sky, app_password=""))
    assert "This is needed." in html(response)
    assert sky.calls == []


def test_a_name_that_is_taken_is_told_before_anybody_is_asked(admin: Client, sky: FakeBluesky) -> None:
    a_channel(name="Nawa sky")
    assert "Another channel has this name." in html(admin.post(BLUESKY, filled(sky)))
    assert sky.calls == []


def test_an_account_that_is_connected_already_is_named(admin: Client, sky: FakeBluesky) -> None:
    admin.post(BLUESKY, filled(sky))
    page = html(admin.post(BLUESKY, filled(sky, name="Again")))
    assert "This account is connected already, as \u2068Nawa sky\u2069." in page
    assert Channel.objects.count() == 1


def test_x_takes_four_keys_without_signing_in(admin: Client) -> None:
    with FakeX() as x:
        form = {"name": "Nawa X", "new_brand": "Nawa", "base_url": x.url, "poll_seconds": "60", "backfill_days": "0",
                "monthly_cap": "25", **KEYS}  # fmt: skip
        response = admin.post("/monitor/channels/connect/x/", form)
    assert response.status_code == 302, html(response)
    channel = Channel.objects.get()
    assert (str(channel.monthly_cap), channel.options) == ("25.00", {"base_url": x.url})


def test_x_with_too_little_says_so(admin: Client) -> None:
    form = {"name": "Nawa X", "new_brand": "Nawa", "poll_seconds": "60", "backfill_days": "0"}
    response = admin.post("/monitor/channels/connect/x/", form)
    assert response.status_code == 422
    assert "This is needed." in html(response)


def test_mail_is_connected(admin: Client) -> None:
    with FakeMail() as mail:
        form = {"name": "Care mail", "new_brand": "Nawa", "password": mail.password, "username": mail.username,
                "poll_seconds": "60", "backfill_days": "0", **mail.options}  # fmt: skip
        response = admin.post("/monitor/channels/connect/email/", form)
    assert response.status_code == 302, html(response)
    assert Channel.objects.get().platform == "email"


def test_mastodon_takes_a_token_made_by_hand(admin: Client) -> None:
    with FakeMastodon() as server:
        form = {"name": "Nawa social", "new_brand": "Nawa", "base_url": server.url, "access_token": TOKEN,
                "hashtags": "nawa", "poll_seconds": "60", "backfill_days": "0"}  # fmt: skip
        response = admin.post("/monitor/channels/connect/mastodon/", form)
    assert response.status_code == 302, html(response)
    assert Channel.objects.get().options == {"base_url": server.url, "hashtags": "nawa"}


def test_a_bridges_address_and_secret_are_shown_once(admin: Client) -> None:
    form = {"name": "Reviews", "new_brand": "Nawa", "network": "reviews"}
    response = admin.post("/monitor/channels/connect/webhook/", form)
    channel, page = Channel.objects.get(), html(response)
    secret = page.split('id="hook-secret">')[1].split("<")[0]
    assert len(secret) == 64
    assert f"http://testserver/hooks/{channel.hook}/" in page
    assert "no-store" in response["Cache-Control"]
    for address in ("", "keys", "settings", "remove"):
        assert secret not in html(admin.get(f"/monitor/channels/{channel.pk}/{address}"))
    assert secret not in everything_kept()


# --- secrets ----------------------------------------------------------------------------------------------------------
def test_a_secret_stands_in_no_page_message_session_log_or_api_answer(
    admin: Client, sky: FakeBluesky, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    told = [admin.post(f"{BLUESKY}test", filled(sky)), admin.post(BLUESKY, filled(sky, name=""))]
    told += [admin.post(BLUESKY, filled(sky)), admin.post(BLUESKY, filled(sky, name="Again"))]
    pk = Channel.objects.get().pk
    told += [admin.get(f"/monitor/channels/{pk}/{rest}") for rest in ("", "keys", "settings", "remove")]
    told += [admin.get("/monitor/channels/"), admin.get("/api/channels/"), admin.get(f"/api/channels/{pk}/")]
    told += [admin.post(f"/monitor/channels/{pk}/keys", {"app_password": BRAND.password, "identifier": "x"})]
    assert [response for response in told if BRAND.password in html(response)] == []
    assert BRAND.password not in caplog.text
    assert BRAND.password not in everything_kept()
