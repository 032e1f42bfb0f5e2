"""The lists of the inbox: what they hold, their pages and their counts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_ticket, now
from tickets.listing import lists
from tickets.listing.lists import VIEWS, capped, counts, page_of, rows_of, tickets_of
from tickets.listing.seen import saw
from tickets.models import Incident, Notice, Ticket


def tickets_due(channel: Channel, *minutes: int) -> list[Ticket]:
    """One ticket a number, due that many minutes from now; the same number makes equal times."""
    base = now()
    made = []
    for number, minute in enumerate(minutes):
        ticket = a_ticket(channel, by=f"customer{number}")
        Ticket.objects.filter(pk=ticket.pk).update(due_at=base + timedelta(minutes=minute), updated_at=base)
        made.append(ticket)
    return made


def walk(slug: str, user: User, size: int, sort: str = "") -> list[int]:
    """All ids of a view, page by page."""
    view, after, found = VIEWS[slug], "", []
    while True:
        page = page_of(view, tickets_of(view, user), after, size, sort=sort)
        found += [row.id for row in page.rows]
        if not page.next:
            return found
        after = page.next


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_pages_hold_every_ticket_once_in_order(channel: Channel, agent: User, size: int) -> None:
    a, b, c, d, e = tickets_due(channel, 30, 10, 20, 10, 5)
    assert walk("unassigned", agent, size) == [t.pk for t in (e, b, d, c, a)]
    # All move at the same moment: the newest ticket first.
    assert walk("all", agent, size) == [t.pk for t in (e, d, c, b, a)]


def test_a_page_costs_one_query_wherever_it_begins(channel: Channel, agent: User) -> None:
    tickets_due(channel, *range(6))
    view = VIEWS["unassigned"]
    after = page_of(view, tickets_of(view, agent), size=3).next
    with CaptureQueriesContext(connection) as queries:
        rows = page_of(view, tickets_of(view, agent), after, 3).rows
        assert len(rows) == 3
    assert len(queries) == 1


def test_a_row_names_the_incident_of_its_ticket_while_that_is_open(channel: Channel, agent: User) -> None:
    plain, held, over = tickets_due(channel, 10, 20, 30)
    outage, strike = (
        Incident.objects.create(brand=channel.brand, name=name, begins_at=now()) for name in ("Outage", "Strike")
    )
    Ticket.objects.filter(pk=held.pk).update(incident=outage)
    Ticket.objects.filter(pk=over.pk).update(incident=strike)
    Incident.objects.filter(pk=strike.pk).update(closed_at=now())
    view = VIEWS["unassigned"]
    tickets = tickets_of(view, agent)
    with CaptureQueriesContext(connection) as queries:
        page = page_of(view, tickets, user=agent)
    assert len(queries) == 1
    told = [(row.id, row.incident) for row in page.rows]
    assert told == [(plain.pk, None), (held.pk, "Outage"), (over.pk, None)]
    assert [row.incident for row in rows_of(Ticket.objects.filter(pk=held.pk))] == ["Outage"]


def test_every_order_holds_every_ticket_once(channel: Channel, agent: User) -> None:
    base = now()
    a, b, c, d = tickets_due(channel, 10, 20, 30, 40)
    told = ((a, 3, None, 3), (b, 1, -0.9, 2), (c, 3, 0.4, 1), (d, 2, -0.9, 4))
    for ticket, priority, valence, age in told:
        Ticket.objects.filter(pk=ticket.pk).update(
            priority=priority,
            latest_valence=valence,
            opened_at=base - timedelta(hours=age),
            updated_at=base - timedelta(minutes=age),
        )
    expected = {
        "next": [a, b, c, d],
        "priority": [b, d, a, c],
        # What nobody could read comes last.
        "negative": [b, d, c, a],
        "oldest": [d, a, b, c],
        "newest": [c, b, a, d],
    }
    for sort, tickets in expected.items():
        for size in (1, 2, 50):
            assert walk("unassigned", agent, size, sort) == [ticket.pk for ticket in tickets], (sort, size)
    assert walk("all", agent, 2, "first") == [ticket.pk for ticket in (a, b, c, d)]
    # An order that a list does not offer is no order of it.
    assert walk("all", agent, 2, "priority") == walk("all", agent, 2)


def test_each_view_holds_what_it_says(channel: Channel, agent: User) -> None:
    mine, waiting, nobodys, done, asleep = tickets_due(channel, 50, 60, 20, 80, 90)
    Ticket.objects.filter(pk=mine.pk).update(assignee=agent, status="open")
    Ticket.objects.filter(pk=waiting.pk).update(assignee=agent, status="pending")
    Ticket.objects.filter(pk=done.pk).update(assignee=agent, status="resolved")
    Ticket.objects.filter(pk=asleep.pk).update(assignee=agent, status="snoozed")
    for ticket in (mine, done):
        Notice.objects.create(user=agent, kind="mentioned", ticket=ticket, key=f"mentioned:{ticket.pk}", at=now())
    found = {slug: set(walk(slug, agent, 50)) for slug in VIEWS}
    assert found == {
        "mine": {mine.pk, waiting.pk},
        "unassigned": {nobodys.pk},
        "team": {mine.pk, waiting.pk, nobodys.pk, asleep.pk},
        # Half an hour before its target, as long as the customer waits.
        "breaching": {nobodys.pk},
        "mentions": {mine.pk},
        "waiting": {waiting.pk},
        "snoozed": {asleep.pk},
        "all": {mine.pk, waiting.pk, nobodys.pk, done.pk, asleep.pk},
    }


def test_a_row_knows_how_much_of_it_this_person_has_seen(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel)
    assert [row.seen for row in rows_of(Ticket.objects.all(), agent)] == [None]
    saw(agent, ticket, 1)
    assert [row.seen for row in rows_of(Ticket.objects.all(), agent)] == [1]
    assert [row.seen for row in rows_of(Ticket.objects.all(), a_person(channel.brand))] == [None]
    assert [row.seen for row in rows_of(Ticket.objects.all())] == [None]


def test_counts_are_those_of_the_lists_in_one_query(channel: Channel, agent: User) -> None:
    tickets = tickets_due(channel, 1, 2, 300, 4, 5, 6)
    Ticket.objects.filter(pk=tickets[5].pk).update(assignee=agent, status="snoozed")
    Notice.objects.create(user=agent, kind="mentioned", ticket=tickets[0], key="mentioned:1", at=now())
    Ticket.objects.filter(pk=tickets[0].pk).update(assignee=agent, status="open")
    Ticket.objects.filter(pk=tickets[1].pk).update(assignee=agent, status="pending", awaits_approval=True)
    Ticket.objects.filter(pk=tickets[2].pk).update(status="closed")
    a_ticket(a_channel(a_brand()), by="somebody-elses")
    for user in (agent, a_person(role=Role.ADMIN)):
        tickets_of(VIEWS["team"], user).exists()  # brands and teams are known from here on
        with CaptureQueriesContext(connection) as queries:
            counted = counts(user)
        assert len(queries) == 1
        expected = {slug: tickets_of(view, user).count() for slug, view in VIEWS.items()}
        assert {slug: getattr(counted, slug) for slug in VIEWS} == expected
        assert counted.approvals == Ticket.objects.visible_to(user).filter(awaits_approval=True).count() > 0
        assert counted.load == Ticket.objects.waiting_for_us().filter(assignee=user).count()


def test_counts_stop_at_their_cap(channel: Channel, agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets_due(channel, 1, 2, 3)
    monkeypatch.setattr(lists, "COUNT_CAP", 2)
    assert counts(agent).unassigned == 2
    assert capped(2) == "1+"
    assert [capped(n) for n in (0, 1)] == ["0", "1"]


def test_what_belongs_to_another_team_is_in_no_list(channel: Channel) -> None:
    a_ticket(channel)
    stranger = a_person(a_brand())
    assert all(walk(slug, stranger, 50) == [] for slug in VIEWS)
    assert set(counts(stranger)[:-1]) == {0}
