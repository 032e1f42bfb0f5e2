"""Radd's Bluesky adapter by itself against Bluesky's own servers: each thing that they are known to do to callers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

import pytest
import requests

from ingest.platforms.base import Account, Cannot, Image, Kind, Outgoing, Page, PlatformError, Post, Unkept
from ingest.platforms.bluesky.adapter import Bluesky as Adapter
from tests.counterparts import bluesky
from tests.counterparts.bluesky import BRAND, PICTURE, Bluesky, parent_of
from tests.counterparts.network import Unavailable


@pytest.fixture(scope="module")
def network() -> Iterator[Bluesky]:
    started = bluesky.started()
    try:
        here = started.__enter__()
    except Unavailable as why:
        pytest.skip(f"Bluesky: {why}")
    yield here
    started.__exit__(None, None, None)


def adapter(network: Bluesky, by: str = BRAND, *, session: Unkept | None = None, **credentials: str) -> Adapter:
    """The adapter in somebody's account: the brand's, or with a password of theirs."""
    given = credentials or {"app_password": network.app_password}
    options = {"identifier": f"{by}.test", "base_url": network.pds, "keywords": bluesky.NAME}
    kept = session or Unkept()
    return Adapter(Account(1, str(network.people[by]["did"]), f"{by}.test", given, options, session=kept))


def pages(reader: Adapter, cursor: dict[str, object]) -> tuple[list[Post], dict[str, object]]:
    """What one look finds, page after page, and the cursor after it."""
    posts: list[Post] = []
    while True:
        page = reader.fetch(cursor)
        posts, cursor = [*posts, *page.posts], page.cursor
        if not page.more:
            return posts, cursor


def outgoing(parent: str, text: str, **more: object) -> Outgoing:
    words = {"root_id": parent, "conversation_key": parent, "to_handle": "", "kind": Kind.MENTION}
    return Outgoing(
        **{"key": f"delivery of {text[:20]}", "text": text, "parent_id": parent, **words,
           "first_tried_at": datetime.now(UTC), **more}  # type: ignore[arg-type]
    )  # fmt: skip


class TestBlueskyAdapter:
    label: ClassVar[str] = "Bluesky"

    def test_two_looks_find_each_post_once(self, network: Bluesky) -> None:
        reader = adapter(network)
        _before, cursor = pages(reader, {})
        made = [network.mention(f"Where is parcel {number}?", by="omar") for number in range(3)]
        found: list[str] = []

        def look() -> bool:
            nonlocal cursor
            posts, cursor = pages(reader, cursor)
            found.extend(post.external_id for post in posts)
            return set(made) <= set(found)

        network.until(look, "three mentions")
        assert sorted(found) == sorted(made)
        assert pages(reader, cursor)[0] == []

    def test_a_post_that_was_edited_has_another_cid_and_one_that_was_deleted_is_gone(self, network: Bluesky) -> None:
        reader = adapter(network)
        edited, deleted = (network.mention(f"Where is parcel {number}?", by="omar") for number in range(4, 6))
        network.until(lambda: len(reader.look_up([edited, deleted]).posts) == 2, "both on the AppView")
        first = next(post for post in reader.look_up([edited, deleted]).posts if post.external_id == edited)
        network.edit(edited, "Where is my other parcel?")
        network.delete(deleted)
        network.until(lambda: reader.look_up([deleted]).gone == {deleted}, "the deletion")
        changed = network.until(
            lambda: [post for post in reader.look_up([edited]).posts if "other parcel" in post.text], "the edit"
        )[0]
        assert changed.raw["cid"] != first.raw["cid"]

    def test_one_answer_tried_three_times_is_one_post_and_is_found_by_its_key(self, network: Bluesky) -> None:
        ours, post = adapter(network), network.mention("Are you open today?", by="omar")
        network.await_shown(post)
        answer = outgoing(post, "We are, until six.")
        assert ours.find_reply(answer) is None
        sent = {ours.reply(answer).external_id for _ in range(3)}
        assert sent == {one.id for one in network.answers_to(post)}
        found = ours.find_reply(answer)
        assert found
        assert {found.external_id} == sent

    def test_the_longest_answers_by_our_count_are_taken_and_one_more_letter_is_not(self, network: Bluesky) -> None:
        ours, post = adapter(network), network.mention("Tell me everything.", by="omar")
        network.await_shown(post)
        family, letter = "👨‍👩‍👧‍👦", "ل"
        for number, text in enumerate((letter * 300, family * (3000 // len(family.encode())))):
            assert ours.length(text).fits
            ours.reply(outgoing(post, text, key=f"long {number}"))
            more = text + text[-len(family if number else letter) :]
            assert not ours.length(more).fits
            # What we would refuse, the server refuses as well.
            with pytest.raises(requests.HTTPError, match=r"Invalid app\.bsky\.feed\.post record"):
                network.say("omar", more)

    def test_a_picture_stands_in_the_post_with_its_words(self, network: Bluesky) -> None:
        ours, post = adapter(network), network.mention("Show me!", by="omar")
        network.await_shown(post)
        ours.reply(outgoing(post, "So it looks.", images=(Image(PICTURE, "image/png", "نقطة حمراء"),)))
        shown = network.until(lambda: network.seen_by("omar", post).get("replies"), "the answer")[0]["post"]
        assert [one["alt"] for one in shown["embed"]["images"]] == ["نقطة حمراء"]

    def test_an_answer_to_what_was_deleted_is_refused_for_good(self, network: Bluesky) -> None:
        post = network.mention("Never mind.", by="omar")
        network.await_shown(post)
        network.delete(post)
        network.until(lambda: not network.shown(BRAND, post), "the deletion")
        with pytest.raises(PlatformError) as refused:
            adapter(network).reply(outgoing(post, "Very well."))
        assert (refused.value.code, refused.value.permanent) == ("gone", True)
        assert [one for one in network.posts_of(BRAND) if parent_of(one["value"]) == post] == []

    def test_who_may_be_answered_is_known_when_the_post_was_read(self, network: Bluesky) -> None:
        open_one, shut_one = (network.mention(f"Parcel {number}?", by="salma") for number in range(7, 9))
        network.close_replies("salma", shut_one)
        reader = adapter(network)
        network.until(lambda: len(reader.look_up([open_one, shut_one]).posts) == 2, "both on the AppView")

        def verdicts() -> dict[str, Cannot | None]:
            found = reader.look_up([open_one, shut_one]).posts
            return {post.external_id: reader.can_reply(post.kind, names_us=True, raw=post.raw) for post in found}

        network.until(lambda: verdicts() == {open_one: None, shut_one: Cannot.CLOSED}, "the author's rule")

    def test_the_past_since_a_moment_is_read_and_nothing_before_it(self, network: Bluesky) -> None:
        # Posts carry whole milliseconds.
        since = datetime.fromisoformat(bluesky.now())
        made = [network.mention(f"Where is parcel {number}?", by="nora") for number in range(10, 13)]
        network.await_shown(*made)
        reader = adapter(network)
        posts: list[str] = []
        page = Page((), {}, more=True)
        while page.more:
            page = reader.backfill(since, page.cursor)
            posts += [post.external_id for post in page.posts]
        assert sorted(set(posts)) == sorted(made)

    def test_an_account_made_a_moment_ago_can_be_connected(self, network: Bluesky) -> None:
        account = {"handle": "newborn.test", "email": "newborn@people.example", "password": "just-born-on-loopback"}
        network.people["newborn"] = network.call("com.atproto.server.createAccount", **account)
        who = adapter(network, "newborn", app_password=account["password"]).verify()
        assert (who.external_id, who.handle) == (network.people["newborn"]["did"], "newborn.test")

    def test_a_stream_from_a_number_that_never_was_begins_with_now(self, network: Bluesky) -> None:
        relay = network.pds.replace("http", "ws")
        stream = adapter(network).listen({"from": relay, "seq": 10**9, "seen": ""})
        try:
            post = ""
            for _beat in range(3):
                post = post or network.later(lambda: network.mention("Is anybody there?", by="omar"))
                page = next(stream)
                if page and page.posts:
                    assert [one.text for one in page.posts] == [f"@{BRAND}.test Is anybody there?"]
                    return
        finally:
            stream.close()  # type: ignore[attr-defined]
        raise AssertionError("the stream told nothing")

    def test_the_limits_are_known_before_they_are_met_and_said_when_they_are(self, network: Bluesky) -> None:
        room = adapter(network).fetch({}).room
        assert room
        assert room.limit == 3000
        assert 0 < room.remaining < 3000
        network.meet("hasty")

        def enter_often() -> None:
            for _login in range(40):
                adapter(network, "hasty", app_password=network.password_of("hasty")).verify()

        with pytest.raises(PlatformError) as refused:
            enter_often()
        assert (refused.value.code, refused.value.permanent) == ("rate_limited", False)
        assert 0 < (refused.value.retry_after or 0) <= 300

    def test_a_wrong_password_is_a_persons_business(self, network: Bluesky) -> None:
        network.meet("forgetful")
        with pytest.raises(PlatformError) as refused:
            adapter(network, "forgetful", app_password="not-this-one").verify()
        assert (refused.value.code, refused.value.permanent) == ("bad_credentials", True)
