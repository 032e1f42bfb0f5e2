"""Signing in at a platform from the pages: out and back by one address, and nothing in clear meanwhile."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from ingest import connecting
from ingest.connecting import Wish
from ingest.models import Channel
from tests.cast import a_bell, a_brand, a_person, fresh
from tests.platforms.fake_mastodon import BRAND, TOKEN, FakeMastodon
from tests.platforms.fake_x import FakeX
from tests.platforms.fake_x.oauth import CLIENT_ID, CLIENT_SECRET
from tests.tickets.views.conftest import signed_in
from tests.tickets.views.test_connect import everything_kept, html

BACK = "/monitor/channels/connect/back"
MASTODON = "/monitor/channels/connect/mastodon/sign-in"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture
def lina(db: None) -> User:
    return a_person(role=Role.ADMIN, name="Lina")


@pytest.fixture
def admin(lina: User) -> Client:
    return signed_in(lina)


@pytest.fixture
def server() -> Iterator[FakeMastodon]:
    with FakeMastodon() as fake:
        yield fake


def filled(server: FakeMastodon, **fields: Any) -> dict[str, Any]:
    return {
        "name": "Nawa social", "new_brand": "Nawa", "base_url": server.url, "hashtags": "nawa", "poll_seconds": "60",
        "backfill_days": "0", **fields,
    }  # fmt: skip


def way_out(page: str) -> dict[str, str]:
    """What the link on the page asks the platform."""
    address = page.split('<a class="btn btn-primary" href="')[1].split('"', maxsplit=1)[0].replace("&amp;", "&")
    return dict(parse_qsl(urlsplit(address).query))


def come_back(admin: Client, address: str) -> Any:
    """The browser is sent back to us."""
    parts = urlsplit(address)
    return admin.get(f"{parts.path}?{parts.query}")


def test_an_admin_connects_mastodon_by_signing_in_there(admin: Client, server: FakeMastodon) -> None:
    page = html(admin.post(MASTODON, filled(server)))
    assert not Channel.objects.exists()
    response = come_back(admin, server.api.oauth.authorize(way_out(page)))
    channel = Channel.objects.get()
    assert response["Location"] == f"/monitor/channels/{channel.pk}/"
    assert (channel.handle, channel.external_id) == (BRAND.acct, BRAND.id)
    assert channel.options == {"base_url": server.url, "hashtags": "nawa"}
    assert "fake-token-1" in (channel.secrets or "")


def test_an_admin_connects_x_by_signing_in_there(admin: Client) -> None:
    with FakeX() as x:
        x.oauth.redirect = f"http://testserver{BACK}"
        form = {"name": "Nawa X", "new_brand": "Nawa", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
                "base_url": x.url, "poll_seconds": "60", "backfill_days": "0"}  # fmt: skip
        page = html(admin.post("/monitor/channels/connect/x/sign-in", form))
        assert CLIENT_SECRET not in page
        assert CLIENT_SECRET not in everything_kept()
        response = come_back(admin, x.oauth.authorize(way_out(page)))
        assert response.status_code == 302, html(response)
    channel = Channel.objects.get()
    assert all(name in (channel.secrets or "") for name in ("fake-access-", "fake-refresh-", CLIENT_SECRET))
    assert channel.options == {"base_url": x.url}


def test_nothing_lies_in_clear_while_a_person_is_away(admin: Client, server: FakeMastodon) -> None:
    page = html(admin.post(MASTODON, filled(server, access_token="by-hand-4711")))
    secret = server.api.oauth.apps["fake-app-1"].secret
    for hidden in (secret, "by-hand-4711"):
        assert hidden not in everything_kept()
        assert hidden not in page
    # And nothing of it is left afterwards.
    come_back(admin, server.api.oauth.authorize(way_out(page)))
    assert "connecting" not in admin.session


def test_who_says_no_finds_the_form_as_it_was(admin: Client, server: FakeMastodon) -> None:
    server.api.oauth.denies = True
    page = html(admin.post(MASTODON, filled(server)))
    response = come_back(admin, server.api.oauth.authorize(way_out(page)))
    assert response.status_code == 422
    assert "Radd was not let in there." in html(response)
    assert 'value="Nawa social"' in html(response)
    assert not Channel.objects.exists()


def test_a_state_that_is_not_ours_connects_nothing(admin: Client, server: FakeMastodon) -> None:
    page = html(admin.post(MASTODON, filled(server)))
    asked = way_out(page) | {"state": "forged"}
    response = come_back(admin, server.api.oauth.authorize(asked))
    assert "This sign-in was not begun here" in html(response)
    assert server.api.oauth.granted == {}


def test_somebody_elses_way_back_is_not_ours(admin: Client, server: FakeMastodon) -> None:
    page = html(admin.post(MASTODON, filled(server)))
    other = signed_in(a_person(role=Role.ADMIN))
    response = come_back(other, server.api.oauth.authorize(way_out(page)))
    assert response["Location"] == "/monitor/channels/connect/"
    assert "This sign-in was not begun here" in html(other.get("/monitor/channels/connect/"))
    assert not Channel.objects.exists()


def test_who_comes_back_twice_connects_once(admin: Client, server: FakeMastodon) -> None:
    address = server.api.oauth.authorize(way_out(html(admin.post(MASTODON, filled(server)))))
    come_back(admin, address)
    assert come_back(admin, address)["Location"] == "/monitor/channels/connect/"
    assert Channel.objects.count() == 1


def test_who_comes_back_after_an_hour_begins_anew(lina: User, server: FakeMastodon) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        admin = signed_in(lina)
        address = server.api.oauth.authorize(way_out(html(admin.post(MASTODON, filled(server)))))
        clock.shift(3600)
        assert come_back(admin, address)["Location"] == "/monitor/channels/connect/"
    assert not Channel.objects.exists()


def test_a_server_that_cannot_be_reached_is_told_on_the_form(admin: Client, server: FakeMastodon) -> None:
    response = admin.post(MASTODON, filled(server, base_url="http://127.0.0.1:9"))
    assert response.status_code == 422
    assert "Nobody answers at that address." in html(response)


def test_a_channel_gets_new_keys_by_signing_in_again(admin: Client, server: FakeMastodon) -> None:
    given = {"base_url": server.url, "access_token": TOKEN}
    channel = connecting.connect(a_brand("Nawa"), Wish("mastodon", "Nawa social", given, options={"hashtags": "nawa"}))
    Channel.objects.update(state="broken")
    page = html(admin.post(f"/monitor/channels/{channel.pk}/keys/sign-in", {}))
    response = come_back(admin, server.api.oauth.authorize(way_out(page)))
    assert response["Location"] == f"/monitor/channels/{channel.pk}/"
    channel = fresh(channel)
    assert (channel.state, channel.options["hashtags"]) == ("active", "nawa")
    assert json.loads(channel.secrets or "") == {"access_token": "fake-token-1"}


def test_a_platform_without_a_sign_in_has_no_such_address(admin: Client) -> None:
    assert admin.post("/monitor/channels/connect/bluesky/sign-in", {}).status_code == 404


def test_x_wants_the_id_of_an_app_first(admin: Client) -> None:
    form = {"name": "Nawa X", "new_brand": "Nawa", "poll_seconds": "60", "backfill_days": "0"}
    response = admin.post("/monitor/channels/connect/x/sign-in", form)
    assert response.status_code == 422
    assert "This is needed." in html(response)
