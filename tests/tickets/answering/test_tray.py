"""The box of pictures: whose it is, what it takes, and what becomes of order and words."""

from uuid import uuid4

import pytest

from accounts.models import User
from ingest.models import Channel
from ingest.pictures import BadPicture
from tests.cast import FakePlatform, a_brand, a_person, a_ticket
from tests.pictures import LIMITS, a_file, a_picture, takes_pictures
from tickets.answering import replies, tray
from tickets.models import Ticket
from tickets.permissions import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pictures(platform: type[FakePlatform]) -> None:
    takes_pictures(platform)


def alts(ticket: Ticket, by: User) -> list[str]:
    return [image.alt for image in tray.drafted(ticket, by)]


def test_each_person_has_a_box_of_their_own_on_each_ticket(ticket: Ticket, agent: User, channel: Channel) -> None:
    colleague, other = a_person(channel.brand), a_ticket(channel, by="omar")
    a_picture(ticket, agent, "mine")
    a_picture(ticket, colleague, "theirs")
    a_picture(other, agent, "elsewhere")
    assert alts(ticket, agent) == ["mine"]
    assert alts(ticket, colleague) == ["theirs"]
    assert alts(other, agent) == ["elsewhere"]


def test_a_ticket_of_another_brand_takes_nothing(ticket: Ticket) -> None:
    stranger = a_person(a_brand())
    with pytest.raises(NotAllowed):
        tray.add(ticket, content=a_file(), by=stranger)
    with pytest.raises(NotAllowed):
        tray.describe(ticket, {uuid4(): "x"}, by=stranger)
    with pytest.raises(NotAllowed):
        tray.take_out(ticket, uuid4(), by=stranger)
    with pytest.raises(NotAllowed):
        tray.move(ticket, uuid4(), 1, by=stranger)


def test_a_full_box_takes_no_more(ticket: Ticket, agent: User) -> None:
    for _ in range(LIMITS.most):
        a_picture(ticket, agent)
    with pytest.raises(BadPicture, match="too_many"):
        a_picture(ticket, agent)
    assert tray.tray_of(ticket, agent, replies.answers_to(ticket)).is_full


def test_a_description_is_tidied_and_kept_within_what_the_platform_takes(ticket: Ticket, agent: User) -> None:
    image = a_picture(ticket, agent, "  The\n bill\x00 ")
    assert image.alt == "The bill"
    tray.describe(ticket, {image.key: "م" * 500, uuid4(): "nobody's"}, by=agent)
    assert alts(ticket, agent) == ["م" * LIMITS.alt]


def test_nobody_describes_what_a_colleague_put_in(ticket: Ticket, agent: User, channel: Channel) -> None:
    image = a_picture(ticket, a_person(channel.brand), "theirs")
    assert tray.describe(ticket, {image.key: "changed"}, by=agent) == 0
    assert not tray.take_out(ticket, image.key, by=agent)
    tray.move(ticket, image.key, 1, by=agent)
    image.refresh_from_db()
    assert image.alt == "theirs"


@pytest.mark.parametrize(
    ("who", "places", "order"),
    [("a", 1, "bac"), ("c", -1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("c", -9, "cab"), ("a", 9, "bca")],
)
def test_a_picture_moves_among_the_others_and_not_beyond(
    ticket: Ticket, agent: User, who: str, places: int, order: str
) -> None:
    images = {alt: a_picture(ticket, agent, alt) for alt in "abc"}
    tray.move(ticket, images[who].key, places, by=agent)
    assert "".join(alts(ticket, agent)) == order


def test_what_is_put_in_after_one_was_taken_out_comes_last(ticket: Ticket, agent: User) -> None:
    first, _second = a_picture(ticket, agent, "a"), a_picture(ticket, agent, "b")
    assert tray.take_out(ticket, first.key, by=agent)
    assert not tray.take_out(ticket, first.key, by=agent)
    a_picture(ticket, agent, "c")
    assert alts(ticket, agent) == ["b", "c"]


def test_the_box_counts_those_without_a_description(ticket: Ticket, agent: User) -> None:
    a_picture(ticket, agent, "told")
    a_picture(ticket, agent)
    assert tray.tray_of(ticket, agent, replies.answers_to(ticket)).undescribed == 1
