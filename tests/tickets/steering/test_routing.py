"""Routing: the oldest ticket to whoever has the lightest load, within capacity; the rest waits in order."""

import pytest
from django.utils import timezone

from accounts.models import Brand, Membership, Team, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_post, a_team, an_own_post, receive, ticket_of
from tickets.models import Ticket
from tickets.steering import routing
from tickets.steering.assignment import assign
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


def at_work(brand: Brand, capacity: int = 10, **fields: object) -> User:
    return a_person(brand, available=True, capacity=capacity, **fields)


def complaints(channel: Channel, count: int) -> list[Ticket]:
    """So many tickets of as many customers, oldest first."""
    before = Ticket.objects.count()
    posts = [a_post("bill is wrong", by=f"customer{before + turn}") for turn in range(count)]
    return [ticket_of(message) for message in receive(channel, *posts)]


def load_of(*people: User) -> list[int]:
    return [Ticket.objects.filter(assignee=person).count() for person in people]


def test_a_ticket_goes_to_the_one_who_is_there(channel: Channel, brand: Brand) -> None:
    agent = at_work(brand, name="Salma")
    (ticket,) = complaints(channel, 1)
    assert routing.drain() == 1
    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.status) == (agent, "open")
    assert ticket.assigned_at is not None
    line = ticket.activities.get(verb="assigned")
    assert (line.actor, line.data) == (None, {"to": agent.pk, "name": "Salma"})


def test_draining_an_empty_queue_gives_nothing(channel: Channel, brand: Brand) -> None:
    at_work(brand)
    assert routing.drain() == 0


def test_draining_twice_gives_each_ticket_once(channel: Channel, brand: Brand) -> None:
    at_work(brand)
    complaints(channel, 3)
    assert [routing.drain(), routing.drain()] == [3, 0]


def test_the_oldest_ticket_goes_first_and_the_rest_waits(channel: Channel, brand: Brand) -> None:
    agent = at_work(brand, capacity=2)
    oldest, older, newest = complaints(channel, 3)
    Ticket.objects.filter(pk=newest.pk).update(urgency="high")
    assert routing.drain() == 2
    assert set(agent.tickets.all()) == {oldest, older}
    assert list(Ticket.objects.waiting_in(brand.teams.get())) == [newest]


def test_the_lightest_load_gets_the_next_ticket(channel: Channel, brand: Brand) -> None:
    busy, idle = at_work(brand), at_work(brand)
    for ticket in complaints(channel, 2):
        assign(ticket.pk, to=busy, by=busy)
    complaints(channel, 4)
    routing.drain()
    assert load_of(busy, idle) == [3, 3]


def test_what_is_answered_or_resolved_is_no_load(channel: Channel, brand: Brand) -> None:
    agent = at_work(brand, capacity=1)
    done, answered, *_ = complaints(channel, 4)
    for ticket in (done, answered):
        assign(ticket.pk, to=agent, by=agent)
    lifecycle.resolve(done.pk, by=agent)
    Ticket.objects.filter(pk=answered.pk).update(status="pending")
    assert routing.drain() == 1


def test_of_equal_loads_whoever_got_a_ticket_longest_ago_gets_the_next(channel: Channel, brand: Brand) -> None:
    first, second = at_work(brand), at_work(brand)
    given = []
    for _turn in range(4):
        (ticket,) = complaints(channel, 1)
        routing.drain()
        ticket.refresh_from_db()
        given.append(ticket.assignee)
        lifecycle.resolve(ticket.pk, by=first)
    assert given == [first, second, first, second]


def test_a_batch_is_spread_evenly(channel: Channel, brand: Brand) -> None:
    people = [at_work(brand) for _ in range(3)]
    complaints(channel, 7)
    routing.drain()
    assert sorted(load_of(*people)) == [2, 2, 3]


def test_nobody_gets_more_than_their_capacity(channel: Channel, brand: Brand) -> None:
    small, large, none = at_work(brand, 1), at_work(brand, 3), at_work(brand, 0)
    complaints(channel, 9)
    assert routing.drain() == 4
    assert load_of(small, large, none) == [1, 3, 0]


def test_who_is_away_or_gone_gets_nothing(channel: Channel, brand: Brand) -> None:
    away = a_person(brand, available=False)
    gone = at_work(brand, is_active=False)
    complaints(channel, 2)
    assert routing.drain() == 0
    assert load_of(away, gone) == [0, 0]


def test_who_is_in_another_team_gets_nothing(channel: Channel) -> None:
    stranger = at_work(a_brand())
    complaints(channel, 1)
    assert routing.drain() == 0
    assert load_of(stranger) == [0]


def test_what_waits_is_given_in_order_as_people_free_up(channel: Channel, brand: Brand) -> None:
    agent = at_work(brand, capacity=1)
    tickets = complaints(channel, 4)
    order = []
    for _turn in tickets:
        routing.drain()
        (mine,) = Ticket.objects.waiting_for_us().filter(assignee=agent)
        order.append(mine)
        lifecycle.resolve(mine.pk, by=agent)
    assert order == tickets


def test_a_ticket_put_back_keeps_its_place_in_the_queue(channel: Channel, brand: Brand) -> None:
    first, *_rest = complaints(channel, 3)
    agent = at_work(brand, capacity=1)
    routing.drain()
    assign(first.pk, to=None, by=agent)
    assert Ticket.objects.waiting_in(brand.teams.get()).first() == first


def test_people_of_two_teams_are_not_filled_twice(brand: Brand) -> None:
    other = a_brand()
    both = at_work(brand, capacity=3)
    Membership.objects.create(team=other.teams.get(), user=both)
    complaints(a_channel(brand), 3)
    complaints(a_channel(other), 3)
    assert routing.drain() == 3
    assert load_of(both) == [3]


def test_each_teams_tickets_go_to_its_own_people(brand: Brand) -> None:
    other = a_brand()
    ours, theirs = at_work(brand), at_work(other)
    complaints(a_channel(brand), 2)
    complaints(a_channel(other), 1)
    routing.drain()
    assert {ticket.brand for ticket in ours.tickets.all()} == {brand}
    assert {ticket.brand for ticket in theirs.tickets.all()} == {other}


def test_a_brand_without_a_team_keeps_its_tickets_visible_and_waiting(brand: Brand) -> None:
    at_work(brand)
    Team.objects.all().delete()
    (ticket,) = complaints(a_channel(brand), 1)
    assert ticket.team is None
    assert routing.drain() == 0
    assert list(Ticket.objects.unassigned()) == [ticket]


def test_of_two_default_teams_the_older_one_takes_the_tickets(brand: Brand) -> None:
    oldest = brand.teams.get()
    a_team(brand)
    a_team(brand, is_default=False)
    assert routing.default_teams([brand.pk]) == {brand.pk: oldest.pk}


def test_what_waits_for_the_customer_is_not_given_to_anybody(channel: Channel, brand: Brand) -> None:
    at_work(brand)
    receive(channel, a_post("wrong", external_id="q1"))
    receive(channel, an_own_post("mended", parent_id="q1", posted_at=timezone.now()))
    assert Ticket.objects.get().status == "pending"
    assert routing.drain() == 0
