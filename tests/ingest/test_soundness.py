"""A page with an item that cannot be kept: the rest comes in, and the item is set aside with its words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Role
from ingest.collect import store_page
from ingest.models import BadItem, Channel, Contact, Message
from ingest.platforms.base import Author, Json, Kind, Page, Post
from tests.cast import a_channel, a_person, a_post, an_own_post, now
from tickets.channels import upkeep

pytestmark = pytest.mark.django_db

POISON: dict[str, Callable[[Post], Any]] = {
    "ten million letters": lambda post: changed(post, text="x" * 10_000_000),
    "text that is none": lambda post: changed(post, text=None),
    "text that is bytes": lambda post: changed(post, text=b"words"),
    "an id that is a number": lambda post: changed(post, external_id=7),
    "an id that is a list": lambda post: changed(post, external_id=["1"]),
    "an id with a lone surrogate": lambda post: changed(post, external_id="half \ud83d"),
    "an author that is a name": lambda post: changed(post, author="reem"),
    "an author id that is none": lambda post: changed(post, author=odd_author(external_id=None)),
    "a handle that is a list": lambda post: changed(post, author=odd_author(handle=["b"])),
    "followers in words": lambda post: changed(post, author=odd_author(followers="many")),
    "a kind that is a word": lambda post: changed(post, kind="mention"),
    "a time that is a word": lambda post: changed(post, posted_at="2026-11-01T00:00:00Z"),
    "a time without a zone": lambda post: changed(post, posted_at=datetime(2026, 11, 1)),  # noqa: DTZ001  (that is what is wrong with it)
    "no time": lambda post: changed(post, posted_at=None),
    "an edit in the year 9999": lambda post: changed(post, edited_at=datetime(9999, 12, 31, tzinfo=UTC)),
    "a deletion at no time": lambda post: changed(post, deleted_at="yes"),
    "media that are a number": lambda post: changed(post, media=3),
    "a raw that is a list": lambda post: changed(post, raw=["what it said"]),
    "a raw without a bottom": lambda post: changed(post, raw=deep(5_000)),
    "a number of 5,000 digits": lambda post: changed(post, metrics={"likes": 10**5_000}),
    "a parent id of 600 letters": lambda post: changed(post, parent_id="p" * 600),
    "no post at all": lambda post: {"text": post.text},
}


def changed(post: Post, **odd: Any) -> Post:
    """As an adapter with a mistake might make it."""
    return replace(post, **odd)


def odd_author(**odd: Any) -> Author:
    return replace(Author("a"), **odd)


def deep(levels: int) -> Json:
    value: Json = {}
    for _ in range(levels):
        value = {"in": value}
    return value


@pytest.mark.parametrize("name", POISON)
def test_of_fifty_items_forty_nine_come_in_and_the_poisoned_one_keeps_its_words(name: str) -> None:
    channel, posts = a_channel(), [a_post(f"post {turn}", by=f"p{turn % 9}") for turn in range(50)]
    posts[25] = POISON[name](posts[25])
    stored = store_page(channel, Page(tuple(posts), {"at": 1}), cursor={"at": 1})
    assert (stored.new, Message.objects.count()) == (49, 49)
    channel.refresh_from_db()
    assert channel.cursor == {"at": 1}
    item = BadItem.objects.get()
    assert item.error
    if name not in {"text that is none", "no post at all"}:
        assert "post 25" in item.payload["text"] or item.payload["text"][:5] in ("xxxxx", "b'wor")


@pytest.mark.parametrize(
    "change",
    [
        {"text": "nul \x00 and half \ud83d a pair"},
        {"author": Author("acct-reem", handle="h" * 40_000, name="n" * 40_000, avatar_url="a" * 40_000)},
        {"posted_at": datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12)))},
        {"posted_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "reachable_at": None},
        {"reachable_at": datetime(9999, 12, 31, tzinfo=UTC)},
        {"conversation_key": "k" * 40_000},
        {"lang_hint": "l" * 40_000},
        {"raw": {"odd": float("nan"), "\x00": {1, 2}}},
    ],
    ids=["letters", "handle", "year 9999", "year 1", "vouched 9999", "thread", "language", "raw"],
)
def test_what_can_be_mended_comes_in(change: dict[str, Any]) -> None:
    store_page(a_channel(), Page((a_post(**change),), {}))
    assert not BadItem.objects.exists()
    message = Message.objects.get()
    assert message.posted_at <= now()
    # A zone twelve hours off must be able to show it, too.
    for at in filter(None, (message.posted_at, message.claimed_at)):
        assert at.astimezone(timezone(timedelta(hours=-12)))


def test_a_poisoned_post_of_ours_does_not_hold_up_a_customers() -> None:
    store_page(a_channel(), Page((an_own_post(cast("Any", None)), a_post("broken")), {}))
    assert Message.objects.get().text == "broken"


def test_only_what_the_database_refuses_costs_a_second_round() -> None:
    channel = a_channel()

    def cost(*posts: Any) -> int:
        before = len(connection.queries_log)
        connection.force_debug_cursor = True
        store_page(channel, Page(posts, {}))
        return len(connection.queries_log) - before

    plain = cost(*[a_post() for _ in range(30)])
    assert cost(*[a_post() for _ in range(30)], changed(a_post(), kind="odd")) <= plain + 1


def test_an_item_set_aside_can_be_taken_in_when_it_is_mended() -> None:
    channel = a_channel()
    vain = replace(a_post("at last"), edited_at=now() + timedelta(days=3))
    store_page(channel, Page((vain,), {}))
    item = BadItem.objects.get()
    item.payload["edited_at"] = None
    item.save()
    upkeep.replay_item(item.pk, by=a_person(channel.brand, role=Role.ADMIN))
    assert Message.objects.get().text == "at last"


# --- whatever an adapter tells ----------------------------------------------------------------------------------------
TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(["\x00", "\ud83d", "x" * 700, "", "7"])
ODD = st.none() | st.integers() | st.binary(max_size=3) | st.lists(st.integers(), max_size=2) | st.floats() | TEXT
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
TIMES = st.none() | st.datetimes(timezones=ZONES) | st.just("yesterday")
VALUES = st.recursive(ODD, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2))
AUTHORS = st.builds(Author, TEXT | ODD, TEXT | ODD, TEXT | ODD, TEXT | ODD, st.none() | st.integers() | ODD)
POSTS = st.builds(
    Post,
    external_id=TEXT | ODD,
    author=AUTHORS | ODD,
    kind=st.sampled_from(Kind) | ODD,
    text=TEXT | ODD,
    posted_at=TIMES,
    conversation_key=TEXT | ODD,
    parent_id=TEXT | ODD,
    url=TEXT | ODD,
    lang_hint=TEXT | ODD,
    media=VALUES | st.tuples(VALUES),
    metrics=VALUES,
    edited_at=TIMES,
    deleted_at=TIMES,
    reachable_at=TIMES,
    context=st.booleans(),
    raw=VALUES,
)


@settings(max_examples=150)
@given(st.lists(POSTS, max_size=5))
def test_whatever_an_adapter_tells_a_good_post_beside_it_comes_in(odd: list[Any]) -> None:
    channel, good = _a_place(), a_post("good")
    stored = store_page(channel, Page((*odd[:2], good, *odd[2:]), {}), cursor={"at": 1})
    assert Message.objects.filter(channel=channel, external_id=good.external_id, text="good").exists()
    assert stored.new == Message.objects.filter(channel=channel).count()
    again = store_page(channel, Page((*odd, good), {}))
    assert again.new == 0
    for message in Message.objects.filter(channel=channel).select_related("contact"):
        assert message.posted_at <= message.received_at
        assert message.external_id
    channel.delete()
    Contact.objects.all().delete()


def _a_place() -> Channel:
    return Channel.objects.filter(name="odd").first() or a_channel(name="odd")
