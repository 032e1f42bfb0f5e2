"""Who gets a ticket: only people who know what it asks for, are on shift and not away; by load, or in turn."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Away, Brand, Shift, User
from ingest.models import Channel
from tests.cast import a_person, a_post, at_once, receive, ticket_of
from tickets.models import RoutingRule, Ticket
from tickets.steering import routing
from tickets.steering.assignment import assign
from tickets.steering.seats import on_shift

pytestmark = pytest.mark.django_db


def at_work(brand: Brand, **fields: Any) -> User:
    return a_person(brand, available=True, **fields)


def complaints(channel: Channel, count: int, **columns: Any) -> list[Ticket]:
    """So many tickets of as many customers, oldest first."""
    before = Ticket.objects.count()
    posts = [a_post("bill is wrong", by=f"customer{before + turn}") for turn in range(count)]
    tickets = [ticket_of(message) for message in receive(channel, *posts)]
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(**columns)
    return tickets


def holders(*tickets: Ticket) -> list[User | None]:
    return [Ticket.objects.get(pk=ticket.pk).assignee for ticket in tickets]


def in_turn() -> None:
    """A rule that shares tickets out in turn."""
    actions = [{"do": "share", "how": "round_robin"}]
    RoutingRule.objects.create(name="In turn", actions=actions, updated_at=timezone.now())


def test_a_ticket_goes_to_somebody_who_knows_all_that_it_asks(channel: Channel, brand: Brand) -> None:
    at_work(brand, skills=["fibre"])
    both = at_work(brand, skills=["billing", "fibre"], capacity=20)
    tickets = complaints(channel, 3, needs_skills=["billing", "fibre"])
    routing.drain()
    assert holders(*tickets) == [both, both, both]


def test_a_ticket_goes_to_somebody_who_speaks_its_language(channel: Channel, brand: Brand) -> None:
    at_work(brand, languages=["en"])
    arabic = at_work(brand, languages=["en", "ar"])
    (ticket,) = complaints(channel, 1, needs_language="ar")
    routing.drain()
    assert holders(ticket) == [arabic]


def test_a_ticket_that_nobody_present_can_take_waits_and_holds_up_nobody_behind_it(
    channel: Channel, brand: Brand
) -> None:
    agent = at_work(brand, languages=["en"], capacity=1)
    (first,) = complaints(channel, 1, needs_language="ar")
    (second,) = complaints(channel, 1)
    assert routing.drain() == 1
    assert holders(first, second) == [None, agent]
    polyglot = at_work(brand, languages=["ar"])
    assert routing.drain() == 1
    assert holders(first) == [polyglot]


def test_whoever_is_away_gets_nothing_until_they_are_back(channel: Channel, brand: Brand) -> None:
    agent = at_work(brand)
    away = Away.objects.create(user=agent, begins_at=timezone.now() - timedelta(hours=1))
    Away.objects.create(user=agent, begins_at=timezone.now() + timedelta(days=1))
    (ticket,) = complaints(channel, 1)
    assert routing.drain() == 0
    Away.objects.filter(pk=away.pk).update(ends_at=timezone.now())
    assert routing.drain() == 1
    assert holders(ticket) == [agent]


@pytest.mark.parametrize(
    ("hour", "there"),
    [
        ((6, 7, 59), False),
        ((6, 8, 0), True),
        ((6, 11, 59), True),
        ((6, 12, 0), False),
        ((6, 23, 59), True),
        ((0, 9, 0), False),
    ],
)
def test_a_shift_holds_by_the_persons_own_wall_clock(brand: Brand, hour: tuple[int, int, int], there: bool) -> None:
    agent = a_person(brand, time_zone="Asia/Muscat")
    Shift.objects.create(user=agent, weekday=6, begins=time(8), ends=time(12))
    Shift.objects.create(user=agent, weekday=6, begins=time(20), ends=time(0))
    weekday, *clock = hour
    # 2 November 2026 is a Monday.
    wall = datetime(2026, 11, 2 + weekday, *clock, tzinfo=ZoneInfo("Asia/Muscat"))
    assert on_shift(agent, wall) is there


def test_whoever_is_off_shift_gets_nothing(channel: Channel, brand: Brand) -> None:
    agent = at_work(brand)
    other_day = (timezone.localtime().weekday() + 3) % 7
    Shift.objects.create(user=agent, weekday=other_day, begins=time(8), ends=time(12))
    complaints(channel, 1)
    assert routing.drain() == 0


def test_in_turn_means_by_turn_and_not_by_load(channel: Channel, brand: Brand) -> None:
    busy, idle = at_work(brand), at_work(brand)
    for ticket in complaints(channel, 2):
        assign(ticket.pk, to=busy, by=busy)
    (first,) = complaints(channel, 1)
    assign(first.pk, to=idle, by=idle)
    in_turn()
    given = complaints(channel, 4)
    routing.drain()
    assert holders(*given) == [busy, idle, busy, idle]


def test_in_turn_passes_over_whoever_is_full(channel: Channel, brand: Brand) -> None:
    small, large = at_work(brand, capacity=1), at_work(brand, capacity=5)
    in_turn()
    given = complaints(channel, 4)
    routing.drain()
    assert holders(*given) == [small, large, large, large]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("bell")
def test_two_drains_at_once_give_each_ticket_once_and_fill_nobody_twice(channel: Channel, brand: Brand) -> None:
    arabic = [at_work(brand, capacity=3, languages=["ar"]) for _ in range(2)]
    english = at_work(brand, capacity=4, languages=["en"])
    complaints(channel, 10, needs_language="ar")
    complaints(channel, 3, needs_language="en")
    assert sum(at_once(*[routing.drain] * 4)) + routing.drain() == 9
    assert [person.tickets.count() for person in arabic] == [3, 3]
    assert english.tickets.count() == 3
    asked = Ticket.objects.filter(needs_language="ar").order_by("opened_at", "id")
    assert [ticket.assignee is None for ticket in asked] == [False] * 6 + [True] * 4
