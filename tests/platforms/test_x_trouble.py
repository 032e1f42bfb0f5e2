"""Every way X, or the way to X, can say no has one name, and a write that broke off is never called a failure."""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable

import pytest

from ingest.platforms.base import Account, OutcomeUnknown, Outgoing, PlatformError, Post
from ingest.platforms.entering import Connects
from ingest.platforms.x.adapter import X
from tests.platforms.conftest import BOTH_SPELLINGS, CREDENTIALS, account
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import APP_TOKEN, KEYS, USER_TOKEN


@pytest.fixture
def outgoing(fake_x: FakeX, x: X) -> Outgoing:
    fake_x.world.post("amal", f"@{BRAND.handle} where is my bag?")
    post: Post = walk(x, {})[0][0]
    return answer_to(post, "We are looking for it")


def error_of(call: Callable[[], object]) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        call()
    return error.value


# --- reading ----------------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
@pytest.mark.parametrize(
    ("fault", "code", "permanent"),
    [
        ("unauthorized", "bad_credentials", True),
        ("forbidden", "forbidden", True),
        ("not_found", "not_found", True),
        ("too_many", "rate_limited", False),
        ("usage_capped", "out_of_credit", True),
        ("no_credits", "out_of_credit", True),
        ("spend_cap", "out_of_credit", True),
        ("down", "platform_down", False),
        ("broken", "platform_down", False),
        ("html", "garbled_answer", False),
        ("html_403", "garbled_answer", False),
        ("half_json", "garbled_answer", False),
        ("cut", "garbled_answer", False),
        ("list", "garbled_answer", False),
        ("drop", "unreachable", False),
    ],
)
def test_what_goes_wrong_in_reading_has_a_name(fake_x: FakeX, x: X, fault: str, code: str, permanent: bool) -> None:
    fake_x.fault(fault)
    error = error_of(lambda: x.fetch({}))
    assert (error.code, error.permanent, type(error)) == (code, permanent, PlatformError)
    assert bool(error.retry_after) is not permanent
    assert error.words
    assert x.fetch({}).posts == ()


def test_xs_own_words_reach_the_person_who_must_act(fake_x: FakeX, x: X) -> None:
    fake_x.fault("forbidden")
    assert "attached to a Project" in error_of(lambda: x.fetch({})).words


@pytest.mark.parametrize(
    ("reset", "least", "most"), [(42, 40, 43), (-5, 1, 1), (None, 900, 900), (10**9, 86400, 86400)]
)
def test_the_wait_after_too_many_calls(fake_x: FakeX, x: X, reset: float | None, least: float, most: float) -> None:
    fake_x.fault("too_many", reset=reset)
    assert least <= (error_of(lambda: x.fetch({})).retry_after or 0) <= most


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"Slow down", b'{"errors": "none"}', b'{"errors": [7, "x"]}'])
@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_in_any_shape_is_read(fake_x: FakeX, x: X, status: int, body: bytes) -> None:
    fake_x.fault("raw", status=status, headers={"x-rate-limit-reset": "soon"}, body=body)
    error = error_of(lambda: x.fetch({}))
    assert (error.code, error.permanent) == ("rate_limited" if status == 429 else "platform_down", False)
    assert error.retry_after == (900 if status == 429 else 60)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"data": ' + b"9" * 5000 + b"}", b"\xff\xfe{}", b'{"a": 1}}'])
def test_an_answer_no_parser_takes_is_garbled(fake_x: FakeX, x: X, body: bytes) -> None:
    fake_x.fault("raw", headers={"content-type": "application/json"}, body=body)
    assert error_of(lambda: x.fetch({})).code == "garbled_answer"


def test_a_redirect_is_not_followed(fake_x: FakeX, x: X) -> None:
    fake_x.fault("raw", status=302, headers={"location": "/elsewhere"}, body=b"{}")
    assert error_of(lambda: x.fetch({})).code == "garbled_answer"
    assert len(fake_x.calls) == 1


