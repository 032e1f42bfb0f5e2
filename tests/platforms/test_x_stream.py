"""X pushes: each event is heard at once, silence is told in time, and an end is an end, not a stillness."""

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from ingest.platforms.base import Json, Kind, Page, PlatformError, Post, Streams
from ingest.platforms.x import stream as x_stream
from ingest.platforms.x.adapter import X
from ingest.platforms.x.search import rules
from tests.platforms.conftest import BOTH_SPELLINGS, account
from tests.platforms.contract import walk
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import KEYS, USER_TOKEN

FILTERED = {"stream": "filtered", "keywords": ["Nasim Air"]}
Heard = Generator[Page | None, None, None]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat is a fifth of a second here, and a connection is dead after three of them."""
    monkeypatch.setattr(x_stream, "BEAT", 0.2)
    monkeypatch.setattr(x_stream, "QUIET", 0.6)


@contextmanager
def listening(fake: FakeX, cursor: Json | None = None, **changes: Any) -> Iterator[Heard]:
    """An open stream."""
    if fake.activity.keep_alive == 20.0:
        fake.activity.keep_alive = 0.1
    heard = cast("Heard", X(account(fake.url, **changes)).listen(cursor or {}))
    with closing(heard):
        assert next(heard) is None
        yield heard


def next_page(heard: Heard) -> Page:
    """The next thing that is said, within five seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        page = next(heard)
        if page is not None:
            return page
    raise AssertionError("nothing was said")


def next_post(heard: Heard) -> Post:
    (post,) = next_page(heard).posts
    return post


def until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def error_of(heard: Heard) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        next_page(heard)
    return error.value


# --- events of our account --------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_what_is_said_to_us_is_heard(fake_x: FakeX, x: X) -> None:
    assert isinstance(x, Streams)
    ours = fake_x.world.post(BRAND, "We have moved")
    with listening(fake_x) as heard:
        said = fake_x.world.post("amal", f"@{BRAND.handle} أين حقيبتي؟ 😤")
        page = next_page(heard)
        assert [(post.external_id, post.kind, post.text) for post in page.posts] == [(said.id, Kind.MENTION, said.text)]
        assert page.charged == {"post_event": 1}
        fake_x.world.post("omar", "Nice weather")
        reply = fake_x.world.post("omar", "Where to?", reply_to=ours.id)
        assert (post := next_post(heard)).external_id == reply.id
        assert (post.kind, post.parent_id) == (Kind.REPLY, ours.id)
        quote = fake_x.world.post("lina", "So they have", quotes=ours.id)
        assert (next_post(heard).external_id, quote.quotes) == (quote.id, ours.id)
        message = fake_x.activity.message(fake_x.world.user("amal"), "hello")
        number = message["data"]["payload"]["direct_message_events"][0]["id"]
        assert next_post(heard).external_id == f"dm-{number}"
        fake_x.world.delete(ours.id)
        gone = next_post(heard)
        assert (gone.external_id, bool(gone.deleted_at)) == (ours.id, True)


def test_what_comes_by_stream_is_what_polling_tells_again(fake_x: FakeX, x: X) -> None:
    with listening(fake_x) as heard:
        fake_x.world.post("amal", f"@{BRAND.handle} help")
        pushed = next_post(heard)
    (polled,) = walk(x, {})[0]
    assert (pushed.external_id, pushed.text, pushed.author) == (polled.external_id, polled.text, polled.author)


@BOTH_SPELLINGS
def test_what_is_followed_is_asked_for_once(fake_x: FakeX) -> None:
    for _ in range(2):
        with listening(fake_x):
            pass
        assert until(lambda: not fake_x.activity.streams)
    kinds = [known["event_type"] for known in fake_x.activity.subscriptions]
    assert sorted(kinds) == [
        "dm.received", "post.delete", "post.mention.create", "post.quote.create", "post.reply.create",
    ]  # fmt: skip
    assert {known["filter"]["user_id"] for known in fake_x.activity.subscriptions} == {BRAND.id}


def test_kinds_that_x_does_not_offer_are_done_without_and_none_at_all_is_said(fake_x: FakeX) -> None:
    fake_x.activity.offered = {"post.mention.create", "post.delete", "dm.received"}
    with listening(fake_x) as heard:
        fake_x.world.post("amal", f"@{BRAND.handle} help")
        assert next_post(heard)
    fake_x.activity.offered, fake_x.activity.subscriptions = set(), []
    error = error_of(cast("Heard", X(account(fake_x.url)).listen({})))
    assert (error.code, error.permanent) == ("rejected", True)


