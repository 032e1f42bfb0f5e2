"""An answer for later that the customer overtakes is held, told of, and decided on by a person, once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ingest import delivery as outbox
from ingest.models import Channel, Delivery, Message
from tests.cast import FakePlatform, a_person, a_post, an_answer, deliver, fresh, receive, verbs
from tickets.answering import approvals, held, replies
from tickets.answering.approvals import Wish
from tickets.incoming.overtaken import OVERTAKEN
from tickets.models import Activity, Notice, Ticket
from tickets.permissions import NotAllowed
from tickets.thread import story_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def for_later(ticket: Ticket, agent: User, text: str = "It is paid back tomorrow.") -> Delivery:
    return an_answer(ticket, text, by=agent, at=timezone.now() + HOUR)


def writes(channel: Channel, text: str = "and it is still wrong", **fields: Any) -> Message:
    return receive(channel, a_post(text, conversation_key="t1", **fields))[0]


def sent(platform: type[FakePlatform]) -> list[str]:
    return [posted.text for posted in platform.posted]


@pytest.fixture
def overtaken(platform: type[FakePlatform], ticket: Ticket, channel: Channel, agent: User) -> Delivery:
    row = for_later(ticket, agent)
    writes(channel)
    return fresh(row)


def test_it_does_not_go_out_once_the_customer_wrote_and_its_writer_hears_of_it(
    overtaken: Delivery, platform: type[FakePlatform], ticket: Ticket, agent: User
) -> None:
    assert (overtaken.state, overtaken.error_code) == ("cancelled", OVERTAKEN)
    deliver()
    assert sent(platform) == []
    told = Notice.objects.get(user=agent, kind="not_delivered")
    assert "held" in told.data["words"]
    assert ticket.activities.filter(verb="changed", data__what="held").count() == 1
    assert fresh(ticket).waiting_since is not None


def test_its_time_comes_and_nobody_wrote_so_it_goes(
    platform: type[FakePlatform], ticket: Ticket, channel: Channel, agent: User
) -> None:
    for_later(ticket, agent)
    receive(channel, a_post("another matter, wrong too", by="sami"))
    deliver()
    assert sent(platform) == ["It is paid back tomorrow."]


def test_a_note_of_absence_holds_nothing(
    platform: type[FakePlatform], ticket: Ticket, channel: Channel, agent: User
) -> None:
    row = for_later(ticket, agent)
    writes(channel, "I am away until Sunday", raw={"automatic": True})
    assert fresh(row).state == "waiting"


def test_an_answer_that_is_to_go_at_once_is_not_held(
    platform: type[FakePlatform], ticket: Ticket, channel: Channel, agent: User
) -> None:
    row = an_answer(ticket, by=agent)
    writes(channel)
    assert fresh(row).state == "waiting"


def test_the_box_shows_it_until_somebody_decides(overtaken: Delivery, ticket: Ticket, agent: User) -> None:
    lina = a_person(ticket.brand)
    shown = [held.held_in(story_of(ticket), person) for person in (agent, lina)]
    assert [(one.text, one.mine) for one in shown if one] == [
        ("It is paid back tomorrow.", True), ("It is paid back tomorrow.", False),
    ]  # fmt: skip
    held.drop(overtaken.key, by=lina)
    assert held.held_in(story_of(ticket), agent) is None
    assert Activity.objects.filter(ticket=ticket, actor=lina, data__what="held_dropped").exists()
    with pytest.raises(NotAllowed):
        held.drop(overtaken.key, by=agent)


def test_whoever_answers_otherwise_has_decided(overtaken: Delivery, ticket: Ticket, agent: User) -> None:
    an_answer(ticket, "Something else.", by=agent)
    assert held.held_in(story_of(ticket), agent) is None


def test_sent_anyway_it_goes_out_once_beneath_what_is_new(
    overtaken: Delivery, platform: type[FakePlatform], ticket: Ticket, agent: User
) -> None:
    seen = fresh(ticket).position
    first, second = (held.send_anyway(overtaken.key, by=agent, seen=seen) for _time in range(2))
    assert first == second
    deliver()
    assert sent(platform) == ["It is paid back tomorrow."]
    assert platform.posted[0].parent_id == Message.objects.filter(direction="in").latest("pk").external_id
    assert fresh(ticket).waiting_since is None


def test_sent_anyway_from_a_page_that_does_not_show_what_is_new_it_stays_held(
    overtaken: Delivery, ticket: Ticket, channel: Channel, agent: User
) -> None:
    seen = fresh(ticket).position
    writes(channel, "hello? still wrong")
    with pytest.raises(replies.MovedOn):
        held.send_anyway(overtaken.key, by=agent, seen=seen)
    assert fresh(overtaken).error_code == OVERTAKEN


def test_sent_anyway_it_is_looked_at_by_a_second_person_where_one_is_wanted(
    platform: type[FakePlatform], ticket: Ticket, channel: Channel, agent: User
) -> None:
    lina = a_person(ticket.brand, role="supervisor")
    row = an_answer(ticket, "It is your own fault that you did not read it.", by=lina, at=timezone.now() + HOUR)
    writes(channel)
    done = held.send_anyway(row.key, by=agent, seen=fresh(ticket).position)
    assert isinstance(done, approvals.Approval)
    assert verbs(ticket)[-1] == "asked"


def test_a_long_answer_for_later_is_held_whole(
    platform: type[FakePlatform], ticket: Ticket, channel: Channel, agent: User
) -> None:
    long = " ".join(f"Part {n} of what we found in your bill." for n in range(20))
    for_later(ticket, agent, long)
    assert Delivery.objects.count() > 1
    writes(channel)
    assert set(Delivery.objects.values_list("state", "error_code")) == {("cancelled", OVERTAKEN)}
    assert Notice.objects.filter(user=agent, kind="not_delivered").count() == 1
    assert held.take_up(Delivery.objects.earliest("pk").key, by=agent).split() == long.split()


# --- its place among others -----------------------------------------------------------------------------------------
def test_an_answer_for_later_keeps_back_nothing_that_is_due_before_it(
    platform: type[FakePlatform], ticket: Ticket, agent: User
) -> None:
    for_later(ticket, agent)
    an_answer(ticket, "First of all: sorry.", by=agent)
    assert outbox.deliver_due() == 1
    assert sent(platform) == ["First of all: sorry."]


def test_when_its_time_comes_it_waits_for_what_is_under_way(
    platform: type[FakePlatform], ticket: Ticket, agent: User
) -> None:
    later = for_later(ticket, agent)
    stuck = an_answer(ticket, "First of all: sorry.", by=agent)
    now = timezone.now()
    Delivery.objects.filter(pk=stuck.pk).update(first_tried_at=now - HOUR, attempts=1, due_at=now + HOUR)
    Delivery.objects.filter(pk=later.pk).update(due_at=now - timedelta(minutes=1))
    assert outbox.deliver_due() == 0
    Delivery.objects.filter(pk=stuck.pk).update(due_at=now)
    assert outbox.deliver_due() == 2
    assert sent(platform) == ["First of all: sorry.", "It is paid back tomorrow."]


def test_answers_for_later_go_out_by_their_times_not_by_when_they_were_written(
    platform: type[FakePlatform], ticket: Ticket, agent: User
) -> None:
    an_answer(ticket, "Second.", by=agent, at=timezone.now() + 2 * HOUR)
    an_answer(ticket, "First.", by=agent, at=timezone.now() + HOUR)
    now = timezone.now()
    for number, row in enumerate(Delivery.objects.order_by("due_at")):
        Delivery.objects.filter(pk=row.pk).update(due_at=now - HOUR + timedelta(minutes=number))
    outbox.deliver_due()
    assert sent(platform) == ["First.", "Second."]


def test_asked_for_with_an_answer_that_waits_for_a_second_person_its_time_is_kept(
    platform: type[FakePlatform], ticket: Ticket, agent: User
) -> None:
    lina = a_person(ticket.brand, role="supervisor")
    wish = Wish(at=timezone.now() + HOUR)
    text = "It is your own fault that you did not read it."
    asked = approvals.answer(ticket.pk, text=text, by=agent, seen=1, key=uuid4(), wish=wish)
    approvals.approve(asked.key, by=lina, seen=1)
    assert Delivery.objects.get().due_at == wish.at
