"""The live board: what supervisors see of the next minutes, and what they do there."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Away, User
from ingest import doorbell
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_team, a_ticket, fresh, now, verbs
from tests.tickets.views.conftest import HTMX
from tickets.board import CLOCKS
from tickets.models import Ticket
from tickets.news import presence
from tickets.steering import assignment


@pytest.fixture(autouse=True)
def _nobody() -> None:
    doorbell.connection().delete(f"{settings.REDIS_PREFIX}:presence")


def board(client: Client, **query: object) -> str:
    response = client.get("/monitor/board/", {"part": "board"} | query)
    assert response.status_code == 200
    return response.content.decode()


def test_it_is_for_supervisors(desk: Client, supervisor: Client, ticket: Ticket, agent: User) -> None:
    assert desk.get("/monitor/board/").status_code == 403
    assert supervisor.get("/monitor/board/").status_code == 200
    for deed in ("give", "away", "back"):
        told = {"ticket": ticket.pk, "to": agent.pk, "person": agent.pk}
        assert desk.post(f"/monitor/board/{deed}", told).status_code == 403


def test_clocks_about_to_run_out_stand_first_with_who_has_them(
    supervisor: Client, channel: Channel, agent: User
) -> None:
    later, late, far = (a_ticket(channel, by=name) for name in ("later", "late", "far"))
    for ticket, minutes in ((later, 9), (late, -4), (far, 600)):
        Ticket.objects.filter(pk=ticket.pk).update(due_at=now() + timedelta(minutes=minutes))
    assignment.assign(later.pk, to=agent, by=agent)
    html = board(supervisor)
    assert html.index(f'id="b-t-{late.pk}"') < html.index(f'id="b-t-{later.pk}"')
    assert f'id="b-t-{far.pk}"' not in html
    assert "Unassigned" in html


def test_people_with_what_they_do_and_how_full_their_hands_are(supervisor: Client, ticket: Ticket, agent: User) -> None:
    User.objects.filter(pk=agent.pk).update(available=True)
    assignment.assign(ticket.pk, to=agent, by=agent)
    presence.say(agent, "t", "writing", ticket)
    html = board(supervisor)
    assert "Writing to \u2068Reem\u2069" in html
    assert "1/10" in html
    presence.say(agent, "t", "viewing", ticket, idle=400)
    assert "Idle 7 min" in board(supervisor)
    presence.leave(agent, "t")
    assert "No page open" in board(supervisor)


def test_queues_tell_the_oldest_wait_and_what_is_nobodys(supervisor: Client, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(waiting_since=now() - timedelta(minutes=47))
    html = board(supervisor)
    assert "47 min" in html
    assert "1 unassigned" in html


def test_one_team_alone(supervisor: Client, ticket: Ticket, channel: Channel) -> None:
    other = a_team(channel.brand, is_default=False)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=now())
    assert f'id="b-t-{ticket.pk}"' in board(supervisor, team=ticket.team_id)
    assert f'id="b-t-{ticket.pk}"' not in board(supervisor, team=other.pk)
    assert f'id="b-t-{ticket.pk}"' in board(supervisor, team="x")


def test_other_brands_stay_unseen(supervisor: Client) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), by="stranger")
    Ticket.objects.filter(pk=elsewhere.pk).update(due_at=now())
    html = board(supervisor)
    assert "Stranger" not in html
    assert "b-t-none" in html


def test_coverage_counts_what_was_answered_and_what_ran_out(supervisor: Client, channel: Channel) -> None:
    answered, missed, waiting = (a_ticket(channel, by=name) for name in ("a", "b", "c"))
    at = now()
    Ticket.objects.update(opened_at=at, updated_at=at)
    Ticket.objects.filter(pk=answered.pk).update(first_answered_at=at + timedelta(minutes=11), waiting_since=None)
    Ticket.objects.filter(pk=missed.pk).update(due_at=at - timedelta(minutes=1))
    Ticket.objects.filter(pk=waiting.pk).update(due_at=at + timedelta(minutes=1))
    html = board(supervisor)
    assert "50.0%" in html
    assert "1 missed, 1 answered" in html
    assert "11 min" in html


def test_a_ticket_is_given_and_the_giving_taken_back(supervisor: Client, ticket: Ticket, agent: User) -> None:
    told = supervisor.post("/monitor/board/give", {"ticket": ticket.pk, "to": agent.pk}, headers=HTMX).json()
    assert fresh(ticket).assignee == agent
    assert told["undo"] == {"do": "give", "ticket": ticket.pk, "to": ""}
    supervisor.post("/monitor/board/give", told["undo"])
    assert fresh(ticket).assignee is None


def test_nothing_is_given_to_people_of_other_brands(supervisor: Client, ticket: Ticket) -> None:
    answer = supervisor.post("/monitor/board/give", {"ticket": ticket.pk, "to": a_person(a_brand()).pk}, headers=HTMX)
    assert (answer.status_code, fresh(ticket).assignee) == (409, None)
    for wrong in ({"ticket": 0}, {"ticket": ticket.pk, "to": 99_999}, {"ticket": 99_999}, {}):
        assert supervisor.post("/monitor/board/give", wrong).status_code == 404


def test_somebody_set_away_hands_over_what_waits_and_gets_it_back(
    supervisor: Client, ticket: Ticket, agent: User
) -> None:
    User.objects.filter(pk=agent.pk).update(available=True)
    assignment.assign(ticket.pk, to=agent, by=agent)
    told = supervisor.post("/monitor/board/away", {"person": agent.pk}, headers=HTMX).json()
    assert (fresh(ticket).assignee, fresh(agent).available) == (None, False)
    assert Away.objects.get(user=agent).ends_at is None
    assert verbs(ticket)[-1] == "unassigned"
    assert "Away" in board(supervisor)
    supervisor.post("/monitor/board/back", told["undo"])
    assert (fresh(ticket).assignee, fresh(agent).available) == (agent, True)
    assert Away.objects.get(user=agent).ends_at is not None


def test_what_is_kept_stays_in_their_hands(supervisor: Client, ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    supervisor.post("/monitor/board/away", {"person": agent.pk, "keep": "1"})
    assert fresh(ticket).assignee == agent
    assert "holds 1" in board(supervisor)


def test_nobody_is_set_away_by_supervisors_of_other_brands(supervisor: Client) -> None:
    stranger = a_person(a_brand(), available=True)
    assert supervisor.post("/monitor/board/away", {"person": stranger.pk}, headers=HTMX).status_code == 409
    assert supervisor.post("/monitor/board/back", {"person": stranger.pk}, headers=HTMX).status_code == 409
    assert fresh(stranger).available
    assert supervisor.post("/monitor/board/away", {"person": "x"}).status_code == 404


def test_as_many_queries_for_many_as_for_few(
    supervisor: Client, channel: Channel, agent: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        person = a_person(channel.brand, available=True)
        ticket = a_ticket(channel, by=f"customer{number}")
        assignment.assign(ticket.pk, to=person, by=agent)
        Ticket.objects.filter(pk=ticket.pk).update(due_at=now())
        presence.say(person, "t", "viewing", ticket)
    with django_assert_max_num_queries(32):
        board(supervisor)


def test_it_says_how_many_clocks_run_out_soon_where_not_all_are_shown(supervisor: Client, channel: Channel) -> None:
    for number in range(CLOCKS + 2):
        a_ticket(channel, by=f"customer{number}")
    Ticket.objects.update(due_at=now())
    assert f'id="b-clocks">{CLOCKS} of {CLOCKS + 2}<' in board(supervisor)


def test_who_was_called_back_by_mistake_is_set_away_again(supervisor: Client, agent: User) -> None:
    supervisor.post("/monitor/board/away", {"person": agent.pk}, headers=HTMX)
    told = supervisor.post("/monitor/board/back", {"person": agent.pk}, headers=HTMX).json()
    assert told["undo"]["do"] == "away"
    supervisor.post("/monitor/board/away", told["undo"], headers=HTMX)
    assert not fresh(agent).available


def test_what_goes_back_into_the_queue_is_named(supervisor: Client, ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    told = supervisor.post("/monitor/board/give", {"ticket": ticket.pk, "to": ""}, headers=HTMX).json()
    assert told["said"] == f"#{ticket.pk} is back in the queue"
