"""Reading on Mastodon: no gaps, whatever the ids are; hashtags; threads; the past."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.platforms.base import Json, Kind, PlatformError, Post
from ingest.platforms.mastodon import reading as mastodon_reading
from ingest.platforms.mastodon.adapter import Mastodon
from tests.platforms.contract import walk
from tests.platforms.fake_mastodon import BRAND, GOTOSOCIAL, MASTODON, PLEROMA, FakeMastodon, Manner, account

EVERY = pytest.mark.parametrize("fake", [MASTODON, GOTOSOCIAL, PLEROMA], indirect=True, ids=["mastodon", "gts", "pl"])


@pytest.fixture
def fake(request: pytest.FixtureRequest) -> Iterator[FakeMastodon]:
    manner: Manner = getattr(request, "param", MASTODON)
    with FakeMastodon(replace(manner, page_cap=3)) as server:
        yield server


def at(fake: FakeMastodon, **options: Any) -> Mastodon:
    return Mastodon(account(fake.url, options=options))


def ids(posts: list[Post]) -> list[str]:
    return [post.external_id for post in posts]


# --- mentions ---------------------------------------------------------------------------------------------------------
@EVERY
def test_a_crowd_between_two_looks_comes_in_whole_and_oldest_first(fake: FakeMastodon) -> None:
    fake.world.post("amal", "@nawa hello")
    _, cursor = walk(at(fake), {})
    said = [fake.world.post("omar@other.example", f"@nawa {number}").id for number in range(10)]
    posts, _ = walk(at(fake), cursor)
    assert ids(posts) == said


@EVERY
def test_later_looks_ask_by_min_id_and_never_by_since_id(fake: FakeMastodon) -> None:
    fake.world.post("amal", "@nawa hello")
    _, cursor = walk(at(fake), {})
    fake.calls.clear()
    at(fake).fetch(cursor)
    (query,) = fake.asked("/api/v1/notifications")
    assert query["min_id"] == fake.world.told[-1].id
    assert "since_id" not in query


def test_the_first_look_goes_back_so_far_and_later_ones_miss_nothing(
    fake: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mastodon_reading, "FIRST_PAGES", 2)
    said = [fake.world.post("amal", f"@nawa {number}").id for number in range(8)]
    page = at(fake).fetch({})
    late = fake.world.post("amal", "@nawa while you were reading").id
    posts, cursor = walk(at(fake), page.cursor)
    assert ids([*page.posts]) == said[5:]
    assert ids(posts) == said[2:5]
    assert ids(walk(at(fake), cursor)[0]) == [late]


@EVERY
def test_a_crowd_that_comes_after_an_empty_first_look_comes_in_whole(
    fake: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mastodon_reading, "FIRST_PAGES", 1)
    _, cursor = walk(at(fake), {})
    said = [fake.world.post("amal", f"@nawa {number}").id for number in range(8)]
    posts, cursor = walk(at(fake), cursor)
    assert sorted(ids(posts)) == sorted(said)
    assert walk(at(fake), cursor) == ([], cursor)


def test_only_mentions_come_in_even_from_a_server_that_sends_all_notifications(fake: FakeMastodon) -> None:
    ours = fake.world.post(BRAND, "We have moved")
    for kind in ("favourite", "follow", "poll", "status", "pleroma:emoji_reaction"):
        fake.world.notify(kind, ours)
    said = fake.world.post("amal", "@nawa hello").id
    fake.api._told = lambda kinds, asked: type(fake.api)._told(fake.api, [], asked)
    assert ids(walk(at(fake), {})[0]) == [said]


def test_an_item_that_makes_no_sense_is_set_aside_and_the_others_come_in(fake: FakeMastodon) -> None:
    fake.world.post("amal", "@nawa broken", changes={"created_at": "yesterday"})
    fake.world.post("omar", "@nawa broken too", changes={"account": None})
    said = fake.world.post("amal", "@nawa whole").id
    page = at(fake).fetch({})
    assert ids([*page.posts]) == [said]
    assert [item.error.split(":")[0] for item in page.bad] == ["ValueError", "AttributeError"]


@pytest.mark.parametrize("fake", [MASTODON, PLEROMA], indirect=True, ids=["iso time", "unix seconds"])
def test_the_room_that_is_left_is_told(fake: FakeMastodon) -> None:
    room = at(fake).fetch({}).room
    assert room is not None
    assert (room.limit, room.remaining) == (300, 299)
    assert room.resets_at is not None
    assert timedelta(minutes=3) < room.resets_at - datetime.now(UTC) < timedelta(minutes=5)


def test_a_private_talk_is_a_direct_message_and_an_answer_to_us_a_reply(fake: FakeMastodon) -> None:
    ours = fake.world.post(BRAND, "Good morning")
    fake.world.post("amal", "@nawa quietly", visibility="direct")
    fake.world.post("amal", "@nawa and to you", reply_to=ours.id)
    fake.world.post("amal", "@nawa hello")
    assert [post.kind for post in walk(at(fake), {})[0]] == [Kind.DM, Kind.REPLY, Kind.MENTION]


@pytest.mark.parametrize(("fake", "heard"), [(MASTODON, False), (replace(MASTODON, api=7), True)], indirect=["fake"])
def test_quotes_are_asked_for_where_the_server_knows_of_them(fake: FakeMastodon, heard: bool) -> None:
    us = account(fake.url)
    Mastodon(us).verify()
    ours = fake.world.post(BRAND, "We have moved")
    quote = fake.world.post("omar", "Of course they have", changes={"quote": {"quoted_status": {"id": ours.id}}})
    fake.world.notify("quote", quote)
    posts, _ = walk(Mastodon(us), {})
    assert [(post.kind, post.ref_id) for post in posts] == ([(Kind.QUOTE, ours.id)] if heard else [])


# --- hashtags ---------------------------------------------------------------------------------------------------------
def test_hashtags_are_followed_and_our_own_posts_with_them_are_not_told(fake: FakeMastodon) -> None:
    asked = fake.world.post("amal", "anybody else? #nawaair").id
    fake.world.post(BRAND, "Fly with us #nawaair")
    mention = fake.world.post("omar", "@nawa hello").id
    posts, cursor = walk(at(fake, hashtags=["#NawaAir"]), {})
    assert ids(posts) == [mention, asked]
    assert posts[1].kind is Kind.POST
    said = [fake.world.post("amal", f"still waiting {number} #NawaAir").id for number in range(7)]
    posts, cursor = walk(at(fake, hashtags="#NawaAir, travel"), cursor)
    assert ids(posts) == said
    assert walk(at(fake, hashtags="nawaair travel"), cursor)[0] == []


@pytest.mark.parametrize("fake", [GOTOSOCIAL], indirect=True)
def test_a_server_without_hashtag_timelines_is_no_trouble(fake: FakeMastodon) -> None:
    said = fake.world.post("amal", "@nawa hello #nawa").id
    posts, cursor = walk(at(fake, hashtags="nawa"), {})
    assert ids(posts) == [said]
    assert walk(at(fake, hashtags="nawa"), cursor)[0] == []


def test_a_hashtag_that_fails_holds_up_no_mention_and_loses_nothing(fake: FakeMastodon) -> None:
    tagged = fake.world.post("amal", "anybody? #nawa").id
    fake.fault("refuse", on="/timelines/tag", status=500)
    posts, cursor = walk(at(fake, hashtags="nawa"), {})
    assert posts == []
    mention = fake.world.post("omar", "@nawa hello").id
    assert ids(walk(at(fake, hashtags="nawa"), cursor)[0]) == [mention, tagged]


def test_a_hashtag_that_is_followed_no_longer_gives_up_its_turn(fake: FakeMastodon) -> None:
    page = at(fake, hashtags="nawa").fetch({})
    assert page.cursor["turn"] == "nawa"
    said = fake.world.post("amal", "@nawa hello").id
    posts, cursor = walk(at(fake), page.cursor)
    assert ids(posts) == [said]
    assert "tags" not in cursor


# --- threads ----------------------------------------------------------------------------------------------------------
def deep(fake: FakeMastodon) -> list[str]:
    """A thread of four in which only the last names us."""
    first = fake.world.post("amal", "My flight is late")
    second = fake.world.post("omar", "So is mine", reply_to=first.id)
    third = fake.world.post("amal", "What now?", reply_to=second.id)
    fourth = fake.world.post("omar", "@nawa answer her", reply_to=third.id)
    return [first.id, second.id, third.id, fourth.id]


@EVERY
def test_the_first_post_of_a_thread_is_found_once_and_remembered(fake: FakeMastodon) -> None:
    first, *_, fourth = deep(fake)
    (post,), cursor = walk(at(fake), {})
    assert (post.root_id, post.conversation_key) == (first, first)
    fake.calls.clear()
    fifth = fake.world.post("amal", "@nawa please", reply_to=fourth)
    fake.world.post("omar", "@nawa yes please", reply_to=fifth.id)
    posts, _ = walk(at(fake), cursor)
    assert {post.root_id for post in posts} == {first}
    assert [path for _, path, *_ in fake.calls if path.endswith("/context")] == []


@pytest.mark.parametrize("status", [404, 500])
def test_a_thread_its_server_cannot_tell_begins_at_the_parent(fake: FakeMastodon, status: int) -> None:
    third = deep(fake)[2]
    fake.fault("refuse", on="/context", status=status)
    (post,), _ = walk(at(fake), {})
    assert (post.root_id, post.parent_id) == (third, third)


def test_too_many_questions_about_threads_are_put_off_with_the_page(fake: FakeMastodon) -> None:
    deep(fake)
    fake.fault("refuse", on="/context", status=429)
    with pytest.raises(PlatformError) as limit:
        at(fake).fetch({})
    assert limit.value.code == "rate_limited"
    assert len(walk(at(fake), {})[0]) == 1


@EVERY
def test_what_was_said_around_a_post_is_told_as_context_and_our_own_as_ours(fake: FakeMastodon) -> None:
    first, second, third, fourth = deep(fake)
    ours = fake.world.post(BRAND, "We are on it", reply_to=first)
    (post,), _ = walk(at(fake), {})
    page = at(fake).thread(post)
    told = {found.external_id: found for found in page.posts}
    assert set(told) == {first, second, third, ours.id}
    assert [told[key].context for key in (first, second, third, ours.id)] == [True, True, True, False]
    assert {found.conversation_key for found in page.posts} == {first}
    assert fourth not in told


def test_a_thread_whose_first_post_is_gone_is_told_from_where_it_begins_now(fake: FakeMastodon) -> None:
    first, second, third, _ = deep(fake)
    (post,), _ = walk(at(fake), {})
    fake.world.delete(first)
    page = at(fake).thread(post)
    assert {found.external_id for found in page.posts} == {second, third}
    assert {found.conversation_key for found in page.posts} == {first}


# --- the past, and how things stand now -------------------------------------------------------------------------------
@EVERY
def test_the_past_is_read_back_to_a_day_and_no_further(fake: FakeMastodon) -> None:
    now = datetime.now(UTC)
    said = []
    for days in (9, 8, 5, 4, 3, 2, 1):
        said.append(fake.world.post("amal", f"@nawa {days} days ago", at=now - timedelta(days=days)))
        fake.world.told[-1].at = said[-1].at
    cursor: Json = {}
    posts: list[Post] = []
    while True:
        page = at(fake, hashtags="nawa").backfill(now - timedelta(days=6), cursor)
        posts, cursor = [*posts, *page.posts], page.cursor
        if not page.more:
            break
    assert {post.external_id for post in posts} == {status.id for status in said[2:]}
    assert len(posts) == 5


def test_edits_and_deletions_show_when_posts_are_looked_up(fake: FakeMastodon) -> None:
    kept, edited, gone = (fake.world.post("amal", f"@nawa {word}") for word in ("kept", "edited", "gone"))
    fake.world.edit(edited.id, "@nawa edited twice")
    fake.world.delete(gone.id)
    found = at(fake).look_up([kept.id, edited.id, gone.id])
    assert [post.text for post in found.posts] == ["@nawa kept", "@nawa edited twice"]
    assert [post.edited_at for post in found.posts] == [None, edited.edited_at and found.posts[1].edited_at]
    assert found.posts[1].edited_at is not None
    assert found.gone == {gone.id}
    assert found.posts[0].metrics == {"reply_count": 1, "repost_count": 2, "like_count": 3}


def test_a_gatekeepers_page_does_not_make_a_post_gone(fake: FakeMastodon) -> None:
    post = fake.world.post("amal", "@nawa hello")
    fake.fault("html", status=404)
    with pytest.raises(PlatformError) as error:
        at(fake).look_up([post.id])
    assert error.value.code == "garbled_answer"
