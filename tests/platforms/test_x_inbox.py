"""Direct messages of the old kind, read by polling: each once, cheaply, and never in the way of mentions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from ingest.platforms.base import Cannot, Json, Kind, Outgoing, Page, PlatformError, Post
from ingest.platforms.x.adapter import X
from ingest.platforms.x.inbox import EVERY, KEPT, is_due
from ingest.platforms.x.parse import id_at
from tests.platforms.conftest import BOTH_SPELLINGS, account
from tests.platforms.contract import answer_to
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.api import APP_TOKEN, KEYS

ON = {"dms": "on"}
LIST = "/2/dm_events"


def reader(fake: FakeX, **changes: Any) -> X:
    return X(account(fake.url, **({"options": ON, "credentials": KEYS} | changes)))


def read(x: X, cursor: Json) -> tuple[list[Post], Json, list[Page]]:
    """All pages of one look."""
    posts: list[Post] = []
    pages: list[Page] = []
    while True:
        page = x.fetch(cursor)
        posts += page.posts
        pages.append(page)
        cursor = page.cursor
        if not page.more:
            return posts, cursor, pages


def due(cursor: Json) -> Json:
    """As if the time to ask again had come."""
    return {**cursor, "dms": {name: value for name, value in cursor["dms"].items() if name != "next_at"}}


def asked(fake: FakeX) -> int:
    return sum(path == LIST for _, path, _, _ in fake.calls)


def charged(pages: Iterable[Page], item: str = "dm_read") -> int:
    return sum(page.charged.get(item, 0) for page in pages)


# --- what comes in ----------------------------------------------------------------------------------------------------
@BOTH_SPELLINGS
def test_a_message_comes_as_the_same_post_as_its_event(fake_x: FakeX) -> None:
    amal = fake_x.world.user("amal", "Amal")
    event = fake_x.activity.message(amal, "رقم الحجز 123 & أكثر")
    (told,) = reader(fake_x).read_event(event["data"]).posts
    ((post,), _, _) = read(reader(fake_x), {})
    assert (post.kind, post.text, post.author.handle) == (Kind.DM, "رقم الحجز 123 & أكثر", "amal")
    assert (post.external_id, post.conversation_key) == (told.external_id, told.conversation_key)
    assert post.raw["legacy_dm"]
    assert not fake_x.breaches


def test_nothing_is_read_unless_it_is_asked_for(fake_x: FakeX) -> None:
    fake_x.world.message(fake_x.world.user("amal").id, BRAND.id, "hello")
    for options in ({}, {"dms": ""}, {"dms": "off"}):
        assert read(reader(fake_x, options=options), {})[0] == []
    assert asked(fake_x) == 0


def test_our_own_messages_come_as_ours_and_mentions_beside_them(fake_x: FakeX) -> None:
    amal = fake_x.world.user("amal")
    fake_x.world.message(amal.id, BRAND.id, "where is my bag?")
    fake_x.world.message(BRAND.id, amal.id, "Your booking number, please")
    named = fake_x.world.post("omar", f"@{BRAND.handle} hello")
    posts, _, _ = read(reader(fake_x), {})
    by = {post.text: post for post in posts}
    ours = by["Your booking number, please"]
    assert ours.author.external_id == BRAND.id
    assert ours.conversation_key == by["where is my bag?"].conversation_key
    assert named.id in {post.external_id for post in posts}


def test_each_comes_once_however_often_it_is_asked(fake_x: FakeX) -> None:
    amal, x = fake_x.world.user("amal"), reader(fake_x)
    for n in range(5):
        fake_x.world.message(amal.id, BRAND.id, f"message {n}")
    posts, cursor, _ = read(x, {})
    assert [post.text for post in posts] == [f"message {n}" for n in range(5)]
    assert read(x, due(cursor))[0] == []
    fake_x.world.message(amal.id, BRAND.id, "and one more")
    assert [post.text for post in read(x, due(cursor))[0]] == ["and one more"]


def test_a_long_backlog_is_walked_down_to_what_is_known(fake_x: FakeX) -> None:
    amal, x = fake_x.world.user("amal"), reader(fake_x)
    fake_x.world.message(amal.id, BRAND.id, "known")
    _, cursor, _ = read(x, {})
    for n in range(130):
        fake_x.world.message(amal.id, BRAND.id, f"message {n}")
    posts, cursor, pages = read(x, due(cursor))
    assert sorted(post.text for post in posts) == sorted(f"message {n}" for n in range(130))
    assert len(pages) == 3
    assert read(x, due(cursor))[0] == []


def test_a_walk_that_breaks_off_is_taken_up_where_it_was(fake_x: FakeX) -> None:
    amal, x = fake_x.world.user("amal"), reader(fake_x)
    fake_x.world.message_cap = 10
    _, cursor, _ = read(x, {})
    for n in range(35):
        fake_x.world.message(amal.id, BRAND.id, f"message {n}")
    first = x.fetch(due(cursor))
    assert first.more
    fake_x.fault("drop", on=LIST)
    with pytest.raises(PlatformError):
        x.fetch(first.cursor)
    rest, _, _ = read(reader(fake_x), first.cursor)
    assert len({post.text for post in (*first.posts, *rest)}) == 35


def test_the_first_look_reads_one_day_of_the_past(fake_x: FakeX) -> None:
    amal, now = fake_x.world.user("amal"), datetime.now(UTC)
    for days in (40, 20, 2, 0.5):
        fake_x.world.message(amal.id, BRAND.id, f"{days} days ago", at=now - timedelta(days=days))
    posts, cursor, _ = read(reader(fake_x), {})
    assert [post.text for post in posts] == ["0.5 days ago"]
    assert read(reader(fake_x), due(cursor))[0] == []


def test_one_that_appears_late_below_others_is_not_lost(fake_x: FakeX) -> None:
    amal, x, now = fake_x.world.user("amal"), reader(fake_x), datetime.now(UTC)
    fake_x.world.message(amal.id, BRAND.id, "first", at=now - timedelta(minutes=9))
    fake_x.world.message(amal.id, BRAND.id, "third", at=now - timedelta(minutes=5))
    _, cursor, _ = read(x, {})
    fake_x.world.message(amal.id, BRAND.id, "second", at=now - timedelta(minutes=7))
    assert [post.text for post in read(x, due(cursor))[0]] == ["second"]


def test_what_is_remembered_has_a_bound(fake_x: FakeX) -> None:
    amal, x = fake_x.world.user("amal"), reader(fake_x)
    for n in range(3 * KEPT):
        fake_x.world.message(amal.id, BRAND.id, f"message {n}")
    posts, cursor, _ = read(x, {})
    assert len({post.external_id for post in posts}) == 3 * KEPT
    assert len(cursor["dms"]["known"]) == KEPT
    assert read(x, due(cursor))[0] == []


def test_an_item_that_makes_no_sense_is_set_aside(fake_x: FakeX) -> None:
    amal = fake_x.world.user("amal")
    fake_x.world.message(amal.id, BRAND.id, "good")
    event_id = id_at(datetime.now(UTC))
    item = {"id": event_id, "event_type": "MessageCreate", "text": "whose?"}
    body = '{"data": [%s, 7, {"id": "x"}], "meta": {"result_count": 3}}' % str(item).replace("'", '"')  # noqa: UP031  (braces stand in it)
    fake_x.fault("raw", on=LIST, body=body.encode(), headers={"Content-Type": "application/json"})
    page = reader(fake_x).fetch({})
    assert page.posts == ()
    assert [bad.external_id for bad in page.bad] == [f"dm-{event_id}", "", ""]


# --- pace and price ---------------------------------------------------------------------------------------------------
def test_x_is_asked_less_often_than_it_allows(fake_x: FakeX) -> None:
    x, now = reader(fake_x), datetime.now(UTC)
    cursor: Json = {}
    with time_machine.travel(now, tick=False) as clock:
        for _minute in range(15):
            _, cursor, _ = read(x, cursor)
            clock.shift(timedelta(minutes=1))
    assert asked(fake_x) == timedelta(minutes=15) // EVERY + 1


def test_its_own_rate_limit_does_not_hold_up_mentions(fake_x: FakeX) -> None:
    x, now = reader(fake_x), datetime.now(UTC)
    fake_x.fault("too_many", on=LIST, reset=600)
    posts, cursor, _ = read(x, {})
    named = fake_x.world.post("omar", f"@{BRAND.handle} hello")
    posts, cursor, _ = read(x, cursor)
    assert [post.external_id for post in posts] == [named.id]
    assert asked(fake_x) == 1
    assert not is_due(cursor["dms"], now + timedelta(minutes=9))
    assert is_due(cursor["dms"], now + timedelta(minutes=11))


def test_a_message_is_charged_once_a_day(fake_x: FakeX) -> None:
    amal, x, now = fake_x.world.user("amal"), reader(fake_x), datetime.now(UTC).replace(hour=10)
    with time_machine.travel(now, tick=False) as clock:
        for n in range(3):
            fake_x.world.message(amal.id, BRAND.id, f"message {n}", at=now - timedelta(minutes=n + 1))
        _, cursor, pages = read(x, {})
        assert (charged(pages), charged(pages, "user_read")) == (3, 1)
        fake_x.world.message(amal.id, BRAND.id, "one more", at=now)
        _, cursor, pages = read(x, due(cursor))
        assert (charged(pages), charged(pages, "user_read")) == (1, 0)
        clock.shift(timedelta(days=1))
        _, cursor, pages = read(x, due(cursor))
        assert charged(pages) == 4


def test_keys_that_may_not_read_messages_say_so_and_mentions_come_in(fake_x: FakeX) -> None:
    named = fake_x.world.post("omar", f"@{BRAND.handle} hello")
    x = reader(fake_x, credentials={"bearer_token": APP_TOKEN})
    page = x.fetch({})
    assert [post.external_id for post in page.posts] == [named.id]
    with pytest.raises(PlatformError) as error:
        x.fetch(page.cursor)
    assert (error.value.code, error.value.permanent) == ("forbidden", False)


# --- answers ----------------------------------------------------------------------------------------------------------
def to(post: Post, text: str) -> Outgoing:
    return replace(answer_to(post, text), kind=Kind.DM)


@BOTH_SPELLINGS
def test_a_polled_message_is_answered_and_the_answer_comes_back_under_its_own_id(fake_x: FakeX) -> None:
    amal, x = fake_x.world.user("amal"), reader(fake_x)
    fake_x.world.message(amal.id, BRAND.id, "where is my bag?")
    ((post,), cursor, _) = read(x, {})
    assert x.can_reply(post.kind, names_us=False, raw=post.raw) is None
    sent = x.reply(to(post, "On its way"))
    assert sent.charged == {"dm_create": 1}
    ((ours,), _, _) = read(x, due(cursor))
    assert (ours.external_id, ours.author.external_id) == (sent.external_id, BRAND.id)
    found = x.find_reply(to(post, "On its way"))
    assert found
    assert found.external_id == sent.external_id


def test_a_group_is_answered_by_its_conversation(fake_x: FakeX) -> None:
    amal, x, group = fake_x.world.user("amal"), reader(fake_x), "1234567890123456789"
    fake_x.world.message(amal.id, "", "where is our bag?", group=group)
    ((post,), _, _) = read(x, {})
    assert post.conversation_key == f"dm-{group}"
    sent = x.reply(to(post, "On its way"))
    found = x.find_reply(to(post, "On its way"))
    assert found
    assert found.external_id == sent.external_id
    assert not fake_x.breaches


def test_an_answer_that_broke_off_is_looked_for_in_the_conversation(fake_x: FakeX) -> None:
    amal, x = fake_x.world.user("amal"), reader(fake_x)
    fake_x.world.message(amal.id, BRAND.id, "where is my bag?")
    ((post,), _, _) = read(x, {})
    outgoing = to(post, "On its way")
    assert x.find_reply(outgoing) is None
    fake_x.fault("drop", on="POST", applied=True)
    with pytest.raises(PlatformError) as error:
        x.reply(outgoing)
    assert error.value.code == "outcome_unknown"
    found = x.find_reply(outgoing)
    assert found
    assert sum(message["from"] == BRAND.id for message in fake_x.world.messages) == 1


def test_closed_messages_are_refused_for_good_and_what_is_not_of_the_old_kind_is_known_to_be(fake_x: FakeX) -> None:
    amal, x = fake_x.world.user("amal"), reader(fake_x)
    fake_x.world.message(amal.id, BRAND.id, "where is my bag?")
    ((post,), _, _) = read(x, {})
    fake_x.fault("forbidden_dm", on="POST")
    with pytest.raises(PlatformError) as error:
        x.reply(to(post, "On its way"))
    assert (error.value.code, error.value.permanent) == ("not_allowed", True)
    assert x.can_reply(Kind.DM, names_us=False, raw={}) is Cannot.CLOSED
