"""The firehose tells what concerns us, sooner than any poll, and goes on where it was left."""

import json
from collections.abc import Iterator

import libipld
import pytest
from websockets.protocol import State

from ingest.platforms.base import Json, Kind, Page
from ingest.platforms.bluesky import firehose as bluesky_firehose
from ingest.platforms.bluesky.firehose import Firehose
from tests.platforms.bluesky_cast import bluesky, error_of, read, texts
from tests.platforms.fake_bluesky import BRAND, FakeBluesky, frames


@pytest.fixture(autouse=True)
def quick_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky_firehose, "BEAT", 0.15)


class Listener:
    """Listens from a cursor, and has said so to the relay before it is handed out."""

    def __init__(self, sky: FakeBluesky, cursor: Json | None = None, **changes: object) -> None:
        known = len(sky.listeners)
        self._pages = bluesky(sky, **changes).listen(cursor or {})
        first = next(self._pages)
        self.waiting = [first] if first else []
        self.cursor = cursor or {}
        assert len(sky.listeners) > known

    def next(self) -> Page:
        """The next page that holds something."""
        for page in self._until_there():
            if page and (page.posts or page.bad):
                return page
        raise AssertionError("nothing came")

    def silence(self) -> bool:
        """Whether the next beat brings nothing."""
        page = next(self._pages)
        self.cursor = page.cursor if page else self.cursor
        return not (page and page.posts)

    def close(self) -> None:
        self._pages.close()

    def _until_there(self) -> Iterator[Page | None]:
        for _ in range(40):
            page = self.waiting.pop() if self.waiting else next(self._pages)
            self.cursor = json.loads(json.dumps(page.cursor)) if page else self.cursor
            yield page


def test_what_concerns_us_is_heard_and_nothing_else(sky: FakeBluesky) -> None:
    ours = sky.world.post(sky.world.brand, "We fly to Muscat")
    ears = Listener(sky)
    sky.world.post("amal.test", "Nothing to do with anybody")
    sky.world.post("amal.test", f"@{BRAND.handle} in plain letters", plain=True)
    mention = sky.world.post("amal.test", f"@{BRAND.handle} أين حقيبتي؟", langs=["ar"])
    reply = sky.world.post("badr.test", "And to Salalah?", reply_to=ours.uri)
    below = sky.world.post("dana.test", "Me too", reply_to=reply.uri)
    quote = sky.world.post("huda.test", "At last", quotes=ours.uri)
    own = sky.world.post(sky.world.brand, "Hello Muscat")
    heard = [ears.next().posts[0] for _ in range(5)]
    assert [(post.external_id, post.kind) for post in heard] == [
        (mention.uri, Kind.MENTION),
        (reply.uri, Kind.REPLY),
        (below.uri, Kind.REPLY),
        (quote.uri, Kind.QUOTE),
        (own.uri, Kind.POST),
    ]
    assert (heard[0].text, heard[0].lang_hint) == (f"@{BRAND.handle} أين حقيبتي؟", "ar")
    assert (heard[0].author.handle, heard[0].author.followers) == ("amal.test", 10)
    assert ears.silence()
    ears.close()


