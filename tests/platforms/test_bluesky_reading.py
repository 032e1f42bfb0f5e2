"""What comes in from Bluesky: late, found, told twice, renamed, and never by the time that an author claims."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ingest.platforms.base import Json, Kind
from ingest.platforms.bluesky.adapter import Bluesky
from ingest.platforms.bluesky.walk import DEEP_A_LOOK
from tests.platforms.bluesky_cast import bluesky, error_of, read
from tests.platforms.contract import walk
from tests.platforms.fake_bluesky import BRAND, FakeBluesky

IN_2020 = datetime(2020, 3, 1, 9, 30, tzinfo=UTC)


def an_hour_later(cursor: Json) -> Json:
    return {**cursor, "deep_at": cursor["deep_at"] - 3600}


def picture(alt: str) -> Json:
    blob = {"$type": "blob", "ref": {"$link": "bafkreifake"}, "mimeType": "image/jpeg", "size": 3}
    return {"$type": "app.bsky.embed.images", "images": [{"alt": alt, "image": blob}]}


# --- late -------------------------------------------------------------------------------------------------------------
def test_a_mention_backdated_to_2020_comes_in(sky: FakeBluesky, nawa: Bluesky) -> None:
    for n in range(7):
        sky.world.post(f"c{n}.test", f"@{BRAND.handle} {n}")
    _, cursor = walk(nawa, {})
    sky.world.post("late.test", f"@{BRAND.handle} where is my bag?", at=IN_2020)
    posts, cursor = walk(nawa, cursor)
    assert [(post.text, post.posted_at) for post in posts] == [(f"@{BRAND.handle} where is my bag?", IN_2020)]
    assert walk(nawa, cursor) == ([], cursor)


def test_one_that_lies_deeper_than_the_first_pages_comes_within_the_hour(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.api.page_cap = 3
    for n in range(9):
        sky.world.post(f"c{n}.test", f"@{BRAND.handle} {n}")
    _, cursor = walk(nawa, {})
    late = sky.world.post("late.test", f"@{BRAND.handle} late", at=IN_2020)
    posts, cursor = walk(nawa, cursor)
    assert posts == []
    posts, cursor = walk(nawa, an_hour_later(cursor))
    assert [post.external_id for post in posts] == [late.uri]
    assert walk(nawa, cursor) == ([], cursor)


def test_the_deeper_look_never_holds_up_what_is_new(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.api.page_cap = 2
    for n in range(20):
        sky.world.post(f"c{n}.test", f"@{BRAND.handle} {n}")
    _, cursor = walk(nawa, {})
    late = sky.world.post("late.test", f"@{BRAND.handle} late", at=IN_2020)
    sky.calls.clear()
    posts, cursor = walk(nawa, an_hour_later(cursor))
    assert (posts, len(sky.called("listNotifications"))) == ([], 1 + DEEP_A_LOOK)
    new = sky.world.post("new.test", f"@{BRAND.handle} new")
    posts, cursor = walk(nawa, cursor)
    assert [post.external_id for post in posts] == [new.uri]
    posts, cursor = walk(nawa, cursor)
    assert [post.external_id for post in posts] == [late.uri]
    assert "deep" not in cursor


def test_a_walk_goes_on_past_new_posts_until_a_full_page_is_known(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.api.page_cap = 2
    sky.world.post("amal.test", f"@{BRAND.handle} first")
    _, cursor = walk(nawa, {})
    # It sorts among those we know, so the page that holds it is no reason to stop.
    missed = [sky.world.post("late.test", f"@{BRAND.handle} late", at=IN_2020 + timedelta(days=n)) for n in range(5)]
    assert [post.external_id for post in read(nawa, cursor)] != []
    assert {post.external_id for post in read(nawa, cursor)} == {post.uri for post in missed}


def test_a_time_in_the_future_is_not_believed(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.world.post("amal.test", f"@{BRAND.handle} hello", at=datetime.now(UTC) + timedelta(days=400))
    assert read(nawa)[0].posted_at <= datetime.now(UTC) + timedelta(seconds=5)


def test_the_cursor_stays_small_and_is_json(sky: FakeBluesky, nawa: Bluesky) -> None:
    for n in range(120):
        sky.world.post(f"c{n % 5}.test", f"@{BRAND.handle} {n}")
    posts, cursor = walk(nawa, {})
    assert len(posts) == 120
    assert len(json.dumps(cursor)) < 120 * 9 + 200


# --- found ------------------------------------------------------------------------------------------------------------
def test_a_plain_name_is_found_by_searching_and_told_once(sky: FakeBluesky) -> None:
    nawa = bluesky(sky, options={"keywords": ["نوى", "Nawa"]})
    plain = sky.world.post("amal.test", "طيران نوى تأخر مجددا")
    both = sky.world.post("badr.test", f"@{BRAND.handle} Nawa, where is my bag? نوى")
    posts, cursor = walk(nawa, {})
    assert sorted(post.external_id for post in posts) == sorted([plain.uri, both.uri])
    assert {post.external_id: post.kind for post in posts} == {plain.uri: Kind.POST, both.uri: Kind.MENTION}
    again = sky.world.post("amal.test", "ما زلت أنتظر نوى")
    posts, cursor = walk(nawa, cursor)
    assert [post.external_id for post in posts] == [again.uri]
    assert walk(nawa, cursor) == ([], cursor)


@pytest.mark.parametrize("told", ["نوى، Nawa", "نوى,Nawa,نوى", ["نوى", " Nawa ", ""], "نوى\nNawa\n"])
def test_words_to_follow_are_a_list_or_a_text(sky: FakeBluesky, told: object) -> None:
    read(bluesky(sky, options={"keywords": told}))
    assert [query["q"] for query in sky.called("searchPosts")] == [["نوى"], ["Nawa"]]


def test_a_word_that_is_given_up_is_forgotten_and_a_new_one_brings_one_page(sky: FakeBluesky) -> None:
    sky.api.page_cap = 2
    for n in range(6):
        sky.world.post("amal.test", f"Nawa {n}")
    _, cursor = walk(bluesky(sky, options={"keywords": ["old"]}), {})
    posts, cursor = walk(bluesky(sky, options={"keywords": ["Nawa"]}), cursor)
    assert [post.text for post in posts] == ["Nawa 4", "Nawa 5"]
    assert set(cursor["seen"]) == {"notifications", "word:Nawa"}


def test_our_own_posts_are_known_as_ours(sky: FakeBluesky) -> None:
    sky.world.post(sky.world.brand, "Nawa flies to Muscat")
    posts = read(bluesky(sky, options={"keywords": ["Nawa"]}))
    assert [(post.author.external_id, post.kind) for post in posts] == [(BRAND.did, Kind.POST)]


# --- what a post is ---------------------------------------------------------------------------------------------------
def test_replies_quotes_and_mentions_are_told_apart(sky: FakeBluesky, nawa: Bluesky) -> None:
    ours = sky.world.post(sky.world.brand, "We fly to Muscat")
    mention = sky.world.post("amal.test", f"@{BRAND.handle} when?")
    reply = sky.world.post("badr.test", "And to Salalah?", reply_to=ours.uri)
    below = sky.world.post("dana.test", "I wonder too", reply_to=reply.uri)
    quote = sky.world.post("huda.test", "At last", quotes=ours.uri)
    posts = {post.external_id: post for post in read(nawa)}
    assert {uri: post.kind for uri, post in posts.items()} == {
        mention.uri: Kind.MENTION,
        reply.uri: Kind.REPLY,
        below.uri: Kind.REPLY,
        quote.uri: Kind.QUOTE,
    }
    assert posts[quote.uri].ref_id == ours.uri
    told = posts[below.uri]
    assert (told.parent_id, told.root_id, told.conversation_key) == (reply.uri, ours.uri, ours.uri)
    assert posts[mention.uri].conversation_key == posts[mention.uri].root_id == mention.uri


def test_an_author_is_a_did_whatever_the_handle(sky: FakeBluesky, nawa: Bluesky) -> None:
    amal = sky.world.account("amal.test", name="أمل")
    sky.world.post(amal, f"@{BRAND.handle} one")
    posts, cursor = walk(nawa, {})
    sky.world.rename(amal, "amal.example.com")
    sky.world.post(amal, f"@{BRAND.handle} two")
    (before,), (after,) = posts, read(nawa, cursor)
    assert before.author.external_id == after.author.external_id == amal.did
    assert (before.author.handle, after.author.handle, after.author.name) == ("amal.test", "amal.example.com", "أمل")
    assert amal.did in after.url


def test_pictures_figures_and_language_come_along(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.world.post("amal.test", f"@{BRAND.handle} انظروا", embed=picture("حقيبة مكسورة"), langs=["ar"])
    (post,) = read(nawa)
    (medium,) = post.media
    assert (medium["type"], medium["alt"]) == ("photo", "حقيبة مكسورة")
    assert medium["url"].startswith("https://cdn.fake.test/img/full/")
    assert (post.lang_hint, post.metrics["like_count"]) == ("ar", 3)


def test_without_the_extras_the_post_still_comes(sky: FakeBluesky, nawa: Bluesky) -> None:
    said = sky.world.post("amal.test", f"@{BRAND.handle} look", embed=picture("a bag"))
    sky.fault("broken", "getPosts")
    (post,) = read(nawa)
    assert (post.external_id, post.metrics, [medium["alt"] for medium in post.media]) == (said.uri, {}, ["a bag"])


@pytest.mark.parametrize(
    "changes",
    [{"record": None}, {"record": {"createdAt": "2026-01-01T00:00:00Z"}}, {"author": {}}, {"author": {"did": 7}},
     {"record": {"text": 7}}, {"record": {"text": "x", "createdAt": "?"}, "indexedAt": ""}, {"uri": 7}],
)  # fmt: skip
def test_an_item_that_makes_no_sense_is_set_aside_once(sky: FakeBluesky, nawa: Bluesky, changes: Json) -> None:
    fine = sky.world.post("amal.test", f"@{BRAND.handle} fine")
    spoiled = sky.world.post("badr.test", f"@{BRAND.handle} spoiled")
    sky.api.changes[spoiled.uri] = changes
    page = nawa.fetch({})
    assert [post.external_id for post in page.posts] == [fine.uri]
    assert len(page.bad) == 1
    assert page.bad[0].external_id in {spoiled.uri, ""}
    if "uri" not in changes:
        assert nawa.fetch(page.cursor).bad == ()


def test_letters_no_database_takes_are_taken_out(sky: FakeBluesky, nawa: Bluesky) -> None:
    said = sky.world.post("amal.test", f"@{BRAND.handle} hello")
    record = {**said.record, "text": "a\x00b\ud83d c"}
    sky.api.changes[said.uri] = {"record": record}
    (post,) = read(nawa)
    assert post.text == "ab\ufffd c"


# --- the list ---------------------------------------------------------------------------------------------------------
def test_a_server_that_does_not_know_the_filter_tells_of_likes_too(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.world.post("amal.test", f"@{BRAND.handle} hello")
    liked = sky.world.post("badr.test", f"@{BRAND.handle} like")
    sky.api.changes[liked.uri] = {"reason": "like"}
    assert [post.text for post in read(nawa)] == [f"@{BRAND.handle} hello"]
    assert sky.called("listNotifications")[0]["reasons"] == ["mention", "reply", "quote"]


def test_a_page_token_that_is_forgotten_begins_the_walk_anew_once(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.api.page_cap = 2
    said = {sky.world.post("amal.test", f"@{BRAND.handle} {n}").uri for n in range(5)}
    first = nawa.fetch({})
    sky.api.forget_page_tokens()
    posts, _ = walk(nawa, first.cursor)
    assert {post.external_id for post in (*first.posts, *posts)} == said
    assert len(posts) == 3
    again = nawa.fetch(nawa.fetch({}).cursor)
    sky.api.forget_page_tokens()
    restarted = nawa.fetch(again.cursor)
    assert restarted.more
    sky.fault("rejected", "listNotifications")
    assert error_of(lambda: nawa.fetch(restarted.cursor)).code == "rejected"


def test_the_room_that_is_left_is_told(sky: FakeBluesky, nawa: Bluesky) -> None:
    sky.remaining = 17
    room = nawa.fetch({}).room
    assert room
    assert (room.limit, room.remaining) == (3000, 15)
    assert room.resets_at
    assert room.resets_at > datetime.now(UTC)


def test_somebody_we_blocked_is_not_heard(sky: FakeBluesky, nawa: Bluesky) -> None:
    rude = sky.world.account("rude.test")
    sky.world.brand.blocks.add(rude.did)
    sky.world.post(rude, f"@{BRAND.handle} bad words")
    assert read(nawa) == []
