"""Looking after channels: pause, resume, look now, and items that nobody understood at first."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pytest

from accounts.models import Role, User
from ingest import collect
from ingest.collect import store
from ingest.models import BadItem, Channel, Message
from ingest.platforms import base
from ingest.platforms.base import Event, Json, LookedUp, Page, Post
from ingest.platforms.registry import PLATFORMS
from ingest.soundness import keepable
from tests.cast import FakePlatform, a_brand, a_person, a_post, fresh
from tickets.channels import upkeep
from tickets.permissions import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return a_person(role=Role.ADMIN)


@pytest.fixture
def supervisor(channel: Channel) -> User:
    return a_person(channel.brand, role=Role.SUPERVISOR)


def an_item(channel: Channel, payload: Any = None, external_id: str = "x1") -> BadItem:
    return BadItem.objects.create(channel=channel, external_id=external_id, payload=payload, error="no author")


def test_a_paused_channel_is_not_read_until_it_is_resumed(
    channel: Channel, platform: type[FakePlatform], admin: User, bell: list[str]
) -> None:
    for _turn in range(2):
        assert upkeep.pause(channel.pk, by=admin).state == "paused"
    assert collect.poll(channel.pk) == 0
    assert platform.calls == []
    upkeep.resume(channel.pk, by=admin)
    collect.poll(channel.pk)
    assert platform.calls == ["fetch"]


def test_resuming_forgets_what_was_wrong(channel: Channel, admin: User) -> None:
    Channel.objects.update(state="broken", error_code="bad_credentials", attempts=7, lease_until=None)
    upkeep.resume(channel.pk, by=admin)
    now = fresh(channel)
    assert (now.state, now.error_code, now.attempts) == ("active", "", 0)


@pytest.mark.django_db(transaction=True)
def test_looking_now_brings_the_next_look_forward(channel: Channel, admin: User, bell: list[str]) -> None:
    upkeep.look_now(channel.pk, by=admin)
    assert bell == [f"radd.collect:{channel.pk}"]
    assert fresh(channel).next_poll_at is not None


@pytest.mark.parametrize("verb", [upkeep.pause, upkeep.resume, upkeep.look_now])
def test_channels_are_run_by_admins(channel: Channel, supervisor: User, verb: Any) -> None:
    with pytest.raises(NotAllowed, match="Only admins"):
        verb(channel.pk, by=supervisor)
    assert fresh(channel).state == "active"


# --- items nobody understood ----------------------------------------------------------------------------------------
def test_a_post_that_the_database_refused_is_stored_again(channel: Channel, supervisor: User) -> None:
    post = a_post("my bill is wrong", media=({"alt": "bill"},))
    store(channel, [], bad=[base.BadItem(post.external_id, asdict(post), "DataError")])
    item = upkeep.replay_item(BadItem.objects.get().pk, by=supervisor)
    assert item.replayed_at is not None
    message = Message.objects.get()
    assert (message.text, message.posted_at, message.media) == (post.text, post.posted_at, [{"alt": "bill"}])
    upkeep.replay_item(item.pk, by=supervisor)
    assert Message.objects.count() == 1


def test_what_still_cannot_be_stored_stays_aside(channel: Channel, supervisor: User) -> None:
    post = replace(a_post(), conversation_key="k" * 9000, author=base.Author("x" * 600))
    item = an_item(channel, payload=keepable(asdict(post)), external_id="one")
    with pytest.raises(NotAllowed, match="Still not understood"):
        upkeep.replay_item(item.pk, by=supervisor)
    assert fresh(item).replayed_at is None
    assert BadItem.objects.count() == 1


def test_an_event_is_read_again_by_its_adapter(
    channel: Channel, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pushing(FakePlatform):
        def challenge(self, query: object) -> None:
            return None

        def events(self, headers: object, body: bytes, now: datetime) -> tuple[Event, ...]:
            return ()

        def read_event(self, payload: Json) -> Page:
            return Page((a_post(payload["words"]),), {})

    monkeypatch.setitem(PLATFORMS, "fake", Pushing)
    Channel.objects.update(platform="fake")
    upkeep.replay_item(an_item(channel, {"words": "it is broken"}).pk, by=supervisor)
    assert Message.objects.get().text == "it is broken"


def test_else_the_platform_is_asked_for_that_post(
    channel: Channel, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked(FakePlatform):
        at_once = 10
        there: tuple[Post, ...] = ()

        def look_up(self, ids: list[str]) -> LookedUp:
            return LookedUp(self.there, frozenset(ids) - {post.external_id for post in self.there})

    monkeypatch.setitem(PLATFORMS, "fake", Asked)
    Channel.objects.update(platform="fake")
    Asked.there = (a_post("still there", external_id="x1"),)
    upkeep.replay_item(an_item(channel, ["odd"]).pk, by=supervisor)
    assert Message.objects.get().text == "still there"
    # One that is gone from the platform is done with.
    Asked.there = ()
    assert upkeep.replay_item(an_item(channel, ["odd"], "x2").pk, by=supervisor).replayed_at is not None


def test_where_there_is_no_way_it_says_so(channel: Channel, supervisor: User) -> None:
    item = an_item(channel, {"odd": 1})
    with pytest.raises(NotAllowed, match="Still not understood: no author"):
        upkeep.replay_item(item.pk, by=supervisor)
    with pytest.raises(NotAllowed):
        upkeep.replay_item(item.pk, by=a_person(channel.brand))
    with pytest.raises(NotAllowed):
        upkeep.replay_item(item.pk, by=a_person(a_brand(), role=Role.SUPERVISOR))
