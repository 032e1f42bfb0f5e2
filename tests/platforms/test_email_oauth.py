"""A mailbox that is entered by tokens, as Gmail and Microsoft 365 want it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ingest.platforms.base import Json, PlatformError, Unkept
from ingest.platforms.email.adapter import Email
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_mail import FakeMail, letter
from tests.platforms.fake_mail.oauth import CLIENT_SECRET, TokenService
from tests.platforms.mail_cast import account


class Locked(Unkept):
    """A session as the database keeps it: one renewal at a time, and a renewal that fails keeps nothing."""

    def __init__(self, value: Json | None = None) -> None:
        super().__init__(value)
        self._lock = threading.Lock()

    def renew(self, make: Callable[[Json], Json]) -> Json:
        with self._lock:
            return super().renew(make)


@pytest.fixture(params=["plain", "ssl", "starttls"])
def mail(request: pytest.FixtureRequest) -> Iterator[FakeMail]:
    with FakeMail(security=request.param, by_token=True) as mail:
        yield mail


def service(mail: FakeMail) -> TokenService:
    assert mail.tokens
    return mail.tokens


def entered(mail: FakeMail, session: Unkept, **changes: Any) -> Email:
    return Email(account(mail, session=session, **changes))


def test_mail_is_read_and_answered_with_one_token(mail: FakeMail) -> None:
    session = Locked()
    mail.inbox.deliver(letter("Where is it?"))
    [post], _ = walk(entered(mail, session), {})
    entered(mail, session).reply(answer_to(post, "On its way."))
    assert mail.letters()[0].get_content().strip() == "On its way."
    assert [asked["grant_type"] for asked in service(mail).asked] == ["refresh_token"]


def test_a_token_whose_hour_is_over_is_renewed_before_it_is_used(mail: FakeMail) -> None:
    session = Locked()
    service(mail).life = 30
    entered(mail, session).verify()
    first = session.get()["oauth2"]["access_token"]
    service(mail).life = 3600
    entered(mail, session).verify()
    assert session.get()["oauth2"]["access_token"] != first


def test_a_token_taken_back_before_its_time_is_renewed_on_the_way_in_and_on_the_way_out(mail: FakeMail) -> None:
    session = Locked()
    mail.inbox.deliver(letter("Where is it?"))
    [post], _ = walk(entered(mail, session), {})
    service(mail).revoke()
    assert walk(entered(mail, session), {})[0] == [post]
    service(mail).revoke()
    entered(mail, session).reply(answer_to(post, "On its way."))
    assert len(mail.letters()) == 1
    assert len(service(mail).asked) == 3


def test_a_new_refresh_token_is_kept_with_the_access_token_it_came_with(mail: FakeMail) -> None:
    session = Locked({"something": "else"})
    service(mail).rotates = True
    given = mail.credentials
    for _ in range(3):
        entered(mail, session, credentials=given).verify()
        service(mail).revoke()
    assert session.get()["oauth2"]["refresh_token"] == service(mail).refresh_token
    assert session.get()["something"] == "else"


def test_workers_that_find_a_token_dead_at_once_renew_it_once(mail: FakeMail) -> None:
    session = Locked()
    service(mail).rotates = True
    given = mail.credentials
    entered(mail, session, credentials=given).verify()
    service(mail).revoke()
    refused: list[PlatformError] = []
    ready = threading.Barrier(4)

    def work() -> None:
        ready.wait()
        try:
            entered(mail, session, credentials=given, timeout=10.0).verify()
        except PlatformError as error:
            refused.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert refused == []
    assert len(service(mail).asked) == 2


def test_connecting_anew_begins_with_what_was_given_anew(mail: FakeMail) -> None:
    session = Locked()
    entered(mail, session).verify()
    service(mail).refresh_token = "another"
    service(mail).revoke()
    entered(mail, session).verify()
    assert service(mail).asked[-1]["refresh_token"] == "another"


@pytest.mark.parametrize(
    ("status", "body", "code", "permanent"),
    [
        (400, b'{"error":"invalid_grant","error_description":"Revoked."}', "bad_credentials", True),
        (401, b'{"error":"invalid_client"}', "bad_credentials", True),
        (429, b"{}", "rate_limited", False),
        (503, b'{"error":"temporarily_unavailable"}', "platform_down", False),
        (502, b"<html>Bad gateway</html>", "garbled_answer", False),
        (200, b"{}", "garbled_answer", False),
        (200, b'{"access_token":""}', "garbled_answer", False),
        (200, b"[" * 100_000, "garbled_answer", False),
    ],
)  # fmt: skip
def test_what_the_token_service_says_has_a_name(status: int, body: bytes, code: str, permanent: bool) -> None:
    with FakeMail(by_token=True) as mail:
        service(mail).next_answer = (status, body)
        with pytest.raises(PlatformError) as error:
            entered(mail, Locked()).verify()
    assert (error.value.code, error.value.permanent) == (code, permanent)
    assert CLIENT_SECRET not in str(error.value)


def test_an_owner_who_took_the_right_back_is_told_so() -> None:
    with FakeMail(by_token=True) as mail:
        session = Locked()
        given = mail.credentials
        entered(mail, session, credentials=given).verify()
        service(mail).refresh_token = "granted to nobody"
        service(mail).revoke()
        with pytest.raises(PlatformError) as error:
            entered(mail, session, credentials=given).verify()
    assert (error.value.code, error.value.words) == ("bad_credentials", "Token has been revoked.")


def test_a_token_service_that_is_not_there_is_asked_again_later() -> None:
    with FakeMail(by_token=True) as mail, pytest.raises(PlatformError) as error:
        entered(mail, Locked(), options={"token_url": "http://127.0.0.1:9/token"}).verify()
    assert (error.value.code, error.value.permanent) == ("unreachable", False)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"token_url": "http://mail.nawa.example/token"}, "bad_options"),
        ({"token_url": "https://["}, "bad_options"),
        ({"token_url": ""}, "bad_options"),
        ({"client_id": ""}, "bad_credentials"),
    ],
)
def test_secrets_go_nowhere_unprotected_or_unnamed(options: Json, code: str) -> None:
    with FakeMail(by_token=True) as mail:
        with pytest.raises(PlatformError) as error:
            entered(mail, Locked(), options=options).verify()
        assert (error.value.code, error.value.permanent) == (code, True)
        assert service(mail).asked == []


def test_a_server_that_takes_no_tokens_is_named() -> None:
    with FakeMail(by_token=True) as other, FakeMail() as mail:
        given = {"credentials": other.credentials, "options": {**other.options, **mail.options}}
        with pytest.raises(PlatformError) as error:
            entered(mail, Locked(), **given).verify()
        assert error.value.code == "bad_options"


def test_mail_may_leave_by_a_password_of_its_own() -> None:
    with FakeMail(by_token=True) as coming, FakeMail() as leaving:
        options = {**coming.options, "smtp_port": leaving.options["smtp_port"]}
        own = {"smtp_username": leaving.username, "smtp_password": leaving.password}
        entered(coming, Locked(), options=options, credentials={**coming.credentials, **own}).verify()
        assert "AUTH" in leaving.commands
