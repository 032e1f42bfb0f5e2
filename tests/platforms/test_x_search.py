"""Posts that speak of the brand without its handle are found, walked like mentions, and known to be unanswerable."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import Cannot, Json, Kind, PlatformError, Post
from ingest.platforms.x.adapter import X
from ingest.platforms.x.parse import id_at, moment
from ingest.platforms.x.search import cursors, name_of, queries
from tests.platforms.conftest import BOTH_SPELLINGS, account
from tests.platforms.contract import walk
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import KEYS

NAME = {"keywords": ["Nasim Air"]}
QUERY = '("Nasim Air") -is:retweet -from:NasimAir'
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def seeker(fake: FakeX, options: Json | None = None, **changes: Any) -> X:
    return X(account(fake.url, options=options or NAME, **changes))


def told(posts: list[Post]) -> dict[str, Post]:
    return {post.external_id: post for post in posts}


def mark(cursor: Json, query: str = QUERY) -> str:
    return str(cursor["searches"][name_of(query)].get("since_id", ""))


# --- what is found ----------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_a_post_that_names_the_brand_without_its_handle_comes_in(fake_x: FakeX) -> None:
    spoken = fake_x.world.post("amal", "Never again with Nasim Air, my bag is gone")
    named = fake_x.world.post("omar", f"@{BRAND.handle} where is my bag?")
    fake_x.world.post("lina", "Nice weather")
    posts = told(walk(seeker(fake_x), {})[0])
    assert set(posts) == {spoken.id, named.id}
    assert (posts[spoken.id].kind, posts[named.id].kind) == (Kind.POST, Kind.MENTION)
    assert (posts[spoken.id].raw["found_by"], "found_by" in posts[named.id].raw) == ("search", False)
    assert posts[spoken.id].author.handle == "amal"


@BOTH_SPELLINGS
def test_what_search_finds_keeps_the_kind_it_has(fake_x: FakeX) -> None:
    root = fake_x.world.post("omar", "Lost a bag again")
    reply = fake_x.world.post("amal", "Nasim Air? Same here", reply_to=root.id)
    quote = fake_x.world.post("lina", "This is so Nasim Air", quotes=root.id)
    kinds = {post.external_id: post.kind for post in walk(seeker(fake_x), {})[0]}
    assert kinds == {reply.id: Kind.REPLY, quote.id: Kind.QUOTE}


@BOTH_SPELLINGS
def test_our_own_posts_and_reposts_are_not_found(fake_x: FakeX) -> None:
    fake_x.world.post(BRAND, "Nasim Air flies to Amman")
    said = fake_x.world.post("amal", "Nasim Air lost my bag")
    fake_x.world.post("omar", "RT @amal: Nasim Air lost my bag", reposts=said.id)
    assert [post.external_id for post in walk(seeker(fake_x), {})[0]] == [said.id]
    nameless = seeker(fake_x, handle="")
    assert [post.external_id for post in walk(nameless, {})[0]] == [said.id]
    assert all(len(query["query"]) <= 512 for _, path, query, _ in fake_x.calls if path.endswith("recent"))


def test_a_post_that_is_a_mention_and_found_as_well_is_told_once_as_the_mention(fake_x: FakeX) -> None:
    both = fake_x.world.post("amal", f"@{BRAND.handle} is Nasim Air even open?")
    (post,) = seeker(fake_x).fetch({}).posts
    assert (post.external_id, post.kind, "found_by" in post.raw) == (both.id, Kind.MENTION, False)


def test_search_is_signed_where_there_are_keys_alone(fake_x: FakeX) -> None:
    said = fake_x.world.post("amal", "أين طيران نسيم؟ #نسيم")
    x = seeker(fake_x, {"keywords": ["#نسيم", "طيران (نسيم)", "a&b=c"]}, credentials=KEYS)
    assert [post.external_id for post in walk(x, {})[0]] == [said.id]


# --- who may be answered ----------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_who_was_only_found_cannot_be_answered_on_self_serve(fake_x: FakeX) -> None:
    ours = fake_x.world.post(BRAND, "We have moved")
    theirs = fake_x.world.post("omar", "Lost a bag again")
    spoken = fake_x.world.post("amal", "Nasim Air lost my bag")
    of_theirs = fake_x.world.post("lina", "So Nasim Air", quotes=theirs.id)
    of_ours = fake_x.world.post("huda", "Nasim Air, where to?", quotes=ours.id)
    of_nothing = fake_x.world.post("sami", "Nasim Air again", quotes=id_at(NOW))
    x = seeker(fake_x)
    posts = told(walk(x, {})[0])
    verdicts = {key: x.can_reply(post.kind, names_us=False, raw=post.raw) for key, post in posts.items()}
    assert verdicts == {
        spoken.id: Cannot.NOT_SUMMONED, of_theirs.id: Cannot.NOT_SUMMONED, of_ours.id: None,
        of_nothing.id: Cannot.NOT_SUMMONED,
    }  # fmt: skip
    enterprise = seeker(fake_x, {**NAME, "plan": "enterprise"})
    assert enterprise.can_reply(Kind.POST, names_us=False, raw=posts[spoken.id].raw) is None


# --- the walk ---------------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_each_source_has_a_mark_of_its_own(fake_x: FakeX) -> None:
    named = fake_x.world.post("omar", f"@{BRAND.handle} hello")
    spoken = fake_x.world.post("amal", "Nasim Air again")
    x = seeker(fake_x)
    _, cursor = walk(x, {})
    assert (cursor["since_id"], mark(cursor)) == (named.id, spoken.id)
    assert walk(x, cursor) == ([], cursor)
    later = fake_x.world.post("omar", "Nasim Air once more")
    assert [post.external_id for post in walk(x, cursor)[0]] == [later.id]


@pytest.mark.parametrize("spelling", ["old", "new"])
def test_a_cursor_from_before_there_were_searches_goes_on(fake_x: FakeX, spelling: str) -> None:
    fake_x.spelling = spelling
    fake_x.api.page_cap = 2
    plain = X(account(fake_x.url))
    said = [fake_x.world.post("omar", f"@{BRAND.handle} {n}").id for n in range(5)]
    pending = plain.fetch({}).cursor
    assert set(pending) == {"pending"}
    spoken = fake_x.world.post("amal", "Nasim Air again").id
    posts, cursor = walk(seeker(fake_x), pending)
    assert set(told(posts)) == {*said[:3], spoken}
    new = fake_x.world.post("omar", f"@{BRAND.handle} new").id
    posts, _ = walk(seeker(fake_x), {"since_id": said[-1]})
    assert set(told(posts)) == {new, spoken}
    assert walk(plain, cursor)[1] == {"since_id": new}


@BOTH_SPELLINGS
def test_a_long_walk_of_one_source_does_not_keep_the_other_waiting(fake_x: FakeX) -> None:
    fake_x.api.page_cap = 2
    spoken = [fake_x.world.post("amal", f"Nasim Air {n}").id for n in range(7)]
    x = seeker(fake_x)
    first = x.fetch({})
    named = fake_x.world.post("omar", f"@{BRAND.handle} help").id
    second = x.fetch(first.cursor)
    assert named in told(list(second.posts))
    rest, cursor = walk(x, second.cursor)
    assert set(spoken) <= set(told([*first.posts, *second.posts, *rest]))
    assert mark(cursor) == spoken[-1]


def test_a_first_look_reads_one_day_and_loses_nothing_after(fake_x: FakeX) -> None:
    now = datetime.now(UTC)
    old, new = (id_at(now - timedelta(hours=hours)) for hours in (30, 20))
    for post_id in (old, new):
        fake_x.world.post("amal", "Nasim Air", post_id=post_id)
    assert [post.external_id for post in walk(seeker(fake_x), {})[0]] == [new]
    quiet = seeker(fake_x, {"keywords": ["Nasim Airlines"]})
    _, cursor = walk(quiet, {})
    since = mark(cursor, '("Nasim Airlines") -is:retweet -from:NasimAir')
    assert timedelta(hours=23) < now - moment(since) < timedelta(hours=25)
    assert walk(quiet, cursor) == ([], cursor)


def test_a_mark_older_than_seven_days_is_dropped_and_all_that_is_kept_is_read(fake_x: FakeX) -> None:
    now = datetime.now(UTC)
    said = fake_x.world.post("amal", "Nasim Air", post_id=id_at(now - timedelta(days=6))).id
    cursor = {"searches": {name_of(QUERY): {"since_id": id_at(now - timedelta(days=20))}}}
    posts, after = walk(seeker(fake_x), cursor)
    assert [post.external_id for post in posts] == [said]
    assert mark(after) == said
    assert not any("since_id" in query for _, path, query, _ in fake_x.calls if path.endswith("recent"))


def test_a_mark_x_refuses_is_dropped_once(fake_x: FakeX) -> None:
    said = fake_x.world.post("amal", "Nasim Air").id
    cursor = {"since_id": "1", "searches": {name_of(QUERY): {"since_id": id_at(datetime.now(UTC) - timedelta(days=5))}}}
    fake_x.world.post("omar", f"@{BRAND.handle} hello")
    refusal: Json = {"status": 400, "body": b'{"title": "Invalid Request", "errors": [{"message": "since_id"}]}'}
    fake_x.fault("raw", on="/2/tweets/search/recent", **refusal)
    posts, after = walk(seeker(fake_x), cursor)
    assert said in told(posts)
    assert mark(after) == said
    fake_x.fault("raw", on="/2/tweets/search/recent", times=9, **refusal)
    with pytest.raises(PlatformError) as error:
        walk(seeker(fake_x), after)
    assert (error.value.code, error.value.permanent) == ("rejected", True)


@BOTH_SPELLINGS
def test_a_page_token_search_has_forgotten_begins_its_walk_again(fake_x: FakeX) -> None:
    fake_x.api.page_cap = 2
    said = [fake_x.world.post("amal", f"Nasim Air {n}").id for n in range(5)]
    x = seeker(fake_x)
    cursor = x.fetch({}).cursor
    fake_x.api.forget_page_tokens()
    posts, cursor = walk(x, cursor)
    assert set(told(posts)) == set(said)
    assert mark(cursor) == said[-1]


def test_what_search_does_not_know_yet_is_found_later(fake_x: FakeX) -> None:
    fake_x.api.search_delay = timedelta(seconds=30)
    now = datetime.now(UTC)
    early = fake_x.world.post("amal", "Nasim Air", post_id=id_at(now - timedelta(minutes=2))).id
    late = fake_x.world.post("amal", "Nasim Air too", post_id=id_at(now - timedelta(seconds=10))).id
    posts, cursor = walk(seeker(fake_x), {})
    assert set(told(posts)) == {early}
    fake_x.api.search_delay = timedelta(0)
    assert set(told(walk(seeker(fake_x), cursor)[0])) == {late}


# --- trouble ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("broken", ["/2/tweets/search/recent", f"/2/users/{BRAND.id}/mentions"])
def test_a_source_that_is_limited_does_not_keep_back_the_other_and_is_not_hushed_up(fake_x: FakeX, broken: str) -> None:
    named = fake_x.world.post("omar", f"@{BRAND.handle} hello").id
    spoken = fake_x.world.post("amal", "Nasim Air again").id
    x = seeker(fake_x)
    fake_x.fault("too_many", on=broken, times=2)
    page = x.fetch({})
    assert [post.external_id for post in page.posts] == [named if broken.endswith("recent") else spoken]
    assert page.more
    with pytest.raises(PlatformError) as error:
        x.fetch(page.cursor)
    assert (error.value.code, error.value.permanent) == ("rate_limited", False)
    posts, _ = walk(x, page.cursor)
    assert [post.external_id for post in posts] == [spoken if broken.endswith("recent") else named]


def test_when_x_is_down_the_other_source_is_not_even_asked(fake_x: FakeX) -> None:
    fake_x.fault("down")
    with pytest.raises(PlatformError) as error:
        seeker(fake_x).fetch({})
    assert (error.value.code, len(fake_x.calls)) == ("platform_down", 1)


def test_what_was_read_before_x_went_down_is_kept(fake_x: FakeX) -> None:
    named = fake_x.world.post("omar", f"@{BRAND.handle} hello").id
    fake_x.fault("down", on="/2/tweets/search/recent", times=2)
    page = seeker(fake_x).fetch({})
    assert ([post.external_id for post in page.posts], page.cursor, page.more) == ([named], {"since_id": named}, True)
    with pytest.raises(PlatformError, match="platform_down"):
        seeker(fake_x).fetch(page.cursor)


# --- queries ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("keywords", "inner"),
    [
        (["nasimair"], "nasimair"),
        (["Nasim Air", "#nasim", "نسيم", "طيران نسيم"], '"Nasim Air" OR #nasim OR نسيم OR "طيران نسيم"'),
        ("Nasim Air, nasim\nNASIM , ,", '"Nasim Air" OR NASIM'),
        (
            ['say "hi" to', "-is:reply", "from:x", "OR", "a\\b"],
            '"say hi to" OR "-is:reply" OR "from:x" OR "OR" OR "a b"',
        ),
    ],
)
def test_keywords_are_asked_for_as_they_are_written(keywords: object, inner: str) -> None:
    assert queries({"keywords": keywords}, "@NasimAir") == [f"({inner}) -is:retweet -from:NasimAir"]


@pytest.mark.parametrize("keywords", [None, [], "", ["", " "], 7, {"a": 1}])
def test_without_keywords_nothing_is_searched(fake_x: FakeX, keywords: object) -> None:
    assert queries({"keywords": keywords}, "NasimAir") == []
    assert seeker(fake_x, {"keywords": keywords}).fetch({}).cursor == {}
    assert len(fake_x.calls) == 1


@given(st.lists(st.text(max_size=60), max_size=40), st.text(max_size=15))
def test_no_query_is_longer_than_x_takes_and_no_keyword_is_lost(keywords: list[str], handle: str) -> None:
    made = queries({"keywords": keywords}, handle, most=100)
    assert all(len(query) <= 512 and query.count('"') % 2 == 0 for query in made)
    words = {" ".join(word.replace('"', " ").replace("\\", " ").split()) for word in keywords} - {""}
    assert all(any(word.casefold() in query.casefold() for query in made) for word in words)
    assert all(" -is:retweet" in query for query in made)


@pytest.mark.parametrize("keywords", [["x" * 500], [f"{n} {'x' * 80}" for n in range(40)]])
def test_keywords_that_do_not_fit_need_a_person(fake_x: FakeX, keywords: list[str]) -> None:
    with pytest.raises(PlatformError) as error:
        seeker(fake_x, {"keywords": keywords}).fetch({})
    assert (error.value.code, error.value.permanent, fake_x.calls) == ("bad_options", True, [])


def test_changed_keywords_go_on_from_the_mark_furthest_behind() -> None:
    recent = [id_at(NOW - timedelta(hours=hours)) for hours in (50, 2)]
    known = {"a": {"since_id": recent[0]}, "b": {"since_id": recent[1]}}
    assert cursors(known, ["(new)"], NOW) == {"(new)": {"since_id": recent[0]}}
    assert cursors({}, ["(new)"], NOW) == {"(new)": {"since_id": id_at(NOW - timedelta(days=1))}}
    kept = {name_of("(kept)"): {"since_id": recent[1], "pending": {"next_token": "t"}}}
    assert cursors(kept, ["(kept)"], NOW) == {"(kept)": kept[name_of("(kept)")]}


def test_many_keywords_are_several_searches_and_each_is_walked(fake_x: FakeX) -> None:
    keywords = [f"Nasim {'x' * 40} {n}" for n in range(20)]
    said = {fake_x.world.post("amal", f"see {keyword}!").id for keyword in keywords}
    posts, cursor = walk(seeker(fake_x, {"keywords": keywords}), {})
    assert (set(told(posts)), len(cursor["searches"])) == (said, 3)


# --- names of fields --------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_where_x_no_longer_takes_the_old_names_the_new_ones_are_asked_for(fake_x: FakeX) -> None:
    fake_x.api.old_names = False
    parent = fake_x.world.post("omar", f"@{BRAND.handle} first")
    said = fake_x.world.post("amal", "", note=f"@{BRAND.handle} " + "word " * 100, reply_to=parent.id)
    x = seeker(fake_x)
    post = told(walk(x, {})[0])[said.id]
    assert (post.author.handle, post.kind, post.parent_id) == ("amal", Kind.REPLY, parent.id)
    assert len(post.text) > 500
    asked = ["tweet.fields" in query for _, _, query, _ in fake_x.calls]
    assert asked == [True, False, False]


@pytest.mark.parametrize("fake_x", ["new"], indirect=True)
def test_who_knows_that_the_old_names_are_over_has_them_asked_for_no_more(fake_x: FakeX) -> None:
    fake_x.api.old_names = False
    said = fake_x.world.post("omar", f"@{BRAND.handle} first")
    x = X(account(fake_x.url, options={"names": "new"}))
    assert list(told(walk(x, {})[0])) == [said.id]
    assert not any("tweet.fields" in query for _, _, query, _ in fake_x.calls)
