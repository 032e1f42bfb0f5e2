"""Every way Bluesky can say no has one name, and a write that broke off is never called a failure."""

import time

import pytest

from ingest.platforms.base import OutcomeUnknown, Outgoing, PlatformError, Unkept
from ingest.platforms.bluesky.adapter import Bluesky
from ingest.platforms.bluesky.wire import LONGEST_WAIT, RATE_WINDOW
from tests.platforms.bluesky_cast import account, bluesky, error_of, read
from tests.platforms.contract import answer_to
from tests.platforms.fake_bluesky import BRAND, FakeBluesky


@pytest.fixture
def outgoing(sky: FakeBluesky, nawa: Bluesky) -> Outgoing:
    sky.world.post("amal.test", f"@{BRAND.handle} where is my bag?")
    return answer_to(read(nawa)[0], "We are looking for it")


@pytest.mark.parametrize(
    ("fault", "code", "permanent"),
    [
        ("unauthorized", "bad_credentials", True),
        ("takedown", "bad_credentials", True),
        ("forbidden", "forbidden", True),
        ("rejected", "rejected", True),
        ("too_many", "rate_limited", False),
        ("down", "platform_down", False),
        ("broken", "platform_down", False),
        ("upstream", "platform_down", False),
        ("html", "garbled_answer", False),
        ("html_403", "garbled_answer", False),
        ("half_json", "garbled_answer", False),
        ("list", "garbled_answer", False),
        ("cut", "unreachable", False),
        ("drop", "unreachable", False),
    ],
)
def test_what_goes_wrong_in_reading_has_a_name(
    sky: FakeBluesky, nawa: Bluesky, fault: str, code: str, permanent: bool
) -> None:
    sky.fault(fault, "listNotifications")
    error = error_of(lambda: nawa.fetch({}))
    assert (error.code, error.permanent, isinstance(error, OutcomeUnknown)) == (code, permanent, False)
    assert bool(error.retry_after) is not permanent
    assert error.words
    assert nawa.fetch({}).posts == ()


def test_a_token_refused_again_and_again_is_not_asked_for_forever(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.fault("expired", "listNotifications", times=2)
    assert (error_of(lambda: nawa.fetch({})).code, sky.api.sessions.refreshes) == ("bad_credentials", 1)


@pytest.mark.parametrize(
    ("reset", "least", "most"),
    [(42, 40, 43), (-5, 1, 1), (None, RATE_WINDOW, RATE_WINDOW), (10**9, LONGEST_WAIT, LONGEST_WAIT)],
)
def test_the_wait_after_too_many_calls(
    sky: FakeBluesky, nawa: Bluesky, reset: float | None, least: float, most: float
) -> None:
    sky.fault("too_many", "listNotifications", reset=reset)
    assert least <= (error_of(lambda: nawa.fetch({})).retry_after or 0) <= most


@pytest.mark.parametrize("status", [400, 429, 503])
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"Slow down", b'{"error": 7, "message": null}', b'{"error": {}}']
)
def test_a_refusal_in_any_shape_is_read(sky: FakeBluesky, nawa: Bluesky, status: int, body: bytes) -> None:
    sky.fault("raw", "listNotifications", status=status, headers={"ratelimit-reset": "soon"}, body=body)
    code = {429: "rate_limited", 503: "platform_down"}.get(status)
    assert error_of(lambda: nawa.fetch({})).code in ({code} if code else {"garbled_answer", "rejected"})


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"notifications": ' + b"9" * 5000 + b"}",
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b"{}",
        b'{"notifications": 7}',
    ],
)
def test_an_answer_that_is_no_list_is_garbled(sky: FakeBluesky, nawa: Bluesky, body: bytes) -> None:
    sky.fault("raw", "listNotifications", headers={"content-type": "application/json"}, body=body)
    assert error_of(lambda: nawa.fetch({})).code == "garbled_answer"


