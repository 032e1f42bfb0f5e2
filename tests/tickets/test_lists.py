"""The lists of the inbox: their order, their pages and their counts."""

import base64
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_ticket, now
from tickets import lists
from tickets.lists import VIEWS, BadCursor, Cursor, capped, counts, page_of, tickets_of
from tickets.models import Ticket

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def tickets_due(channel: Channel, *minutes: int) -> list[Ticket]:
    """One ticket a number, due that many minutes from now; the same number makes equal times."""
    base = now()
    made = []
    for number, minute in enumerate(minutes):
        ticket = a_ticket(channel, by=f"customer{number}")
        Ticket.objects.filter(pk=ticket.pk).update(due_at=base + timedelta(minutes=minute), updated_at=base)
        made.append(ticket)
    return made


def walk(slug: str, user: User, size: int) -> list[int]:
    """All ids of a view, page by page."""
    view, after, found = VIEWS[slug], "", []
    while True:
        page = page_of(view, tickets_of(view, user), after, size)
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


def test_each_view_holds_what_it_says(channel: Channel, agent: User) -> None:
    mine, waiting, nobodys, done = tickets_due(channel, 1, 2, 3, 4)
    Ticket.objects.filter(pk=mine.pk).update(assignee=agent, status="open")
    Ticket.objects.filter(pk=waiting.pk).update(assignee=agent, status="pending")
    Ticket.objects.filter(pk=done.pk).update(assignee=agent, status="resolved")
    found = {slug: set(walk(slug, agent, 50)) for slug in VIEWS}
    assert found == {
        "mine": {mine.pk, waiting.pk},
        "unassigned": {nobodys.pk},
        "team": {mine.pk, waiting.pk, nobodys.pk},
        "waiting": {waiting.pk},
        "all": {mine.pk, waiting.pk, nobodys.pk, done.pk},
    }


def test_counts_are_those_of_the_lists_in_one_query(channel: Channel, agent: User) -> None:
    tickets = tickets_due(channel, 1, 2, 3, 4, 5)
    Ticket.objects.filter(pk=tickets[0].pk).update(assignee=agent, status="open")
    Ticket.objects.filter(pk=tickets[1].pk).update(assignee=agent, status="pending")
    Ticket.objects.filter(pk=tickets[2].pk).update(status="closed")
    a_ticket(a_channel(a_brand()), by="somebody-elses")
    for user in (agent, a_person(role=Role.ADMIN)):
        tickets_of(VIEWS["mine"], user).exists()  # the brands are known from here on
        with CaptureQueriesContext(connection) as queries:
            counted = counts(user)
        assert len(queries) == 1
        expected = {slug: tickets_of(view, user).count() for slug, view in VIEWS.items()}
        assert {slug: getattr(counted, slug) for slug in VIEWS} == expected
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
    assert set(counts(stranger)) == {0}


@given(at=MOMENTS, pk=st.integers(0, 2**63 - 1))
def test_a_cursor_comes_back_as_it_went(at: datetime, pk: int) -> None:
    assert Cursor.read(Cursor(at, pk).token()) == (at, pk)


def token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "%%%",
        "ÿ",
        token("{}"),
        token("[]"),
        token('["2026-01-01T00:00:00", 1]'),
        token('["2026-01-01T00:00:00+00:00", "1"]'),
        token('["2026-01-01T00:00:00+00:00", true]'),
        token('["2026-01-01T00:00:00+00:00", -1]'),
        token('["yesterday", 1]'),
        token("[" * 5000),
    ],
)
def test_a_cursor_of_somebody_elses_making_is_refused(bad: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.read(bad)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    with contextlib.suppress(BadCursor):
        Cursor.read(text)