def test_a_broken_off_wish_to_follow_is_no_answer_of_unknown_outcome(fake_x: FakeX) -> None:
    fake_x.fault("drop", on="POST")
    error = error_of(cast("Heard", X(account(fake_x.url)).listen({})))
    assert (error.code, error.permanent, type(error)) == ("unreachable", False, PlatformError)


def test_events_for_other_accounts_of_the_app_are_not_ours(fake_x: FakeX) -> None:
    with listening(fake_x) as heard:
        event = fake_x.activity.post_event("post.mention.create", fake_x.world.post("amal", "@other hello"))
        event["data"]["filter"] = {"user_id": "7"}
        fake_x.activity.push(event)
        said = fake_x.world.post("amal", f"@{BRAND.handle} help")
        assert next_post(heard).external_id == said.id


# --- silence, and the end ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("keep_alive", [0.05, 0.5])
def test_silence_is_told_at_every_beat(fake_x: FakeX, keep_alive: float) -> None:
    fake_x.activity.keep_alive = keep_alive
    with listening(fake_x) as heard:
        for _ in range(4):
            began = time.monotonic()
            assert next(heard) is None
            assert time.monotonic() - began < 0.35


def test_a_connection_without_a_sign_of_life_has_ended(fake_x: FakeX) -> None:
    fake_x.activity.keep_alive = None
    with listening(fake_x) as heard:
        error = error_of(heard)
    assert (error.code, error.permanent) == ("unreachable", False)
    assert error.retry_after


def test_what_was_said_before_the_end_is_heard_before_it(fake_x: FakeX) -> None:
    with listening(fake_x) as heard:
        said = [fake_x.world.post("amal", f"@{BRAND.handle} {n}").id for n in range(3)]
        fake_x.activity.cut()
        assert [next_post(heard).external_id for _ in range(3)] == said
        assert error_of(heard).code == "unreachable"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"errors": [{"title": "operational-disconnect", "detail": "This stream has been disconnected", "type": "x"}]},
         "has been disconnected"),
        ({"errors": []}, "no event"),
        ({"errors": "none"}, "no event"),
    ],
)  # fmt: skip
def test_xs_word_that_the_stream_ends_ends_it(fake_x: FakeX, line: Json, words: str) -> None:
    with listening(fake_x) as heard:
        fake_x.activity.push(json.dumps(line).encode())
        error = error_of(heard)
    assert (error.code, error.permanent) == ("platform_down", False)
    assert words in error.words


@pytest.mark.parametrize("line", [b"<html>", b'{"data": {', b"\xff", b"[" * 100_000])
def test_a_line_that_cannot_be_read_is_set_aside_and_the_stream_goes_on(fake_x: FakeX, line: bytes) -> None:
    with listening(fake_x) as heard:
        fake_x.activity.push(line)
        assert (len(next_page(heard).bad), fake_x.activity.streams != []) == (1, True)
        said = fake_x.world.post("amal", f"@{BRAND.handle} help")
        assert next_post(heard).external_id == said.id


def test_closing_ends_the_connection_at_once(fake_x: FakeX) -> None:
    fake_x.activity.keep_alive = 0.1
    before = threading.active_count()
    with listening(fake_x) as heard:
        assert next(heard) is None
        began = time.monotonic()
    assert time.monotonic() - began < 0.5
    assert until(lambda: not fake_x.activity.streams)
    assert until(lambda: threading.active_count() <= before + 1)


def test_a_second_connection_is_refused_until_the_first_has_gone(fake_x: FakeX) -> None:
    with listening(fake_x):
        error = error_of(cast("Heard", X(account(fake_x.url)).listen({})))
        assert (error.code, error.permanent, bool(error.retry_after)) == ("rate_limited", False, True)
        assert "maximum allowed connection limit" in error.words


@pytest.mark.parametrize(
    ("fault", "code", "permanent"),
    [
        ("unauthorized", "bad_credentials", True), ("down", "platform_down", False), ("drop", "unreachable", False),
        ("html_403", "garbled_answer", False), ("no_credits", "out_of_credit", True),
    ],
)  # fmt: skip
def test_a_stream_that_does_not_open_says_why(fake_x: FakeX, fault: str, code: str, permanent: bool) -> None:
    fake_x.fault(fault, on="/2/activity/stream")
    error = error_of(cast("Heard", X(account(fake_x.url)).listen({})))
    assert (error.code, error.permanent) == (code, permanent)