# --- writing ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("fault", ["drop", "cut", "half_json", "html", "html_403", "list", "down", "broken"])
def test_a_write_that_broke_off_is_unknown_and_found_by_looking(
    fake_x: FakeX, x: X, outgoing: Outgoing, fault: str, applied: bool
) -> None:
    fake_x.fault(fault, on="POST", applied=applied)
    error = error_of(lambda: x.reply(outgoing))
    assert (type(error), error.code, error.permanent) == (OutcomeUnknown, "outcome_unknown", False)
    found = x.find_reply(outgoing)
    assert [post.id for post in fake_x.world.timeline(BRAND)] == ([found.external_id] if found else [])
    assert bool(found) is applied


@pytest.mark.parametrize("body", [b"{}", b'{"data": null}', b'{"data": {"text": "hi"}}', b'{"data": []}'])
def test_a_yes_without_an_id_is_unknown(fake_x: FakeX, x: X, outgoing: Outgoing, body: bytes) -> None:
    fake_x.fault("raw", on="POST", status=201, body=body)
    assert type(error_of(lambda: x.reply(outgoing))) is OutcomeUnknown


@pytest.mark.parametrize(
    ("fault", "code", "permanent"),
    [
        ("unauthorized", "bad_credentials", True),
        ("forbidden", "not_allowed", True),
        ("not_found", "gone", True),
        ("too_many", "rate_limited", False),
        ("no_credits", "out_of_credit", True),
        ("spend_cap", "out_of_credit", True),
        ("usage_capped", "out_of_credit", True),
    ],
)
def test_a_write_x_refuses_is_known_not_to_be_there(
    fake_x: FakeX, x: X, outgoing: Outgoing, fault: str, code: str, permanent: bool
) -> None:
    fake_x.fault(fault, on="POST")
    error = error_of(lambda: x.reply(outgoing))
    assert (type(error), error.code, error.permanent) == (PlatformError, code, permanent)


def test_a_look_up_that_fails_is_no_answer_to_whether_we_wrote(fake_x: FakeX, x: X, outgoing: Outgoing) -> None:
    fake_x.fault("down", on="GET")
    assert error_of(lambda: x.find_reply(outgoing)).code == "platform_down"


# --- time -------------------------------------------------------------------------------------------------------------
def test_no_call_waits_longer_than_its_account_allows(fake_x: FakeX, outgoing: Outgoing) -> None:
    hasty = X(account(fake_x.url, timeout=0.2))
    calls: list[tuple[Callable[[], object], type[PlatformError]]] = [
        (lambda: hasty.fetch({}), PlatformError),
        (lambda: hasty.find_reply(outgoing), PlatformError),
        (hasty.verify, PlatformError),
        (lambda: hasty.reply(outgoing), OutcomeUnknown),
    ]
    for call, kind in calls:
        fake_x.fault("stall", seconds=5)
        began = time.monotonic()
        assert type(error_of(call)) is kind
        assert time.monotonic() - began < 2


def test_a_server_that_takes_no_connection_holds_up_nobody(outgoing: Outgoing) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with socket.create_connection(deaf.getsockname()):
            began = time.monotonic()
            error = error_of(lambda: X(account(url, timeout=0.2)).reply(outgoing))
            assert error.code in {"unreachable", "outcome_unknown"}
            assert time.monotonic() - began < 2


def test_a_slow_answer_in_time_is_taken(fake_x: FakeX, x: X) -> None:
    said = fake_x.world.post("amal", f"@{BRAND.handle} hello")
    fake_x.fault("slow", seconds=0.2)
    assert [post.external_id for post in x.fetch({}).posts] == [said.id]


