"""X calls us: it is asked for proof, gives proof, and nothing is taken twice or from anybody else."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ingest.platforms.base import Event, Json, PlatformError, Receives
from ingest.platforms.x.adapter import X
from ingest.platforms.x.parse import id_at
from tests.platforms.conftest import CREDENTIALS, account
from tests.platforms.fake_bridge.server import Asked, Server, Told, told
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import APP_TOKEN

HEADER = "x-twitter-webhooks-signature"


def call(fake: FakeX, event: Json | bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of a call as X makes it."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return {"Content-Type": "application/json", "X-Twitter-Webhooks-Signature": fake.activity.signature(body)}, body


def taken(x: X, fake: FakeX, event: Json | bytes, now: datetime | None = None) -> tuple[Event, ...]:
    return x.events(*call(fake, event), now or datetime.now(UTC))


def mention(fake: FakeX, **more: Any) -> Json:
    return fake.activity.post_event("post.mention.create", fake.world.post("amal", f"@{BRAND.handle} help", **more))


def code_of(x: X, headers: dict[str, str], body: bytes, now: datetime | None = None) -> str:
    with pytest.raises(PlatformError) as error:
        x.events(headers, body, now or datetime.now(UTC))
    assert error.value.permanent
    return error.value.code


# --- the proof that the address is ours -------------------------------------------------------------------------------
def test_a_question_is_answered_as_x_answers_it_itself(x: X) -> None:
    assert isinstance(x, Receives)
    secret = {**CREDENTIALS, "consumer_secret": "secret"}
    answer = X(account("https://example.com", credentials=secret)).challenge({"crc_token": "token"})
    # echo -n token | openssl dgst -sha256 -hmac secret -binary | base64
    assert answer == {"response_token": "sha256=6UERDj0r/oJiHw4+FDRzDXMF0QbF9oyHFl0LJ6RhGko="}


def test_nothing_is_answered_to_one_who_asks_nothing(x: X) -> None:
    assert x.challenge({}) is None
    assert x.challenge({"crc_token": ""}) is None
    assert x.challenge({"crc_token": "x" * 5000}) is None


def test_without_the_apps_secret_nothing_is_proven(fake_x: FakeX) -> None:
    reader = X(account(fake_x.url, credentials={"bearer_token": APP_TOKEN}))
    with pytest.raises(PlatformError, match="bad_credentials"):
        reader.challenge({"crc_token": "token"})
    assert code_of(reader, *call(fake_x, mention(fake_x))) == "bad_credentials"


# --- the proof that it is X -------------------------------------------------------------------------------------------
def test_a_signed_call_holds_its_event_and_reads_as_the_post_it_tells(fake_x: FakeX, x: X) -> None:
    told = mention(fake_x)
    (event,) = taken(x, fake_x, told)
    assert event.payload == told["data"]
    assert event.key == f"post.mention.create:{told['data']['event_uuid']}"
    (post,) = x.read_event(event.payload).posts
    assert post.text == f"@{BRAND.handle} help"


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=AAAA", "sha1=xyz", "ünlike"])
def test_a_call_signed_by_nobody_or_somebody_else_is_refused(fake_x: FakeX, x: X, signature: str) -> None:
    headers, body = call(fake_x, mention(fake_x))
    assert code_of(x, {**headers, "X-Twitter-Webhooks-Signature": signature}, body) == "bad_signature"
    assert code_of(x, {}, body) == "bad_signature"


def test_the_signature_is_that_of_the_bytes_as_they_came(fake_x: FakeX, x: X) -> None:
    headers, body = call(fake_x, mention(fake_x))
    assert code_of(x, headers, json.dumps(json.loads(body), indent=1).encode()) == "bad_signature"
    assert code_of(x, headers, body + b" ") == "bad_signature"
    spaced = b'{"data" : {"event_uuid":"1","event_type":"chat.received",  "payload":{"text":"\\u0623"}}}\n'
    assert len(taken(x, fake_x, spaced)) == 1


def test_nothing_is_read_before_the_signature_is_checked(x: X) -> None:
    assert code_of(x, {HEADER: "sha256=AAAA"}, b"{{{") == "bad_signature"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_signed_call_that_is_no_json_is_said_to_be_none(fake_x: FakeX, x: X, body: bytes) -> None:
    assert code_of(x, *call(fake_x, body)) == "bad_payload"


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b"{}", b'{"data": null}', b'{"data": [1, null]}', b'{"for_user_id": "1"}']
)
def test_a_signed_call_without_an_event_holds_none(fake_x: FakeX, x: X, body: bytes) -> None:
    assert taken(x, fake_x, body) == ()


# --- again, late, for others ------------------------------------------------------------------------------------------
def test_an_event_told_again_has_the_same_key(fake_x: FakeX, x: X) -> None:
    told = mention(fake_x)
    assert taken(x, fake_x, told) == taken(x, fake_x, {"data": {**told["data"]}})
    both = {"data": [told["data"], told["data"]]}
    assert len(taken(x, fake_x, both)) == 1
    nameless = {"data": {"event_type": "post.delete", "payload": {"id": "1"}}}
    (event,), (again,) = taken(x, fake_x, nameless), taken(x, fake_x, nameless)
    assert event.key == again.key != ""


def test_a_call_of_long_ago_is_refused(fake_x: FakeX, x: X) -> None:
    now = datetime.now(UTC)
    headers, body = call(fake_x, mention(fake_x))
    assert x.events(headers, body, now + timedelta(hours=24))
    assert code_of(x, headers, body, now + timedelta(hours=26)) == "replayed"
    old = mention(fake_x, post_id=id_at(now - timedelta(days=2)))
    assert code_of(x, *call(fake_x, old), now) == "replayed"
    message = fake_x.activity.message(fake_x.world.user("amal"), "hello")
    assert code_of(x, *call(fake_x, message), now + timedelta(hours=26)) == "replayed"


def test_an_edit_of_an_older_post_and_a_deletion_are_not_of_long_ago(fake_x: FakeX, x: X) -> None:
    said = fake_x.world.post("amal", f"@{BRAND.handle} a", post_id=id_at(datetime.now(UTC) - timedelta(days=2)))
    edited = fake_x.world.edit(said.id, f"@{BRAND.handle} b")
    assert taken(x, fake_x, fake_x.activity.post_event("post.mention.create", edited))
    assert taken(x, fake_x, fake_x.activity.event("post.delete", {"id": said.id, "author_id": BRAND.id}))


def test_what_is_for_another_account_of_the_app_is_left_to_it(fake_x: FakeX, x: X) -> None:
    told = mention(fake_x)
    told["data"]["filter"] = {"user_id": "7"}
    assert taken(x, fake_x, told) == ()
    other = X(account(fake_x.url, external_id="7"))
    assert len(taken(other, fake_x, told)) == 1


# --- from registering to the post -------------------------------------------------------------------------------------
@pytest.fixture
def ear(x: X) -> Iterator[tuple[str, list[Event]]]:
    """An address at which the adapter answers X, and the events that came."""
    came: list[Event] = []

    def answer(asked: Asked) -> Told:
        if asked.method == "GET":
            return told(200, x.challenge(dict(parse_qsl(urlsplit(asked.path).query))))
        came.extend(x.events(asked.headers, asked.body, datetime.now(UTC)))
        return told(200, {})

    with Server(answer) as server:
        yield f"{server.url}/hooks/x", came


@pytest.mark.parametrize("fake_x", ["old", "new"], indirect=True)
def test_from_registering_to_the_post(fake_x: FakeX, x: X, ear: tuple[str, list[Event]]) -> None:
    url, came = ear
    webhook_id = x.register_webhook(url)
    assert {known["event_type"] for known in fake_x.activity.subscriptions} == {
        "post.mention.create", "post.reply.create", "post.quote.create", "post.delete", "dm.received",
    }  # fmt: skip
    assert {known["webhook_id"] for known in fake_x.activity.subscriptions} == {webhook_id}
    said = fake_x.world.post("amal", f"@{BRAND.handle} help")
    deadline = time.monotonic() + 5
    while not came and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [post.external_id for event in came for post in x.read_event(event.payload).posts] == [said.id]


def test_an_address_that_does_not_answer_cannot_be_registered(fake_x: FakeX, x: X) -> None:
    with pytest.raises(PlatformError) as error:
        x.register_webhook("http://127.0.0.1:9/hooks/x")
    assert (error.value.code, error.value.permanent) == ("rejected", True)
    assert fake_x.activity.subscriptions == []
