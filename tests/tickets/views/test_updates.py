"""What open pages ask for when they hear of changes."""

import pytest
from django.test import Client

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, receive
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.listing.lists import VIEWS, page_of, tickets_of
from tickets.models import Seen, Ticket
from tickets.news import live
from tickets.steering import assignment
from tickets.verbs import lifecycle, snoozing


def ask(client: Client, slug: str = "unassigned", **query: object) -> str:
    response = client.get(f"/inbox/{slug}/changes", query, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_rows_on_the_page_come_anew_in_their_place(desk: Client, channel: Channel, ticket: Ticket) -> None:
    receive(channel, a_post("still wrong", conversation_key="t1"))
    html = ask(desk, shown=ticket.pk, open=ticket.pk)
    assert f'<li id="t-{ticket.pk}" hx-swap-oob=true>' in html
    assert "still wrong" in html
    assert "aria-current=true" in html


def test_a_ticket_that_left_leaves_one_line_with_the_way_back(desk: Client, ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    html = ask(desk, shown=ticket.pk)
    assert "data-gone" in html
    assert "Huda Al-Amri" in html
    assert f'hx-post="/undo/{ticket.activities.latest("id").pk}"' in html
    lifecycle.resolve(ticket.pk, by=agent)
    line = ticket.activities.latest("id").pk
    assert f'hx-post="/undo/{line}"' in ask(desk, "mine", shown=ticket.pk)


def test_what_a_colleague_took_can_be_opened(desk: Client, ticket: Ticket, channel: Channel) -> None:
    colleague = a_person(channel.brand)
    assignment.assign(ticket.pk, to=colleague, by=colleague)
    assert f'href="/inbox/unassigned/{ticket.pk}/"' in ask(desk, shown=ticket.pk)


def test_what_a_colleague_resolved_can_be_reopened(desk: Client, ticket: Ticket, channel: Channel) -> None:
    lifecycle.resolve(ticket.pk, by=a_person(channel.brand))
    assert f'hx-post="/tickets/{ticket.pk}/reopen"' in ask(desk, "mine", shown=ticket.pk)


def test_what_was_snoozed_says_so_and_can_be_taken_back(desk: Client, ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    snoozing.snooze(ticket.pk, until=None, by=agent)
    html = ask(desk, "mine", shown=ticket.pk)
    assert "data-gone" in html
    assert f'hx-post="/undo/{ticket.activities.latest("id").pk}"' in html


def test_what_is_seen_on_one_device_is_seen_on_all(desk: Client, ticket: Ticket, agent: User, channel: Channel) -> None:
    unread = 'class="r-row unread"'
    assert unread in desk.get("/inbox/unassigned/").content.decode()
    desk.get(f"/inbox/unassigned/{ticket.pk}/", headers=HTMX)
    other = signed_in(agent)
    assert unread not in other.get("/inbox/unassigned/").content.decode()
    receive(channel, a_post("still wrong", conversation_key="t1"))
    assert unread in ask(other, shown=ticket.pk)
    # More than there is, or less than before, changes nothing.
    for position in ("2", "1", "999", "x"):
        assert desk.post(f"/tickets/{ticket.pk}/seen", {"position": position}).status_code == 204
    assert Seen.objects.get().position == 2
    assert unread not in ask(other, shown=ticket.pk)


def test_a_ticket_fetched_ahead_is_not_seen_until_the_page_says_so(desk: Client, ticket: Ticket) -> None:
    ahead = desk.get(f"/inbox/unassigned/{ticket.pk}/", headers=HTMX | {"Radd-Ahead": "true"}).content.decode()
    assert f'data-ticket="{ticket.pk}"' in ahead
    assert not Seen.objects.exists()
    desk.post(f"/tickets/{ticket.pk}/seen", {"position": ticket.position})
    assert Seen.objects.get().position == ticket.position


def test_nobody_sees_the_ticket_of_another_team(desk: Client) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), by="stranger")
    assert desk.post(f"/tickets/{elsewhere.pk}/seen", {"position": "1"}).status_code == 404
    assert not Seen.objects.exists()


def test_new_tickets_are_counted_not_shown(desk: Client, ticket: Ticket, channel: Channel) -> None:
    another = a_ticket(channel, by="other")
    html = ask(desk, shown=ticket.pk, others=f"{another.pk},999999")
    assert "1 new ticket" in html
    assert f'id="t-{another.pk}"' not in html
    assert "1 changed ticket" in ask(desk, "all", others=another.pk)
    assert "new ticket" not in ask(desk, "mine", others=another.pk)


def test_news_go_by_the_order_that_is_on_the_page(desk: Client, channel: Channel, agent: User) -> None:
    calm, angry = a_ticket(channel, by="a"), a_ticket(channel, by="b")
    Ticket.objects.filter(pk=calm.pk).update(latest_valence=0.1)
    Ticket.objects.filter(pk=angry.pk).update(latest_valence=-0.9)
    view = VIEWS["unassigned"]
    until = page_of(view, tickets_of(view, agent), size=1, sort="negative").next
    both = f"{calm.pk},{angry.pk}"
    assert "1 new ticket" in ask(desk, others=both, until=until, sort="negative")
    assert "2 new tickets" in ask(desk, others=both, until=until)


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
