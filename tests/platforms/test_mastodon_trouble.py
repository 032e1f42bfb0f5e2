"""What goes wrong with these servers has a name; what they tell about themselves is kept a day."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.platforms.base import PlatformError, Unkept
from ingest.platforms.mastodon.adapter import Mastodon
from tests.platforms.fake_mastodon import GOTOSOCIAL, MASTODON, PLEROMA, TOKEN, FakeMastodon, account
from tests.platforms.fake_mastodon.render import stamp


@pytest.fixture
def fake(request: pytest.FixtureRequest) -> Iterator[FakeMastodon]:
    with FakeMastodon(getattr(request, "param", MASTODON)) as server:
        yield server


def error_of(adapter: Mastodon) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        adapter.fetch({})
    return error.value


@pytest.mark.parametrize(
    ("fault", "code", "permanent"),
    [
        ({"kind": "refuse", "status": 401, "words": "The access token has expired"}, "bad_credentials", True),
        ({"kind": "refuse", "status": 403, "words": "Invalid credentials."}, "bad_credentials", True),
        ({"kind": "refuse", "status": 403, "words": "Your login is currently disabled"}, "forbidden", True),
        ({"kind": "refuse", "status": 404, "words": "Not found"}, "not_found", True),
        ({"kind": "refuse", "status": 422, "words": "Odd"}, "rejected", True),
        ({"kind": "refuse", "status": 429}, "rate_limited", False),
        ({"kind": "refuse", "status": 500}, "platform_down", False),
        ({"kind": "html"}, "garbled_answer", False),
        ({"kind": "html", "status": 403}, "garbled_answer", False),
        ({"kind": "html", "status": 404}, "garbled_answer", False),
        ({"kind": "half_json", "applied": True}, "garbled_answer", False),
        ({"kind": "raw", "body": b'{"id": 1}'}, "garbled_answer", False),
        ({"kind": "raw", "body": b"[" * 100_000}, "garbled_answer", False),
        ({"kind": "raw", "status": 301, "headers": {"location": "/x"}, "body": b"{}"}, "garbled_answer", False),
        ({"kind": "drop"}, "unreachable", False),
    ],
)
def test_what_goes_wrong_in_reading_has_a_name(
    fake: FakeMastodon, fault: dict[str, Any], code: str, permanent: bool
) -> None:
    fake.world.post("amal", "@nawa hello")
    fake.fault(**fault)
    error = error_of(Mastodon(account(fake.url)))
    assert (error.code, error.permanent, bool(error.retry_after)) == (code, permanent, not permanent)
    assert error.words
    assert len(Mastodon(account(fake.url)).fetch({}).posts) == 1


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"x-ratelimit-reset": "42"}, 41, 42),
        ({"retry-after": "7", "x-ratelimit-reset": "42"}, 6, 7),
        ({"x-ratelimit-reset": "2001-01-01T00:00:00Z"}, 1, 1),
        ({"x-ratelimit-reset": "soon"}, 300, 300),
        ({"x-ratelimit-reset": "nan"}, 300, 300),
        ({"x-ratelimit-reset": "1e400"}, 300, 300),
        ({}, 300, 300),
    ],
)
def test_the_wait_after_too_many_calls(fake: FakeMastodon, headers: dict[str, str], least: float, most: float) -> None:
    fake.fault("refuse", status=429, headers=headers)
    assert least <= (error_of(Mastodon(account(fake.url))).retry_after or 0) <= most


@pytest.mark.parametrize("write", [stamp, lambda at: str(int(at.timestamp()))], ids=["ISO", "seconds"])
def test_a_server_may_name_the_time_at_which_calls_are_free_again(
    fake: FakeMastodon, write: Callable[[datetime], str]
) -> None:
    in_twenty_minutes = write(datetime.now(UTC) + timedelta(minutes=20))
    fake.fault("refuse", status=429, headers={"x-ratelimit-reset": in_twenty_minutes})
    assert 1100 <= (error_of(Mastodon(account(fake.url))).retry_after or 0) <= 1201


def test_a_server_that_is_throttling_says_for_how_long(fake: FakeMastodon) -> None:
    fake.fault("refuse", status=503, headers={"retry-after": "30"})
    error = error_of(Mastodon(account(fake.url)))
    assert (error.code, 29 <= (error.retry_after or 0) <= 30) == ("platform_down", True)


@pytest.mark.parametrize("base_url", ["", "ftp://x.example", "http://", "https://[::1", "http://x.example:99999"])
def test_an_address_that_is_none_is_said_to_be_none(base_url: str) -> None:
    error = error_of(Mastodon(account(base_url)))
    assert (error.code, error.permanent) == ("bad_options", True)


def test_a_server_named_without_a_scheme_is_asked_safely() -> None:
    error = error_of(Mastodon(account("127.0.0.1:9", timeout=0.5)))
    assert (error.code, "port=9" in error.words) == ("unreachable", True)


@pytest.mark.parametrize("token", ["", "two\nlines", "رمز"])
def test_a_token_that_can_be_none_is_not_tried(fake: FakeMastodon, token: str) -> None:
    error = error_of(Mastodon(account(fake.url, credentials={"access_token": token})))
    assert (error.code, error.permanent, fake.calls) == ("bad_credentials", True, [])


def test_a_channel_without_an_account_says_so(fake: FakeMastodon) -> None:
    assert error_of(Mastodon(account(fake.url, external_id=""))).code == "not_connected"


# --- who we are, and what the server tells of itself ------------------------------------------------------------------
@pytest.mark.parametrize("fake", [MASTODON, GOTOSOCIAL, PLEROMA], indirect=True, ids=["mastodon", "gts", "pl"])
def test_a_token_tells_whose_it_is(fake: FakeMastodon) -> None:
    author = Mastodon(account(fake.url, external_id="")).verify()
    assert (author.external_id, author.handle, author.name) == ("109000000000000001", "nawa", "Nawa")
    with pytest.raises(PlatformError) as error:
        Mastodon(account(fake.url, credentials={"access_token": "other"})).verify()
    assert error.value.code == "bad_credentials"


def test_limits_are_asked_for_once_a_day_and_kept(fake: FakeMastodon) -> None:
    session = Unkept({"something": "else"})
    us = account(fake.url, session=session)
    for _ in range(3):
        Mastodon(us).fetch({})
    assert len(fake.asked("/api/v2/instance")) == 1
    assert session.get()["something"] == "else"
    fake.api.manner = replace(MASTODON, max_chars=1000)
    yesterday = {**session.get()["instance"], "again_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    session.renew(lambda kept: {**kept, "instance": yesterday})
    Mastodon(us).fetch({})
    assert Mastodon(us).length("@x").limit == 1000


def test_a_server_that_will_not_tell_its_limits_keeps_the_old_ones_and_is_left_alone_for_an_hour(
    fake: FakeMastodon,
) -> None:
    session = Unkept({"instance": {"max_chars": 700, "again_at": "nonsense"}})
    us = account(fake.url, session=session)
    fake.fault("refuse", on="instance", status=500)
    assert Mastodon(us).fetch({}).posts == ()
    Mastodon(us).fetch({})
    assert len(fake.asked("/api/v2/instance")) == 1
    assert Mastodon(us).length("@x").limit == 700


def test_the_token_goes_out_in_a_header_and_to_no_other_place(fake: FakeMastodon) -> None:
    Mastodon(account(fake.url)).fetch({})
    assert {headers["authorization"] for *_, headers in fake.calls} == {f"Bearer {TOKEN}"}
    assert not any(TOKEN in str(query) for _, _, query, _, _ in fake.calls)
