"""Who is at which ticket: said by tabs, merged by person, forgotten in time."""

import time

import pytest
from django.conf import settings

from accounts.models import User
from ingest import doorbell
from ingest.models import Channel
from tests.cast import a_brand, a_person, a_ticket
from tickets.models import Ticket
from tickets.news import presence
from tickets.news.presence import HERE, LASTS, VIEWING, WRITING, Sitting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody() -> None:
    doorbell.connection().delete(f"{settings.REDIS_PREFIX}:presence")


def people_at(ticket: Ticket, **kwargs: float) -> list[tuple[str, str]]:
    sitting = presence.picture(**kwargs).get(ticket.pk, Sitting(0, ()))
    return [(name, doing) for _id, name, doing in sitting.people]


def test_a_tab_says_what_it_shows_and_colleagues_see_it(ticket: Ticket, agent: User) -> None:
    presence.say(agent, "one", VIEWING, ticket)
    assert people_at(ticket) == [("Huda Al-Amri", "viewing")]


def test_two_tabs_are_one_person_who_writes_if_either_does(ticket: Ticket, agent: User) -> None:
    presence.say(agent, "one", WRITING, ticket)
    presence.say(agent, "two", VIEWING, ticket)
    assert people_at(ticket) == [("Huda Al-Amri", "writing")]
    presence.leave(agent, "one")
    assert people_at(ticket) == [("Huda Al-Amri", "viewing")]
    presence.leave(agent, "two")
    assert people_at(ticket) == []


def test_a_tab_that_moves_on_is_at_one_ticket_only(ticket: Ticket, agent: User, channel: Channel) -> None:
    other = a_ticket(channel, by="sara")
    presence.say(agent, "one", VIEWING, ticket)
    presence.say(agent, "one", VIEWING, other)
    assert (people_at(ticket), people_at(other)) == ([], [("Huda Al-Amri", "viewing")])
    presence.say(agent, "one", HERE)
    assert presence.picture() == {}


def test_silence_is_absence_within_forty_five_seconds(ticket: Ticket, agent: User) -> None:
    presence.say(agent, "one", WRITING, ticket)
    assert people_at(ticket, now=time.time() + LASTS - 5)
    assert people_at(ticket, now=time.time() + 45) == []
    assert presence.tabs() == [], "what ran out is swept away"


def test_writers_come_first(ticket: Ticket, agent: User) -> None:
    other = a_person(ticket.brand, name="Zaid")
    presence.say(agent, "a", VIEWING, ticket)
    presence.say(other, "b", WRITING, ticket)
    assert people_at(ticket) == [("Zaid", "writing"), ("Huda Al-Amri", "viewing")]


def test_nobody_can_speak_for_the_tab_of_another(ticket: Ticket, agent: User) -> None:
    presence.say(agent, "same", VIEWING, ticket)
    presence.leave(a_person(ticket.brand), "same")
    assert people_at(ticket)


def test_only_people_of_the_brand_are_told(ticket: Ticket, agent: User) -> None:
    presence.say(agent, "one", VIEWING, ticket)
    seen = presence.picture()
    assert presence.told_to(frozenset({a_brand().pk}), seen) == {}
    for brands in (None, frozenset({ticket.brand_id})):
        assert list(presence.told_to(brands, seen)) == [str(ticket.pk)]


def test_what_moved_between_two_pictures_names_tickets_that_everybody_left(ticket: Ticket, agent: User) -> None:
    before = presence.picture()
    presence.say(agent, "one", VIEWING, ticket)
    after = presence.picture()
    assert presence.moved(before, after) == after
    assert presence.moved(after, before) == {ticket.pk: Sitting(ticket.brand_id, ())}
    assert presence.moved(after, after) == {}


def test_pages_are_rung_when_something_changed_and_not_for_each_beat(ticket: Ticket, agent: User) -> None:
    with doorbell.connection().pubsub() as bell:
        bell.subscribe(doorbell.live_channel())
        bell.get_message(timeout=2)
        presence.say(agent, "one", VIEWING, ticket)
        assert bell.get_message(timeout=2)["data"] == presence.RING
        presence.say(agent, "one", VIEWING, ticket)
        assert bell.get_message(timeout=0.2) is None
        presence.say(agent, "one", WRITING, ticket)
        assert bell.get_message(timeout=2)["data"] == presence.RING


def test_what_another_release_kept_is_passed_over(ticket: Ticket, agent: User) -> None:
    doorbell.connection().hset(f"{settings.REDIS_PREFIX}:presence", "9.x", "[1, 2]")
    presence.say(agent, "one", VIEWING, ticket)
    assert len(presence.tabs()) == 1


def test_without_redis_nobody_is_seen_and_nothing_fails(
    ticket: Ticket, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = doorbell.redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)
    monkeypatch.setattr(doorbell, "connection", lambda: gone)
    presence.say(agent, "one", VIEWING, ticket)
    presence.leave(agent, "one")
    assert presence.picture() == {}
