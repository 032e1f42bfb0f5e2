"""Webhooks: what a platform tells is stored before it is answered, once, and understood afterwards whatever dies."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ingest import webhooks
from ingest.models import BadItem, Channel, InboundEvent, Message
from ingest.platforms import base
from ingest.platforms.base import Event, Json, Page, PlatformError, Post
from ingest.platforms.registry import PLATFORMS
from tests.cast import FakePlatform, a_bell, a_channel, a_platform, a_post, at_once

pytestmark = pytest.mark.django_db
SECRET = "the-secret-nobody-may-see"
WORDS = "my number is 0501234567"


class Called(FakePlatform):
    """A platform that calls us: a body is a JSON list of [key, text]; the header `Sign` must hold the secret."""

    posts: dict[str, Post] = {}

    def challenge(self, query: Mapping[str, str]) -> Json | None:
        return {"token": query["token"]} if "token" in query else None

    def events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Event, ...]:
        if headers.get("sign") != SECRET:
            raise PlatformError("bad_signature", f"{headers.get('sign')} is not {SECRET}", permanent=True)
        if body == b"surprise":
            raise KeyError(SECRET)
        if body == b"garbled":
            raise PlatformError("bad_payload", permanent=True)
        return tuple(Event(key, {"text": text, "key": key}) for key, text in json.loads(body))

    def read_event(self, payload: Json) -> Page:
        text = payload["text"]
        if text == "bad":
            return Page((), {}, bad=(base.BadItem(payload["key"], payload, "no author"),))
        if text == "poison":
            raise KeyError("text")
        if text == "never":
            raise PlatformError("gone", "no more", permanent=True)
        return Page((self.posts.setdefault(payload["key"], a_post(text, external_id=payload["key"])),), {})


@pytest.fixture(autouse=True)
def bell(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return a_bell(monkeypatch)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setitem(PLATFORMS, "called", Called)
    monkeypatch.setattr(Called, "posts", {})
    return a_channel(platform="called")


def call(channel: Channel, *events: tuple[str, str], sign: str = SECRET, body: bytes | None = None) -> int:
    """The status of one call, by somebody without a session or a token."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    content = json.dumps(events).encode() if body is None else body
    answer = client.post(f"/hooks/{channel.hook}/", content, "application/json", headers={"Sign": sign})
    assert answer.content == b"" or answer.status_code == 405
    return answer.status_code


def states() -> list[str]:
    return list(InboundEvent.objects.order_by("id").values_list("state", flat=True))


def rested() -> None:
    """Whatever rests after a failure has rested."""
    InboundEvent.objects.update(lease_until=None)


# --- being called ----------------------------------------------------------------------------------------------------
def test_a_call_is_stored_before_it_is_answered_and_rings(
    channel: Channel, bell: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), CaptureQueriesContext(connection) as queries:
        assert call(channel, ("e1", "my bill is wrong"), ("e2", "down\x00")) == 200
    assert len(queries) == 5, "the channel, what is known, the rows, and a savepoint around them"
    assert [event.payload["text"] for event in InboundEvent.objects.order_by("id")] == ["my bill is wrong", "down"]
    assert bell == ["radd.take_in"]
    assert not Message.objects.exists(), "what it means is found out afterwards"