def test_nothing_sleeps_through_a_limit_that_never_ends(
    fake_x: FakeX, x: X, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    ours = threading.get_ident()
    rest = time.sleep
    monkeypatch.setattr(time, "sleep", lambda s: naps.append(s) if threading.get_ident() == ours else rest(s))
    fake_x.fault("too_many", times=100)
    for call in (lambda: x.fetch({}), lambda: x.reply(outgoing), lambda: x.find_reply(outgoing), x.verify):
        assert error_of(call).code == "rate_limited"
    assert naps == []


# --- credentials and addresses ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"bearer_token": None},
        {"bearer_token": "   "},
        {"bearer_token": "expired"},
        {**KEYS, "access_token_secret": "wrong"},
        {"oauth2_user_token": "revoked"},
        {"bearer_token": "مفتاح"},
        {"bearer_token": "two\nlines"},
    ],
)
def test_credentials_that_do_not_open_need_a_person(fake_x: FakeX, credentials: dict[str, str]) -> None:
    error = error_of(lambda: X(account(fake_x.url, credentials=credentials)).fetch({}))
    assert (error.code, error.permanent) == ("bad_credentials", True)


def test_no_key_is_written_into_a_log(fake_x: FakeX, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    user = {"oauth2_user_token": USER_TOKEN, "client_id": "fake-client", "client_secret": "fake-client-secret"}
    for credentials in (CREDENTIALS, KEYS, {**user, "refresh_token": "fake-refresh", "expires_at": 1}, user):
        x = X(account(fake_x.url, credentials=credentials))
        for call in (lambda x=x: x.fetch({}), x.verify, lambda x=x: next(iter(x.listen({})))):
            with contextlib.suppress(PlatformError):
                call()
    logging.getLogger("tests").debug("the log is open")
    assert "the log is open" in caplog.text
    assert "fake-" not in caplog.text


def test_what_a_person_must_give_is_named(x: X) -> None:
    assert isinstance(x, Connects)
    secrets = {need.name for need in X.needs if need.secret}
    assert secrets >= {*CREDENTIALS, "client_id", "client_secret"}
    assert {need.name for need in X.needs} - secrets == {"dms", "keywords", "plan", "stream"}


def test_a_pasted_space_around_a_key_does_no_harm(fake_x: FakeX) -> None:
    padded = {key: f" {value}\n" for key, value in CREDENTIALS.items()}
    assert X(account(fake_x.url, credentials=padded)).verify().handle == BRAND.handle


def test_verify_tells_who_we_are_and_needs_more_than_an_app_token(fake_x: FakeX, x: X) -> None:
    who = x.verify()
    assert (who.external_id, who.handle, who.name, who.followers) == (BRAND.id, BRAND.handle, BRAND.name, 51_000)
    reader = X(account(fake_x.url, credentials={"bearer_token": APP_TOKEN}))
    assert error_of(reader.verify).code == "forbidden"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_an_address_where_nobody_is_costs_no_more_than_a_try(url: str, outgoing: Outgoing) -> None:
    lost = X(account(url, timeout=0.5))
    error = error_of(lambda: lost.fetch({}))
    assert (error.code, error.permanent) == ("unreachable", False)
    assert error_of(lambda: lost.reply(outgoing)).retry_after == 30


@pytest.mark.parametrize("url", ["nonsense", "http://[::1", "ftp://a", "https://", "//x.com"])
def test_an_address_that_is_none_needs_a_person(url: str) -> None:
    error = error_of(lambda: X(account(url)).fetch({}))
    assert (error.code, error.permanent) == ("bad_options", True)


def test_the_way_out_to_x_is_not_the_way_to_another_address(
    fake_x: FakeX, x: X, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    assert x.fetch({}).posts == ()


def test_without_another_address_calls_go_to_x(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str | None, object]] = []

    def note(self: object, request: object, *args: object, **kwargs: object) -> None:
        asked.append((getattr(request, "url", None), args[1]))
        raise AssertionError("nothing may leave this test")

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", note)
    plain = Account(1, BRAND.id, BRAND.handle, CREDENTIALS, {}, timeout=7.0)
    with pytest.raises(AssertionError, match="nothing may leave"):
        X(plain).fetch({})
    ((url, timeout),) = asked
    assert str(url).startswith(f"https://api.twitter.com/2/users/{BRAND.id}/mentions?")
    assert timeout == (5.0, 7.0)
