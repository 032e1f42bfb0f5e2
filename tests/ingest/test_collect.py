"""Collecting: every post is stored once, whatever the source does, and a channel in trouble says so and waits."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ingest import collect
from ingest.collect import Stored, store
from ingest.models import BadItem, Channel, Contact, Conversation, Message
from ingest.platforms import base
from ingest.platforms.base import Author, Page, PlatformError
from tests.cast import a_bell, a_channel, a_platform, a_post, an_own_post, at_once

pytestmark = pytest.mark.django_db


def a_page(*posts: base.Post, at: int = 1, **fields: Any) -> Page:
    return Page(posts=posts, cursor={"at": at}, **fields)


# --- storing --------------------------------------------------------------------------------------------------------
def test_the_same_page_twice_is_stored_once() -> None:
    channel, page = a_channel(), [a_post(), a_post(by="sara")]
    assert store(channel, page) == Stored(new=2)
    assert store(channel, page) == Stored(known=2)
    assert Message.objects.count() == Contact.objects.count() == Conversation.objects.count() == 2


def test_a_post_twice_on_one_page_is_stored_once() -> None:
    post = a_post()
    assert store(a_channel(), [post, post]) == Stored(new=1, known=1)
    assert Message.objects.count() == 1


def test_pages_that_overlap_and_come_out_of_order_leave_each_post_once() -> None:
    channel = a_channel()
    posts = [a_post(f"post {turn}") for turn in range(6)]
    for page in (posts[3:], posts[1:5], posts[:2]):
        store(channel, list(reversed(page)))
    assert sorted(Message.objects.values_list("text", flat=True)) == [f"post {turn}" for turn in range(6)]


def test_the_same_post_through_two_channels_is_two_messages_of_one_contact() -> None:
    one = a_channel()
    post = a_post()
    store(one, [post])
    store(a_channel(one.brand), [post])
    assert Message.objects.count() == 2
    assert Contact.objects.count() == 1


def test_the_cursor_is_saved_with_the_page_it_belongs_to() -> None:
    channel = a_channel()
    store(channel, [a_post()], cursor={"since": "7"})
    channel.refresh_from_db()
    assert channel.cursor == {"since": "7"}


def test_storing_that_fails_leaves_cursor_posts_people_and_bad_items_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = a_channel()
    monkeypatch.setattr(collect.doorbell, "ring", lambda task: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store(channel, [a_post()], cursor={"since": "7"}, bad=[base.BadItem("b", {}, "odd")])
    channel.refresh_from_db()
    assert channel.cursor == {}
    assert not Message.objects.exists()
    assert not Contact.objects.exists()
    assert not BadItem.objects.exists()


def test_a_bad_item_is_kept_whole_and_once_and_the_rest_is_stored() -> None:
    channel = a_channel()
    bad = base.BadItem("b1", {"text": "half a \ud83d", "nul": "\x00", "odd": float("nan")}, "no author\x00")
    for _turn in range(2):
        store(channel, [a_post()], bad=[bad])
    item = BadItem.objects.get()
    assert (item.external_id, item.error) == ("b1", "no author")
    assert item.payload == {"text": "half a ?", "nul": "", "odd": None}
    assert Message.objects.count() == 2


@pytest.mark.parametrize("field", ["handle", "name", "avatar_url", "followers"])
def test_an_empty_profile_field_never_wipes_a_known_one(field: str) -> None:
    channel = a_channel()
    whole = Author("acct-reem", handle="reem", name="Reem", avatar_url="https://x.example/r.png", followers=7)
    other = Author("acct-reem", handle="reem_b", name="Reem B", avatar_url="https://x.example/b.png", followers=8)
    empty = replace(other, **{field: None if field == "followers" else ""})
    store(channel, [a_post(author=whole)])
    store(channel, [a_post(author=empty)])
    contact = Contact.objects.get()
    for each in ("handle", "name", "avatar_url", "followers"):
        assert getattr(contact, each) == getattr(whole if each == field else other, each)


def test_an_empty_name_does_not_wipe_the_one_another_post_of_the_same_page_tells() -> None:
    named, nameless = Author("acct-reem", handle="reem", name="Reem"), Author("acct-reem")
    store(a_channel(), [a_post(author=named), a_post(author=nameless)])
    assert Contact.objects.get().name == "Reem"


def test_a_new_name_replaces_the_old_one() -> None:
    channel = a_channel()
    store(channel, [a_post(author=Author("acct-reem", handle="reem", name="Reem"))])
    store(channel, [a_post(author=Author("acct-reem", handle="reem_b", name="Reem B", followers=0))])
    contact = Contact.objects.get()
    assert (contact.handle, contact.name, contact.followers) == ("reem_b", "Reem B", 0)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("half a pair \ud83d here", "half a pair ? here"),
        ("a whole pair 😀", "a whole pair 😀"),
        ("nul \x00 inside", "nul  inside"),
        ("", ""),
        ("😀😡", "😀😡"),
        ("لا يعمل الإنترنت منذ الصباح", "لا يعمل الإنترنت منذ الصباح"),
        ("x" * 10_000, "x" * 10_000),
        ("back\\slash \\u0000 'quote' \"double\" %s {}", "back\\slash \\u0000 'quote' \"double\" %s {}"),
    ],
    ids=["lone surrogate", "emoji", "nul", "empty", "only emoji", "arabic", "10,000 characters", "signs"],
)
def test_any_text_can_be_stored(told: str, kept: str) -> None:
    author = Author("acct-reem", handle=told, name=told, avatar_url=told)
    fields = {"media": ({"alt": told},), "metrics": {told: 1}, "raw": {"text": [told]}, "url": told, "lang_hint": told}
    store(a_channel(), [a_post(told, author=author, **fields)])
    message = Message.objects.get()
    assert message.text == kept
    assert message.media == [{"alt": kept}]
    assert message.raw == {"text": [kept]}
    assert message.contact.name == kept[:255]


def test_our_own_posts_are_outgoing_and_skip_the_reader() -> None:
    channel = a_channel()
    store(channel, [an_own_post(), a_post()])
    assert sorted(Message.objects.values_list("direction", "state")) == [("in", "new"), ("out", "scored")]


def test_an_account_once_known_as_ours_stays_ours() -> None:
    channel = a_channel()
    store(channel, [a_post(by="second_account")], own_ids=frozenset({"acct-second_account"}))
    store(channel, [a_post(by="second_account")])
    assert set(Message.objects.values_list("direction", flat=True)) == {"out"}


def test_a_deleted_post_loses_its_words_and_an_edited_one_has_the_new_ones() -> None:
    channel = a_channel()
    gone, mended = a_post("my number is 05x", media=({"alt": "bill"},), raw={"text": "05x"}), a_post("bil wrong")
    store(channel, [gone, mended])
    later = timezone.now()
    changed = [replace(gone, deleted_at=later), replace(mended, text="bill wrong", edited_at=later)]
    assert store(channel, changed) == Stored(known=2, changed=2)
    assert store(channel, changed) == Stored(known=2)
    blank = Message.objects.get(external_id=gone.external_id)
    assert (blank.text, blank.media, blank.raw, blank.deleted_at) == ("", [], {}, later)
    assert Message.objects.get(external_id=mended.external_id).text == "bill wrong"


def test_an_older_edit_that_comes_late_does_not_undo_a_newer_one() -> None:
    channel, post, later = a_channel(), a_post("first"), timezone.now()
    store(channel, [post])
    store(channel, [replace(post, text="third", edited_at=later)])
    store(channel, [replace(post, text="second", edited_at=later - timedelta(minutes=1))])
    assert Message.objects.get().text == "third"


@pytest.mark.django_db(transaction=True)
def test_two_collectors_with_the_same_posts_at_once_store_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    channel = a_channel()
    for _round in range(8):
        posts = [a_post(by=f"person{turn % 7}") for turn in range(30)]
        turned = list(reversed(posts))
        stored = at_once(lambda: store(channel, posts), lambda: store(channel, turned))  # noqa: B023  (called before the loop goes on)
        assert sum(result.new for result in stored) == 30
    assert Message.objects.count() == 240
    assert Contact.objects.count() == 7


# --- looking --------------------------------------------------------------------------------------------------------
def test_a_look_stores_what_is_new_and_plans_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    a_platform(monkeypatch, a_page(a_post(), at=3))
    channel = a_channel(platform="fake", poll_seconds=60)
    began = timezone.now()
    assert collect.due(began) == [channel.pk]
    assert collect.poll(channel.pk) == 1
    channel.refresh_from_db()
    assert channel.cursor == {"at": 3}
    assert channel.lease_until is None
    assert channel.last_ok_at is not None
    assert channel.last_new_at is not None
    assert channel.next_poll_at is not None
    assert channel.next_poll_at >= began + timedelta(seconds=60)
    assert collect.due(timezone.now()) == []


def test_a_look_reads_on_while_more_waits_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [a_page(a_post(), at=turn, more=True) for turn in range(collect.PAGES_A_LOOK + 5)]
    platform = a_platform(monkeypatch, *pages)
    assert collect.poll(a_channel(platform="fake").pk) == collect.PAGES_A_LOOK
    assert platform.calls == ["fetch"] * collect.PAGES_A_LOOK


def test_pages_stored_before_a_trouble_stay_and_the_next_look_goes_on_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_platform(monkeypatch, a_page(a_post(), at=1, more=True), PlatformError("platform_down"))
    channel = a_channel(platform="fake")
    collect.poll(channel.pk)
    channel.refresh_from_db()
    assert channel.cursor == {"at": 1}
    assert Message.objects.count() == 1
    assert channel.error_code == "platform_down"


def test_a_channel_in_somebodys_hands_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = a_platform(monkeypatch)
    channel = a_channel(platform="fake", lease_until=timezone.now() + timedelta(minutes=1))
    assert collect.due(timezone.now()) == []
    assert collect.poll(channel.pk) == 0
    assert platform.calls == []


def test_the_lease_of_a_collector_that_died_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    a_platform(monkeypatch, a_page(a_post()))
    channel = a_channel(platform="fake", lease_until=timezone.now() - timedelta(seconds=1))
    assert collect.due(timezone.now()) == [channel.pk]
    assert collect.poll(channel.pk) == 1


@pytest.mark.parametrize("state", ["paused", "broken"])
def test_a_channel_that_is_paused_or_broken_is_not_looked_at(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = a_platform(monkeypatch)
    channel = a_channel(platform="fake", state=state)
    assert collect.due(timezone.now()) == []
    assert collect.poll(channel.pk) == 0
    assert platform.calls == []


def test_a_rate_limit_sets_the_time_of_the_next_look_and_nobody_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("slept"))
    a_platform(monkeypatch, PlatformError("rate_limited", "429", retry_after=1200))
    channel = a_channel(platform="fake")
    began = timezone.now()
    assert collect.poll(channel.pk) == 0
    channel.refresh_from_db()
    assert (channel.state, channel.error_code, channel.lease_until) == ("active", "rate_limited", None)
    assert channel.next_poll_at is not None
    assert timedelta(0) <= channel.next_poll_at - began - timedelta(seconds=1200) < timedelta(seconds=30)


def test_each_failure_in_a_row_waits_longer_up_to_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    a_platform(monkeypatch, *[PlatformError("platform_down") for _turn in range(8)])
    channel = a_channel(platform="fake", poll_seconds=30)
    waits = []
    for _turn in range(8):
        began = timezone.now()
        collect.poll(channel.pk)
        channel.refresh_from_db()
        assert channel.next_poll_at is not None
        waits.append(round((channel.next_poll_at - began).total_seconds(), -1))
    assert waits == [60, 120, 240, 480, 900, 900, 900, 900]


def test_a_permanent_error_breaks_the_channel_until_a_person_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    words = "Invalid or expired\x00 token \ud83d"
    platform = a_platform(monkeypatch, PlatformError("bad_credentials", words, permanent=True))
    channel = a_channel(platform="fake")
    collect.poll(channel.pk)
    channel.refresh_from_db()
    assert (channel.state, channel.error_code) == ("broken", "bad_credentials")
    assert channel.last_error == "Invalid or expired token ?"
    Channel.objects.update(next_poll_at=None)
    assert collect.due(timezone.now()) == []
    assert collect.poll(channel.pk) == 0
    assert platform.calls == ["fetch"]


def test_a_good_look_clears_what_was_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    a_platform(monkeypatch)
    channel = a_channel(platform="fake", error_code="platform_down", last_error="503", attempts=4)
    collect.poll(channel.pk)
    channel.refresh_from_db()
    assert (channel.error_code, channel.last_error, channel.attempts) == ("", "", 0)


def test_a_surprise_in_an_adapter_is_noted_on_the_channel_and_goes_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_platform(monkeypatch, KeyError("data"))
    channel = a_channel(platform="fake")
    assert collect.poll(channel.pk) == 0
    channel.refresh_from_db()
    assert (channel.state, channel.error_code, channel.last_error) == ("active", "unexpected", "KeyError: 'data'")
    assert channel.lease_until is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"platform": "gone"}, "unknown_platform"), ({"platform": "fake", "secrets": "no json"}, "sealed_credentials")],
)
def test_a_channel_that_cannot_be_used_as_it_is_set_up_is_broken(
    fields: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_platform(monkeypatch)
    channel = a_channel(**fields)
    collect.poll(channel.pk)
    channel.refresh_from_db()
    assert (channel.state, channel.error_code) == ("broken", code)


def test_a_channel_paused_during_a_look_that_fails_stays_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = a_platform(monkeypatch)
    channel = a_channel(platform="fake")

    def fetch(self: object, cursor: object) -> Page:
        Channel.objects.update(state=Channel.State.PAUSED)
        raise PlatformError("platform_down")

    monkeypatch.setattr(platform, "fetch", fetch)
    collect.poll(channel.pk)
    channel.refresh_from_db()
    assert channel.state == "paused"


@pytest.mark.parametrize("error", [None, PlatformError("bad_credentials", permanent=True)], ids=["well", "badly"])
def test_a_look_that_ends_after_its_lease_says_nothing_about_the_next_ones(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = a_platform(monkeypatch)
    channel = a_channel(platform="fake")
    others = timezone.now() + timedelta(minutes=2)

    def fetch(self: object, cursor: base.Json) -> Page:
        Channel.objects.update(lease_until=others)
        if error:
            raise error
        return Page((), cursor)

    monkeypatch.setattr(platform, "fetch", fetch)
    collect.poll(channel.pk)
    channel.refresh_from_db()
    assert (channel.lease_until, channel.state, channel.error_code) == (others, "active", "")


@pytest.mark.parametrize(
    "bad",
    [
        a_post(external_id="x" * 600),
        a_post(external_id="nul\x00"),
        a_post(external_id="half \ud83d"),
        a_post(external_id=""),
        a_post(author=Author("")),
        a_post(author=Author("y" * 300)),
        a_post(author=Author("acct-z", followers=2**40)),
    ],
    ids=["long id", "nul in id", "surrogate in id", "no id", "no author", "long author", "too many followers"],
)
def test_a_post_the_database_refuses_is_set_aside_and_its_page_goes_on(
    bad: base.Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_platform(monkeypatch, a_page(a_post("one", by="a"), bad, a_post("two", by="b"), at=9))
    channel = a_channel(platform="fake")
    assert collect.poll(channel.pk) == 2
    channel.refresh_from_db()
    assert (channel.cursor, channel.error_code) == ({"at": 9}, "")
    assert set(Message.objects.values_list("text", flat=True)) == {"one", "two"}
    assert BadItem.objects.get().payload["text"] == bad.text


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_fetch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    platform = a_platform(monkeypatch)
    channel = a_channel(platform="fake")

    def fetch(self: object, cursor: base.Json) -> Page:
        platform.calls.append("fetch")
        time.sleep(0.2)
        return Page((a_post(),), {})

    monkeypatch.setattr(platform, "fetch", fetch)
    stored = at_once(*[lambda: collect.poll(channel.pk)] * 3)
    assert sorted(stored) == [0, 0, 1]
    assert platform.calls == ["fetch"]
