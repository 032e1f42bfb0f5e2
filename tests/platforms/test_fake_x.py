"""The fake X does what X is known to do, notices what X would not say or take, and runs by itself."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from ingest.platforms.x.adapter import X
from tests.platforms.conftest import BOTH_SPELLINGS, account
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_x import BRAND, FakeX, Fault
from tests.platforms.fake_x.api import APP_TOKEN, USER_TOKEN
from tests.platforms.openapi.prune import prune
from tests.platforms.openapi.spec import NEW, OLD, in_new_names, request_breaches, spec

MENTIONS = f"/2/users/{BRAND.id}/mentions"
TIMELINE = f"/2/users/{BRAND.id}/tweets"


def get(fake: FakeX, path: str, token: str = APP_TOKEN, **query: str) -> dict[str, Any]:
    """What the fake says."""
    answer = requests.get(fake.url + path, query, headers={"Authorization": f"Bearer {token}"}, timeout=5)
    return dict(answer.json())


def ids(answer: dict[str, Any]) -> list[str]:
    return [post["id"] for post in answer.get("data", ())]


# --- what X does ------------------------------------------------------------------------------------------------------
def test_pages_go_backwards_from_the_newest_down_to_since_id(fake_x: FakeX) -> None:
    said = [fake_x.world.post("amal", f"@{BRAND.handle} {n}").id for n in range(12)]
    first = get(fake_x, MENTIONS, since_id=said[1], max_results="5")
    assert ids(first) == said[:-6:-1]
    assert first["meta"].pop("next_token")
    assert first["meta"] == {"result_count": 5, "newest_id": said[-1], "oldest_id": said[-5]}
    token = get(fake_x, MENTIONS, since_id=said[1], max_results="5")["meta"]["next_token"]
    last = get(fake_x, MENTIONS, since_id=said[1], max_results="5", pagination_token=token)
    assert (ids(last), "next_token" in last["meta"]) == (said[-6:1:-1], False)


def test_nothing_is_told_that_was_not_asked_for(fake_x: FakeX) -> None:
    fake_x.world.post("amal", f"@{BRAND.handle} hello")
    answer = get(fake_x, MENTIONS)
    assert set(answer) == {"data", "meta"}
    assert set(answer["data"][0]) == {"id", "text", "edit_history_tweet_ids"}
    assert get(fake_x, MENTIONS, since_id=answer["data"][0]["id"]) == {"meta": {"result_count": 0}}


@BOTH_SPELLINGS
def test_a_timeline_begins_at_its_start_time_and_holds_own_posts_alone(fake_x: FakeX) -> None:
    now = datetime.now(UTC)
    for age in (10, 5, 0):
        fake_x.world.post(BRAND, f"{age} minutes ago", at=now - timedelta(minutes=age))
    fake_x.world.post("amal", f"@{BRAND.handle} hello")
    start = (now - timedelta(minutes=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = get(fake_x, TIMELINE, start_time=start, max_results="100")
    assert [post["text"] for post in told["data"]] == ["0 minutes ago", "5 minutes ago"]


@BOTH_SPELLINGS
def test_data_and_errors_may_stand_side_by_side(fake_x: FakeX) -> None:
    parent = fake_x.world.post("omar", f"@{BRAND.handle} first")
    fake_x.world.post(fake_x.world.user("ghost", hidden=True), f"@{BRAND.handle} second", reply_to=parent.id)
    fake_x.world.delete(parent.id)
    told = get(fake_x, MENTIONS, **{"expansions": "author_id,referenced_tweets.id", "tweet.fields": "author_id"})
    assert len(told["data"]) == 1
    assert {error["resource_type"] for error in told["errors"]} == {"tweet", "user"}


def test_keys_open_what_they_should_and_no_more(fake_x: FakeX) -> None:
    assert get(fake_x, "/2/users/me", token="unknown")["title"] == "Unauthorized"
    assert get(fake_x, "/2/users/me")["title"] == "Unsupported Authentication"
    assert get(fake_x, "/2/users/me", token=USER_TOKEN)["data"]["username"] == BRAND.handle


def test_every_answer_counts_the_calls_left(fake_x: FakeX) -> None:
    answer = requests.get(fake_x.url + MENTIONS, headers={"Authorization": f"Bearer {APP_TOKEN}"}, timeout=5)
    assert {"x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"} <= {h.lower() for h in answer.headers}


def test_links_are_shortened_and_a_reply_begins_with_a_name(fake_x: FakeX, x: X) -> None:
    fake_x.world.post("amal", f"@{BRAND.handle} hello")
    x.reply(answer_to(walk(x, {})[0][0], "See https://example.com/help"))
    (ours,) = fake_x.world.timeline(BRAND)
    assert ours.text.startswith("@amal See https://t.co/")
    assert ours.links[0]["expanded_url"] == "https://example.com/help"


# --- what X would not say or take -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ([("max_results", "4")], "minimum"),
        ([("max_results", "many")], "integer"),
        ([("since_id", "abc")], "match"),
        ([("tweet.fields", "author_id,likes")], "likes"),
        ([("expansions", "author")], "author"),
        ([("start_time", "yesterday")], "date-time"),
        ([("page", "2")], "unknown parameter page"),
        ([("max_results", "5"), ("max_results", "6")], "twice"),
    ],
)
def test_a_request_x_would_not_take_is_noticed(query: list[tuple[str, str]], complaint: str) -> None:
    assert complaint in " ".join(request_breaches("GET", MENTIONS, query))


def test_a_request_x_would_take_is_let_through_in_old_names_and_translated() -> None:
    query = [("tweet.fields", "author_id,note_tweet,text"), ("expansions", "referenced_tweets.id")]
    assert request_breaches("GET", MENTIONS, query) == []
    assert spec(NEW).request("GET", MENTIONS, query) != []
    assert in_new_names(query) == [("post.fields", "note_post,text"), ("expansions", "referenced_posts,author_id")]


@pytest.mark.parametrize("body", [{"texts": "a"}, {"text": 7}, {"text": "a", "reply": {"to": "1"}}, {"text": "a"}])
def test_a_body_x_would_not_take_is_noticed(body: dict[str, Any]) -> None:
    assert bool(request_breaches("POST", "/2/tweets", [], body)) is (body != {"text": "a"})
    assert request_breaches("DELETE", "/2/tweets", []) != []


@pytest.mark.parametrize(
    ("version", "post"),
    [
        (OLD, {"id": "1", "text": "a", "referenced_posts": []}),
        (NEW, {"id": "1", "text": "a", "referenced_tweets": []}),
        (OLD, {"id": "x1", "text": "a"}),
        (NEW, {"id": 1, "text": "a"}),
        (OLD, {"id": "1", "text": "a", "created_at": "yesterday"}),
    ],
)
def test_an_answer_x_would_not_give_is_noticed(version: str, post: dict[str, Any]) -> None:
    assert spec(version).answer("GET", MENTIONS, 200, {"data": [post], "meta": {"result_count": 1}}) != []
    plain = {"data": [{"id": "1", "text": "a"}], "meta": {"result_count": 1}}
    assert spec(version).answer("GET", MENTIONS, 200, plain) == []


def test_a_breach_reaches_the_test_that_made_it() -> None:
    with FakeX() as fake:
        get(fake, MENTIONS, page="2")
        assert fake.breaches
        with pytest.raises(ValueError, match="no such fault"):
            fake.fault("earthquake")
        assert Fault("drop").times == 1


@pytest.mark.parametrize("version", [OLD, NEW])
def test_pruning_what_is_pruned_changes_nothing(version: str) -> None:
    pruned = json.loads((Path(__file__).parent / "openapi" / f"x-{version}.json").read_text())
    assert prune(pruned) == pruned


# --- by itself --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def alone() -> Iterator[str]:
    """The address of a fake X in a process of its own."""
    command = [sys.executable, "-m", "tests.platforms.fake_x", "--spelling", "new"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_in_a_process_of_its_own_it_is_moved_by_its_strings(alone: str) -> None:
    def pull(verb: str, **body: Any) -> dict[str, Any]:
        answer = requests.post(f"{alone}/_control/{verb}", json=body, timeout=5)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def look(verb: str) -> Any:
        return requests.get(f"{alone}/_control/{verb}", timeout=5).json()[verb]

    x = X(account(alone))
    pull("user", handle="amal", name="أمل")
    said = pull("post", author="amal", text=f"@{BRAND.handle} my bag", at="2026-11-20T10:00:00+00:00")["id"]
    (post,), cursor = walk(x, {})
    assert (post.external_id, post.author.name, post.posted_at.hour) == (said, "أمل", 10)
    pull("edit", id=said, text=f"@{BRAND.handle} my black bag")
    (post,), _ = walk(x, cursor)
    assert (post.external_id, post.text) == (said, f"@{BRAND.handle} my black bag")
    pull("fault", kind="drop", on="POST", applied=True)
    outgoing = answer_to(post, "On it")
    with pytest.raises(Exception, match="outcome_unknown"):
        x.reply(outgoing)
    assert x.find_reply(outgoing)
    assert [p["text"] for p in look("posts") if p["reply_to"] == said] == ["@amal On it"]
    assert pull("message", author="amal", text="hello")["id"].startswith("dm-")
    pull("cut")
    pull("settings", spelling="old", page_cap=1)
    pull("delete", id=post.raw["id"])
    assert walk(x, {})[0] == []
    assert look("breaches") == []
    assert look("calls") > 4
    assert requests.post(f"{alone}/_control/nonsense", json={}, timeout=5).status_code == 400
