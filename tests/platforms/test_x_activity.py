"""Events of X's Activity API become posts; direct messages of the old kind come labelled, and can be answered."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from ingest.platforms.base import Author, Cannot, Json, Kind, OutcomeUnknown, Outgoing, PlatformError, Post
from ingest.platforms.x.activity import key_of, read_event, told_at
from ingest.platforms.x.adapter import X
from ingest.platforms.x.parse import Us
from tests.platforms.conftest import BOTH_SPELLINGS, CREDENTIALS, account
from tests.platforms.contract import answer_to
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import APP_TOKEN
from tests.platforms.fake_x.render import renamed
from tests.platforms.openapi.spec import NEW, OLD, spec
from tests.platforms.test_x_posts import ANYTHING

US = Us(BRAND.id, BRAND.handle)
# As X's documentation shows it (2026-07-24): each count twice, users in an object of their own, an id below zero.
DELETED: Json = {
    "event_uuid": "-2781149976877970683", "filter": {"user_id": BRAND.id}, "event_type": "post.delete", "tag": "gone",
    "payload": {"id": "2080761269309813134", "author_id": BRAND.id},
    "includes": {"users": [{"data": {"id": BRAND.id, "username": "NasimAir", "name": "Nasim Air",
                                     "public_metrics": {"followers_count": 5502, "followers_count_str": "5502"}}}]},
}  # fmt: skip


def told(fake: FakeX, event: Json) -> Json:
    """The event in the fake's spelling, checked against X's files."""
    new = fake.spelling == "new"
    event = renamed(event) if new else event
    assert spec(NEW if new else OLD).event("/2/activity/stream", event) == []
    return dict(event["data"])


def only(fake: FakeX, x: X, event: Json) -> Post:
    page = x.read_event(told(fake, event))
    assert (page.cursor, page.bad) == ({}, ())
    (post,) = page.posts
    return post


# --- posts ------------------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
@pytest.mark.parametrize(
    ("kind", "post_kind"),
    [
        ("post.mention.create", Kind.MENTION), ("post.create", Kind.MENTION), ("post.reply.create", Kind.REPLY),
        ("post.quote.create", Kind.QUOTE),
    ],
)  # fmt: skip
def test_an_event_is_the_post_that_polling_would_tell(fake_x: FakeX, x: X, kind: str, post_kind: Kind) -> None:
    ours = fake_x.world.post(BRAND, "We have moved")
    more: dict[str, Any] = {Kind.REPLY: {"reply_to": ours.id}, Kind.QUOTE: {"quotes": ours.id}}.get(post_kind, {})
    said = fake_x.world.post(fake_x.world.user("amal", "أمل", followers=7), f"@{BRAND.handle} أين؟ 2 < 3", **more)
    post = only(fake_x, x, fake_x.activity.post_event(kind, said))
    (polled,) = x.fetch({}).posts
    assert (post.external_id, post.kind, post.text) == (said.id, post_kind, f"@{BRAND.handle} أين؟ 2 < 3")
    for name in ("author", "conversation_key", "parent_id", "ref_id", "posted_at", "url", "metrics", "lang_hint"):
        assert getattr(post, name) == getattr(polled, name)
    assert x.read_event(told(fake_x, fake_x.activity.post_event(kind, said))).charged == {"post_event": 1}


@BOTH_SPELLINGS
def test_a_quote_of_ours_can_be_answered(fake_x: FakeX, x: X) -> None:
    ours = fake_x.world.post(BRAND, "We have moved")
    said = fake_x.world.post("amal", "Of course", quotes=ours.id)
    post = only(fake_x, x, fake_x.activity.post_event("post.quote.create", said))
    assert x.can_reply(post.kind, names_us=False, raw=post.raw) is None


@BOTH_SPELLINGS
def test_a_long_or_edited_post_is_told_whole_under_its_first_id(fake_x: FakeX, x: X) -> None:
    said = fake_x.world.post("amal", "", note=f"@{BRAND.handle} " + "word " * 200)
    edited = fake_x.world.edit(said.id, "")
    post = only(fake_x, x, fake_x.activity.post_event("post.mention.create", edited))
    assert (post.external_id, len(post.text) > 900, bool(post.edited_at)) == (said.id, True, True)


def test_a_deletion_is_a_tombstone_by_the_name_of_its_author() -> None:
    page = read_event(DELETED, US)
    (post,) = page.posts
    assert (post.external_id, post.text, post.raw, page.charged) == ("2080761269309813134", "", {}, {})
    assert post.author == Author(BRAND.id, "NasimAir", "Nasim Air", "", 5502)
    assert post.deleted_at
    assert abs(datetime.now(UTC) - post.deleted_at) < timedelta(minutes=1)


def test_counts_told_twice_are_kept_once() -> None:
    payload = {"id": "1001", "text": "a", "author_id": "7",
               "public_metrics": {"retweet_count": 4, "retweet_count_str": "4", "like_count": 2}}  # fmt: skip
    (post,) = read_event({"event_type": "post.create", "payload": payload}, US).posts
    assert post.metrics == {"repost_count": 4, "like_count": 2}
    assert (post.kind, post.author) == (Kind.POST, Author("7"))


@pytest.mark.parametrize("kind", ["chat.received", "like.create", "follow.follow", "", None, 7])
def test_events_of_other_kinds_are_no_posts(kind: object) -> None:
    page = read_event({"event_uuid": "1", "event_type": kind, "payload": {"id": "1"}}, US)
    assert (page.posts, page.bad, page.charged) == ((), (), {})


@given(ANYTHING, ANYTHING)
@pytest.mark.parametrize("kind", ["post.mention.create", "post.delete", "dm.received"])
def test_whatever_an_event_wraps_is_a_post_or_set_aside(kind: str, payload: Any, includes: Any) -> None:
    event = {"event_uuid": "1", "event_type": kind, "payload": payload, "includes": includes}
    page = read_event(event, US)
    assert len(page.posts) + len(page.bad) <= 1
    told_at(event)


def test_the_same_post_as_a_reply_and_as_a_mention_are_two_events(fake_x: FakeX) -> None:
    said = fake_x.world.post("amal", f"@{BRAND.handle} hello")
    kinds = ("post.mention.create", "post.reply.create", "post.mention.create")
    keys = [key_of(fake_x.activity.post_event(kind, said)["data"]) for kind in kinds]
    assert keys[0] == keys[2] == f"post.mention.create:{said.id}"
    assert keys[0] != keys[1]


# --- direct messages --------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_a_direct_message_comes_labelled_as_the_old_kind(fake_x: FakeX, x: X) -> None:
    amal = fake_x.world.user("amal", "أمل", followers=7)
    event = told(fake_x, fake_x.activity.message(amal, "رقم الحجز 123 & أكثر"))
    page = x.read_event(event)
    (post,) = page.posts
    assert (post.kind, post.text, post.raw["legacy_dm"]) == (Kind.DM, "رقم الحجز 123 & أكثر", True)
    assert post.author == Author(amal.id, "amal", "أمل", "https://pbs.twimg.com/face.jpg", 7)
    assert post.conversation_key == f"dm-{amal.id}-{BRAND.id}"
    assert post.external_id.startswith("dm-")
    assert abs(post.posted_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert page.charged == {"dm_event": 1}
    # Its id is none of a post, and is not looked up as one.
    assert x.look_up([post.external_id]).gone == frozenset()


def test_a_picture_in_a_message_stands_among_its_media(fake_x: FakeX, x: X) -> None:
    event = fake_x.activity.message(fake_x.world.user("amal"), "see")["data"]
    data = event["payload"]["direct_message_events"][0]["message_create"]["message_data"]
    data["attachment"] = {
        "type": "media",
        "media": {"type": "photo", "media_url_https": "https://ton.twitter.com/1.jpg"},
    }
    (post,) = x.read_event(event).posts
    assert post.media == ({"type": "photo", "url": "https://ton.twitter.com/1.jpg", "preview_url": "", "alt": ""},)


def test_a_message_without_sense_does_not_take_the_others_with_it(fake_x: FakeX, x: X) -> None:
    event = fake_x.activity.message(fake_x.world.user("amal"), "hello")["data"]
    event["payload"]["direct_message_events"] += [None, {"id": "x"}]
    page = x.read_event(event)
    assert ([post.text for post in page.posts], len(page.bad)) == (["hello"], 2)


def message(fake: FakeX, x: X, text: str = "hello", sender: str = "amal") -> Post:
    return x.read_event(fake.activity.message(fake.world.user(sender), text)["data"]).posts[0]


def error_of(call: Callable[[], object]) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        call()
    return error.value


@BOTH_SPELLINGS
def test_an_answer_to_a_message_goes_to_its_sender_and_is_found_again(fake_x: FakeX, x: X) -> None:
    outgoing = answer_to(message(fake_x, x), "Thank you & wait")
    assert x.find_reply(outgoing) is None
    sent = x.reply(outgoing)
    (_, ours) = fake_x.world.messages
    assert (ours["from"], ours["text"]) == (BRAND.id, "Thank you & wait")
    assert (sent.external_id, sent.charged) == (f"dm-{ours['id']}", {"dm_create": 1})
    assert x.find_reply(outgoing) == sent
    assert fake_x.world.timeline(BRAND) == []


@BOTH_SPELLINGS
@pytest.mark.parametrize("applied", [True, False])
def test_a_message_that_broke_off_is_unknown_and_looking_settles_it(fake_x: FakeX, x: X, applied: bool) -> None:
    outgoing = answer_to(message(fake_x, x), "Thank you")
    fake_x.fault("drop", on="POST", applied=applied)
    assert isinstance(error_of(lambda: x.reply(outgoing)), OutcomeUnknown)
    assert bool(x.find_reply(outgoing)) is applied


def test_their_words_and_older_ones_are_not_taken_for_our_answer(fake_x: FakeX, x: X) -> None:
    first = message(fake_x, x, "Thank you")
    assert x.find_reply(answer_to(first, "Thank you")) is None
    x.reply(answer_to(first, "Wait"))
    later: Outgoing = answer_to(first, "Wait", first_tried_at=datetime.now(UTC) + timedelta(hours=1))
    assert x.find_reply(later) is None


def test_a_sender_who_cannot_be_written_to_is_told_of(fake_x: FakeX, x: X) -> None:
    post = message(fake_x, x)
    fake_x.fault("forbidden_dm", on="POST")
    error = error_of(lambda: x.reply(answer_to(post, "Hello")))
    assert (error.code, error.permanent) == ("not_allowed", True)
    nameless = answer_to(post, "Hello", parent_raw={"legacy_dm": True})
    assert error_of(lambda: x.reply(nameless)).code == "gone"


def test_only_messages_of_the_old_kind_can_be_answered(x: X) -> None:
    assert x.can_reply(Kind.DM, names_us=False, raw={"legacy_dm": True}) is None
    assert x.can_reply(Kind.DM, names_us=False, raw={}) is Cannot.CLOSED
    reader = X(account("https://example.com", credentials={"bearer_token": APP_TOKEN}))
    assert reader.can_reply(Kind.DM, names_us=False, raw={"legacy_dm": True}) is Cannot.NO_ACCOUNT
    assert CREDENTIALS["consumer_secret"]
