"""What a platform told and nobody understood: supervisors of its brand have it read again."""

from typing import Any

import pytest

from accounts.models import Role, User
from ingest.models import Channel, InboundEvent
from tests.cast import a_brand, a_channel, a_person, now
from tickets.channels import told
from tickets.permissions import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor(channel: Channel) -> User:
    return a_person(channel.brand, role=Role.SUPERVISOR)


def an_event(channel: Channel, key: str, state: str = "failed", **fields: Any) -> InboundEvent:
    given = {"payload": {"odd": 1}, "received_at": now(), "attempts": 5, "error": "KeyError: 'author'"} | fields
    return InboundEvent.objects.create(channel=channel, key=key, state=state, **given)


def states() -> dict[str, str]:
    return dict(InboundEvent.objects.values_list("key", "state"))


def test_one_or_all_are_put_back_in_line(channel: Channel, supervisor: User, bell: list[str]) -> None:
    first = an_event(channel, "e1")
    for key, state in (("e2", "failed"), ("e3", "failed"), ("e4", "done")):
        an_event(channel, key, state)
    an_event(a_channel(channel.brand), "e5")
    assert told.replay(channel.pk, first.pk, by=supervisor) == 1
    assert told.replay(channel.pk, first.pk, by=supervisor) == 0
    assert told.replay(channel.pk, by=supervisor) == 2
    assert states() == {"e1": "waiting", "e2": "waiting", "e3": "waiting", "e4": "done", "e5": "failed"}
    first.refresh_from_db()
    assert (first.attempts, first.error) == (0, "")


def test_an_event_of_another_channel_is_not_touched(channel: Channel, supervisor: User) -> None:
    other = an_event(a_channel(channel.brand), "e1")
    assert told.replay(channel.pk, other.pk, by=supervisor) == 0
    assert states() == {"e1": "failed"}


def test_only_supervisors_of_the_brand_may(channel: Channel) -> None:
    an_event(channel, "e1")
    for somebody in (a_person(channel.brand), a_person(a_brand(), role=Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            told.replay(channel.pk, by=somebody)
    assert states() == {"e1": "failed"}


def test_the_newest_stand_first_with_their_words(channel: Channel) -> None:
    an_event(channel, "e1")
    an_event(channel, "e2", error="gone: no more")
    assert [(event.key, words.split(" ")[0]) for event, words in told.with_words(channel, 9)] == [
        ("e2", "no"),
        ("e1", "Something"),
    ]
