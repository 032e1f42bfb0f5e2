"""The doors that face the world, attacked through the adapters that really stand behind them: nothing unsigned is kept,
nothing large is read, and whoever knocks learns nothing."""

import base64
import hmac
import io
import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client

from ingest import views, webhooks
from ingest.models import Channel, InboundEvent, Message
from ingest.platforms.webhook.signing import HEADER, sign
from tests.cast import a_bell, a_channel

pytestmark = pytest.mark.django_db
SECRET, OTHERS = "a-secret-of-this-channel", "a-secret-of-another-one"
Signer = Callable[[bytes, str, int], dict[str, str]]


def by_bridge(body: bytes, secret: str, at: int) -> dict[str, str]:
    return {HEADER: sign([secret.encode()], body, at)}


def by_x(body: bytes, secret: str, _at: int) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, sha256).digest()
    return {"X-Twitter-Webhooks-Signature": f"sha256={base64.b64encode(digest).decode()}"}


def an_event(number: int = 1) -> bytes:
    author = {"id": "c1", "handle": "reem", "name": "Reem"}
    post = {"id": f"p{number}", "text": "my bill is wrong", "author": author, "posted_at": "2026-11-22T08:00:00Z"}
    return json.dumps({"type": "message", "event_id": f"e{number}", **post, "message": post}).encode()


def an_x_event(number: int = 1, at: float | None = None) -> bytes:
    """A mention, made just now. An id of X holds its time: milliseconds since X's beginning, and 22 bits."""
    made = (int((at or time.time()) * 1000) - 1_288_834_974_657 << 22) + number
    told = {"event_uuid": f"u{number}", "event_type": "post.mention.create", "filter": {"user_id": "acct-care"}}
    return json.dumps({"data": {**told, "payload": {"id": str(made), "text": "down"}}}).encode()


DOORS: dict[str, tuple[Signer, Callable[..., bytes], str]] = {
    "webhook": (by_bridge, an_event, "secret"),
    "x": (by_x, an_x_event, "consumer_secret"),
}


class Door:
    """A channel's address, and somebody at it who knows how calls are signed there."""

    def __init__(self, platform: str) -> None:
        self.signed, self.event, self.name = DOORS[platform]
        self.channel = a_channel(platform=platform, secrets=json.dumps({self.name: SECRET}))

    def knock(
        self, body: bytes, *, secret: str = SECRET, late: int = 0, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str]]:
        """The status and the headers of the answer, whose body is always empty."""
        told = self.signed(body, secret, int(time.time()) - late) if headers is None else headers
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        answer = client.post(f"/hooks/{self.channel.hook}/", body, "application/json", headers=told)
        assert answer.content == b""
        return answer.status_code, dict(answer.headers)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> Door:
    return Door(request.param)


def test_who_signs_with_the_channels_secret_is_heard_once_however_often_it_is_told(door: Door) -> None:
    body = door.event()
    assert [door.knock(body)[0] for _turn in range(3)] == [200] * 3
    assert InboundEvent.objects.count() == 1


def test_no_forged_call_is_kept_and_all_are_answered_alike(door: Door) -> None:
    body = door.event()
    right = door.signed(body, SECRET, int(time.time()))
    name, value = next(iter(right.items()))
    forged = {
        "unsigned": {},
        "an empty signature": {name: ""},
        "of another channel": door.signed(body, OTHERS, int(time.time())),
        "of other words": door.signed(body + b" ", SECRET, int(time.time())),
        "cut off": {name: value[:-4]},
        "no signature at all": {name: "sha256=" + "A" * 5000},
        "strange letters": {name: "t=١,v1=\u00ff"},
    }
    answers = [door.knock(body, headers=headers) for headers in forged.values()]
    assert {status for status, _headers in answers} == {401}
    assert len({repr(sorted(headers.items())) for _status, headers in answers}) == 1
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("late", [301, 86_400, -301])
def test_a_call_that_was_recorded_is_refused_when_it_is_played_again_later(late: int) -> None:
    door = Door("webhook")
    assert door.knock(door.event(), late=late)[0] == 401
    assert not InboundEvent.objects.exists()


def test_x_signs_no_time_so_what_happened_long_ago_is_refused_and_not_asked_for_again() -> None:
    door = Door("x")
    assert door.knock(an_x_event(at=time.time() - 7 * 86_400))[0] == 401
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[" * 5000, b'{"a":' * 2000, b"\xff\xfe\x00", b'{"data": 1}', b"[[1]]", b'{"events": [3]}'],
    ids=["empty", "null", "deep list", "deep object", "no text", "no event", "list", "odd batch"],
)  # fmt: skip
def test_garbage_that_is_signed_breaks_nothing_and_becomes_no_message(door: Door, body: bytes) -> None:
    assert door.knock(body)[0] in {200, 400}
    while webhooks.take_in_events():
        InboundEvent.objects.update(lease_until=None)
    assert InboundEvent.objects.count() <= 1
    assert not Message.objects.exists()


class Endless(io.RawIOBase):
    """A body that never ends; `read_so_far` counts what was taken of it."""

    read_so_far = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "read without a bound"
        self.read_so_far += size
        return b"x" * size


@pytest.mark.parametrize("length", ["99999999999", "2049"])
def test_no_more_of_a_huge_body_is_read_than_the_bound(door: Door, length: str, settings: Any) -> None:
    settings.WEBHOOK_BODY_LIMIT = 2048
    body = Endless()
    request = WSGIRequest(
        {"REQUEST_METHOD": "POST", "PATH_INFO": f"/hooks/{door.channel.hook}/", "CONTENT_LENGTH": length,
         "CONTENT_TYPE": "application/json", "wsgi.input": body, "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    )  # fmt: skip
    assert views.hook(request, hook=door.channel.hook).status_code == 413
    assert body.read_so_far <= 2049
    assert not InboundEvent.objects.exists()


def test_one_call_cannot_bring_more_events_than_a_batch_holds(settings: Any) -> None:
    door = Door("webhook")
    events = [json.loads(door.event(number)) for number in range(5000)]
    status, _headers = door.knock(json.dumps({"events": events}).encode()[: settings.WEBHOOK_BODY_LIMIT])
    assert status in {400, 413}
    assert not InboundEvent.objects.exists()


def test_questions_prove_nothing_to_who_does_not_ask_as_x_does() -> None:
    x, bridge = Door("x").channel, Door("webhook").channel
    client = Client()
    assert client.get(f"/hooks/{bridge.hook}/?crc_token=abc").status_code == 404
    assert client.get(f"/hooks/{x.hook}/").status_code == 404
    answer = client.get(f"/hooks/{x.hook}/?crc_token=abc")
    assert SECRET not in answer.content.decode()
    assert Channel.objects.filter(hook=x.hook).exists()
