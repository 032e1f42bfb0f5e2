"""What stands around a post on Bluesky, how posts fare later, and the past before a channel was connected."""

from datetime import UTC, datetime, timedelta

from ingest.platforms.base import Json, Post
from ingest.platforms.bluesky.adapter import Bluesky
from tests.platforms.bluesky_cast import bluesky, error_of, read
from tests.platforms.fake_bluesky import BRAND, FakeBluesky


# --- later ------------------------------------------------------------------------------------------------------------
def test_looking_up_tells_new_words_figures_and_what_is_gone(sky: FakeBluesky, nawa: Bluesky) -> None:
    kept, edited, gone = (sky.world.post("amal.test", f"@{BRAND.handle} {n}") for n in range(3))
    before = {post.external_id: post.raw["cid"] for post in read(nawa)}
    sky.world.post("badr.test", "me too", reply_to=kept.uri)
    sky.world.edit(edited.uri, f"@{BRAND.handle} black")
    sky.world.delete(gone.uri)
    found = nawa.look_up([kept.uri, edited.uri, gone.uri])
    now = {post.external_id: post for post in found.posts}
    assert found.gone == {gone.uri}
    assert now[kept.uri].metrics == {"like_count": 3, "repost_count": 1, "reply_count": 1, "quote_count": 0}
    assert now[kept.uri].raw["cid"] == before[kept.uri]
    assert now[edited.uri].text == f"@{BRAND.handle} black"
    assert now[edited.uri].raw["cid"] != before[edited.uri]
    assert found.room


def test_a_post_of_somebody_who_blocked_us_is_hidden_and_not_gone(sky: FakeBluesky, nawa: Bluesky) -> None:
    said = sky.world.post("amal.test", f"@{BRAND.handle} hello")
    sky.world.account("amal.test").blocks.add(BRAND.did)
    found = nawa.look_up([said.uri])
    assert (found.posts, found.gone) == ((), frozenset())


def test_as_many_are_looked_up_at_once_as_bluesky_takes(sky: FakeBluesky, nawa: Bluesky) -> None:
    said = [sky.world.post("amal.test", f"@{BRAND.handle} {n}").uri for n in range(nawa.at_once)]
    assert len(nawa.look_up(said).posts) == nawa.at_once
    assert error_of(lambda: nawa.look_up([*said, said[0] + "x"])).code == "rejected"


# --- around -----------------------------------------------------------------------------------------------------------
def test_a_thread_is_told_from_its_root_with_others_as_context(sky: FakeBluesky, nawa: Bluesky) -> None:
    root = sky.world.post("amal.test", "Who flies to Muscat?")
    side = sky.world.post("huda.test", "I do", reply_to=root.uri)
    middle = sky.world.post("badr.test", f"@{BRAND.handle} does", reply_to=root.uri)
    ours = sky.world.post(sky.world.brand, "Every day", reply_to=middle.uri)
    asked = sky.world.post("dana.test", "When?", reply_to=ours.uri)
    below = sky.world.post("amal.test", "At noon", reply_to=asked.uri)
    post = next(post for post in read(nawa) if post.external_id == asked.uri)
    page = nawa.thread(post)
    assert [said.external_id for said in page.posts] == [root.uri, side.uri, middle.uri, ours.uri, below.uri]
    assert [said.external_id for said in page.posts if not said.context] == [ours.uri]
    assert not page.more


def test_a_thread_with_holes_is_told_around_them(sky: FakeBluesky, nawa: Bluesky) -> None:
    root = sky.world.post("amal.test", "Who flies to Muscat?")
    middle = sky.world.post("badr.test", f"@{BRAND.handle} does", reply_to=root.uri)
    asked = sky.world.post("dana.test", f"@{BRAND.handle} when?", reply_to=middle.uri)
    rude = sky.world.post("rude.test", "Never", reply_to=root.uri)
    post = next(post for post in read(nawa) if post.external_id == asked.uri)
    sky.world.delete(middle.uri)
    sky.world.account("rude.test").blocks.add(BRAND.did)
    told = [said.external_id for said in nawa.thread(post).posts]
    assert told == [root.uri]
    assert rude.uri not in told
    sky.world.delete(root.uri)
    sky.world.delete(asked.uri)
    assert nawa.thread(post).posts == ()


# --- before -----------------------------------------------------------------------------------------------------------
def past(nawa: Bluesky, since: datetime) -> tuple[list[Post], int]:
    posts: list[Post] = []
    cursor: Json = {}
    for pages in range(1, 50):
        page = nawa.backfill(since, cursor)
        posts += page.posts
        cursor = page.cursor
        if not page.more:
            return posts, pages
    raise AssertionError("more, and more, without an end")


def test_the_past_is_read_as_far_as_asked(sky: FakeBluesky) -> None:
    sky.api.page_cap = 3
    now = datetime.now(UTC) - timedelta(minutes=5)
    for day in reversed(range(20)):
        sky.world.post("amal.test", f"@{BRAND.handle} {day} days ago", at=now - timedelta(days=day))
        sky.world.post("badr.test", f"Nawa {day} days ago", at=now - timedelta(days=day))
    nawa = bluesky(sky, options={"keywords": ["Nawa"]})
    posts, pages = past(nawa, now - timedelta(days=6, hours=1))
    assert sorted(post.text for post in posts) == sorted(
        f"{name} {day} days ago" for name in (f"@{BRAND.handle}", "Nawa") for day in range(7)
    )
    assert pages == 6
    assert {"since"} <= set(sky.called("searchPosts")[0])


def test_a_past_without_anything_ends_at_once(nawa: Bluesky) -> None:
    assert past(nawa, datetime(2020, 1, 1, tzinfo=UTC)) == ([], 1)
