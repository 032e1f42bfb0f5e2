"""Our copy follows the platform, and keeps what is ours."""

from datetime import timedelta
from typing import Any

import pytest

from ingest import changes, parts
from ingest.collect import store
from ingest.models import Channel, Message
from ingest.parts import Place
from ingest.platforms.base import Json, Post
from tests.cast import a_bell, a_channel, an_own_post, now

pytestmark = pytest.mark.django_db
PLACE = Place(answer="key-1", n=1, of=2, said="We are on it. ")


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    a_bell(monkeypatch)
    return a_channel()


def edited(raw: Json, **fields: Any) -> Post:
    return an_own_post("We mend it. 1/2", external_id="a1", edited_at=now() + timedelta(minutes=1), raw=raw, **fields)


def kept(channel: Channel, raw: Json) -> Message:
    store(channel, [an_own_post("We are on it. 1/2", external_id="a1")])
    Message.objects.update(raw=raw)
    return Message.objects.get()


def test_a_part_of_an_answer_that_is_edited_there_stays_a_part(channel: Channel) -> None:
    message = kept(channel, {"cid": "old", **PLACE.kept()})
    assert changes.follow(channel, [edited({"cid": "new"})]) == 1
    message.refresh_from_db()
    assert (message.text, parts.place_of(message), message.raw["cid"]) == ("We mend it. 1/2", PLACE, "new")


def test_what_a_platform_says_is_replaced_whole(channel: Channel) -> None:
    message = kept(channel, {"cid": "old", "gone": 1})
    changes.follow(channel, [edited({"cid": "new"})])
    message.refresh_from_db()
    assert message.raw == {"cid": "new"}


def test_nobody_outside_can_make_a_post_a_part(channel: Channel) -> None:
    message = kept(channel, PLACE.kept())
    changes.follow(channel, [edited({parts.KEY: {"answer": "key-9"}})])
    message.refresh_from_db()
    assert parts.place_of(message) == PLACE


def test_an_edit_that_tells_nothing_more_leaves_what_was_told(channel: Channel) -> None:
    message = kept(channel, {"cid": "old", **PLACE.kept()})
    changes.follow(channel, [edited({})])
    message.refresh_from_db()
    assert message.raw == {"cid": "old", **PLACE.kept()}
