"""The stream: by WebSocket first, by server-sent events else, and never relied upon."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.platforms.base import Json, Page, PlatformError, Unkept
from ingest.platforms.mastodon import listening as mastodon_listening
from ingest.platforms.mastodon.adapter import Mastodon
from tests.platforms.fake_mastodon import BRAND, GOTOSOCIAL, MASTODON, PLEROMA, TOKEN, FakeMastodon, account

SSE_ONLY = replace(MASTODON, websocket=False)
BOTH_WAYS = pytest.mark.parametrize("fake", [MASTODON, GOTOSOCIAL, SSE_ONLY, PLEROMA], indirect=True)


@pytest.fixture(autouse=True)
def quick_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mastodon_listening, "BEAT", 0.2)


@pytest.fixture
def fake(request: pytest.FixtureRequest) -> Iterator[FakeMastodon]:
    with FakeMastodon(getattr(request, "param", MASTODON)) as server:
        yield server


class Ear:
    """Somebody who listens."""

    def __init__(self, fake: FakeMastodon, cursor: Json | None = None, **changes: Any) -> None:
        self.pages = Mastodon(account(fake.url, **changes)).listen(cursor or {})
        # The first beat: the stream is open.
        self.first = next(self.pages)

    def next_page(self) -> Page:
        """The next page, beats passed over."""
        return next(page for page in self.pages if page is not None)

    def hears_nothing(self) -> bool:
        return [next(self.pages) for _ in range(2)] == [None, None]

    def close(self) -> None:
        self.pages.close()


@BOTH_WAYS
def test_a_mention_is_heard_at_once(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    said = fake.world.post("amal@other.example", "@nawa رحلتي اختفت 😤\nhello")
    page = ear.next_page()
    assert [(post.external_id, post.text) for post in page.posts] == [(said.id, said.text)]
    assert page.cursor == {"min_id": fake.world.told[-1].id}
    assert json.loads(json.dumps(page.cursor)) == page.cursor
    ear.close()


def test_the_websocket_goes_first_where_there_is_one(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    assert fake.streams == ["websocket"]
    ear.close()


@pytest.mark.parametrize("fake", [SSE_ONLY], indirect=True)
def test_server_sent_events_are_the_second_choice(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    assert fake.streams == ["sse"]
    ear.close()


@BOTH_WAYS
def test_a_silent_stream_beats_and_other_peoples_posts_do_not_stop_the_beat(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    assert ear.hears_nothing()
    stop = threading.Event()

    def chatter() -> None:
        while not stop.wait(0.03):
            fake.world.say("update", fake.world.post("omar", "Good morning"))

    talker = threading.Thread(target=chatter)
    talker.start()
    began = time.monotonic()
    assert ear.hears_nothing()
    assert time.monotonic() - began < 2
    stop.set()
    talker.join()
    ear.close()


@BOTH_WAYS
def test_edits_and_deletions_of_what_concerns_us_are_heard(fake: FakeMastodon) -> None:
    before = fake.world.post("amal", "@nawa before you listened")
    stranger = fake.world.post("omar", "Good morning")
    ear = Ear(fake)
    fake.world.edit(stranger.id, "Good evening")
    fake.world.delete(stranger.id)
    fake.world.edit(before.id, "@nawa my words, mended")
    (edited,) = ear.next_page().posts
    assert (edited.external_id, edited.text, edited.edited_at is not None) == (
        before.id,
        "@nawa my words, mended",
        True,
    )
    fake.world.delete(before.id)
    (gone,) = ear.next_page().posts
    assert (gone.external_id, gone.text, gone.raw, gone.deleted_at is not None) == (before.id, "", {}, True)
    assert (gone.author, gone.conversation_key) == (edited.author, edited.conversation_key)
    assert ear.hears_nothing()
    ear.close()


def test_nothing_of_the_past_is_told_to_who_begins_to_listen(fake: FakeMastodon) -> None:
    fake.world.post("amal", "@nawa before")
    ear = Ear(fake)
    assert ear.first is None
    assert ear.hears_nothing()
    ear.close()


def test_an_edit_is_heard_also_where_its_name_is_written_with_a_line(fake: FakeMastodon) -> None:
    said = fake.world.post("amal", "@nawa before")
    ear = Ear(fake)
    said.text, said.edited_at = "@nawa after", datetime.now(UTC)
    fake.world.say("status_update", said)
    assert [post.text for post in ear.next_page().posts] == ["@nawa after"]
    ear.close()


@BOTH_WAYS
def test_what_was_missed_between_two_connections_is_told_first(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    fake.world.post("amal", "@nawa heard")
    cursor = ear.next_page().cursor
    ear.close()
    missed = [fake.world.post("amal", f"@nawa missed {number}").id for number in range(3)]
    again = Ear(fake, cursor)
    assert again.first is not None
    assert [post.external_id for post in again.first.posts] == missed
    live = fake.world.post("amal", "@nawa live").id
    assert [post.external_id for post in again.next_page().posts] == [live]
    again.close()


def test_a_reply_heard_knows_its_thread(fake: FakeMastodon) -> None:
    first = fake.world.post("amal", "My flight is late")
    second = fake.world.post("omar", "Mine too", reply_to=first.id)
    ear = Ear(fake)
    fake.world.post("amal", "@nawa say something", reply_to=second.id)
    assert ear.next_page().posts[0].root_id == first.id
    fake.fault("refuse", on="/context", status=429)
    third = fake.world.post("omar", "Hm")
    fake.world.post("amal", "@nawa left to the polls", reply_to=third.id)
    assert ear.hears_nothing()
    ear.close()


def test_an_event_that_makes_no_sense_is_set_aside(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    fake.world.say("delete", "no such id")
    fake.world.say("status.update", fake.world.post("amal", "@nawa odd", changes={"created_at": 7}))
    page = ear.next_page()
    assert (page.posts, len(page.bad)) == ((), 1)
    ear.close()


@BOTH_WAYS
def test_a_stream_that_ends_is_said_to_have_ended(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    fake.hang_up()
    with pytest.raises(PlatformError) as error:
        ear.next_page()
    assert (error.value.code, error.value.permanent, bool(error.value.retry_after)) == ("unreachable", False, True)


@BOTH_WAYS
def test_who_stops_listening_hangs_up(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    ear.close()
    deadline = time.monotonic() + 3
    while fake.streams and time.monotonic() < deadline:
        # The fake notices when it next says something.
        fake.world.say("update", fake.world.post("omar", "Good morning"))
        time.sleep(0.02)
    assert fake.streams == []
    readers = [thread for thread in threading.enumerate() if thread.name == "server-sent events"]
    for thread in readers:
        thread.join(2)
    assert not any(thread.is_alive() for thread in readers)


@BOTH_WAYS
def test_a_refused_token_needs_a_person_and_is_named_nowhere(fake: FakeMastodon) -> None:
    session = Unkept({"instance": {"streaming": fake.api.streaming, "again_at": "2999-01-01T00:00:00+00:00"}})
    fake.api.tokens.clear()
    with pytest.raises(PlatformError) as error:
        Ear(fake, session=session)
    assert (error.value.code, error.value.permanent) == ("bad_credentials", True)
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize("fake", [replace(MASTODON, websocket=False, sse="absent")], indirect=True)
def test_a_server_without_any_stream_is_read_by_pages_alone(fake: FakeMastodon) -> None:
    with pytest.raises(PlatformError) as error:
        Ear(fake)
    assert error.value.code == "not_found"
    fake.world.post("amal", "@nawa hello")
    assert len(Mastodon(account(fake.url)).fetch({}).posts) == 1


def test_a_stream_nobody_answers_is_given_up_on_in_time(fake: FakeMastodon) -> None:
    nowhere = {"streaming": "ws://127.0.0.1:9", "again_at": "2999-01-01T00:00:00+00:00"}
    began = time.monotonic()
    with pytest.raises(PlatformError) as error:
        Ear(fake, session=Unkept({"instance": nowhere}), timeout=0.5)
    assert (error.value.code, time.monotonic() - began < 2) == ("unreachable", True)


def test_our_own_words_are_not_heard_as_a_customers(fake: FakeMastodon) -> None:
    ear = Ear(fake)
    fake.world.say("update", fake.world.post(BRAND, "We have moved"))
    assert ear.hears_nothing()
    ear.close()
