"""Signing in to X with PKCE, and a token that is kept fresh by use: once, under one lock, and nothing is lost."""

import base64
import re
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from ingest.platforms.base import Account, Json, OutcomeUnknown, PlatformError, Unkept
from ingest.platforms.x.adapter import X
from ingest.platforms.x.oauth import SCOPES, Begun, begin, finish
from tests.platforms.conftest import account
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import APP_TOKEN
from tests.platforms.fake_x.oauth import CLIENT_ID, CLIENT_SECRET, REDIRECT

APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
TOKEN_PATH = "/2/oauth2/token"


class Locked(Unkept):
    """A session as the database keeps it: one renewal at a time, and a renewal that fails keeps nothing."""

    def __init__(self, value: Json | None = None) -> None:
        super().__init__(value)
        self._lock = threading.Lock()

    def renew(self, make: Callable[[Json], Json]) -> Json:
        with self._lock:
            return super().renew(make)


def entry(fake: FakeX, **credentials: Any) -> Account:
    return account(fake.url, credentials={**APP, **credentials})


def visit(url: str) -> dict[str, str]:
    """What a person's browser brings back."""
    answer = requests.get(url, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def signed_in(fake: FakeX, **changes: Any) -> Json:
    """Credentials of an account that has let us in."""
    told = fake.oauth.issue("tweet.read tweet.write users.read offline.access")
    given = {"oauth2_user_token": told["access_token"], "refresh_token": told["refresh_token"]}
    return {**APP, **given, "expires_at": time.time() + 7200, **changes}


def error_of(call: Callable[[], object]) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        call()
    return error.value


# --- signing in -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("public", [True, False])
def test_an_account_lets_us_in_and_can_be_used_at_once(fake_x: FakeX, public: bool) -> None:
    fake_x.oauth.public = public
    credentials = {"client_id": CLIENT_ID} if public else APP
    begun = begin(account(fake_x.url, credentials=credentials), REDIRECT)
    told = visit(begun.url)
    # The callback is another request, in another process: it holds nothing but what was kept in the web session.
    later = account(fake_x.url, credentials=credentials)
    tokens = finish(later, REDIRECT, state=begun.state, verifier=begun.verifier, told=told)
    assert set(tokens) == {"oauth2_user_token", "refresh_token", "expires_at", "scope"}
    assert time.time() + 7000 < tokens["expires_at"] < time.time() + 7300
    assert set(SCOPES) <= set(tokens["scope"].split())
    assert X(account(fake_x.url, credentials={**credentials, **tokens})).verify().handle == BRAND.handle


def test_the_address_x_is_opened_at_carries_the_challenge_and_never_the_verifier(fake_x: FakeX) -> None:
    begun, other = (begin(entry(fake_x), REDIRECT) for _ in range(2))
    asked = dict(parse_qsl(urlsplit(begun.url).query))
    challenge = base64.urlsafe_b64encode(sha256(begun.verifier.encode()).digest()).decode().rstrip("=")
    assert (asked["code_challenge"], asked["code_challenge_method"]) == (challenge, "S256")
    assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", begun.verifier)
    assert begun.verifier not in begun.url
    assert (asked["state"], asked["response_type"], asked["redirect_uri"]) == (begun.state, "code", REDIRECT)
    assert set(SCOPES) == set(asked["scope"].split())
    assert {begun.state, begun.verifier}.isdisjoint({other.state, other.verifier})
    at_x = begin(Account(1, "", "", APP, {}), REDIRECT)
    assert at_x.url.startswith("https://x.com/i/oauth2/authorize?")


@pytest.mark.parametrize("state", ["", "another", "ünlike"])
def test_a_callback_that_was_not_begun_here_is_refused_before_x_is_asked(fake_x: FakeX, state: str) -> None:
    begun = begin(entry(fake_x), REDIRECT)
    told = {**visit(begun.url), "state": state}
    calls = len(fake_x.calls)
    error = error_of(lambda: finish(entry(fake_x), REDIRECT, state=begun.state, verifier=begun.verifier, told=told))
    assert (error.code, error.permanent, len(fake_x.calls)) == ("state_mismatch", True, calls)


@pytest.mark.parametrize("kept", [{"state": ""}, {"verifier": ""}])
def test_a_web_session_that_has_forgotten_cannot_finish(fake_x: FakeX, kept: dict[str, str]) -> None:
    begun = begin(entry(fake_x), REDIRECT)
    told = {**visit(begun.url), **({"state": ""} if "state" in kept else {})}
    keep = {"state": begun.state, "verifier": begun.verifier, **kept}
    assert error_of(lambda: finish(entry(fake_x), REDIRECT, told=told, **keep)).code == "state_mismatch"


def test_another_verifier_or_a_code_used_twice_gets_no_token(fake_x: FakeX) -> None:
    def taken(begun: Begun, told: dict[str, str], verifier: str) -> Json:
        return finish(entry(fake_x), REDIRECT, state=begun.state, verifier=verifier, told=told)

    begun, other = (begin(entry(fake_x), REDIRECT) for _ in range(2))
    told, others = visit(begun.url), visit(other.url)
    assert taken(begun, told, begun.verifier)["oauth2_user_token"]
    for refused in (
        error_of(lambda: taken(begun, told, begun.verifier)),
        error_of(lambda: taken(other, others, begun.verifier)),
    ):
        assert (refused.code, refused.permanent) == ("rejected", True)
        assert "authorization code was invalid" in refused.words


def test_a_person_who_says_no_is_understood(fake_x: FakeX) -> None:
    fake_x.oauth.denies = True
    begun = begin(entry(fake_x), REDIRECT)
    keep = {"state": begun.state, "verifier": begun.verifier}
    error = error_of(lambda: finish(entry(fake_x), REDIRECT, told=visit(begun.url), **keep))
    assert (error.code, error.words, error.permanent) == ("access_denied", "access_denied", True)
    nothing = {"state": begun.state}
    assert error_of(lambda: finish(entry(fake_x), REDIRECT, told=nothing, **keep)).code == "access_denied"


def test_without_an_app_nobody_can_sign_in(fake_x: FakeX) -> None:
    assert error_of(lambda: begin(account(fake_x.url, credentials={}), REDIRECT)).code == "bad_credentials"


# --- keeping fresh ----------------------------------------------------------------------------------------------------
def test_a_token_that_is_good_is_used_and_not_renewed(fake_x: FakeX) -> None:
    us = account(fake_x.url, credentials=signed_in(fake_x))
    X(us).fetch({})
    assert (fake_x.oauth.renewals, us.session.get()) == (0, {})


@pytest.mark.parametrize("ends", [-10.0, 30.0])
def test_a_token_whose_time_is_up_is_renewed_before_it_is_used(fake_x: FakeX, ends: float) -> None:
    credentials = signed_in(fake_x, expires_at=time.time() + ends)
    us = account(fake_x.url, credentials=credentials)
    X(us).fetch({})
    assert [path for _, path, _, _ in fake_x.calls] == [TOKEN_PATH, f"/2/users/{BRAND.id}/mentions"]
    kept = us.session.get()
    assert kept["refresh_token"] not in {"", credentials["refresh_token"]}
    # The next piece of work goes on with what was kept.
    X(us).fetch({})
    assert fake_x.oauth.renewals == 1


def test_a_refused_token_is_renewed_once_and_the_call_made_again(fake_x: FakeX) -> None:
    credentials = signed_in(fake_x)
    us = account(fake_x.url, credentials=credentials)
    fake_x.world.post("amal", f"@{BRAND.handle} hello")
    (post,) = walk(X(us), {})[0]
    del fake_x.api.tokens[credentials["oauth2_user_token"]]
    sent = X(us).reply(answer_to(post, "On it"))
    assert [made.id for made in fake_x.world.timeline(BRAND)] == [sent.external_id]
    assert fake_x.oauth.renewals == 1


def test_each_renewal_keeps_the_newest_refresh_token(fake_x: FakeX) -> None:
    us = account(fake_x.url, credentials=signed_in(fake_x))
    for turn in range(3):
        fake_x.api.tokens.pop(us.session.get().get("oauth2_user_token", us.credentials["oauth2_user_token"]))
        X(us).fetch({})
        assert fake_x.oauth.renewals == turn + 1


def test_two_workers_renew_once(fake_x: FakeX) -> None:
    session = Locked()
    credentials = signed_in(fake_x, expires_at=time.time() - 1)
    workers = [X(account(fake_x.url, credentials=credentials, session=session)) for _ in range(4)]
    errors: list[object] = []

    def work(x: X) -> None:
        try:
            x.fetch({})
        except PlatformError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(x,)) for x in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, fake_x.oauth.renewals) == ([], 1)


