"""Mentions are walked page by page, backwards, and the mark moves only when a walk has ended."""

import json
from dataclasses import replace

import pytest

from ingest.platforms.base import Json, PlatformError
from ingest.platforms.x.adapter import X
from tests.platforms.conftest import BOTH_SPELLINGS, account
from tests.platforms.contract import walk
from tests.platforms.fake_x import BRAND, FakeX

pytestmark = BOTH_SPELLINGS


def mention(fake: FakeX, number: int) -> str:
    return fake.world.post("amal", f"@{BRAND.handle} number {number}").id


def page_of(*ids: str, **meta: str) -> bytes:
    posts = [{"id": post_id, "text": "@NasimAir hello", "author_id": "7"} for post_id in ids]
    return json.dumps({"data": posts, "meta": {"result_count": len(ids), **meta}}).encode()


def test_a_first_look_at_a_silent_account_leaves_no_mark(x: X) -> None:
    page = x.fetch({})
    assert (page.posts, page.bad, page.cursor, page.more) == ((), (), {}, False)


def test_everything_wanted_is_asked_for(fake_x: FakeX, x: X) -> None:
    x.fetch({"since_id": "1346889436626259968"})
    (method, path, query, _), *_ = fake_x.calls
    assert (method, path) == ("GET", f"/2/users/{BRAND.id}/mentions")
    assert (query["since_id"], query["max_results"]) == ("1346889436626259968", "100")
    assert {
        "author_id", "conversation_id", "created_at", "entities", "in_reply_to_user_id", "lang", "referenced_tweets",
        "attachments", "edit_controls", "note_tweet", "public_metrics",
    } <= set(query["tweet.fields"].split(","))  # fmt: skip
    assert set(query["expansions"].split(",")) == {
        "author_id", "attachments.media_keys", "attachments.poll_ids", "referenced_tweets.id",
    }  # fmt: skip


def test_the_mark_moves_to_the_newest_of_the_first_page_when_the_walk_has_ended(fake_x: FakeX, x: X) -> None:
    old = mention(fake_x, 0)
    _, cursor = walk(x, {})
    assert cursor == {"since_id": old}
    fake_x.api.page_cap = 2
    new = [mention(fake_x, number) for number in range(5)]
    cursors = []
    more = True
    while more:
        page = x.fetch(cursor)
        cursor, more = page.cursor, page.more
        cursors.append(cursor)
    assert [cursor["since_id"] for cursor in cursors] == [old, old, new[-1]]
    assert [cursor["pending"]["newest_id"] for cursor in cursors[:2]] == [new[-1], new[-1]]
    assert cursors[-1] == {"since_id": new[-1]}
    assert {query["since_id"] for _, _, query, _ in fake_x.calls[1:]} == {old}


def test_a_walk_broken_off_is_taken_up_where_it_was_and_misses_no_newcomer(fake_x: FakeX, x: X) -> None:
    fake_x.api.page_cap = 2
    said = [mention(fake_x, number) for number in range(5)]
    first = x.fetch({})
    assert [post.external_id for post in first.posts] == said[3:]
    newcomer = mention(fake_x, 9)
    fake_x.fault("down")
    with pytest.raises(PlatformError):
        x.fetch(first.cursor)
    rest, cursor = walk(X(account(fake_x.url)), first.cursor)
    assert sorted(post.external_id for post in rest) == said[:3]
    assert cursor == {"since_id": said[-1]}
    assert [post.external_id for post in walk(x, cursor)[0]] == [newcomer]


def test_a_page_asked_for_twice_is_the_same_page(fake_x: FakeX, x: X) -> None:
    fake_x.api.page_cap = 2
    for number in range(5):
        mention(fake_x, number)
    cursor = x.fetch({}).cursor
    # But for the room that is left, which the clock changes.
    first, second = (replace(x.fetch(cursor), room=None) for _ in range(2))
    assert first == second


def test_a_page_token_x_has_forgotten_begins_the_walk_again(fake_x: FakeX, x: X) -> None:
    old = mention(fake_x, 0)
    _, cursor = walk(x, {})
    fake_x.api.page_cap = 2
    said = [mention(fake_x, number) for number in range(5)]
    cursor = x.fetch(cursor).cursor
    fake_x.api.forget_page_tokens()
    posts, cursor = walk(x, cursor)
    assert sorted(post.external_id for post in posts) == said
    assert cursor == {"since_id": said[-1]}
    assert old not in {post.external_id for post in posts}


