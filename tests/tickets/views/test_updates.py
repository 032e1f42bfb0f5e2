"""What open pages ask for when they hear of changes."""

import pytest
from django.test import Client

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_post, a_ticket, receive
from tests.tickets.views.conftest import HTMX
from tickets import assignment, lifecycle, live
from tickets.lists import VIEWS, page_of, tickets_of
from tickets.models import Ticket


def ask(client: Client, slug: str = "unassigned", **query: object) -> str:
    response = client.get(f"/inbox/{slug}/changes", query, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_rows_on_the_page_come_anew_in_their_place(desk: Client, channel: Channel, ticket: Ticket) -> None:
    receive(channel, a_post("still wrong", conversation_key="t1"))
    html = ask(desk, shown=ticket.pk, open=ticket.pk)
    assert f'<li id="t-{ticket.pk}" hx-swap-oob=true data-at="2">' in html
    assert "still wrong" in html
    assert "aria-current=true" in html


def test_a_ticket_that_left_leaves_one_line_with_the_way_back(desk: Client, ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    html = ask(desk, shown=ticket.pk)
    assert "data-gone" in html
    assert "Huda Al-Amri" in html
    assert f'href="/inbox/unassigned/{ticket.pk}/"' in html
    lifecycle.resolve(ticket.pk, by=agent)
    assert f'hx-post="/tickets/{ticket.pk}/reopen"' in ask(desk, "mine", shown=ticket.pk)


def test_new_tickets_are_counted_not_shown(desk: Client, ticket: Ticket, channel: Channel) -> None:
    another = a_ticket(channel, by="other")
    html = ask(desk, shown=ticket.pk, others=f"{another.pk},999999")
    assert "1 new ticket" in html
    assert f'id="t-{another.pk}"' not in html
    assert "1 changed ticket" in ask(desk, "all", others=another.pk)
    assert "new ticket" not in ask(desk, "mine", others=another.pk)


def test_tickets_beyond_what_is_loaded_are_not_news(desk: Client, channel: Channel, agent: User) -> None:
    soon, later = a_ticket(channel, by="a"), a_ticket(channel, by="b")
    view = VIEWS["unassigned"]
    until = page_of(view, tickets_of(view, agent), size=1).next
    assert "1 new ticket" in ask(desk, others=f"{soon.pk},{later.pk}", until=until)
    assert "2 new tickets" in ask(desk, others=f"{soon.pk},{later.pk}", until="nonsense")


def test_counts_and_load_come_along(desk: Client, ticket: Ticket) -> None:
    html = ask(desk)
    assert 'data-count="unassigned">1<' in html
    assert 'id="load" hx-swap-oob="true">0/10<' in html


@pytest.mark.parametrize("ids", ["", "x", "1,,2", "9" * 40, "-1", "١"])
def test_ids_that_are_none_are_left_out(desk: Client, ids: str) -> None:
    ask(desk, shown=ids, others=ids, open=ids)


def test_the_tickets_of_another_team_stay_unseen(desk: Client) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), text="secret and wrong", by="stranger")
    html = ask(desk, "all", shown=elsewhere.pk, others=elsewhere.pk)
    assert "secret" not in html
    assert "Stranger" not in html
    assert "changed ticket" not in html


def test_the_open_ticket_as_it_stands_now(desk: Client, channel: Channel, ticket: Ticket) -> None:
    receive(channel, a_post("and one more thing is wrong", conversation_key="t1"))
    html = desk.get(f"/inbox/mine/{ticket.pk}/updates", headers=HTMX).content.decode()
    assert "and one more thing" in html
    assert 'data-position="2"' in html


def test_asking_instead_of_listening(desk: Client, ticket: Ticket, agent: User) -> None:
    start = live.position()
    assignment.assign(ticket.pk, to=agent, by=agent)
    told = desk.get("/live/changes", {"since": start}).json()
    assert ticket.pk in [change["ticket"] for change in told["changes"]]
    assert desk.get("/live/changes", {"since": "nonsense"}).json()["reload"] is True
    assert Ticket.objects.get().assignee == agent