def test_a_page_that_names_itself_as_the_next_ends_the_walk(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.fault("raw", "listNotifications", times=2, body=b'{"notifications": [], "cursor": "x"}')
    first = nawa.fetch({})
    assert first.more
    assert error_of(lambda: nawa.fetch(first.cursor)).code == "garbled_answer"


def test_a_redirect_is_not_followed(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.fault("raw", "listNotifications", status=302, headers={"location": "/elsewhere"}, body=b"{}")
    assert error_of(lambda: nawa.fetch({})).code == "garbled_answer"
    assert len(sky.called("listNotifications")) == 1


# --- writing ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize(
    "fault", ["drop", "cut", "half_json", "html", "html_403", "list", "down", "broken", "upstream"]
)
def test_a_write_that_broke_off_is_unknown_and_found_by_looking(
    sky: FakeBluesky, nawa: Bluesky, outgoing: Outgoing, fault: str, applied: bool
) -> None:
    sky.fault(fault, "putRecord", applied=applied)
    error = error_of(lambda: nawa.reply(outgoing))
    assert (type(error), error.code, error.permanent) == (OutcomeUnknown, "outcome_unknown", False)
    assert bool(nawa.find_reply(outgoing)) is applied


@pytest.mark.parametrize("body", [b"{}", b'{"uri": null}', b'{"uri": "at://did:plc:x/app.bsky.feed.post/3x"}'])
def test_a_yes_to_another_post_is_unknown(sky: FakeBluesky, nawa: Bluesky, outgoing: Outgoing, body: bytes) -> None:
    sky.fault("raw", "putRecord", body=body)
    assert type(error_of(lambda: nawa.reply(outgoing))) is OutcomeUnknown


@pytest.mark.parametrize(
    ("fault", "code", "permanent"),
    [("unauthorized", "bad_credentials", True), ("rejected", "rejected", True), ("too_many", "rate_limited", False)],
)
def test_a_write_bluesky_refuses_is_known_not_to_be_there(
    sky: FakeBluesky, nawa: Bluesky, outgoing: Outgoing, fault: str, code: str, permanent: bool
) -> None:
    sky.fault(fault, "putRecord")
    error = error_of(lambda: nawa.reply(outgoing))
    assert (isinstance(error, OutcomeUnknown), error.code, error.permanent) == (False, code, permanent)


@pytest.mark.parametrize("fault", ["down", "drop", "html", "too_many"])
def test_trouble_before_the_write_is_no_doubt_about_it(
    sky: FakeBluesky, nawa: Bluesky, outgoing: Outgoing, fault: str
) -> None:
    sky.fault(fault, "getPostThread")
    assert not isinstance(error_of(lambda: nawa.reply(outgoing)), OutcomeUnknown)
    assert sky.called("putRecord") == []


# --- time and addresses -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fault", ["stall", "drip"])
def test_no_call_waits_longer_than_its_account_allows(sky: FakeBluesky, outgoing: Outgoing, fault: str) -> None:
    kept = Unkept()
    bluesky(sky, session=kept).fetch({})
    hasty = bluesky(sky, session=kept, timeout=0.3)
    for call, kind in (
        (lambda: hasty.fetch({}), PlatformError),
        (lambda: hasty.find_reply(outgoing), PlatformError),
        (hasty.verify, PlatformError),
        (lambda: hasty.look_up([outgoing.parent_id]), PlatformError),
        (lambda: hasty.reply(outgoing), OutcomeUnknown),
    ):
        sky.fault(fault, "putRecord" if kind is OutcomeUnknown else "", seconds=5)
        began = time.monotonic()
        assert type(error_of(call)) is kind
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("url", ["nonsense", "http://[::1", "ftp://a", "https://", "//x.com", "http://x:port"])
def test_an_address_that_is_none_needs_a_person(sky: FakeBluesky, url: str) -> None:
    error = error_of(lambda: Bluesky(account(sky, options={"base_url": url})).fetch({}))
    assert (error.code, error.permanent) == ("bad_options", True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_an_address_where_nobody_is_costs_no_more_than_a_try(sky: FakeBluesky, url: str) -> None:
    error = error_of(lambda: Bluesky(account(sky, options={"base_url": url}, timeout=0.5)).fetch({}))
    assert (error.code, error.permanent, error.retry_after) == ("unreachable", False, 30)


def test_nothing_sleeps_through_a_limit(
    sky: FakeBluesky, nawa: Bluesky, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    sky.fault("too_many", times=100)
    for call in (lambda: nawa.fetch({}), lambda: nawa.reply(outgoing), lambda: nawa.find_reply(outgoing), nawa.verify):
        assert error_of(call).code == "rate_limited"
    assert naps == []
