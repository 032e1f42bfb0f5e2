"""Listening: pages that a platform pushes are stored with the stream's place, and no channel is heard twice."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from queue import Empty, Queue
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ingest import listening
from ingest.listening import Ear, Listener, back_off, channels_to_hear
from ingest.models import BadItem, Channel, Message
from ingest.platforms import base, registry
from ingest.platforms.base import Json, Page, PlatformError
from tests.cast import FakePlatform, a_bell, a_channel, a_platform, a_post

pytestmark = pytest.mark.django_db(transaction=True)
END = object()


class Pushing(FakePlatform):
    """A platform that pushes what is put in its queue: pages, None, errors, END. `opened` and `closed` count."""

    said: "Queue[Any]" = Queue()
    opened: list[Json] = []
    closed: list[int] = []

    def listen(self, cursor: Json) -> Iterator[Page | None]:
        self.opened.append(cursor)
        try:
            yield None
            while True:
                try:
                    word = self.said.get(timeout=0.05)
                except Empty:
                    word = None
                if word is END:
                    return
                if isinstance(word, Exception):
                    raise word
                yield word
        finally:
            self.closed.append(1)


@pytest.fixture(autouse=True)
def bell(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return a_bell(monkeypatch)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "LOOK", 0.05)
    monkeypatch.setattr(listening, "FIRST_WAIT", 0.05)
    monkeypatch.setitem(registry.PLATFORMS, "pushing", Pushing)
    for name, fresh in {"said": Queue(), "opened": [], "closed": []}.items():
        monkeypatch.setattr(Pushing, name, fresh)


@pytest.fixture
def channel() -> Channel:
    return a_channel(platform="pushing", next_poll_at=timezone.now() + timedelta(hours=1))


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listener at work in a thread of its own; ended with the test."""
    made = Listener()
    thread = threading.Thread(target=_run, args=[made])
    thread.start()
    yield made
    made.stop.set()
    thread.join(20)
    assert not thread.is_alive()


def _run(listener: Listener) -> None:
    try:
        listener.run()
    finally:
        connection.close()