def test_an_account_connected_anew_does_not_go_on_with_old_tokens(fake_x: FakeX) -> None:
    session = Unkept()
    old = signed_in(fake_x, expires_at=1)
    X(account(fake_x.url, credentials=old, session=session)).fetch({})
    fake_x.api.tokens.pop(session.get()["oauth2_user_token"])
    fake_x.oauth.refreshable.clear()
    new = signed_in(fake_x)
    X(account(fake_x.url, credentials=new, session=session)).fetch({})
    assert fake_x.oauth.renewals == 1


# --- what goes wrong --------------------------------------------------------------------------------------------------
def test_a_refresh_token_x_no_longer_takes_needs_a_person(fake_x: FakeX) -> None:
    us = account(fake_x.url, credentials=signed_in(fake_x, refresh_token="used", expires_at=1))
    error = error_of(lambda: X(us).fetch({}))
    assert (error.code, error.permanent) == ("bad_credentials", True)
    assert "token was invalid" in error.words
    assert us.session.get() == {}


@pytest.mark.parametrize("credentials", [{"client_secret": "wrong"}, {"client_id": ""}, {"refresh_token": ""}])
def test_a_renewal_that_cannot_be_made_needs_a_person(fake_x: FakeX, credentials: Json) -> None:
    given = signed_in(fake_x, **credentials)
    fake_x.api.tokens.pop(given["oauth2_user_token"])
    error = error_of(lambda: X(account(fake_x.url, credentials=given)).fetch({}))
    assert (error.code, error.permanent) == ("bad_credentials", True)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("down", "unreachable"),
        ("drop", "unreachable"),
        ("html", "unreachable"),
        ("stall", "unreachable"),
        ("too_many", "rate_limited"),
    ],
)
def test_a_renewal_that_broke_off_is_no_answer_of_unknown_outcome(fake_x: FakeX, fault: str, code: str) -> None:
    given = signed_in(fake_x)
    us = account(fake_x.url, credentials=given, timeout=0.5)
    fake_x.world.post("amal", f"@{BRAND.handle} hello")
    (post,) = walk(X(us), {})[0]
    fake_x.api.tokens.pop(given["oauth2_user_token"])
    fake_x.fault(fault, on=TOKEN_PATH)
    error = error_of(lambda: X(us).reply(answer_to(post, "On it")))
    assert (error.code, error.permanent, isinstance(error, OutcomeUnknown)) == (code, False, False)
    assert error.retry_after
    assert X(us).reply(answer_to(post, "On it")).external_id


