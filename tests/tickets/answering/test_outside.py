"""Answers given outside Radd, and answers that a person has seen on the platform: both count, once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ingest.collect import store
from ingest.links import BadLink, checked, id_in
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import OutcomeUnknown, PlatformError
from tests.cast import (
    FakePlatform,
    a_brand,
    a_person,
    a_post,
    a_ticket,
    an_answer,
    an_own_post,
    deliver,
    fresh,
    receive,
    verbs,
    work_off,
)
from tests.tickets.conftest import question
from tickets.answering import outcomes, outside, replies
from tickets.models import Activity, Ticket
from tickets.permissions import NotAllowed
from tickets.reports.balance import balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]
LINK = "https://x.example/nawa_care/status/77"


def tell(ticket: Ticket, by: User, **given: Any) -> Ticket:
    """Say that the customer was answered outside."""
    told: dict[str, Any] = {"by": by, "seen": fresh(ticket).position, "key": uuid4()}
    return outside.answered_outside(ticket.pk, **(told | given))


# --- answered outside -----------------------------------------------------------------------------------------------
def test_an_answer_outside_answers_what_waited_and_is_on_record(ticket: Ticket, agent: User) -> None:
    tell(ticket, agent, link=LINK, text="We called you.")
    assert (question().disposition, question().decided_by) == ("answered_outside", agent)
    assert (fresh(ticket).status, fresh(ticket).waiting_since, fresh(ticket).assignee) == ("pending", None, agent)
    answer = Message.objects.get(direction="out")
    assert (answer.text, answer.url, answer.contact.is_own) == ("We called you.", LINK, True)
    line = Activity.objects.get(verb="answered")
    assert (line.actor, line.data) == (agent, {"message": answer.pk, "outside": True, "link": LINK})
    assert not Delivery.objects.exists()
    assert not balance().problems


def test_the_customers_next_message_gives_the_lift_as_after_any_answer(
    ticket: Ticket, agent: User, channel: Channel
) -> None:
    tell(ticket, agent)
    assert fresh(ticket).first_answered_at is not None
    receive(channel, a_post("thanks, love it", posted_at=timezone.now() + timedelta(minutes=1)))
    assert fresh(ticket).lift == pytest.approx(1.74)


def test_told_twice_with_one_key_it_counts_once(ticket: Ticket, agent: User) -> None:
    key = uuid4()
    tell(ticket, agent, key=key, seen=1)
    tell(ticket, agent, key=key, seen=1)
    assert Message.objects.filter(direction="out").count() == 1
    assert verbs(ticket).count("answered") == 1


def test_who_has_not_seen_the_newest_message_is_told_first(ticket: Ticket, agent: User, channel: Channel) -> None:
    (newer,) = receive(channel, a_post("still wrong", conversation_key="t1"))
    with pytest.raises(replies.MovedOn) as refused:
        tell(ticket, agent, seen=1)
    assert refused.value.newer == [newer]
    assert question().disposition == "awaiting"


def test_a_post_of_ours_that_was_read_back_is_the_answer_that_is_told_of(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel, external_id="12", url="https://x.example/reem/status/12")
    tell(ticket, agent, link=LINK)
    store(channel, [an_own_post("We called you.", external_id="77", parent_id="12", url=LINK)])
    work_off()
    assert Message.objects.filter(direction="out").count() == 1
    assert fresh(ticket).position == 2


NO_LINKS = """javascript:alert(1)
ftp://x.example/1
x.example/1
https://
https://a b/
https://u:p@x.example/
http://[
//x.example"""


@pytest.mark.parametrize("link", NO_LINKS.splitlines())
def test_only_links_of_the_web_are_taken(ticket: Ticket, agent: User, link: str) -> None:
    with pytest.raises(BadLink):
        tell(ticket, agent, link=link)
    assert question().disposition == "awaiting"


def test_only_people_of_the_brand_tell(ticket: Ticket) -> None:
    with pytest.raises(NotAllowed):
        tell(ticket, a_person(a_brand()))


def test_a_link_tells_an_id_only_where_another_post_shows_how() -> None:
    like = ("https://x.example/reem/status/12", "12")
    assert id_in(LINK, like) == "77"
    assert id_in(f"{LINK}/?s=20", like) == "77"
    assert id_in("https://elsewhere.example/nawa/status/77", like) == ""
    assert id_in("https://x.example/nawa_care", like) == ""
    assert id_in(LINK, ("https://x.example/reem/status/12", "at://12")) == ""
    assert id_in(LINK, ("", "")) == ""
    assert checked(f"  {LINK} ") == LINK


# --- it is there ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "trouble", [OutcomeUnknown("outcome_unknown"), PlatformError("rejected", permanent=True)], ids=str
)
def test_what_a_person_has_seen_on_the_platform_is_sent(
    ticket: Ticket, agent: User, platform: type[FakePlatform], trouble: Exception
) -> None:
    platform.troubles.append(trouble)
    delivery = an_answer(ticket, by=agent)
    deliver()
    assert outcomes.it_is_there(delivery.key, by=agent, link=LINK)
    deliver()
    assert (fresh(delivery).state, fresh(delivery.message).url) == ("sent", LINK)
    assert (question().disposition, fresh(ticket).status) == ("answered", "pending")
    assert platform.calls == ["reply"]


def test_the_posts_that_stopped_for_it_go_on(ticket: Ticket, agent: User, platform: type[FakePlatform]) -> None:
    platform.troubles.append(PlatformError("rejected", permanent=True))
    delivery = an_answer(ticket, "A sentence of some length stands here. " * 10, by=agent)
    deliver()
    assert outcomes.it_is_there(delivery.key, by=agent)
    deliver()
    assert {row.state for row in Delivery.objects.all()} == {"sent"}
    assert [text[-4:] for text in platform.texts()] == [" 2/2"]


@pytest.mark.parametrize("state", ["waiting", "sending", "sent", "cancelled"])
def test_only_what_is_unknown_or_not_sent_can_be_marked(ticket: Ticket, agent: User, state: str) -> None:
    delivery = an_answer(ticket, by=agent)
    Delivery.objects.update(state=state)
    assert not outcomes.it_is_there(delivery.key, by=agent)
    assert Delivery.objects.get().state == state
