"""What X charges for is counted by the names of its price list, and what its limits leave is told."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.platforms.base import Json, Room
from ingest.platforms.x.adapter import X
from tests.platforms.conftest import BOTH_SPELLINGS, account
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_x import BRAND, FakeX


@BOTH_SPELLINGS
def test_mentions_cost_less_than_what_comes_along_with_them(fake_x: FakeX, x: X) -> None:
    ours = fake_x.world.post(BRAND, "We have moved")
    for text in ("one", "two"):
        fake_x.world.post("amal", f"@{BRAND.handle} {text}", reply_to=ours.id)
    fake_x.world.post("omar", f"@{BRAND.handle} three")
    # The post they answer came along once, and so did each author.
    assert x.fetch({}).charged == {"own_mention_read": 3, "post_read": 1, "user_read": 2}


@BOTH_SPELLINGS
def test_a_post_that_came_along_with_itself_is_counted_once(fake_x: FakeX, x: X) -> None:
    first = fake_x.world.post("amal", f"@{BRAND.handle} one")
    fake_x.world.post("amal", f"@{BRAND.handle} two", reply_to=first.id)
    assert x.fetch({}).charged == {"own_mention_read": 2, "user_read": 1}


def test_an_app_of_somebody_else_pays_for_our_mentions_as_for_other_posts(fake_x: FakeX) -> None:
    fake_x.world.post("amal", f"@{BRAND.handle} one")
    assert X(account(fake_x.url, options={"owns_app": False})).fetch({}).charged == {"post_read": 1, "user_read": 1}


def test_each_source_is_counted_and_nothing_costs_nothing(fake_x: FakeX) -> None:
    x = X(account(fake_x.url, options={"keywords": ["Nasim Air"]}))
    assert x.fetch({}).charged == {}
    fake_x.world.post("amal", f"@{BRAND.handle} is Nasim Air open?")
    assert x.fetch({}).charged == {"own_mention_read": 1, "post_read": 1, "user_read": 2}


@pytest.mark.parametrize(
    ("text", "plan", "charged"),
    [
        ("On it", None, {"post_create_summoned": 1}),
        ("On it", "enterprise", {"post_create": 1}),
        ("See https://example.com/help", None, {"post_create_with_url": 1}),
        ("See example.com", "enterprise", {"post_create_with_url": 1}),
    ],
)
def test_an_answer_costs_by_what_it_holds_and_whoever_finds_it_says_the_same(
    fake_x: FakeX, text: str, plan: str | None, charged: Json
) -> None:
    x = X(account(fake_x.url, options={"plan": plan}))
    fake_x.world.post("amal", f"@{BRAND.handle} hello")
    outgoing = answer_to(walk(x, {})[0][0], text)
    sent = x.reply(outgoing)
    assert sent.charged == charged
    assert x.find_reply(outgoing) == sent


@BOTH_SPELLINGS
def test_a_page_tells_what_the_limit_leaves(fake_x: FakeX, x: X) -> None:
    room = x.fetch({}).room
    assert room
    assert (room.limit, room.remaining) == (450, 449)
    assert room.resets_at
    assert timedelta(0) < room.resets_at - datetime.now(UTC) <= timedelta(minutes=15)


def test_the_room_is_that_of_the_last_call_and_none_where_x_does_not_tell(fake_x: FakeX, x: X) -> None:
    page = b'{"data": [], "meta": {"result_count": 0}}'
    headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "1800000000"}
    fake_x.fault("raw", body=page, headers=headers)
    assert x.fetch({}).room == Room(300, 0, datetime.fromtimestamp(1_800_000_000, UTC))
    for odd in ({}, {**headers, "x-rate-limit-reset": "soon"}, {**headers, "x-rate-limit-limit": "-1"}):
        fake_x.fault("raw", body=page, headers=odd)
        assert x.fetch({}).room is None