def test_it_is_the_same_post_that_polling_tells(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    sky.world.post("amal.test", f"@{BRAND.handle} where is my bag?")
    (heard,), (polled,) = ears.next().posts, read(bluesky(sky))
    names = ("external_id", "kind", "text", "conversation_key", "root_id", "url")
    assert [getattr(heard, name) for name in names] == [getattr(polled, name) for name in names]
    assert heard.raw["cid"] == polled.raw["cid"]
    assert heard.raw["record"] == polled.raw["record"]
    ears.close()


def test_it_goes_on_where_it_was_left(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    sky.world.post("amal.test", f"@{BRAND.handle} one")
    assert texts(ears.next()) == [f"@{BRAND.handle} one"]
    ears.close()
    sky.world.post("amal.test", f"@{BRAND.handle} two")
    sky.world.post("amal.test", "something else")
    again = Listener(sky, ears.cursor)
    assert texts(again.next()) == [f"@{BRAND.handle} two"]
    assert sky.listeners == [None, "81"]
    again.close()


def test_the_cursor_moves_with_what_does_not_concern_us(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    sky.world.post("amal.test", "Nothing to do with anybody")
    while ears.cursor.get("seq") != 81:
        assert ears.silence()
    assert ears.silence()
    ears.close()


def test_a_relay_that_counts_anew_is_heard_from_now_on(sky: FakeBluesky) -> None:
    ears = Listener(sky, {"from": sky.relay, "seq": 9_999, "seen": ""})
    sky.world.post("amal.test", f"@{BRAND.handle} hello")
    page = ears.next()
    assert (texts(page), page.cursor["seq"]) == ([f"@{BRAND.handle} hello"], 81)
    assert sky.listeners == ["9999", None]
    ears.close()


def test_the_numbers_of_another_relay_mean_nothing_here(sky: FakeBluesky) -> None:
    Listener(sky, {"from": "wss://relay.example.com", "seq": 3, "seen": ""}).close()
    assert sky.listeners == [None]


def test_a_delete_is_told_of_posts_that_came_this_way_only(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    said = sky.world.post("amal.test", f"@{BRAND.handle} bad words")
    other = sky.world.post("badr.test", "nothing to do with us")
    ears.next()
    ears.close()
    again = Listener(sky, ears.cursor)
    sky.world.delete(other.uri)
    sky.world.delete(said.uri)
    (gone,) = again.next().posts
    assert (gone.external_id, gone.text, gone.author.external_id) == (said.uri, "", said.author.did)
    assert gone.deleted_at
    assert again.silence()
    again.close()


def test_an_edit_is_told_with_its_time(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    said = sky.world.post("amal.test", f"@{BRAND.handle} my bag")
    ears.next()
    sky.world.edit(said.uri, f"@{BRAND.handle} my black bag")
    (edited,) = ears.next().posts
    assert (edited.external_id, edited.text) == (said.uri, f"@{BRAND.handle} my black bag")
    assert edited.edited_at
    ears.close()


def test_a_new_handle_is_asked_for_once_it_is_told(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    amal = sky.world.account("amal.test")
    for handle in ("amal.test", "amal.test", "amal.example.com"):
        if amal.handle != handle:
            sky.world.rename(amal, handle)
        sky.world.post(amal, f"@{BRAND.handle} hello")
        assert ears.next().posts[0].author.handle == handle
    assert len(sky.called("getProfile")) == 2
    ears.close()


def test_without_a_profile_the_did_is_enough(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    sky.fault("down", "getProfile")
    said = sky.world.post("amal.test", f"@{BRAND.handle} hello")
    (post,) = ears.next().posts
    assert (post.author.external_id, post.author.handle) == (said.author.did, "")
    ears.close()


def test_silence_is_told_at_every_beat(sky: FakeBluesky) -> None:
    pages = bluesky(sky).listen({})
    assert [next(pages) for _ in range(3)] == [None, None, None]
    pages.close()


def test_what_cannot_be_read_is_left_out_and_the_rest_goes_on(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    for frame in (b"", b"\xff\xff", b"\xa0", libipld.encode_dag_cbor([1]) + libipld.encode_dag_cbor([2]),
                  frames.message("#commit", {"seq": "x", "ops": 7}), frames.message("#info", {"name": "Outdated"}),
                  frames.message("#account", {"seq": 5, "did": "did:plc:x", "active": False})):  # fmt: skip
        sky.world.send(frame)
    sky.world.post("amal.test", f"@{BRAND.handle} hello")
    assert texts(ears.next()) == [f"@{BRAND.handle} hello"]
    ears.close()


@pytest.mark.parametrize("blocks", [b"", b"no car", None, BRAND.did.encode()])
def test_a_commit_whose_records_are_spoiled_is_set_aside(sky: FakeBluesky, blocks: bytes | None) -> None:
    ears = Listener(sky)
    op = {"action": "create", "path": "app.bsky.feed.post/3x", "cid": frames.raw_cid(b"x")}
    body = {"seq": 85, "repo": "did:plc:amal", "time": "2026-11-21T00:00:00Z", "ops": [op], "blocks": blocks}
    sky.world.send(frames.message("#commit", {**body, "names": BRAND.did}))
    page = ears.next()
    assert [item.external_id for item in page.bad] == ["at://did:plc:amal/app.bsky.feed.post/3x"]
    assert page.posts == ()
    json.dumps(page.bad[0].payload)
    ears.close()


def test_a_connection_that_ends_says_so(sky: FakeBluesky) -> None:
    pages = bluesky(sky).listen({})
    next(pages)
    sky.hang_up()
    error = error_of(lambda: [next(pages) for _ in range(50)])
    assert (error.code, error.permanent, bool(error.retry_after)) == ("unreachable", False, True)


def test_a_listener_that_is_too_slow_comes_back(sky: FakeBluesky) -> None:
    ears = Listener(sky)
    sky.world.send(frames.error("ConsumerTooSlow", "Stream consumer too slow"))
    error = error_of(ears.next)
    assert (error.code, error.permanent, "too slow" in error.words) == ("unreachable", False, True)


@pytest.mark.parametrize(
    ("relay", "code", "permanent"),
    [
        ("ws://127.0.0.1:9", "unreachable", False),
        ("nonsense", "bad_options", True),
        ("ftp://x.example", "bad_options", True),
    ],
)
def test_a_relay_that_is_not_there_has_a_name(sky: FakeBluesky, relay: str, code: str, permanent: bool) -> None:
    error = error_of(lambda: next(bluesky(sky, options={"firehose_url": relay}).listen({})))
    assert (error.code, error.permanent) == (code, permanent)


def test_a_server_that_is_no_relay_has_a_name(sky: FakeBluesky) -> None:
    error = error_of(lambda: next(bluesky(sky, options={"firehose_url": ""}).listen({})))
    assert (error.code, error.permanent) == ("platform_down", False)


def test_closing_the_listener_closes_the_connection(sky: FakeBluesky) -> None:
    pages = bluesky(sky).listen({})
    next(pages)
    (connection,) = sky.open
    pages.close()
    connection.recv_events_thread.join(2)
    assert connection.state is State.CLOSED


def test_what_it_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky_firehose, "KEPT", 5)
    ears = Firehose("ws://x", BRAND.did, 1.0, lambda did: {})
    at = "2026-11-21T00:00:00Z"
    record: Json = {"text": "hi", "createdAt": at, "reply": {"parent": {"uri": f"at://{BRAND.did}/x"}}}
    for n in range(20):
        page = ears._read(frames.commit(n, f"did:plc:{n}", "create", f"app.bsky.feed.post/{n}", record, at))
        assert page
        assert len(page.cursor["seen"]) <= 5 * 8
    assert len(ears._profiles) <= 5
