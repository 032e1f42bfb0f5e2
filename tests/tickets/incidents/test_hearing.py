"""Tickets hear what became of their incident, so that rows on open pages do not go on showing what is over."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Brand, User
from ingest.models import Channel
from tests.cast import a_ticket, fresh, verbs
from tests.tickets.incidents.conftest import BEGINS, an_incident
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.incidents import asking, hearing, keeping, placing
from tickets.incidents.keeping import Told
from tickets.models import Activity, Incident, Ticket
from tickets.news import live
from tickets.thread import line_of
from tickets.verbs import lifecycle, undoing
from tickets.verbs.priority import set_priority

pytestmark = pytest.mark.django_db
NAMED = Told("Fibre outage", "outage", "negative", BEGINS, terms=("down", "الانترنت"))


@pytest.fixture
def inside(ticket: Ticket, outage: Incident, agent: User) -> Ticket:
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    return fresh(ticket)


def test_pages_hear_of_each_live_ticket_when_it_is_closed_reopened_or_renamed(
    inside: Ticket, channel: Channel, outage: Incident, agent: User, lina: User
) -> None:
    other, solved = a_ticket(channel, by="omar"), a_ticket(channel, by="sami")
    placing.put_in(solved.pk, incident=outage.pk, by=agent)
    lifecycle.resolve(solved.pk, by=agent)
    turns: list[Callable[[], Incident]] = [
        lambda: keeping.close(outage.pk, by=lina),
        lambda: keeping.reopen(outage.pk, by=lina),
        lambda: keeping.change(outage.pk, replace(NAMED, name="No fibre"), by=lina),
    ]
    for verb in turns:
        before = {pk: verbs(Ticket.objects.get(pk=pk)) for pk in (inside.pk, other.pk, solved.pk)}
        verb()
        after = {pk: verbs(Ticket.objects.get(pk=pk)) for pk in before}
        assert after == before | {inside.pk: [*before[inside.pk], "incident"]}


def test_the_row_of_an_open_page_is_drawn_anew_without_the_chip(
    inside: Ticket, outage: Incident, agent: User, lina: User
) -> None:
    desk = signed_in(agent)

    def row() -> str:
        return desk.get(f"/inbox/all/changes?shown={inside.pk}", headers=HTMX).content.decode()

    assert "Fibre outage" in row()
    keeping.change(outage.pk, replace(NAMED, name="No fibre"), by=lina)
    assert "No fibre" in row()
    keeping.close(outage.pk, by=lina)
    assert "No fibre" not in row()


def test_what_says_the_same_or_changes_what_no_row_shows_is_told_to_nobody(
    inside: Ticket, outage: Incident, lina: User
) -> None:
    before = verbs(inside)
    keeping.reopen(outage.pk, by=lina)
    keeping.change(outage.pk, replace(NAMED, terms=("down",)), by=lina)
    assert verbs(inside) == before
    keeping.close(outage.pk, by=lina)
    keeping.close(outage.pk, by=lina)
    keeping.change(outage.pk, replace(NAMED, name="Closed, and so on no row"), by=lina)
    assert verbs(inside) == [*before, "incident"]


def test_the_record_says_who_did_it_and_what_it_was_called(inside: Ticket, outage: Incident, lina: User) -> None:
    keeping.change(outage.pk, replace(NAMED, name="No <fibre>"), by=lina)
    keeping.close(outage.pk, by=lina)
    renamed, closed = (str(line_of(line)) for line in Activity.objects.filter(ticket=inside).order_by("id")[2:])
    assert "Lina" in renamed
    assert renamed.index("Fibre outage") < renamed.index("No &lt;fibre&gt;")
    assert "closed the incident" in closed


def test_hundreds_of_tickets_cost_no_more_queries_than_two(
    channel: Channel, outage: Incident, agent: User, lina: User
) -> None:
    costs = []
    # Whose brands they are is read once.
    keeping.reopen(keeping.close(outage.pk, by=lina).pk, by=lina)
    for number in range(2, 22):
        placing.put_in(a_ticket(channel, by=f"c{number}").pk, incident=outage.pk, by=agent)
        if number in {3, 21}:
            with CaptureQueriesContext(connection) as queries:
                keeping.close(outage.pk, by=lina)
            costs.append(len(queries))
            keeping.reopen(outage.pk, by=lina)
    assert costs[0] == costs[1]


def test_only_so_many_are_told_the_newest(
    inside: Ticket, channel: Channel, outage: Incident, agent: User, lina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = a_ticket(channel, by="omar")
    placing.put_in(newer.pk, incident=outage.pk, by=agent)
    monkeypatch.setattr(hearing, "MOST", 1)
    assert hearing.tell(outage, hearing.CLOSED, by=lina) == 1
    assert Activity.objects.latest("id").ticket_id == newer.pk


def test_more_than_that_are_too_many_for_a_page_to_be_told_one_by_one() -> None:
    assert hearing.MOST > live.MOST_CHANGES


def test_it_is_neither_undone_nor_in_the_way_of_what_is(
    inside: Ticket, channel: Channel, outage: Incident, agent: User, lina: User
) -> None:
    mine = set_priority(inside.pk, to=1, by=lina)
    for number in range(51):
        placing.put_in(a_ticket(channel, by=f"c{number}").pk, incident=outage.pk, by=agent)
    keeping.close(outage.pk, by=lina)
    assert undoing.last_of(lina) == mine
    assert not undoing.can_undo(Activity.objects.latest("id"))


def test_it_does_not_count_as_having_been_put_in(ticket: Ticket, brand: Brand, lina: User) -> None:
    rise = an_incident(brand, name="Price rise")
    Ticket.objects.filter(pk=ticket.pk).update(incident=rise)
    keeping.close(rise.pk, by=lina)
    assert not asking.asked_before(ticket, rise.pk)
