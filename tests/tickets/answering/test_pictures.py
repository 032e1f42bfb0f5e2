"""Pictures become part of an answer with it, and reach the platform whole, in order, at every attempt."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from ingest.models import Channel, Message, OutgoingImage
from ingest.pictures import BadPicture
from ingest.platforms.base import PlatformError
from tests.cast import FakePlatform, a_brand, a_channel, a_person, a_post, a_ticket, an_answer, deliver, receive
from tests.pictures import LIMITS, a_picture, takes_pictures
from tickets.answering import outcomes, replies
from tickets.answering.pictures import limits_of, picture_for
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pictures(platform: type[FakePlatform]) -> None:
    takes_pictures(platform)


def refused(ticket: Ticket, **given: Any) -> str:
    with pytest.raises(BadPicture) as error:
        an_answer(ticket, **given)
    assert not Message.objects.filter(direction="out").exists()
    return error.value.code


# --- out --------------------------------------------------------------------------------------------------------------
def test_an_answers_pictures_reach_the_platform_in_the_order_they_were_put(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    first, second, third = (a_picture(ticket, agent, alt, alt) for alt in ("red", "green", "blue"))
    an_answer(ticket, by=agent, pictures=[third.key, first.key, second.key])
    deliver()
    (posted,) = platform.posted
    assert [image.alt for image in posted.images] == ["blue", "red", "green"]
    assert [image.content for image in posted.images] == [bytes(one.content) for one in (third, first, second)]
    assert {image.media_type for image in posted.images} == {"image/png"}


def test_every_attempt_carries_the_same_pictures(
    ticket: Ticket, agent: User, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    known = platform.reply
    monkeypatch.setattr(
        platform, "reply", lambda self, outgoing: tried.append(outgoing.images) or known(self, outgoing)
    )
    platform.troubles += [PlatformError("platform_down"), PlatformError("rate_limited", retry_after=1)]
    pictures = [a_picture(ticket, agent, alt, alt).key for alt in ("red", "green")]
    an_answer(ticket, by=agent, pictures=pictures[::-1])
    for _ in range(3):
        deliver()
    assert len(tried) == 3
    assert tried[0] == tried[1] == tried[2]
    assert [image.alt for image in tried[0]] == ["green", "red"]


def test_a_long_answer_shows_its_pictures_with_its_first_post(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    text = "We have looked into it and mended it for you. " * 12
    an_answer(ticket, text, by=agent, pictures=[a_picture(ticket, agent).key])
    for _ in range(3):
        deliver()
    assert len(platform.posted) > 1
    assert [len(outgoing.images) for outgoing in platform.posted] == [1] + [0] * (len(platform.posted) - 1)


def test_a_sent_picture_stands_among_its_messages_media(ticket: Ticket, agent: User) -> None:
    image = a_picture(ticket, agent, "The corrected bill")
    message = an_answer(ticket, by=agent, pictures=[image.key]).message
    message.refresh_from_db()
    (medium,) = message.media
    assert (medium["key"], medium["alt"], medium["width"], medium["height"]) == (
        str(image.key), "The corrected bill", 40, 30,
    )  # fmt: skip


# --- refused ----------------------------------------------------------------------------------------------------------
def test_a_picture_goes_out_once(ticket: Ticket, agent: User) -> None:
    image = a_picture(ticket, agent)
    an_answer(ticket, by=agent, pictures=[image.key])
    with pytest.raises(BadPicture, match="gone"):
        an_answer(ticket, "And again", by=agent, pictures=[image.key])


def test_a_colleagues_picture_and_one_of_another_ticket_are_not_there(
    ticket: Ticket, agent: User, channel: Channel
) -> None:
    colleague, other = a_person(channel.brand), a_ticket(channel, by="omar")
    assert refused(ticket, by=agent, pictures=[a_picture(ticket, colleague).key]) == "gone"
    assert refused(ticket, by=agent, pictures=[a_picture(other, agent).key]) == "gone"
    assert refused(ticket, by=agent, pictures=[uuid4()]) == "gone"
    image = a_picture(ticket, agent)
    assert refused(ticket, by=agent, pictures=[image.key, image.key]) == "gone"


def test_more_or_larger_than_the_platform_takes_by_now_is_refused_and_stays(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    keys = [a_picture(ticket, agent).key for _ in range(2)]
    takes_pictures(platform, replace(LIMITS, most=1))
    assert refused(ticket, by=agent, pictures=keys) == "too_many"
    takes_pictures(platform, replace(LIMITS, most_bytes=10))
    assert refused(ticket, by=agent, pictures=keys) == "too_large"
    takes_pictures(platform, replace(LIMITS, pixels=10))
    assert refused(ticket, by=agent, pictures=keys) == "too_many_pixels"
    assert OutgoingImage.objects.unsent().count() == 2


def test_an_answer_that_is_refused_leaves_its_pictures_in_the_box(
    ticket: Ticket, agent: User, channel: Channel
) -> None:
    image = a_picture(ticket, agent)
    receive(channel, a_post("still wrong!", conversation_key="t1"))
    with pytest.raises(replies.MovedOn):
        an_answer(ticket, by=agent, seen=1, pictures=[image.key])
    assert OutgoingImage.objects.in_draft(image.draft, agent).get() == image


# --- taken back -------------------------------------------------------------------------------------------------------
def test_an_answer_taken_back_gives_its_pictures_back(ticket: Ticket, agent: User) -> None:
    image = a_picture(ticket, agent, "The bill")
    delivery = an_answer(ticket, by=agent, pictures=[image.key])
    outcomes.take_back(delivery.key, by=agent)
    again = OutgoingImage.objects.in_draft(image.draft, agent).get()
    assert (again.alt, bytes(again.content)) == ("The bill", bytes(image.content))
    assert again.key != image.key
    an_answer(ticket, "Better now", by=agent, pictures=[again.key])
    assert OutgoingImage.objects.filter(message=None).count() == 0


# --- who sees it ------------------------------------------------------------------------------------------------------
def test_a_draft_is_seen_by_its_writer_and_a_sent_picture_by_all_who_see_the_brand(
    ticket: Ticket, agent: User, channel: Channel
) -> None:
    colleague, stranger = a_person(channel.brand), a_person(a_brand())
    image = a_picture(ticket, agent)
    assert picture_for(agent, image.key) == image
    assert picture_for(colleague, image.key) is None
    an_answer(ticket, by=agent, pictures=[image.key])
    assert picture_for(colleague, image.key) == image
    assert picture_for(stranger, image.key) is None


def test_who_left_the_brands_team_sees_not_even_their_own(ticket: Ticket, agent: User) -> None:
    image = a_picture(ticket, agent)
    agent.memberships.all().delete()
    assert picture_for(User.objects.get(pk=agent.pk), image.key) is None


# --- platforms --------------------------------------------------------------------------------------------------------
def test_a_platform_that_says_nothing_of_pictures_takes_none(db: None) -> None:
    assert limits_of(a_channel(platform="imported"), "mention").most == 0
    assert limits_of(a_channel(platform="no such"), "mention").most == 0
