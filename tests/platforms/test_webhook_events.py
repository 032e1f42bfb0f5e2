"""What a bridge tells becomes posts; what it tells wrong is set aside with the event and the field named."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import BadItem, Cannot, Event, Json, Kind, PlatformError, Post
from ingest.platforms.webhook.adapter import Webhook
from ingest.platforms.webhook.format import MOST_BYTES
from tests.platforms.fake_bridge import Desk, FakeBridge
from tests.platforms.fake_bridge.bridge import SECRET, signature
from tests.platforms.test_webhook import account

MOMENT = "2026-11-22T08:00:00+03:00"
MESSAGE: Json = {
    "id": "77",
    "kind": "review",
    "text": "Two stars & no <answer>. نجمتان 😤",
    "posted_at": MOMENT,
    "thread_id": "t1",
    "parent_id": "76",
    "root_id": "70",
    "ref_id": "9",
    "url": "https://village.example/posts/77",
    "lang": "ar",
    "author": {
        "id": "villager-7",
        "handle": "villager_7",
        "name": "Villager Seven",
        "avatar_url": "https://village.example/7.png",
        "followers": 12,
    },
    "media": [{"type": "image", "url": "https://village.example/a.jpg", "alt": "A torn parcel"}],
    "metrics": {"likes": 3, "stars": 2.5},
    "data": {"board": 4},
}


def event(kind: str = "message.created", /, **changes: Any) -> Json:
    """An event with this changed in its message; None leaves a field out."""
    message = {name: value for name, value in {**MESSAGE, **changes}.items() if value is not None}
    return {"id": "evt-1", "type": kind, "message": message}


def split(told: Any, body: bytes | None = None) -> tuple[Event, ...]:
    """The events of a call that is signed as it should be."""
    raw = json.dumps(told).encode() if body is None else body
    return Webhook(account()).events({"radd-signature": signature(SECRET, raw)}, raw, datetime.now(UTC))


def read(told: Any, **changes: Any) -> tuple[list[Post], list[BadItem]]:
    """Posts and bad items of a call."""
    pages = [Webhook(account(**changes)).read_event(json.loads(json.dumps(found.payload))) for found in split(told)]
    assert all(page.cursor == {} for page in pages)
    return [post for page in pages for post in page.posts], [item for page in pages for item in page.bad]


def post_of(told: Json, **changes: Any) -> Post:
    (post,), bad = read(told, **changes)
    assert bad == []
    return post


def complaint(told: Any) -> str:
    """What is said of a call with one bad event."""
    posts, (item,) = read(told)
    assert posts == []
    return item.error


# --- right ------------------------------------------------------------------------------------------------------------
def test_every_documented_field_comes_in() -> None:
    post = post_of(event())
    assert (post.external_id, post.kind, post.text) == ("77", Kind.REVIEW, MESSAGE["text"])
    assert post.posted_at == datetime(2026, 11, 22, 5, tzinfo=UTC)
    assert (post.conversation_key, post.parent_id, post.root_id, post.ref_id) == ("t1", "76", "70", "9")
    assert (post.url, post.lang_hint, post.context) == ("https://village.example/posts/77", "ar", False)
    assert (post.author.handle, post.author.name, post.author.followers) == ("villager_7", "Villager Seven", 12)
    assert post.media[0] == {
        "type": "image",
        "url": "https://village.example/a.jpg",
        "preview_url": "",
        "alt": "A torn parcel",
    }
    assert post.metrics == {"likes": 3, "stars": 2.5}
    assert post.raw["data"] == {"board": 4}
    assert (post.edited_at, post.deleted_at) == (None, None)


def test_four_fields_are_enough() -> None:
    told = {"id": "1", "text": "hello", "posted_at": "2026-11-22T05:00:00Z", "author": {"id": "a"}}
    post = post_of({"id": "e", "type": "message.created", "message": told})
    assert (post.kind, post.conversation_key, post.author.handle) == (Kind.COMMENT, "", "")


def test_a_field_that_is_null_is_a_field_that_is_not_there() -> None:
    told = event()
    told["message"] |= {"thread_id": None, "media": None, "metrics": None, "url": None, "lang": None, "context": None}
    assert post_of(told).media == ()


def test_fields_that_are_not_documented_are_kept_and_do_no_harm() -> None:
    assert post_of({**event(stars=2), "sent_by": "bridge 1.4"}).raw["stars"] == 2


def test_an_edit_is_the_same_message_with_newer_words() -> None:
    post = post_of(event("message.updated", text="Three stars", edited_at="2026-11-22T06:00:00Z"))
    assert (post.external_id, post.text) == ("77", "Three stars")
    assert post.edited_at == datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_a_deletion_needs_no_words_and_keeps_none() -> None:
    told = {"id": "77", "deleted_at": "2026-11-22T06:00:00Z", "author": {"id": "villager-7"}, "thread_id": "t1"}
    post = post_of({"id": "e", "type": "message.deleted", "message": {**told, "text": "what was deleted"}})
    assert (post.external_id, post.text, post.raw, post.media) == ("77", "", {}, ())
    assert post.deleted_at == post.posted_at == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert post.conversation_key == "t1"


def test_what_we_said_elsewhere_is_ours_whoever_the_bridge_says_it_was() -> None:
    post = post_of(event("message.sent_by_us", kind=None))
    assert (post.author.external_id, post.author.handle, post.kind) == ("nawa-on-village", "nawa", Kind.REPLY)


def test_our_own_account_is_recognised_among_authors() -> None:
    assert post_of(event(author={"id": "nawa-on-village"})).author.external_id == "nawa-on-village"


def test_author_7_of_one_network_is_not_author_7_of_another() -> None:
    told = event(author={"id": "7"})
    assert post_of(told).author.external_id == "village:7"
    assert post_of(told, options={"network": ""}).author.external_id == "1:7"


def test_a_picture_may_speak_for_itself() -> None:
    assert post_of(event(text=None)).text == ""
    assert post_of(event(text="")).media


def test_what_a_database_refuses_is_taken_out() -> None:
    post = post_of(event(text="a\x00b\ud83dc", metrics={"likes": 1}, data={"half\udc00": "\x00"}))
    assert post.text == "ab\ufffdc"
    assert post.raw["data"] == {"half\ufffd": ""}


@pytest.mark.parametrize("reason", [*Cannot])
def test_a_bridge_may_say_that_a_message_takes_no_answer(reason: Cannot) -> None:
    raw = post_of(event(no_answer=reason.value)).raw
    adapter = Webhook(account("https://bridge.example/"))
    assert adapter.can_reply(Kind.REVIEW, names_us=True, raw=raw) is reason


# --- wrong ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": None}, "message.id is missing"),
        ({"id": 77}, "message.id must be text, not a number"),
        ({"id": " "}, "message.id is empty"),
        ({"id": "x" * 513}, "message.id has 513 characters; 512 are allowed"),
        ({"text": ["hello"]}, "message.text must be text, not a list"),
        ({"text": None, "media": None}, "message.text is missing"),
        ({"text": "  ", "media": None}, "message.text is empty"),
        ({"text": "x" * 20_001}, "message.text has 20001 characters; 20000 are allowed"),
        ({"kind": "tweet"}, "message.kind must be one of mention, reply,"),
        ({"kind": True}, "message.kind must be text, not true or false"),
        ({"posted_at": None}, "message.posted_at is missing"),
        ({"posted_at": 1795323600}, "message.posted_at must be text, not a number"),
        ({"posted_at": "2026-11-22T05:00:00"}, "message.posted_at must be a time with its offset"),
        ({"posted_at": "2026-13-22T05:00:00Z"}, "message.posted_at must be a time with its offset"),
        ({"posted_at": "20261122T050000Z"}, "message.posted_at must be a time with its offset"),
        ({"posted_at": "0001-01-01T00:00:00+14:00"}, "message.posted_at must be a time with its offset"),
        ({"author": None}, "message.author is missing"),
        ({"author": "villager-7"}, "message.author must be an object, not text"),
        ({"author": {"handle": "villager_7"}}, "message.author.id is missing"),
        ({"author": {"id": "7", "followers": "12"}}, "message.author.followers must be a number, not text"),
        ({"author": {"id": "7", "followers": -1}}, "message.author.followers must be from 0 to"),
        ({"author": {"id": "7", "followers": 1.5}}, "message.author.followers must be a number"),
        ({"author": {"id": "7", "avatar_url": "javascript:x"}}, "message.author.avatar_url must be an http"),
        ({"url": "javascript:alert(1)"}, "message.url must be an http or https address"),
        ({"url": "https://"}, "message.url must be an http or https address"),
        ({"url": "https://[village"}, "message.url must be an http or https address"),
        ({"url": "https://village.example/a b"}, "message.url must be an http or https address"),
        ({"media": {}}, "message.media must be a list, not an object"),
        ({"media": [{"alt": "x"}]}, "message.media[0].url is missing"),
        ({"media": [MESSAGE["media"][0], "x"]}, "message.media[1] must be an object, not text"),
        ({"media": [MESSAGE["media"][0]] * 21}, "message.media has 21 entries; 20 are allowed"),
        ({"metrics": {"likes": "3"}}, "message.metrics.likes must be a number"),
        ({"metrics": {"likes": True}}, "message.metrics.likes must be a number"),
        ({"metrics": {"likes": 10**20}}, "message.metrics.likes must be within"),
        ({"metrics": dict.fromkeys(map(str, range(51)), 1)}, "message.metrics has more than 50 figures"),
        ({"data": {"x": "y" * 9000}}, "message.data has more than 8192 bytes"),
        ({"data": "x"}, "message.data must be an object, not text"),
        ({"context": "yes"}, "message.context must be true or false, not text"),
        ({"lang": "x" * 17}, "message.lang has 17 characters; 16 are allowed"),
        ({"no_answer": "busy"}, "message.no_answer must be one of"),
        ({"edited_at": "yesterday"}, "message.edited_at must be a time with its offset"),
    ],
)
def test_a_wrong_field_is_named_with_its_event(changes: Json, words: str) -> None:
    error = complaint(event(**changes))
    assert error.startswith("event, id 'evt-1': ")
    assert words in error


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "event: id is missing"),
        ({"id": 7, "type": "message.created"}, "event: id must be text, not a number"),
        ({"id": "e", "message": {}}, "event, id 'e': type is missing"),
        ({"id": "e", "type": "message.liked"}, "type must be one of message.created, message.updated,"),
        ({"id": "e", "type": "message.created"}, "event, id 'e': message is missing"),
        ({"id": "e", "type": "message.created", "message": []}, "message must be an object, not a list"),
        ({"id": "e" * 201, "type": "message.created", "message": {}}, "id has 201 characters; 200 are allowed"),
        (event("message.updated"), "message.edited_at is missing"),
        (event("message.deleted"), "message.deleted_at is missing"),
    ],
)
def test_a_wrong_event_is_named(told: Json, words: str) -> None:
    assert words in complaint(told)


def test_nothing_can_be_ours_in_a_channel_without_an_account() -> None:
    _, (item,) = read(event("message.sent_by_us"), external_id="")
    assert "the channel has no account id" in item.error


def test_one_bad_event_of_a_batch_is_set_aside_and_the_rest_goes_on() -> None:
    told = [{**event(id=str(n)), "id": f"e{n}"} for n in range(4)]
    told[1]["message"]["posted_at"] = "soon"
    del told[2]["id"]
    posts, bad = read({"events": [*told, "a stranger"]})
    assert [post.external_id for post in posts] == ["0", "3"]
    assert [item.error.split(":")[0] for item in bad] == ["events[1], id 'e1'", "events[2]", "events[4]"]
    assert (bad[0].external_id, bad[0].payload) == ("e1", told[1])
    assert bad[2].payload == "a stranger"


# --- calls ------------------------------------------------------------------------------------------------------------
def test_an_event_has_the_same_key_whenever_it_is_told() -> None:
    alone, (batched, _) = split(event()), split({"events": [event(), {**event(), "id": "evt-2"}]})
    assert alone[0].key == batched.key == "evt-1"
    nameless = [found.key for _ in range(2) for found in split({"events": [{"type": "x"}, 7]})]
    assert len(set(nameless)) == 2


def test_an_event_told_twice_in_a_call_is_one() -> None:
    found = split({"events": [event(text="first"), event(text="second")]})
    assert [one.payload["event"]["message"]["text"] for one in found] == ["first"]


def test_an_empty_batch_is_a_call_like_any_other() -> None:
    assert split({"events": []}) == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON in UTF-8"),
        (b"hello", "not JSON in UTF-8"),
        (b"\xff\xfe{\x00}\x00", "not JSON in UTF-8"),
        (b'{"id": NaN}', "not JSON in UTF-8"),
        (b'{"id": ' + b"9" * 5000 + b"}", "not JSON in UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "nested more than 20 deep"),
        (b"[]", "a call holds one event"),
        (b'"x"', "a call holds one event"),
        (b"null", "a call holds one event"),
        (b'{"events": {}}', "a call holds one event"),
        (b'{"events": null}', "a call holds one event"),
        (json.dumps({"events": [{}] * 501}).encode(), "events has 501 entries; 500 are allowed"),
    ],
)
def test_a_call_that_is_none_of_ours_is_refused_whole(body: bytes, words: str) -> None:
    with pytest.raises(PlatformError, match=words) as error:
        split(None, body)
    assert (error.value.code, error.value.permanent) == ("bad_payload", True)


def test_a_body_beyond_its_limit_is_refused_before_anything_is_hashed() -> None:
    with pytest.raises(PlatformError) as error:
        Webhook(account()).events({}, b" " * (MOST_BYTES + 1), datetime.now(UTC))
    assert (error.value.code, error.value.permanent) == ("too_large", True)


def test_a_number_too_large_for_any_database_does_no_harm() -> None:
    (found,) = split(None, b'{"id": "e", "type": "message.created", "message": {"metrics": {"x": 1e999}}}')
    assert found.payload["event"]["message"]["metrics"] == {"x": None}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*MESSAGE, "edited_at", "deleted_at", "no_answer", "context"]), JSON)
def test_whatever_a_field_holds_the_event_is_read_or_set_aside(name: str, value: Any) -> None:
    for kind in ("message.created", "message.updated", "message.deleted", "message.sent_by_us"):
        told = event(kind, edited_at=MOMENT, deleted_at=MOMENT)
        told["message"][name] = value
        posts, bad = read(told)
        assert len(posts) + len(bad) == 1
        for post in posts:
            json.dumps(post.raw, ensure_ascii=False).encode()


@given(JSON)
def test_whatever_is_stored_as_an_event_is_read_or_set_aside(value: Any) -> None:
    for payload in ({"event": value}, {"place": value, "event": event()}, {"event": {"id": value}}):
        page = Webhook(account()).read_event(payload)
        assert len(page.posts) + len(page.bad) == 1


# --- end to end -------------------------------------------------------------------------------------------------------
def test_a_desk_says_what_was_wrong_and_takes_what_was_right() -> None:
    with FakeBridge() as bridge, Desk(account()) as desk:
        bridge.desk_url = desk.inbox
        assert bridge.tell(event()) == 200
        assert bridge.tell(event(text="again")) == 200
        assert bridge.tell({"events": 7}) == 400
        bridge.secrets = ["quite another secret"]
        assert bridge.tell({**event(), "id": "evt-3"}) == 401
        assert list(desk.events) == ["evt-1"]
        assert desk.read()[0].posts[0].text == MESSAGE["text"]
