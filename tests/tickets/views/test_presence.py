"""The beacon: what a tab says of itself counts only for tickets its person may see."""

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from ingest import doorbell
from tests.cast import a_brand, a_channel, a_ticket
from tickets.models import Ticket
from tickets.news import live, presence


@pytest.fixture(autouse=True)
def _nobody() -> None:
    doorbell.connection().delete(f"{settings.REDIS_PREFIX}:presence")


def say(client: Client, **told: object) -> None:
    assert client.post("/presence", {"tab": "t1", "doing": "viewing"} | told).status_code == 204


def test_a_page_says_which_ticket_it_shows(desk: Client, agent: User, ticket: Ticket) -> None:
    say(desk, ticket=ticket.pk)
    assert presence.picture()[ticket.pk].people == ((agent.pk, agent.name, "viewing"),)
    say(desk, doing="gone")
    assert presence.tabs() == []


def test_a_ticket_of_another_team_is_not_shown_to_anybody(desk: Client) -> None:
    say(desk, ticket=a_ticket(a_channel(a_brand()), by="stranger").pk)
    assert presence.picture() == {}
    assert [tab.doing for tab in presence.tabs()] == ["here"]


@pytest.mark.parametrize("told", [{"tab": ""}, {"doing": "dancing"}, {"doing": ""}])
def test_nonsense_is_passed_over(desk: Client, ticket: Ticket, told: dict[str, str]) -> None:
    say(desk, ticket=ticket.pk, **told)
    assert presence.tabs() == []


@pytest.mark.parametrize("ticket", ["x", "-1", "9" * 30, "١"])
def test_a_ticket_that_is_no_number_is_none(desk: Client, ticket: str) -> None:
    say(desk, ticket=ticket, idle=ticket)
    assert presence.picture() == {}


def test_nobody_speaks_without_signing_in(client: Client) -> None:
    assert client.post("/presence", {"tab": "t", "doing": "here"}).status_code == 302
    assert client.get("/presence").status_code in {302, 405}


def test_a_page_whose_stream_is_down_learns_who_is_there(desk: Client, agent: User, ticket: Ticket) -> None:
    say(desk, ticket=ticket.pk, doing="writing")
    told = desk.get("/live/changes", {"since": live.position()}).json()
    assert told["here"] == {str(ticket.pk): [[agent.pk, agent.name, "writing"]]}


def test_rows_and_the_open_ticket_keep_a_place_for_those_who_are_there(desk: Client, ticket: Ticket) -> None:
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    # The row's place goes by the row's own id.
    assert "<u data-who></u>" in html.split(f'<li id="t-{ticket.pk}">')[1]
    assert html.count(f'data-who="{ticket.pk}"') == 1