def soon(true: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def hear(text: str, at: int = 1, **fields: Any) -> None:
    Pushing.said.put(Page((a_post(text, **fields),), {"at": at}))


def stored(text: str) -> bool:
    return Message.objects.filter(text=text).exists()


# --- what is heard ---------------------------------------------------------------------------------------------------
def test_what_is_pushed_is_stored_with_the_place_of_the_stream_and_not_that_of_the_poll(
    channel: Channel, listener: Listener, bell: list[str]
) -> None:
    hear("my bill is wrong", at=7)
    assert soon(lambda: stored("my bill is wrong"))
    channel.refresh_from_db()
    assert (channel.stream_cursor, channel.cursor) == ({"at": 7}, {})
    assert soon(lambda: Channel.objects.get().last_new_at is not None)
    assert "radd.read" in bell


def test_each_connection_rings_the_poll_that_closes_the_gap_before_it(
    channel: Channel, listener: Listener, bell: list[str]
) -> None:
    ring = f"radd.collect:{channel.pk}"
    assert soon(lambda: bell.count(ring) == 1)
    channel.refresh_from_db()
    assert channel.next_poll_at is not None
    assert channel.next_poll_at <= timezone.now()
    hear("one", at=3)
    Pushing.said.put(PlatformError("platform_down"))
    hear("two", at=4)
    assert soon(lambda: stored("two"))
    assert bell.count(ring) == 2
    assert Pushing.opened == [{}, {"at": 3}], "it goes on where the stream was"


@pytest.mark.parametrize("trouble", [END, PlatformError("platform_down"), KeyError("odd")])
def test_a_stream_that_breaks_off_is_taken_up_again_and_was_closed(
    channel: Channel, listener: Listener, trouble: object
) -> None:
    Pushing.said.put(trouble)
    hear("after it")
    assert soon(lambda: stored("after it"))
    assert len(Pushing.closed) == 1


def test_a_post_the_database_refuses_is_set_aside_and_the_stream_goes_on(channel: Channel, listener: Listener) -> None:
    page = Page((a_post(external_id="x" * 600), a_post("fine")), {"at": 5}, bad=(base.BadItem("b", {}, "odd"),))
    Pushing.said.put(page)
    assert soon(lambda: Channel.objects.get().stream_cursor == {"at": 5})
    assert stored("fine")
    assert BadItem.objects.count() == 2


def test_two_listeners_never_hear_one_channel_twice(channel: Channel, listener: Listener) -> None:
    assert soon(lambda: len(Pushing.opened) == 1)
    second = Listener()
    thread = threading.Thread(target=_run, args=[second])
    thread.start()
    time.sleep(0.5)
    assert second.ears
    assert len(Pushing.opened) == 1
    listener.stop.set()
    assert soon(lambda: len(Pushing.opened) == 2), "it stood by and takes over"
    second.stop.set()
    thread.join(20)


# --- which channels --------------------------------------------------------------------------------------------------
def test_channels_are_noticed_as_they_come_pause_and_go(listener: Listener) -> None:
    one = a_channel(platform="pushing")
    assert soon(lambda: len(Pushing.opened) == 1)
    Channel.objects.update(state="paused")
    assert soon(lambda: len(Pushing.closed) == 1)
    Channel.objects.update(state="active")
    assert soon(lambda: len(Pushing.opened) == 2)
    Channel.objects.filter(pk=one.pk).delete()
    assert soon(lambda: len(Pushing.closed) == 2 and not listener.ears)


@pytest.mark.parametrize("fields", [{"secrets": '{"token": "new"}'}, {"handle": "nawa_help"}, {"options": {"a": 1}}])
def test_a_channel_that_is_set_up_otherwise_is_heard_anew(
    channel: Channel, listener: Listener, fields: dict[str, Any]
) -> None:
    assert soon(lambda: len(Pushing.opened) == 1)
    Channel.objects.update(**fields)
    assert soon(lambda: (len(Pushing.closed), len(Pushing.opened)) == (1, 2))


def test_only_active_channels_whose_platform_pushes_and_that_want_it_are_heard(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_platform(monkeypatch)
    a_channel(platform="fake")
    a_channel(platform="gone")
    a_channel(platform="pushing", state="paused")
    a_channel(platform="pushing", state="broken")
    a_channel(platform="pushing", options={"stream": "off"})
    a_channel(platform="pushing", monthly_cap=0)
    on = a_channel(platform="pushing", options={"stream": "jetstream"})
    assert set(channels_to_hear()) == {channel.pk, on.pk}


def test_a_look_costs_one_query_and_loads_no_adapter_that_no_channel_needs(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(listening, "adapter_of", lambda name: loaded.append(name) or registry.adapter_of(name))
    with CaptureQueriesContext(connection) as queries:
        channels_to_hear()
    assert len(queries) == 1
    assert loaded == ["pushing"]


# --- back-off --------------------------------------------------------------------------------------------------------
def test_each_failure_in_a_row_waits_longer_up_to_a_bound_and_never_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "FIRST_WAIT", 1.0)
    down = PlatformError("platform_down")
    for failures, longest in ((1, 1), (2, 2), (5, 16), (50, 300)):
        waits = {back_off(down, failures) for _turn in range(20)}
        assert longest / 2 <= min(waits) < max(waits) <= longest


def test_a_platform_that_says_how_long_is_believed_and_a_permanent_error_waits_long() -> None:
    assert 40 <= back_off(PlatformError("rate_limited", retry_after=40), 1) <= 44
    assert back_off(PlatformError("bad_credentials", permanent=True), 1) >= 400


def test_an_ear_told_to_stop_ends_and_gives_the_channel_back(channel: Channel) -> None:
    for turn in (1, 2):
        ear = Ear(channel.pk)
        ear.start()
        assert soon(lambda: len(Pushing.opened) == turn)  # noqa: B023  (called before the loop goes on)
        ear.stop.set()
        ear.join(20)
        assert not ear.is_alive
