"""Our own post, read back, is the answer that somebody said is there: it shows once, whichever came first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Brand, User
from ingest import readback
from ingest.collect import store
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Kind, OutcomeUnknown, PlatformError, Post
from tests.cast import (
    FakePlatform,
    a_bell,
    a_brand,
    a_channel,
    a_person,
    a_platform,
    a_post,
    a_ticket,
    an_answer,
    an_own_post,
    at_once,
    deliver,
    fresh,
    now,
    work_off,
)
from tickets.answering import outcomes
from tickets.models import Ticket, TicketMessage

WORDS = "We are on it."
LONG = "A sentence of some length stands here. " * 10
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch) -> type[FakePlatform]:
    a_bell(monkeypatch)
    return a_platform(monkeypatch)


@pytest.fixture
def brand() -> Brand:
    return a_brand()


@pytest.fixture
def channel(brand: Brand) -> Channel:
    return a_channel(brand, platform="fake")


@pytest.fixture
def agent(channel: Channel) -> User:
    return a_person(channel.brand)


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    return a_ticket(channel, external_id="q1", conversation_key="t1")


def in_doubt(ticket: Ticket, agent: User, platform: type[FakePlatform], text: str = WORDS) -> Delivery:
    """An answer of which nobody knows whether it arrived."""
    platform.troubles.append(OutcomeUnknown("outcome_unknown"))
    delivery = an_answer(ticket, text, by=agent)
    deliver()
    return delivery


def ours(text: str = WORDS, **fields: Any) -> Post:
    """That answer as the platform tells of it."""
    told = {"external_id": "a1", "parent_id": "q1", "posted_at": now(), "url": "https://fake.example/a1"} | fields
    return an_own_post(text, raw={"cid": "c1"}, **told)


def answers() -> list[Message]:
    return list(Message.objects.filter(direction="out").order_by("id"))


# --- read back afterwards -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("read", ["We are on it.", "@reem @aunt.example We are  on\u200b it."])
def test_the_post_that_comes_back_is_the_answer_that_was_said_to_be_there(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform], read: str
) -> None:
    delivery = in_doubt(ticket, agent, platform)
    assert outcomes.it_is_there(delivery.key, by=agent)
    stored = store(channel, [ours(read)])
    assert (stored.new, stored.known) == (0, 1)
    work_off()
    (answer,) = answers()
    assert (answer.external_id, answer.url, answer.raw["cid"], answer.text) == (
        "a1", "https://fake.example/a1", "c1", WORDS,
    )  # fmt: skip
    assert TicketMessage.objects.filter(ticket=ticket).count() == fresh(ticket).position == 2
    store(channel, [ours(read)])
    assert len(answers()) == 1


def test_the_address_that_a_person_gave_stays_and_is_enough_to_know_it(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform]
) -> None:
    delivery = in_doubt(ticket, agent, platform)
    outcomes.it_is_there(delivery.key, by=agent, link="https://fake.example/a1")
    store(channel, [ours("We are on it. (edited there)")])
    (answer,) = answers()
    assert (answer.external_id, answer.url) == ("a1", "https://fake.example/a1")


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Something else."},
        {"parent_id": "q9"},
        {"posted_at": now() - timedelta(hours=1)},
        {"parent_id": ""},
    ],
    ids=["other words", "under another post", "older than the first try", "under none"],
)
def test_another_post_of_ours_is_another(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform], other: dict[str, Any]
) -> None:
    delivery = in_doubt(ticket, agent, platform)
    outcomes.it_is_there(delivery.key, by=agent)
    store(channel, [ours(**other)])
    assert [message.external_id for message in answers()] == ["", "a1"]


def test_what_a_customer_says_in_our_words_is_theirs(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform]
) -> None:
    outcomes.it_is_there(in_doubt(ticket, agent, platform).key, by=agent)
    store(channel, [a_post(WORDS, external_id="a1", parent_id="q1", posted_at=now())])
    assert Message.objects.get(external_id="a1").direction == "in"


def test_an_answer_that_is_still_looked_for_is_left_to_the_outbox(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform]
) -> None:
    in_doubt(ticket, agent, platform)
    store(channel, [ours()])
    assert [message.external_id for message in answers()] == ["", "a1"]


def test_the_same_words_twice_are_two_answers(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform]
) -> None:
    for _turn in range(2):
        outcomes.it_is_there(in_doubt(ticket, agent, platform).key, by=agent)
    store(channel, [ours(), ours(external_id="a2", url="")])
    assert [message.external_id for message in answers()] == ["a1", "a2"]


def test_a_direct_message_is_known_by_its_conversation(
    channel: Channel, agent: User, platform: type[FakePlatform]
) -> None:
    ticket = a_ticket(channel, kind=Kind.DM, external_id="q1", conversation_key="dm-7")
    outcomes.it_is_there(in_doubt(ticket, agent, platform).key, by=agent)
    store(channel, [ours(kind=Kind.DM, parent_id="", conversation_key="dm-7")])
    assert [message.external_id for message in answers()] == ["a1"]


def test_the_next_part_goes_under_the_one_that_was_found(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(PlatformError("rejected", permanent=True))
    delivery = an_answer(ticket, LONG, by=agent)
    deliver()
    outcomes.it_is_there(delivery.key, by=agent)
    store(channel, [ours(answers()[0].text)])
    deliver()
    assert [outgoing.parent_id for outgoing in platform.posted] == ["a1"]
    assert answers()[0].raw["cid"] == "c1"
    assert answers()[0].raw["radd_part"]["n"] == 1


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_find_one_answer(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform]
) -> None:
    outcomes.it_is_there(in_doubt(ticket, agent, platform).key, by=agent)
    post = ours()
    at_once(*[lambda: store(channel, [post])] * 2)
    assert [message.external_id for message in answers()] == ["a1"]


def test_pages_without_a_post_of_ours_cost_nothing_more(channel: Channel) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert readback.adopt(channel, [a_post(), a_post()]) == 0
    assert len(queries) == 0


# --- read back before -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("url", ["", "https://fake.example/a1"])
def test_a_copy_that_came_first_gives_way_when_somebody_says_that_it_is_there(
    ticket: Ticket, channel: Channel, agent: User, platform: type[FakePlatform], url: str
) -> None:
    delivery = in_doubt(ticket, agent, platform)
    store(channel, [replace(ours(), url=url)])
    work_off()
    assert len(answers()) == 2
    assert outcomes.it_is_there(delivery.key, by=agent)
    work_off()
    (answer,) = answers()
    assert (answer.external_id, answer.url, answer.author, answer.raw["cid"]) == ("a1", url, agent, "c1")
    assert TicketMessage.objects.filter(ticket=ticket).count() == fresh(ticket).position == 2
