"""X's posts become ours: either spelling, every kind, and whatever nonsense comes in their place."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import Author, Json, Kind, Post
from ingest.platforms.told import clean
from ingest.platforms.x.adapter import X
from ingest.platforms.x.parse import NOT_UNDERSTOOD, read_author, read_page
from tests.platforms.conftest import BOTH_SPELLINGS
from tests.platforms.contract import walk
from tests.platforms.fake_x import BRAND, REMOVED, FakeX

HELLO = f"@{BRAND.handle} hello"


def only(fake: FakeX, x: X, post_id: str) -> Post:
    """The post as the adapter tells it."""
    return next(post for post in walk(x, {})[0] if post.url.endswith(post_id))


# --- either spelling ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("references", ["referenced_tweets", "referenced_posts"])
@pytest.mark.parametrize("history", ["edit_history_tweet_ids", "edit_history_post_ids"])
@pytest.mark.parametrize("note", ["note_tweet", "note_post"])
@pytest.mark.parametrize("includes", ["tweets", "posts"])
@pytest.mark.parametrize("shares", ["retweet_count", "repost_count"])
def test_each_renamed_field_is_read_by_both_names(
    references: str, history: str, note: str, includes: str, shares: str
) -> None:
    item = {
        "id": "1578516295611748353", "text": "cut…", note: {"text": "the whole of it"}, "author_id": "7",
        history: ["1578516190862794753", "1578516295611748353"],
        references: [{"type": "replied_to", "id": "1578516149339574274"}],
        "public_metrics": {shares: 4},
    }  # fmt: skip
    parent = {
        "id": "1578516149339574274", "text": "edited",
        history: ["1578516107798884353", "1578516149339574274"],
    }  # fmt: skip
    (post,) = read_page({"data": [item], "includes": {includes: [parent]}, "meta": {}}).posts
    assert (post.external_id, post.text) == ("1578516190862794753", "the whole of it")
    assert (post.kind, post.parent_id) == (Kind.REPLY, "1578516107798884353")
    assert post.metrics == {"repost_count": 4}
    assert post.edited_at is not None


def test_both_spellings_in_one_page_and_one_post() -> None:
    page: Json = {
        "data": [
            {"id": "1001", "text": "a", "author_id": "7", "referenced_tweets": [{"type": "quoted", "id": "1"}]},
            {"id": "1002", "text": "b", "author_id": "7", "referenced_posts": [{"type": "retweeted", "id": "2"}]},
            {
                "id": "1003", "text": "c", "author_id": "7",
                "referenced_tweets": [{"type": "replied_to", "id": "1"}],
                "referenced_posts": [{"type": "quoted", "id": "2"}],
            },
        ],
        "includes": {"tweets": [{"id": "1", "text": "x"}], "posts": [{"id": "2", "text": "y"}]},
        "meta": {},
    }  # fmt: skip
    kinds = [(post.kind, post.parent_id, post.ref_id) for post in read_page(page).posts]
    assert kinds == [(Kind.QUOTE, "", "1"), (Kind.REPOST, "", "2"), (Kind.REPLY, "1", "2")]


# --- every kind, from the fake ----------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_a_mention_comes_whole(fake_x: FakeX, x: X) -> None:
    amal = fake_x.world.user("amal", "أمل", followers=512)
    photo = {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/1.jpg", "alt_text": "A queue"}
    said = fake_x.world.post(
        amal, f"@{BRAND.handle} 2 < 3 & 5 > 4, &eacute; &lt; أين حقيبتي؟", lang="ar", media=(photo,)
    )
    post = only(fake_x, x, said.id)
    avatar = f"https://pbs.twimg.com/profile_images/{amal.id}/face_normal.jpg"
    assert post.author == Author(amal.id, "amal", "أمل", avatar, 512)
    assert (post.kind, post.parent_id, post.ref_id) == (Kind.MENTION, "", "")
    assert post.text == "@NasimAir 2 < 3 & 5 > 4, &eacute; &lt; أين حقيبتي؟"
    assert (post.external_id, post.conversation_key, post.root_id) == (said.id, said.id, said.id)
    assert post.url == f"https://x.com/amal/status/{said.id}"
    assert abs(post.posted_at - said.at) < timedelta(milliseconds=1)
    assert (post.lang_hint, post.edited_at, post.deleted_at) == ("ar", None, None)
    assert post.media == ({"type": "photo", "url": photo["url"], "preview_url": "", "alt": "A queue"},)
    assert (post.metrics["like_count"], post.metrics["repost_count"]) == (3, 1)
    assert post.raw["id"] == said.id


@BOTH_SPELLINGS
def test_replies_keep_their_thread_at_any_depth(fake_x: FakeX, x: X) -> None:
    root = fake_x.world.post(BRAND, "We have moved to a new terminal")
    reply = fake_x.world.post("amal", "And my lounge?", reply_to=root.id)
    deeper = fake_x.world.post("omar", f"Same here @{BRAND.handle}", reply_to=reply.id)
    told = {post.external_id: post for post in walk(x, {})[0]}
    assert [(told[i].kind, told[i].parent_id) for i in (reply.id, deeper.id)] == [
        (Kind.REPLY, root.id),
        (Kind.REPLY, reply.id),
    ]
    assert {(post.conversation_key, post.root_id) for post in told.values()} == {(root.id, root.id)}


@BOTH_SPELLINGS
def test_quotes_and_reposts_point_to_their_original(fake_x: FakeX, x: X) -> None:
    original = fake_x.world.post("omar", f"@{BRAND.handle} lost my bag, " + "and again " * 20 + "& <nobody> cares")
    quote = fake_x.world.post("amal", f"Look at this @{BRAND.handle}", quotes=original.id)
    both = fake_x.world.post("lina", f"@{BRAND.handle} see", reply_to=quote.id, quotes=original.id)
    cut = f"RT @omar: {original.text[:100]}…"
    repost = fake_x.world.post("huda", cut, reposts=original.id)
    told = {post.external_id: post for post in walk(x, {})[0]}
    assert (told[quote.id].kind, told[quote.id].ref_id) == (Kind.QUOTE, original.id)
    assert (told[both.id].kind, told[both.id].ref_id, told[both.id].parent_id) == (Kind.REPLY, original.id, quote.id)
    assert (told[repost.id].kind, told[repost.id].ref_id, told[repost.id].parent_id) == (Kind.REPOST, original.id, "")
    assert told[repost.id].text == f"RT @omar: {original.text}"


@BOTH_SPELLINGS
def test_a_long_post_comes_uncut(fake_x: FakeX, x: X) -> None:
    long = f"@{BRAND.handle} " + "word " * 1999 + "& end"
    said = fake_x.world.post("amal", "", note=long)
    assert len(long) > 10_000
    assert only(fake_x, x, said.id).text == long


@BOTH_SPELLINGS
def test_an_edited_post_keeps_the_id_it_began_with(fake_x: FakeX, x: X) -> None:
    said = fake_x.world.post("amal", f"@{BRAND.handle} my bag is los")
    _, cursor = walk(x, {})
    edited = fake_x.world.edit(said.id, f"@{BRAND.handle} my bag is lost")
    (post,), _ = walk(x, cursor)
    assert (post.external_id, post.conversation_key) == (said.id, said.id)
    assert post.text.endswith("lost")
    assert post.edited_at is not None
    assert abs(post.edited_at - edited.at) < timedelta(milliseconds=1)
    assert abs(post.posted_at - said.at) < timedelta(milliseconds=1)
    assert post.raw["id"] == edited.id


def test_a_thread_begun_by_an_edited_post_goes_by_the_id_it_began_with() -> None:
    history = {"edit_history_tweet_ids": ["1001", "1002"]}
    root = {"id": "1002", "text": "edited", "author_id": "7", "conversation_id": "1002", **history}
    answer = {"id": "1003", "text": "answer", "author_id": "8", "conversation_id": "1002"}
    told = read_page({"data": [root, answer], "includes": {"tweets": [root]}, "meta": {}}).posts
    assert [(post.conversation_key, post.root_id) for post in told] == [("1001", "1001")] * 2
    (alone,) = read_page({"data": [root], "meta": {}}).posts
    assert (alone.external_id, alone.conversation_key) == ("1001", "1001")


def test_two_versions_on_one_page_are_one_post_the_newer() -> None:
    page: Json = {
        "data": [
            {"id": "1002", "text": "new", "author_id": "7", "edit_history_tweet_ids": ["1001", "1002"]},
            {"id": "1001", "text": "old", "author_id": "7", "edit_history_tweet_ids": ["1001"]},
            {"id": "1001", "text": "old", "author_id": "7", "edit_history_tweet_ids": ["1001"]},
        ],
        "meta": {},
    }
    assert [(post.external_id, post.text) for post in read_page(page).posts] == [("1001", "new")]


@BOTH_SPELLINGS
def test_a_deleted_parent_does_not_hide_its_reply(fake_x: FakeX, x: X) -> None:
    parent = fake_x.world.post("omar", f"@{BRAND.handle} first")
    reply = fake_x.world.post("amal", f"@{BRAND.handle} me too", reply_to=parent.id)
    fake_x.world.delete(parent.id)
    (post,), _ = walk(x, {})
    assert (post.external_id, post.kind, post.parent_id) == (reply.id, Kind.REPLY, parent.id)


# --- what may be missing, or odd --------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_an_author_x_keeps_to_itself_still_has_an_id(fake_x: FakeX, x: X) -> None:
    ghost = fake_x.world.user("ghost", hidden=True)
    said = fake_x.world.post(ghost, HELLO)
    post = only(fake_x, x, said.id)
    assert post.author == Author(ghost.id)
    assert post.url == f"https://x.com/i/status/{said.id}"


@BOTH_SPELLINGS
def test_an_author_without_a_name_works(fake_x: FakeX, x: X) -> None:
    said = fake_x.world.post(fake_x.world.user("amal", name=""), HELLO)
    author = only(fake_x, x, said.id).author
    assert (author.handle, author.name) == ("amal", "")


@BOTH_SPELLINGS
def test_posts_without_any_author_are_not_taken_for_one_persons(fake_x: FakeX, x: X) -> None:
    for _ in range(2):
        fake_x.world.post("amal", HELLO, changes={"author_id": REMOVED})
    authors = {post.author.external_id for post in walk(x, {})[0]}
    assert len(authors) == 2
    assert all(authors)


@BOTH_SPELLINGS
@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=366)])
def test_a_date_is_taken_as_told(fake_x: FakeX, x: X, at: datetime) -> None:
    fake_x.world.post("amal", HELLO, at=at)
    (post,), _ = walk(x, {})
    assert abs(post.posted_at - at) < timedelta(milliseconds=1)


@BOTH_SPELLINGS
def test_a_missing_date_is_read_from_the_id(fake_x: FakeX, x: X) -> None:
    said = fake_x.world.post("amal", HELLO, changes={"created_at": REMOVED})
    assert only(fake_x, x, said.id).posted_at == said.at


@BOTH_SPELLINGS
@pytest.mark.parametrize("text", ["", "😀👩‍👩‍👧‍👦🏳️‍🌈", "م" * 10_000, REMOVED])
def test_texts_of_every_size_come_in(fake_x: FakeX, x: X, text: str) -> None:
    fake_x.world.post("amal", HELLO, changes={"text": text})
    (post,), _ = walk(x, {})
    assert post.text == ("" if text is REMOVED else text)


@BOTH_SPELLINGS
def test_halves_of_pairs_and_nul_are_mended_everywhere(fake_x: FakeX, x: X) -> None:
    broken = {"text": "broken \ud83d half \x00 and \ude00 whole 😀", "note": {"\udfff": ["\x00"]}, "odd": float("nan")}
    fake_x.world.post("amal", HELLO, changes=broken)
    (post,), _ = walk(x, {})
    assert post.text == "broken \ufffd half  and \ufffd whole 😀"
    assert json.dumps(post.raw, ensure_ascii=False, allow_nan=False).encode()
    assert "\x00" not in post.text + json.dumps(post.raw)


@BOTH_SPELLINGS
@pytest.mark.parametrize(
    "changes",
    [
        {"id": REMOVED}, {"id": 1.5}, {"id": ""}, {"id": True}, {"text": 42}, {"created_at": "yesterday"},
        {"created_at": 5}, {"edit_history_tweet_ids": 3}, {"referenced_tweets": [{"id": "1"}]},
        {"author_id": ["7"]}, {"attachments": "none"}, {"note_tweet": "text"}, {"conversation_id": {}},
    ],
)  # fmt: skip
def test_an_item_without_sense_is_set_aside_and_the_rest_goes_on(fake_x: FakeX, x: X, changes: Json) -> None:
    before, after = "1578516107798884353", "1578516295611748353"
    for post_id in (before, after):
        fake_x.world.post("amal", HELLO, post_id=post_id)
    odd = fake_x.world.post("amal", HELLO, post_id="1578516190862794753", changes=changes)
    page = x.fetch({})
    assert [post.external_id for post in page.posts] == [before, after]
    (bad,) = page.bad
    assert bad.external_id in {odd.id, str(changes.get("id", "")), ""}
    assert bad.error
    assert page.cursor == {"since_id": after}


def test_items_that_are_no_objects_are_set_aside() -> None:
    found = read_page({"data": [None, "post", 7, [], {"id": "1001", "text": "a"}], "meta": {}})
    assert [post.external_id for post in found.posts] == ["1001"]
    assert [bad.payload for bad in found.bad] == [None, "post", 7, []]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "text", "author_id", "created_at", "conversation_id", "lang", "username", "referenced_tweets",
    "referenced_posts", "note_post", "attachments", "public_metrics",
]  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), ANYTHING), max_size=3), ANYTHING)
def test_whatever_comes_is_a_post_or_set_aside_and_can_be_stored(items: list[Json], includes: object) -> None:
    told = [{"id": str(number), **item} for number, item in enumerate(items, 1000)]
    found = read_page({"data": told, "includes": includes, "meta": {}})
    assert len(found.posts) + len(found.bad) == len(items)
    for post in found.posts:
        stored = json.dumps([post.raw, post.text, post.metrics, post.media], ensure_ascii=False, allow_nan=False)
        assert "\x00" not in stored
        assert stored.encode()


@given(ANYTHING)
def test_cleaning_is_done_once_and_for_all(value: object) -> None:
    assert clean(clean(value)) == clean(value)


@given(st.dictionaries(st.sampled_from(["id", "username", "name", "public_metrics"]), ANYTHING))
def test_a_user_is_read_or_not_understood(told: Json) -> None:
    try:
        assert read_author(told).external_id
    except NOT_UNDERSTOOD:
        assert not isinstance(told.get("id"), str) or not told["id"].replace("\x00", "")
