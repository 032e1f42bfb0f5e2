"""Notices through the API: what I was told, unread or all, and marking it read."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from tests.cast import a_person, now
from tests.tickets.api.conftest import Ask, body
from tickets.models import Notice, Ticket
from tickets.news import bell

pytestmark = pytest.mark.django_db
ALL = "/api/notices"


def told(user: User, ticket: Ticket, *, minutes: int = 0, kind: str = "assigned") -> Notice:
    number = Notice.objects.count()
    at = now() - timedelta(minutes=minutes)
    return Notice.objects.create(
        user=user, kind=kind, ticket=ticket, actor=a_person(name="Lina"), key=f"k{number}", at=at
    )


def test_a_notice_says_what_happened_where_and_by_whom(client: APIClient, agent: User, ticket: Ticket) -> None:
    notice = told(agent, ticket)
    (found,) = body(client.get(ALL), 200)["results"]
    assert (found["id"], found["kind"], found["ticket"]) == (notice.pk, "assigned", ticket.pk)
    assert (found["title"], found["words"]) == ("Lina gave you a ticket", "my bill is wrong")
    assert (found["actor"]["name"], found["read_at"]) == ("Lina", None)
    assert found["address"] == f"/inbox/all/{ticket.pk}/"
    assert body(client.get(f"{ALL}/{notice.pk}"), 200) == found
    arabic = body(client.get(ALL, headers={"Accept-Language": "ar"}), 200)["results"][0]
    assert arabic["title"] != found["title"]


def test_one_is_read_once_and_leaves_what_is_unread(client: APIClient, agent: User, ticket: Ticket) -> None:
    first, second = told(agent, ticket), told(agent, ticket, kind="mentioned")
    read = body(client.post(f"{ALL}/{first.pk}/read"), 200)
    assert read["read_at"]
    assert body(client.post(f"{ALL}/{first.pk}/read"), 200)["read_at"] == read["read_at"]
    assert [row["id"] for row in body(client.get(ALL, {"unread": "yes"}), 200)["results"]] == [second.pk]
    assert len(body(client.get(ALL, {"unread": "no"}), 200)["results"]) == 2
    assert bell.unread(agent) == 1
    assert client.get(ALL, {"unread": "maybe"}).status_code == 400


def test_all_are_read_at_once_and_nobody_elses(client: APIClient, agent: User, ticket: Ticket) -> None:
    other = a_person(ticket.brand)
    told(other, ticket)
    for _number in range(3):
        told(agent, ticket)
    assert body(client.post(f"{ALL}/read-all"), 200) == {"read": 3}
    assert body(client.post(f"{ALL}/read-all"), 200) == {"read": 0}
    assert (bell.unread(agent), bell.unread(other)) == (0, 1)


def test_what_another_person_was_told_is_not_there(client: APIClient, ask: Ask, agent: User, ticket: Ticket) -> None:
    other = a_person(ticket.brand)
    notice = told(other, ticket)
    assert body(client.get(ALL), 200)["results"] == []
    assert client.get(f"{ALL}/{notice.pk}").status_code == 404
    assert client.post(f"{ALL}/{notice.pk}/read").status_code == 404
    assert Notice.objects.get().read_at is None
    assert len(body(ask(other).get(ALL), 200)["results"]) == 1


def test_pages_go_by_time_and_miss_and_repeat_nothing(
    client: APIClient, agent: User, ticket: Ticket, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    # Told late of what was earlier: ids and times run against each other.
    kept = [told(agent, ticket, minutes=minutes) for minutes in (5, 1, 4, 2, 3)]
    same = kept[0].at
    Notice.objects.filter(pk__in=[kept[2].pk, kept[0].pk]).update(at=same)
    found: list[int] = []
    after = ""
    while True:
        with django_assert_max_num_queries(6):
            page = body(client.get(f"{ALL}?limit=2&after={after}"), 200)
        found += [row["id"] for row in page["results"]]
        after = page["next"]
        if after is None:
            break
    assert found == [kept[n].pk for n in (1, 3, 4, 2, 0)]


@pytest.mark.parametrize("after", ["x", "%%%", "MXwx", "MjAyNi0xMS0yMlQxMDowMDowMHwx", "2026"])
def test_a_place_that_was_never_given_out_is_refused(client: APIClient, after: str) -> None:
    assert body(client.get(ALL, {"after": after}), 400)["code"] == "bad_cursor"
