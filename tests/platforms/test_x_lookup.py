"""Posts are asked for again by their ids: edits, deletions, figures, and what was said around them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.platforms.base import Backfills, Json, Kind, LooksUp, PlatformError, Post, TellsThreads
from ingest.platforms.x.adapter import X
from ingest.platforms.x.parse import id_at
from tests.platforms.conftest import BOTH_SPELLINGS, account
from tests.platforms.contract import walk
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import KEYS, USER_TOKEN


def ids(posts: tuple[Post, ...]) -> list[str]:
    return [post.external_id for post in posts]


def test_x_can_be_asked_for_posts_threads_and_the_past(x: X) -> None:
    assert isinstance(x, LooksUp)
    assert isinstance(x, TellsThreads)
    assert isinstance(x, Backfills)
    assert x.at_once == 100


# --- look-up ----------------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_posts_are_told_with_their_words_and_figures_and_the_deleted_are_gone(fake_x: FakeX, x: X) -> None:
    there = fake_x.world.post("amal", f"@{BRAND.handle} hello")
    gone = fake_x.world.post("omar", f"@{BRAND.handle} never mind")
    fake_x.world.delete(gone.id)
    told = x.look_up([there.id, gone.id])
    (post,) = told.posts
    assert (post.external_id, post.text, post.kind) == (there.id, there.text, Kind.MENTION)
    assert (post.metrics["repost_count"], post.metrics["like_count"]) == (1, 3)
    assert told.gone == {gone.id}
    assert told.charged == {"post_read": 1, "user_read": 1}
    assert told.room
    assert (told.room.limit, told.room.remaining) == (450, 449)


@BOTH_SPELLINGS
def test_where_all_are_gone_that_is_no_garbled_answer(fake_x: FakeX, x: X) -> None:
    posts = [fake_x.world.post("amal", f"@{BRAND.handle} {n}") for n in range(2)]
    for post in posts:
        fake_x.world.delete(post.id)
    told = x.look_up([post.id for post in posts])
    assert (told.posts, told.gone, told.charged) == ((), {post.id for post in posts}, {})


@BOTH_SPELLINGS
def test_a_hundred_are_asked_for_at_once(fake_x: FakeX, x: X) -> None:
    said = [fake_x.world.post("amal", f"@{BRAND.handle} {n}").id for n in range(100)]
    assert set(ids(x.look_up(said).posts)) == set(said)
    assert len(fake_x.calls) == 1


@BOTH_SPELLINGS
def test_an_edit_is_found_by_the_id_the_post_began_with(fake_x: FakeX, x: X) -> None:
    said = fake_x.world.post("amal", f"@{BRAND.handle} my bag is los")
    fake_x.world.edit(said.id, f"@{BRAND.handle} my bag is lost")
    newest = fake_x.world.edit(said.id, f"@{BRAND.handle} my black bag is lost")
    told = x.look_up([said.id])
    (post,) = told.posts
    assert (post.external_id, post.text) == (said.id, f"@{BRAND.handle} my black bag is lost")
    assert (post.raw["id"], post.edited_at is not None, told.gone) == (newest.id, True, frozenset())
    assert told.charged["post_read"] == 2


@BOTH_SPELLINGS
def test_an_edited_post_that_was_deleted_is_gone_by_the_id_it_began_with(fake_x: FakeX, x: X) -> None:
    said = fake_x.world.post("amal", f"@{BRAND.handle} my bag")
    edited = fake_x.world.edit(said.id, f"@{BRAND.handle} my black bag")
    fake_x.world.posts[edited.id].deleted = True
    told = x.look_up([said.id])
    assert (told.posts, told.gone) == ((), {said.id})


@BOTH_SPELLINGS
@pytest.mark.parametrize(
    ("credentials", "gone"), [(None, True), (KEYS, False), ({"oauth2_user_token": USER_TOKEN}, False)]
)
def test_what_is_hidden_from_everybody_is_gone_and_what_is_hidden_from_us_may_not_be(
    fake_x: FakeX, credentials: Json | None, gone: bool
) -> None:
    ghost = fake_x.world.user("ghost", hidden=True)
    said = fake_x.world.post(ghost, f"@{BRAND.handle} hello")
    entry: dict[str, Any] = {"credentials": credentials} if credentials else {}
    told = X(account(fake_x.url, **entry)).look_up([said.id])
    assert (told.posts, told.gone) == ((), {said.id} if gone else frozenset())


@BOTH_SPELLINGS
def test_a_deleted_parent_of_a_post_does_not_make_the_post_gone(fake_x: FakeX, x: X) -> None:
    parent = fake_x.world.post("omar", f"@{BRAND.handle} first")
    reply = fake_x.world.post("amal", f"@{BRAND.handle} me too", reply_to=parent.id)
    fake_x.world.delete(parent.id)
    told = x.look_up([reply.id])
    assert (ids(told.posts), told.gone) == ([reply.id], frozenset())


def test_ids_that_are_no_posts_are_not_asked_for(fake_x: FakeX, x: X) -> None:
    assert x.look_up(["dm-12", "", "٣", "1" * 30]).gone == frozenset()
    assert x.look_up([]).posts == ()
    assert fake_x.calls == []


@pytest.mark.parametrize("body", [b"{}", b'{"data": {"id": "1"}}', b'{"errors": "none"}'])
def test_an_answer_that_is_no_look_up_makes_nothing_gone(fake_x: FakeX, x: X, body: bytes) -> None:
    fake_x.fault("raw", body=body)
    with pytest.raises(PlatformError) as error:
        x.look_up(["1"])
    assert (error.value.code, error.value.permanent) == ("garbled_answer", False)


# --- polls, pictures, figures -----------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_a_poll_stands_among_the_media_with_its_choices(fake_x: FakeX, x: X) -> None:
    options = [{"position": 2, "label": "Train", "votes": 7}, {"position": 1, "label": "Nasim Air", "votes": 3}]
    poll = {"id": "990", "options": options, "voting_status": "open", "end_datetime": "2026-11-23T10:00:00.000Z"}
    photo = {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/1.jpg", "alt_text": "A queue"}
    fake_x.world.post("amal", f"@{BRAND.handle} or the train?", poll=poll, media=(photo,))
    (post,) = x.fetch({}).posts
    assert [medium["type"] for medium in post.media] == ["photo", "poll"]
    assert (post.media[0]["alt"], post.media[1]["alt"]) == ("A queue", "Nasim Air / Train")
    assert post.media[1]["options"] == [{"label": "Nasim Air", "votes": 3}, {"label": "Train", "votes": 7}]
    assert (post.media[1]["closed"], post.media[1]["ends_at"]) == (False, "2026-11-23T10:00:00.000Z")


# --- threads ----------------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_a_thread_is_its_root_the_way_down_and_what_others_said(fake_x: FakeX, x: X) -> None:
    root = fake_x.world.post("omar", "Bags are lost every day")
    ours = fake_x.world.post(BRAND, "Not ours", reply_to=root.id)
    said = fake_x.world.post("amal", f"@{BRAND.handle} but mine is", reply_to=ours.id)
    aside = fake_x.world.post("lina", "Mine too", reply_to=root.id)
    fake_x.world.post("huda", "Of something else")
    (post,) = (post for post in walk(x, {})[0] if post.external_id == said.id)
    page = x.thread(post)
    assert ids(page.posts) == [root.id, ours.id, aside.id]
    assert [other.context for other in page.posts] == [True, False, True]
    assert (page.posts[0].kind, page.posts[2].kind) == (Kind.POST, Kind.REPLY)
    assert page.cursor == {}
    assert page.charged["post_read"] >= 4


@BOTH_SPELLINGS
def test_what_search_no_longer_knows_is_climbed_up_to(fake_x: FakeX, x: X) -> None:
    then = datetime.now(UTC) - timedelta(days=9)
    root = fake_x.world.post("omar", "Bags", post_id=id_at(then))
    middle = fake_x.world.post("lina", "Which?", reply_to=root.id, post_id=id_at(then + timedelta(hours=1)))
    parent = fake_x.world.post("omar", "All", reply_to=middle.id, post_id=id_at(then + timedelta(hours=2)))
    fake_x.world.post("amal", f"@{BRAND.handle} mine", reply_to=parent.id)
    (post,) = (post for post in walk(x, {})[0] if post.parent_id == parent.id)
    assert ids(x.thread(post).posts) == [root.id, middle.id, parent.id]


@BOTH_SPELLINGS
def test_a_thread_goes_on_to_be_told_where_a_part_of_it_is_gone(fake_x: FakeX, x: X) -> None:
    root = fake_x.world.post("omar", "Bags")
    parent = fake_x.world.post("lina", "Which?", reply_to=root.id)
    fake_x.world.post("amal", f"@{BRAND.handle} mine", reply_to=parent.id)
    fake_x.world.delete(parent.id)
    (post,) = walk(x, {})[0]
    assert ids(x.thread(post).posts) == [root.id]


def test_a_thread_without_an_end_costs_a_bounded_number_of_calls(fake_x: FakeX, x: X) -> None:
    above = ""
    start = datetime.now(UTC) - timedelta(days=20)
    for n in range(60):
        above = fake_x.world.post("omar", f"{n}", reply_to=above, post_id=id_at(start + timedelta(minutes=n))).id
    fake_x.world.post("amal", f"@{BRAND.handle} mine", reply_to=above)
    fake_x.api.page_cap = 2
    (post,) = walk(x, {})[0]
    before = len(fake_x.calls)
    assert len(x.thread(post).posts) == 21
    assert len(fake_x.calls) - before <= 23


# --- the past ---------------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_the_past_is_read_by_pages_from_every_source(fake_x: FakeX) -> None:
    now = datetime.now(UTC)
    times = [now - timedelta(days=days) for days in (20, 9, 6, 3)]
    for days, at in enumerate(times):
        fake_x.world.post("omar", f"@{BRAND.handle} {days}", post_id=id_at(at), at=at)
        fake_x.world.post("amal", f"Nasim Air {days}", post_id=id_at(at + timedelta(seconds=1)), at=at)
    fake_x.api.page_cap = 1
    x = X(account(fake_x.url, options={"keywords": "Nasim Air"}))
    posts: list[str] = []
    cursor: Json = {}
    more = True
    while more:
        page = x.backfill(now - timedelta(days=14), cursor)
        posts += [post.text for post in page.posts]
        cursor, more = page.cursor, page.more
    assert sorted(posts) == ["@NasimAir 1", "@NasimAir 2", "@NasimAir 3", "Nasim Air 2", "Nasim Air 3"]
    assert x.backfill(now - timedelta(days=14), cursor).posts == ()
    assert not x.backfill(now - timedelta(days=14), cursor).more


def test_the_past_broken_off_is_taken_up_where_it_was(fake_x: FakeX, x: X) -> None:
    said = [fake_x.world.post("omar", f"@{BRAND.handle} {n}").id for n in range(5)]
    fake_x.api.page_cap = 2
    since = datetime.now(UTC) - timedelta(days=1)
    first = x.backfill(since, {})
    fake_x.fault("down")
    with pytest.raises(PlatformError):
        x.backfill(since, first.cursor)
    second = x.backfill(since, first.cursor)
    fake_x.api.forget_page_tokens()
    again = x.backfill(since, second.cursor)
    assert (ids(first.posts), ids(second.posts), again.posts) == (said[3:], said[1:3], ())
    assert ids(x.backfill(since, again.cursor).posts) == said[3:]
