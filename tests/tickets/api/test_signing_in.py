"""Who asks: tokens for programs, sessions for the browser, and neither for strangers."""

import pytest
from axes.models import AccessAttempt
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.api.views import SignInThrottle
from accounts.models import User
from ingest.models import Channel
from tests.cast import a_ticket
from tests.tickets.api.conftest import Ask, body, doing

pytestmark = pytest.mark.django_db
PASSWORD = "a-good-password"


@pytest.fixture
def stranger() -> APIClient:
    client = APIClient(enforce_csrf_checks=True)
    client.default_format = "json"
    return client


def test_a_password_gives_a_token_and_the_token_opens_the_desk(stranger: APIClient, agent: User) -> None:
    given = {"email": agent.email.upper(), "password": PASSWORD}
    response = stranger.post("/api/token", given)
    token = body(response, 200)["token"]
    assert response.headers["Cache-Control"] == "no-store"
    assert "sessionid" not in response.cookies
    stranger.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert body(stranger.get("/api/me"), 200)["id"] == agent.pk


def test_a_token_given_back_is_void(client: APIClient, agent: User) -> None:
    assert client.delete("/api/token").status_code == 204
    assert body(client.get("/api/me"), 401)["code"] == "authentication_failed"
    assert not Token.objects.filter(user=agent).exists()


@pytest.mark.parametrize(
    "path", ["/api/tickets", "/api/tickets/1", "/api/messages", "/api/channels", "/api/people", "/api/me"]
)
def test_strangers_are_told_to_sign_in_and_not_sent_to_a_page(stranger: APIClient, path: str) -> None:
    response = stranger.get(path)
    assert body(response, 401)["code"] == "not_authenticated"
    assert response.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("header", ["Token nobody", "Token", "Token a b", "Token \xff", "Bearer x"])
def test_a_token_nobody_has_is_refused(stranger: APIClient, header: str) -> None:
    stranger.credentials(HTTP_AUTHORIZATION=header)
    body(stranger.get("/api/tickets"), 401)


def test_who_left_is_refused_by_token_and_by_password(client: APIClient, stranger: APIClient, agent: User) -> None:
    User.objects.filter(pk=agent.pk).update(is_active=False)
    body(client.get("/api/me"), 401)
    body(stranger.post("/api/token", {"email": agent.email, "password": PASSWORD}), 401)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, ["email", "password"]),
        ({"email": "not one", "password": "x"}, ["email"]),
        ({"email": "a@b.example", "password": "x" * 300}, ["password"]),
        ({"email": "a@b.example", "password": "a\u0000"}, ["password"]),
    ],
)
def test_credentials_have_a_shape(stranger: APIClient, given: dict[str, str], wrong: list[str]) -> None:
    assert list(body(stranger.post("/api/token", given), 400)["wrong"]) == wrong


def test_five_wrong_passwords_shut_the_door_for_that_person(stranger: APIClient, agent: User) -> None:
    for turn in range(5):
        email = agent.email.upper() if turn % 2 else agent.email
        refused = body(stranger.post("/api/token", {"email": email, "password": "wrong"}), 401 if turn < 4 else 429)
        assert refused["code"] == ("wrong_credentials" if turn < 4 else "locked_out")
    right = {"email": agent.email, "password": PASSWORD}
    assert body(stranger.post("/api/token", right), 429)["code"] == "locked_out"
    AccessAttempt.objects.all().delete()
    body(stranger.post("/api/token", right), 200)


def test_many_tries_from_one_address_are_slowed_whoever_they_are_for(
    stranger: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SignInThrottle, "rate", "3/min")
    codes = [
        stranger.post("/api/token", {"email": f"p{turn}@b.example", "password": "wrong"}).status_code
        for turn in range(4)
    ]
    assert codes == [401, 401, 401, 429]
    assert body(stranger.post("/api/token", {"email": "p@b.example", "password": "x"}), 429)["code"] == "throttled"


def test_the_browsers_session_reads_but_writes_only_with_its_csrf_token(
    stranger: APIClient, agent: User, channel: Channel
) -> None:
    ticket = a_ticket(channel)
    stranger.force_login(agent, backend="accounts.backends.PersonBackend")
    body(stranger.get("/api/tickets"), 200)
    refused = body(stranger.post(doing(ticket, "take")), 403)
    assert (refused["code"], "CSRF" in refused["detail"]) == ("permission_denied", True)
    token = "x" * 32
    stranger.cookies["csrftoken"] = token
    body(stranger.post(doing(ticket, "take"), headers={"X-CSRFToken": token}), 200)


def test_a_token_needs_no_csrf_token(ask: Ask, agent: User, channel: Channel) -> None:
    client = ask(agent)
    client.handler.enforce_csrf_checks = True
    body(client.post(doing(a_ticket(channel), "take")), 200)
