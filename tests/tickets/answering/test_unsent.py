"""Answers that did not go out: listed with their tickets, and only those still owed are tried again together."""

from typing import Any

import pytest

from accounts.models import Role, User
from ingest.models import Channel, Delivery
from ingest.platforms.base import PlatformError
from tests.cast import FakePlatform, a_brand, a_channel, a_person, a_ticket, an_answer, deliver, fresh
from tickets.answering import unsent
from tickets.models import Ticket
from tickets.permissions import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]
REFUSED = PlatformError("rejected", "No, thank you", permanent=True)
LONG = "A sentence of some length stands here. " * 10


@pytest.fixture
def supervisor(channel: Channel) -> User:
    return a_person(channel.brand, role=Role.SUPERVISOR)


def fails(ticket: Ticket, platform: type[FakePlatform], text: str = "We are on it.") -> Delivery:
    platform.troubles.append(REFUSED)
    delivery = an_answer(ticket, text)
    deliver()
    return fresh(delivery)


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def test_all_that_are_owed_are_tried_again_in_the_order_they_were_written(
    channel: Channel, ticket: Ticket, platform: type[FakePlatform], supervisor: User
) -> None:
    fails(ticket, platform, "first")
    fails(a_ticket(channel, by="sara"), platform, "second")
    assert [(row.delivery.message.text, row.owed) for row in unsent.of_channel(channel)] == [
        ("second", True),
        ("first", True),
    ]
    assert unsent.try_all_again(channel.pk, by=supervisor) == 2
    assert states() == ["unknown", "unknown"]
    deliver()
    assert platform.texts() == ["first", "second"]
    assert unsent.of_channel(channel) == []
    assert unsent.try_all_again(channel.pk, by=supervisor) == 0


def test_who_was_answered_since_does_not_hear_the_old_words_too(
    channel: Channel, ticket: Ticket, platform: type[FakePlatform], supervisor: User
) -> None:
    fails(ticket, platform, "old words")
    an_answer(ticket, "new words")
    assert [row.owed for row in unsent.of_channel(channel)] == [False]
    assert unsent.try_all_again(channel.pk, by=supervisor) == 0
    deliver()
    assert platform.texts() == ["new words"]


def test_of_two_failed_answers_to_one_customer_the_newer_goes_out(
    channel: Channel, ticket: Ticket, platform: type[FakePlatform], supervisor: User
) -> None:
    fails(ticket, platform, "old words")
    fails(ticket, platform, "new words")
    assert unsent.try_all_again(channel.pk, by=supervisor) == 1
    deliver()
    assert platform.texts() == ["new words"]


def test_where_nobody_knows_a_person_looks_first(
    channel: Channel, ticket: Ticket, platform: type[FakePlatform], supervisor: User
) -> None:
    fails(ticket, platform)
    Delivery.objects.update(error_code="never_known")
    (row,) = unsent.of_channel(channel)
    assert (row.in_doubt, row.ticket_id) == (True, ticket.pk)
    assert unsent.try_all_again(channel.pk, by=supervisor) == 0


def test_an_answer_of_several_parts_is_one(
    channel: Channel, ticket: Ticket, platform: type[FakePlatform], supervisor: User
) -> None:
    fails(ticket, platform, LONG)
    assert states() == ["failed", "failed"]
    assert len(unsent.of_channel(channel)) == 1
    assert unsent.try_all_again(channel.pk, by=supervisor) == 1
    deliver()
    assert states() == ["sent", "sent"]


def test_other_channels_have_their_own(ticket: Ticket, platform: type[FakePlatform]) -> None:
    fails(ticket, platform)
    assert unsent.of_channel(a_channel(ticket.brand, platform="fake")) == []


def test_supervisors_of_the_brand_try_all_again(channel: Channel, agent: User) -> None:
    for somebody in (agent, a_person(a_brand(), role=Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            unsent.try_all_again(channel.pk, by=somebody)


def test_a_long_list_costs_two_queries(
    channel: Channel, ticket: Ticket, platform: type[FakePlatform], django_assert_num_queries: Any
) -> None:
    for _turn in range(3):
        fails(ticket, platform)
    with django_assert_num_queries(2):
        assert len(unsent.of_channel(channel)) == 3