@pytest.mark.parametrize("credentials", [KEYS, {"oauth2_user_token": USER_TOKEN}])
def test_a_stream_needs_the_apps_own_token(fake_x: FakeX, credentials: Json) -> None:
    error = error_of(cast("Heard", X(account(fake_x.url, credentials=credentials)).listen({})))
    assert (error.code, error.permanent) == ("bad_credentials", True)
    assert "bearer_token" in error.words


# --- coming back ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("plan", "gone", "minutes"), [
    ("enterprise", 1.5, "2"), ("enterprise", 60.0, "5"), ("self_serve", 1.5, None),
])  # fmt: skip
def test_only_enterprise_is_told_again_what_it_missed(
    fake_x: FakeX, plan: str, gone: float, minutes: str | None
) -> None:
    with listening(fake_x) as heard:
        fake_x.world.post("amal", f"@{BRAND.handle} help")
        cursor = next_page(heard).cursor
    assert until(lambda: not fake_x.activity.streams)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(cursor["told_at"])) < timedelta(seconds=10)
    cursor = {"told_at": (datetime.now(UTC) - timedelta(minutes=gone)).isoformat()}
    with listening(fake_x, cursor, options={"plan": plan}):
        assert fake_x.calls[-1][2].get("backfill_minutes") == minutes


# --- the filtered stream ----------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_the_filtered_stream_finds_what_speaks_of_us(fake_x: FakeX) -> None:
    with listening(fake_x, options=FILTERED) as heard:
        fake_x.world.post(BRAND, "Nasim Air flies")
        spoken = fake_x.world.post("amal", "Never again Nasim Air")
        page = next_page(heard)
        (post,) = page.posts
        assert (post.external_id, post.kind, post.author.handle) == (spoken.id, Kind.POST, "amal")
        assert (post.raw["found_by"], page.charged) == ("search", {"post_read": 1, "user_read": 1})
        named = fake_x.world.post("omar", f"@{BRAND.handle} help")
        assert ((post := next_post(heard)).external_id, post.kind) == (named.id, Kind.MENTION)
    assert fake_x.activity.subscriptions == []


def test_rules_are_kept_and_changed_with_the_keywords_and_those_of_others_left_alone(fake_x: FakeX) -> None:
    fake_x.activity.rules = [{"id": "1", "value": "(other) -is:retweet", "tag": "radd-2"}, {"id": "2", "value": "x"}]
    for keywords in (["Nasim Air"], ["Nasim Air"], ["Nasim Air", "#nasim"]):
        with listening(fake_x, options={**FILTERED, "keywords": keywords}):
            pass
        assert until(lambda: not fake_x.activity.streams)
    kept = {(rule["value"], rule.get("tag")) for rule in fake_x.activity.rules}
    assert kept == {
        ("(other) -is:retweet", "radd-2"), ("x", None),
        ('(@NasimAir OR "Nasim Air" OR #nasim) -is:retweet -from:NasimAir', "radd-1"),
    }  # fmt: skip
    changes = [body for _, path, _, body in fake_x.calls if path.endswith("rules") and body]
    assert [next(iter(change)) for change in changes] == ["add", "delete", "add"]


def test_what_another_channels_rule_found_is_not_ours(fake_x: FakeX) -> None:
    fake_x.activity.rules = [{"id": "1", "value": "(weather) -is:retweet", "tag": "radd-2"}]
    with listening(fake_x, options=FILTERED) as heard:
        fake_x.world.post("omar", "Nice weather")
        both = fake_x.world.post("omar", "Nice weather over Nasim Air")
        assert next_post(heard).external_id == both.id


def test_rules_fit_and_without_a_handle_or_keywords_there_are_none(fake_x: FakeX) -> None:
    many = rules({"keywords": [f"Nasim {'x' * 60} {n}" for n in range(60)]}, BRAND.handle)
    assert len(many) > 1
    assert all(len(rule) <= 1024 for rule in many)
    error = error_of(cast("Heard", X(account(fake_x.url, handle="", options={"stream": "filtered"})).listen({})))
    assert (error.code, error.permanent) == ("bad_options", True)
