"""Sampling: each person about equally, what went wrong first, nothing twice, nobody's own."""

from datetime import timedelta
from random import Random, sample
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Brand, Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_ticket, an_answer, at_once, fresh
from tickets.models import Review, Ticket
from tickets.permissions import NotAllowed
from tickets.quality import sampling
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]

# Each answer in other words, so that none is canned.
WORDS = [f"{thing} {how}" for thing in ("router", "bill", "parcel", "line") for how in ("swapped", "checked", "sent")]


def solved(channel: Channel, by: User, text: str = "", **columns: object) -> Ticket:
    """A ticket that this person answered and resolved."""
    ticket = a_ticket(channel, by=f"c{uuid4().hex[:8]}")
    an_answer(ticket, text or " ".join(["We put it right:", *sample(WORDS, 6)]), by=by)
    lifecycle.resolve(ticket.pk, by=by)
    Ticket.objects.filter(pk=ticket.pk).update(**columns)
    return fresh(ticket)


def test_everybody_is_brought_up_to_the_same_number_however_much_they_work(
    channel: Channel, agent: User, settings: Any
) -> None:
    settings.REVIEWS_PER_WEEK = 2
    busy, calm = agent, a_person(channel.brand)
    for _each in range(6):
        solved(channel, busy)
    for _each in range(2):
        solved(channel, calm)
    assert sampling.sample() == 4
    assert [Review.objects.filter(agent=one).count() for one in (busy, calm)] == [2, 2]
    assert sampling.sample() == 0
    later = timezone.now() + sampling.LATELY + timedelta(minutes=1)
    Ticket.objects.update(resolved_at=later - timedelta(hours=1))
    assert sampling.sample(later) == 2, "the busy one has others left, the calm one has none"


@pytest.mark.parametrize(
    ("columns", "text", "why"),
    [
        ({"before_valence": 0.4, "after_valence": -0.5}, "", "harm"),
        ({"reopened": 1}, "", "reopened"),
        ({}, "", "chance"),
    ],
)
def test_a_review_says_why_it_was_drawn(
    channel: Channel, agent: User, columns: dict[str, float], text: str, why: str
) -> None:
    ticket = solved(channel, agent, text, **columns)
    sampling.sample()
    assert list(Review.objects.values_list("ticket", "agent", "why")) == [(ticket.pk, agent.pk, why)]


def test_an_answer_in_which_the_guard_found_something_grave_is_looked_at(channel: Channel, ticket: Ticket) -> None:
    lead = a_person(channel.brand, role=Role.SUPERVISOR)
    solved(channel, lead, "The bill is right, it is your own fault that you did not read the contract before.")
    sampling.sample()
    assert Review.objects.get().why == "guard"


def test_what_is_not_solved_old_or_written_by_nobody_here_is_not_drawn(channel: Channel, agent: User) -> None:
    an_answer(a_ticket(channel, by="live"), "We look at it.", by=agent)
    solved(channel, agent, resolved_at=timezone.now() - sampling.LATELY - timedelta(minutes=1))
    gone = a_person(channel.brand)
    solved(channel, gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    lifecycle.resolve(a_ticket(channel, by="quiet").pk, by=agent)
    assert sampling.sample() == 0


def test_two_who_worked_on_one_ticket_are_each_looked_at_for_their_own_words(channel: Channel, agent: User) -> None:
    ticket, other = a_ticket(channel, by="two"), a_person(channel.brand)
    an_answer(ticket, "We look at the bill today.", by=agent)
    an_answer(ticket, "The fee of 40 is refunded.", by=other)
    lifecycle.resolve(ticket.pk, by=other)
    sampling.sample()
    assert set(Review.objects.values_list("ticket", "agent")) == {(ticket.pk, agent.pk), (ticket.pk, other.pk)}


def test_more_of_one_person_is_drawn_when_a_supervisor_asks(channel: Channel, agent: User, settings: Any) -> None:
    settings.REVIEWS_PER_WEEK = 0
    for _each in range(5):
        solved(channel, agent)
    lead = a_person(channel.brand, role=Role.SUPERVISOR)
    assert sampling.sample() == sampling.sample_now(by=lead) == 0
    assert [sampling.sample_now(by=lead, agent_id=agent.pk, rng=Random(1)) for _each in range(3)] == [3, 2, 0]


def test_a_supervisor_draws_from_brands_they_see_and_an_agent_draws_nothing(channel: Channel, agent: User) -> None:
    solved(channel, agent)
    stranger = a_person(a_brand(), role=Role.SUPERVISOR)
    assert sampling.sample_now(by=stranger) == sampling.sample_now(by=stranger, agent_id=agent.pk) == 0
    with pytest.raises(NotAllowed):
        sampling.sample_now(by=agent)


@pytest.mark.django_db(transaction=True)
def test_two_samplings_at_once_draw_one_number(settings: Any) -> None:
    settings.REVIEWS_PER_WEEK = 2
    channel = a_channel(a_brand(), platform="fake")
    busy = a_person(channel.brand)
    for _each in range(6):
        solved(channel, busy)
    drawn = at_once(sampling.sample, sampling.sample, sampling.sample)
    assert sum(drawn) == Review.objects.count() == 2


def test_the_whole_desk_is_asked_in_one_question_and_each_person_in_a_few(
    channel: Channel, brand: Brand, django_assert_max_num_queries: Any
) -> None:
    for _each in range(3):
        person = a_person(brand)
        solved(channel, person)
    with django_assert_max_num_queries(1 + 3 * 6):
        assert sampling.sample() == 3
