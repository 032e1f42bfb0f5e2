"""The pages of notices."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.cast import a_brand, a_person, fresh
from tests.tickets.news.test_bell import a_notice
from tests.tickets.views.conftest import signed_in
from tickets.models import Notice, Ticket
from tickets.news.notice_wishes import wishes_of


def test_the_list_shows_what_i_was_told_and_opens_it_as_read(desk: Client, agent: User, ticket: Ticket) -> None:
    notice = a_notice(agent, ticket, actor=a_person(name="Lina"))
    html = desk.get("/notices/").content.decode()
    assert "Lina gave you a ticket" in html
    assert f'href="/notices/{notice.pk}/"' in html
    answer = desk.get(f"/notices/{notice.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/inbox/all/{ticket.pk}/")
    assert fresh(notice).read_at is not None


def test_nobody_reads_the_notices_of_another(desk: Client, ticket: Ticket) -> None:
    other = a_notice(a_person(), ticket, Notice.Kind.BREACHED)
    assert desk.get(f"/notices/{other.pk}/").status_code == 404
    desk.post("/notices/read", {"notice": other.pk})
    desk.post("/notices/read")
    assert fresh(other).read_at is None
    assert "Time has run out" not in desk.get("/notices/").content.decode()


def test_all_are_marked_as_read_at_once(desk: Client, agent: User, ticket: Ticket) -> None:
    for _turn in range(3):
        a_notice(agent, ticket)
    assert desk.get("/notices/news").json()["unread"] == 3
    desk.post("/notices/read")
    told = desk.get("/notices/news").json()
    assert told == {"unread": 0, "newest": Notice.objects.latest("id").pk, "title": True, "items": []}


def test_pages_of_the_list_go_on_where_the_last_one_ended(desk: Client, agent: User, ticket: Ticket) -> None:
    for _turn in range(51):
        a_notice(agent, ticket)
    html = desk.get("/notices/").content.decode()
    last = int(html.split('href="?before=')[1].split('"')[0])
    assert html.count("r-note-row") == 50
    assert desk.get("/notices/", {"before": last}).content.decode().count("r-note-row") == 1


def test_how_i_am_told_is_my_choice(desk: Client, agent: User) -> None:
    told = {"assigned": ["page", "sound"], "quiet": "1", "from": "21:30", "until": "06:00", "mail_hour": "7"}
    assert desk.post("/notices/wishes", told).status_code == 302
    mine = wishes_of(fresh(agent))
    assert mine.ways["assigned"] == {"page", "sound"}
    assert mine.ways["breached"] == frozenset()
    assert (mine.quiet.begins.hour if mine.quiet else None, mine.mail_hour) == (21, 7)
    html = desk.get("/notices/wishes").content.decode()
    assert ">Saved.<" in html
    assert 'name="assigned" value="sound" checked' in html
    assert 'name="channel"' not in html, "channels are for admins"


def test_the_number_in_the_title_is_a_choice_of_its_own(desk: Client, agent: User, ticket: Ticket) -> None:
    a_notice(agent, ticket)
    assert 'name="title" value="1" checked' in desk.get("/notices/wishes").content.decode()
    desk.post("/notices/wishes", {"assigned": ["page"], "mail_hour": "8"})
    told = desk.get("/notices/news").json()
    assert (told["title"], told["unread"]) == (False, 1)
    assert 'name="title" value="1" checked' not in desk.get("/notices/wishes").content.decode()
    desk.post("/notices/wishes", {"assigned": ["page"], "mail_hour": "8", "title": "1"})
    assert desk.get("/notices/news").json()["title"] is True


@pytest.mark.parametrize("after", ["x", "-3", "9" * 30])
def test_a_place_that_is_none_counts_as_a_page_just_drawn(
    desk: Client, agent: User, ticket: Ticket, after: str
) -> None:
    a_notice(agent, ticket)
    assert desk.get("/notices/news", {"after": after}).json()["items"] == []


def test_a_page_that_opens_a_ticket_has_heard_of_it(desk: Client, agent: User, ticket: Ticket) -> None:
    a_notice(agent, ticket)
    desk.post("/presence", {"tab": "t", "doing": "viewing", "ticket": ticket.pk})
    assert desk.get("/notices/news").json()["unread"] == 0


def test_few_queries_whatever_their_number(
    desk: Client, agent: User, ticket: Ticket, django_assert_max_num_queries: Any
) -> None:
    for _turn in range(30):
        a_notice(agent, ticket, actor=a_person(ticket.brand))
    with django_assert_max_num_queries(7):
        desk.get("/notices/")
    with django_assert_max_num_queries(6):
        desk.get("/notices/news", {"after": 1})


def test_notices_are_for_people_who_signed_in(client: Client) -> None:
    stranger = signed_in(a_person(a_brand()))
    assert stranger.get("/notices/").status_code == 200
    for path in ("/notices/", "/notices/news", "/notices/wishes"):
        assert client.get(path).status_code == 302
