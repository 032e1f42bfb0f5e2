"""Signing in at a Mastodon server: introduced anew, let in by a person, state compared, refusals told."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from ingest.platforms.base import Account, PlatformError
from ingest.platforms.entering import Authorizes, Begun
from ingest.platforms.mastodon.adapter import Mastodon
from ingest.platforms.mastodon.oauth import SCOPES, SignIn
from ingest.platforms.registry import SIGN_INS, scopes_of, sign_in
from tests.platforms.fake_mastodon import BRAND, FakeMastodon, account

BACK = "https://radd.example/monitor/channels/connect/back"


@pytest.fixture
def fake() -> Iterator[FakeMastodon]:
    with FakeMastodon() as server:
        yield server


def a_sign_in(url: str) -> SignIn:
    return SignIn(Account(0, "", "", {}, {"base_url": url}, 5.0))


def let_in(fake: FakeMastodon, begun: Begun) -> dict[str, str]:
    """What the server tells in the address that the person comes back by."""
    address = fake.api.oauth.authorize(dict(parse_qsl(urlsplit(begun.url).query)))
    return dict(parse_qsl(urlsplit(address).query))


def test_a_person_lets_us_in_and_the_token_works(fake: FakeMastodon) -> None:
    begun = a_sign_in(fake.url).begin(BACK)
    assert begun.url.startswith(f"{fake.url}/oauth/authorize?")
    credentials = a_sign_in(fake.url).finish(BACK, begun.keep, let_in(fake, begun))
    assert Mastodon(account(fake.url, credentials=credentials)).verify().external_id == BRAND.id
    assert fake.api.oauth.granted[credentials["access_token"]].split() == list(SCOPES)


def test_the_address_holds_no_secret(fake: FakeMastodon) -> None:
    begun = a_sign_in(fake.url).begin(BACK)
    asked = parse_qs(urlsplit(begun.url).query)
    assert set(asked) == {"response_type", "client_id", "redirect_uri", "scope", "state"}
    assert begun.keep["client_secret"] not in begun.url


@pytest.mark.parametrize("state", ["", "another"])
def test_another_sign_in_is_not_ours(fake: FakeMastodon, state: str) -> None:
    begun = a_sign_in(fake.url).begin(BACK)
    told = let_in(fake, begun) | {"state": state}
    with pytest.raises(PlatformError) as error:
        a_sign_in(fake.url).finish(BACK, begun.keep, told)
    assert error.value.code == "state_mismatch"
    with pytest.raises(PlatformError) as error:
        a_sign_in(fake.url).finish(BACK, {}, told)
    assert error.value.code == "state_mismatch"
    assert fake.api.oauth.granted == {}


def test_a_person_who_says_no_is_understood(fake: FakeMastodon) -> None:
    fake.api.oauth.denies = True
    begun = a_sign_in(fake.url).begin(BACK)
    with pytest.raises(PlatformError) as error:
        a_sign_in(fake.url).finish(BACK, begun.keep, let_in(fake, begun))
    assert (error.value.code, error.value.permanent) == ("access_denied", True)
    assert "denied" in error.value.words


def test_a_code_is_good_for_one_use(fake: FakeMastodon) -> None:
    begun = a_sign_in(fake.url).begin(BACK)
    told = let_in(fake, begun)
    a_sign_in(fake.url).finish(BACK, begun.keep, told)
    with pytest.raises(PlatformError) as error:
        a_sign_in(fake.url).finish(BACK, begun.keep, told)
    assert error.value.code == "rejected"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "refuse", "status": 429}, "rate_limited"),
        ({"kind": "refuse", "status": 500}, "platform_down"),
        ({"kind": "html"}, "garbled_answer"),
        ({"kind": "drop"}, "unreachable"),
        ({"kind": "raw", "body": b"[]"}, "garbled_answer"),
        ({"kind": "raw", "body": b"{}"}, "garbled_answer"),
    ],
)
@pytest.mark.parametrize("step", ["begin", "finish"])
def test_what_goes_wrong_on_the_way_has_a_name(fake: FakeMastodon, fault: dict[str, Any], code: str, step: str) -> None:
    way = a_sign_in(fake.url)
    begun = way.begin(BACK)
    told = let_in(fake, begun)
    fake.fault(**fault)
    with pytest.raises(PlatformError) as error:
        way.begin(BACK) if step == "begin" else way.finish(BACK, begun.keep, told)
    assert error.value.code == code


@pytest.mark.parametrize("address", ["", "http://", "ftp://nawa.example"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(PlatformError) as error:
        a_sign_in(address)
    assert error.value.code == "bad_options"


@pytest.mark.parametrize("platform", sorted(SIGN_INS))
def test_each_way_in_keeps_to_the_protocol(platform: str) -> None:
    way = sign_in(platform, Account(0, "", "", {"client_id": "c"}, {"base_url": "http://127.0.0.1:9"}))
    assert isinstance(way, Authorizes)
    assert scopes_of(platform) == way.scopes


def test_a_platform_without_one_has_none() -> None:
    assert sign_in("bluesky", Account(0, "", "", {}, {})) is None
    assert scopes_of("bluesky") == ()