def test_a_walk_is_not_begun_again_for_ever(fake_x: FakeX, x: X) -> None:
    fake_x.api.page_cap = 2
    for number in range(9):
        mention(fake_x, number)
    cursor = x.fetch({}).cursor
    fake_x.api.forget_page_tokens()
    cursor = x.fetch(x.fetch(cursor).cursor).cursor
    fake_x.api.forget_page_tokens()
    with pytest.raises(PlatformError) as refusal:
        x.fetch(cursor)
    assert (refusal.value.code, refusal.value.permanent) == ("rejected", True)


def test_an_old_post_told_again_moves_no_mark_back(fake_x: FakeX, x: X) -> None:
    old, new = (mention(fake_x, number) for number in range(2))
    _, cursor = walk(x, {})
    fake_x.world.posts[old].repeated = True
    posts, after = walk(x, cursor)
    assert [post.external_id for post in posts] == [old]
    assert after == cursor == {"since_id": new}


def test_a_post_that_shows_late_is_read_if_it_is_newer_than_the_mark(fake_x: FakeX, x: X) -> None:
    mention(fake_x, 0)
    late = fake_x.world.post("amal", f"@{BRAND.handle} late", held=True)
    _, cursor = walk(x, {})
    late.held = False
    assert [post.external_id for post in walk(x, cursor)[0]] == [late.id]


def test_a_page_in_any_order_is_told_oldest_first_and_marks_its_newest(fake_x: FakeX, x: X) -> None:
    fake_x.fault("raw", body=page_of("999", "1001", "1000"))
    page = x.fetch({})
    assert [post.external_id for post in page.posts] == ["999", "1000", "1001"]
    assert page.cursor == {"since_id": "1001"}


def test_pages_in_the_wrong_order_lose_nothing(fake_x: FakeX, x: X) -> None:
    fake_x.fault("raw", body=page_of("1000", newest_id="1000", next_token="more"))
    fake_x.fault("raw", body=page_of("1002", "1001", newest_id="1002"))
    posts, cursor = walk(x, {"since_id": "900"})
    assert [post.external_id for post in posts] == ["1000", "1001", "1002"]
    # The mark stays low: 1001 and 1002 may come again, and are known by their ids.
    assert cursor == {"since_id": "1000"}


def test_an_empty_page_in_the_middle_ends_no_walk(fake_x: FakeX, x: X) -> None:
    fake_x.fault("raw", body=page_of(next_token="more"))
    fake_x.fault("raw", body=page_of("1002", newest_id="1002"))
    posts, cursor = walk(x, {"since_id": "900"})
    assert ([post.external_id for post in posts], cursor) == (["1002"], {"since_id": "1002"})


def test_a_page_that_names_itself_as_the_next_is_no_endless_walk(fake_x: FakeX, x: X) -> None:
    fake_x.fault("raw", body=page_of("1002", next_token="round"), times=2)
    cursor = x.fetch({}).cursor
    with pytest.raises(PlatformError) as error:
        x.fetch(cursor)
    assert (error.value.code, error.value.permanent) == ("garbled_answer", False)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "garbled_answer"),
        ({"data": {"id": "1"}, "meta": {}}, "garbled_answer"),
        ({"errors": [{"title": "Not Found Error", "detail": "Could not find user"}]}, "not_found"),
    ],
)
def test_an_answer_that_is_no_page_is_no_empty_page(fake_x: FakeX, x: X, body: Json, code: str) -> None:
    fake_x.fault("raw", body=json.dumps(body).encode())
    with pytest.raises(PlatformError) as error:
        x.fetch({"since_id": "900"})
    assert error.value.code == code


def test_an_account_x_does_not_know_is_said_to_be_gone(fake_x: FakeX) -> None:
    with pytest.raises(PlatformError) as error:
        X(account(fake_x.url, external_id="404404")).fetch({})
    assert (error.value.code, error.value.permanent) == ("not_found", True)
    assert "Could not find user" in error.value.words


def test_a_channel_without_an_account_says_so_and_asks_nothing(fake_x: FakeX) -> None:
    with pytest.raises(PlatformError) as error:
        X(replace(account(fake_x.url), external_id="")).fetch({})
    assert (error.value.code, error.value.permanent, fake_x.calls) == ("not_connected", True, [])
