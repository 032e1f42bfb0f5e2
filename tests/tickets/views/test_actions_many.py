"""Bulk work from the page: begun from what is checked or from the whole view, followed, stopped and undone."""

import pytest
from django.test import Client

from ingest.models import Channel
from tests.cast import a_brand, a_person, a_ticket, fresh
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.models import BulkAction, Ticket
from tickets.verbs import bulk


@pytest.fixture
def many(channel: Channel) -> list[Ticket]:
    return [a_ticket(channel, by=name) for name in ("reem", "sami", "nour")]


def test_checked_tickets_are_worked_followed_and_undone(desk: Client, many: list[Ticket]) -> None:
    ids = ",".join(str(ticket.pk) for ticket in many[:2])
    response = desk.post("/tickets/bulk", {"view": "all", "ids": ids, "do": "priority:1"})
    job = BulkAction.objects.get()
    address = f"/tickets/verbs/bulk/{job.key}"
    assert response.headers["Location"] == address
    assert "0 of 2 done" in desk.get(address).content.decode()
    bulk.work()
    part = desk.get(address, headers=HTMX).content.decode()
    assert "2 of 2 done" in part
    assert "hx-trigger" not in part
    assert [fresh(ticket).priority for ticket in many] == [1, 1, 3]
    desk.post(f"{address}/undo")
    bulk.work()
    assert [fresh(ticket).priority for ticket in many] == [3, 3, 3]


def test_all_of_a_view_is_worked(desk: Client, many: list[Ticket]) -> None:
    desk.post("/tickets/bulk", {"view": "all", "all": "1", "do": "take"})
    assert BulkAction.objects.get().total == 3


def test_the_way_back_leads_to_the_list_it_was_begun_in(desk: Client, many: list[Ticket]) -> None:
    given = {"view": "all", "ids": str(many[0].pk), "do": "priority:1"}
    response = desk.post("/tickets/bulk?language=en", given)
    assert 'href="/inbox/all/?language=en"' in desk.get(response.headers["Location"]).content.decode()


def test_nothing_checked_or_nothing_known_begins_nothing(desk: Client, many: list[Ticket]) -> None:
    for given in ({"ids": "", "do": "take"}, {"ids": str(many[0].pk), "do": "dance"}, {"ids": "x", "do": "priority"}):
        assert desk.post("/tickets/bulk", {"view": "all", **given}).headers["Location"] == "/inbox/all/"
    assert not BulkAction.objects.exists()


def test_the_choices_say_what_can_be_done(desk: Client, many: list[Ticket]) -> None:
    html = desk.get("/tickets/verbs/bulk/choices?view=all", headers=HTMX).content.decode()
    assert {'value="take"', 'value="priority:1"', 'value="snooze:tomorrow"'} <= {
        f'value="{part.split(chr(34))[0]}"' for part in html.split('value="')[1:]
    }


def test_anothers_work_is_not_there(desk: Client, many: list[Ticket]) -> None:
    desk.post("/tickets/bulk", {"view": "all", "ids": str(many[0].pk), "do": "take"})
    job = BulkAction.objects.get()
    stranger = signed_in(a_person(a_brand()))
    assert stranger.get(f"/tickets/verbs/bulk/{job.key}").status_code == 404
    assert stranger.post(f"/tickets/verbs/bulk/{job.key}/stop").status_code == 404