def test_a_token_refused_after_its_renewal_is_not_renewed_for_ever(fake_x: FakeX) -> None:
    us = account(fake_x.url, credentials=signed_in(fake_x))
    fake_x.fault("unauthorized", on="GET", times=9)
    assert error_of(lambda: X(us).fetch({})).code == "bad_credentials"
    assert (fake_x.oauth.renewals, len(fake_x.calls)) == (1, 3)


def test_a_refresh_token_alone_is_enough_and_an_app_token_beside_it_is_left_alone(fake_x: FakeX) -> None:
    given = signed_in(fake_x, oauth2_user_token="", bearer_token=APP_TOKEN)
    x = X(account(fake_x.url, credentials=given))
    assert x.verify().handle == BRAND.handle
    assert fake_x.oauth.renewals == 1


@pytest.mark.parametrize("answer", [b"{}", b'{"access_token": ""}', b'{"access_token": 7}'])
def test_an_answer_without_a_token_is_garbled_and_keeps_nothing(fake_x: FakeX, answer: bytes) -> None:
    us = account(fake_x.url, credentials=signed_in(fake_x, expires_at=1))
    fake_x.fault("raw", on=TOKEN_PATH, body=answer)
    error = error_of(lambda: X(us).fetch({}))
    assert (error.code, error.permanent, us.session.get()) == ("garbled_answer", False, {})


def test_an_answer_that_says_less_keeps_what_was_known(fake_x: FakeX) -> None:
    given = signed_in(fake_x, expires_at=1)
    us = account(fake_x.url, credentials=given)
    fake_x.api.tokens["plain"] = "user"
    fake_x.fault("raw", on=TOKEN_PATH, body=b'{"access_token": "plain"}')
    X(us).fetch({})
    assert us.session.get()["refresh_token"] == given["refresh_token"]
    assert us.session.get()["expires_at"] > time.time() + 7000