def test_a_call_told_again_is_known_and_rings_nobody(
    channel: Channel, bell: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    call(channel, ("e1", "down"))
    webhooks.take_in_events()
    bell.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert call(channel, ("e1", "down")) == 200
    assert (states(), bell) == (["done"], [])
    assert webhooks.take_in_events() == 0


def test_the_same_key_on_two_channels_is_two_events(channel: Channel) -> None:
    other = a_channel(channel.brand, platform="called")
    call(channel, ("e1", "down"))
    call(other, ("e1", "down"))
    assert InboundEvent.objects.count() == 2


def test_a_key_of_any_length_is_told_apart(channel: Channel) -> None:
    for end in "ab":
        assert call(channel, ("k" * 400 + end, "down")) == 200
    assert InboundEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("sign", "body", "status"),
    [("wrong", b"[]", 401), (SECRET, b"garbled", 400), (SECRET, b"surprise", 500), (SECRET, b"x" * 3000, 413)],
)
def test_a_call_that_is_not_taken_is_told_no_more_than_that(
    channel: Channel, sign: str, body: bytes, status: int, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WEBHOOK_BODY_LIMIT = 2048
    with caplog.at_level(logging.DEBUG):
        assert call(channel, sign=sign, body=body) == status
    assert not InboundEvent.objects.exists()
    assert SECRET not in caplog.text


def test_an_address_that_is_nobodys_and_a_platform_that_does_not_call_are_the_same_404(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_platform(monkeypatch)
    assert call(a_channel(platform="fake")) == 404
    assert call(Channel(hook=uuid4())) == 404


def test_a_channel_whose_keys_cannot_be_opened_asks_to_be_called_again(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(secrets="no json")
    assert call(channel, ("e1", "down")) == 503


def test_a_challenge_is_answered_and_a_look_by_hand_is_not(channel: Channel) -> None:
    client = Client()
    assert client.get(f"/hooks/{channel.hook}/?token=t1").json() == {"token": "t1"}
    assert client.get(f"/hooks/{channel.hook}/").status_code == 404
    assert client.put(f"/hooks/{channel.hook}/").status_code == 405


# --- taking in -------------------------------------------------------------------------------------------------------
def test_events_become_messages_once(channel: Channel) -> None:
    call(channel, ("e1", "my bill is wrong"), ("e2", "down"))
    call(channel, ("e3", "down again"))
    assert webhooks.take_in_events() == 3
    assert webhooks.take_in_events() == 0
    assert list(Message.objects.order_by("posted_at").values_list("text", flat=True)) == [
        "my bill is wrong",
        "down",
        "down again",
    ]
    assert states() == ["done"] * 3
    channel.refresh_from_db()
    assert channel.last_new_at is not None


def test_what_one_event_costs_does_not_grow_with_their_number(channel: Channel) -> None:
    call(channel, *[(f"a{n}", "down") for n in range(2)])
    with CaptureQueriesContext(connection) as few:
        webhooks.take_in_events()
    call(channel, *[(f"b{n}", "down") for n in range(20)])
    with CaptureQueriesContext(connection) as many:
        webhooks.take_in_events()
    assert len(many) == len(few) <= 20


def test_a_paused_channel_keeps_its_events_and_takes_them_in_when_it_goes_on(channel: Channel) -> None:
    Channel.objects.update(state="paused")
    assert call(channel, ("e1", "down")) == 200
    assert webhooks.take_in_events() == 0
    Channel.objects.update(state="active")
    assert webhooks.take_in_events() == 1
    assert Message.objects.get().text == "down"


def test_a_poison_event_costs_the_others_nothing_and_ends_as_failed_with_its_error(
    channel: Channel, settings: Any
) -> None:
    call(channel, ("e1", "down"), ("e2", "poison"), ("e3", "wrong"))
    webhooks.take_in_events()
    assert states() == ["done", "waiting", "done"]
    assert webhooks.take_in_events() == 0, "it rests"
    for _turn in range(settings.EVENT_ATTEMPTS):
        rested()
        webhooks.take_in_events()
    event = InboundEvent.objects.get(key="e2")
    assert (event.state, event.attempts, event.error) == ("failed", settings.EVENT_ATTEMPTS, "KeyError: 'text'")


def test_an_error_that_trying_again_cannot_mend_is_told_at_once(channel: Channel) -> None:
    call(channel, ("e1", "never"))
    webhooks.take_in_events()
    assert InboundEvent.objects.values_list("state", "error").get() == ("failed", "gone: no more")


def test_a_failed_event_can_be_replayed(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    call(channel, ("e1", "never"), ("e2", "down"))
    webhooks.take_in_events()
    monkeypatch.setattr(Called, "read_event", lambda self, payload: Page((a_post("mended"),), {}))
    everything = list(InboundEvent.objects.values_list("pk", flat=True))
    assert webhooks.replay(everything) == 1, "what was taken in is not taken in again"
    assert webhooks.take_in_events() == 1
    assert states() == ["done", "done"]
    assert Message.objects.filter(text="mended").exists()


def test_an_event_that_kills_the_process_is_the_only_one_to_run_out_of_attempts(
    channel: Channel, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def read(self: Called, payload: Json) -> Page:
        if payload["text"] == "kill":
            raise Killed
        return Page((a_post(payload["text"], external_id=payload["key"]),), {})

    monkeypatch.setattr(Called, "read_event", read)
    call(channel, ("e1", "kill"), ("e2", "down"), ("e3", "wrong"))
    for _life in range(settings.EVENT_ATTEMPTS + 3):
        try:
            webhooks.take_in_events()
        except Killed:
            rested()
    assert states() == ["failed", "done", "done"]
    assert "process ended" in InboundEvent.objects.get(key="e1").error


def test_an_event_in_somebodys_hands_is_left_alone_until_their_lease_runs_out(channel: Channel) -> None:
    call(channel, ("e1", "down"))
    InboundEvent.objects.update(lease_until=timezone.now() + timedelta(minutes=1), attempts=1)
    assert webhooks.take_in_events() == 0
    InboundEvent.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert webhooks.take_in_events() == 1


def test_what_an_event_holds_that_is_no_post_is_set_aside(channel: Channel) -> None:
    call(channel, ("e1", "bad"))
    webhooks.take_in_events()
    assert (states(), BadItem.objects.get().error) == (["done"], "no author")


def test_a_post_the_database_refuses_does_not_hold_up_its_event(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = replace(a_post(), external_id="x" * 600)
    monkeypatch.setattr(Called, "read_event", lambda self, payload: Page((refused, a_post("fine")), {}))
    call(channel, ("e1", ""))
    webhooks.take_in_events()
    assert (states(), Message.objects.get().text) == (["done"], "fine")


def test_a_platform_that_no_longer_calls_says_so_on_its_events(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(channel, ("e1", "down"))
    a_platform(monkeypatch)
    Channel.objects.update(platform="fake")
    webhooks.take_in_events()
    assert InboundEvent.objects.get().error == "no_webhooks: fake"


def test_words_of_customers_stay_out_of_the_log(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    def read(self: Called, payload: Json) -> Page:
        raise ValueError(payload["text"])

    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.DEBUG):
        patch.setattr(Called, "read_event", read)
        call(channel, ("e1", WORDS))
        webhooks.take_in_events()
    assert InboundEvent.objects.get().error == f"ValueError: {WORDS}"
    assert WORDS not in caplog.text


def test_old_events_are_forgotten_but_never_one_that_was_not_taken_in(channel: Channel, settings: Any) -> None:
    call(channel, ("e1", "down"), ("e2", "never"))
    webhooks.take_in_events()
    call(channel, ("e3", "down"))
    InboundEvent.objects.update(received_at=timezone.now() - settings.EVENT_KEEP - timedelta(hours=1))
    call(channel, ("e4", "down"))
    assert webhooks.prune_events() == 1
    assert webhooks.prune_events() == 0
    assert sorted(InboundEvent.objects.values_list("key", flat=True)) == ["e2", "e3", "e4"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_each_event_in_once(channel: Channel) -> None:
    call(channel, *[(f"e{n}", f"down {n}") for n in range(60)])
    took = at_once(*[lambda: webhooks.take_in_events(20)] * 3)
    assert sum(took) == 60
    assert Message.objects.count() == 60
    assert set(InboundEvent.objects.values_list("attempts", flat=True)) == {1}
