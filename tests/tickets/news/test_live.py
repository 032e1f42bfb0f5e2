"""Live changes: whoever asks from a position is told everything since, however late it was committed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections, transaction

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_ticket
from tickets.models import Activity, Ticket
from tickets.news import live
from tickets.news.live import Change, News, told_to
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bell")]


def told_of(news: News, verb: str = "noted") -> list[int]:
    """Tickets that a note was written on, by what was told.

    A transaction anywhere on the server, another test's say, may make the record repeat what was before.
    """
    assert not news.reload
    return [change.ticket for change in news.changes if change.verb == verb]


def test_what_happened_after_a_position_is_told(ticket: Ticket, agent: User) -> None:
    start = live.position()
    assert told_of(live.since(start)) == []
    lifecycle.note(ticket.pk, text="look", by=agent)
    (change,) = [change for change in live.since(start).changes if change.verb == "noted"]
    assert (change.ticket, change.brand, change.by, change.team) == (
        ticket.pk, ticket.brand_id, agent.pk, ticket.team_id,
    )  # fmt: skip


@pytest.fixture
def slow(ticket: Ticket, agent: User) -> Iterator[tuple[Event, Event]]:
    """A transaction elsewhere that wrote a note and does not commit until told; then it says that it has."""
    written, commit, committed = Event(), Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                lifecycle.note(ticket.pk, text="slow", by=agent)
                written.set()
                assert commit.wait(20)
            committed.set()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(write)
        assert written.wait(20)
        yield commit, committed
        commit.set()
        work.result(20)


def test_a_slow_transaction_that_commits_last_is_not_skipped(
    slow: tuple[Event, Event], ticket: Ticket, channel: Channel, agent: User
) -> None:
    commit, committed = slow
    other = a_ticket(channel, by="sara")
    start = live.position()
    lifecycle.note(other.pk, text="quick", by=agent)
    quick = live.since(start)
    assert told_of(quick) == [other.pk]
    newest = Activity.objects.latest("id")
    assert newest.xact >= int(quick.position), "the quick one is told again, for the slow one may lie before it"
    again = live.since(quick.position)
    commit.set()
    assert committed.wait(20)
    assert sorted(told_of(live.since(quick.position))) == sorted([ticket.pk, other.pk])
    assert sorted(told_of(live.since(again.position))) == sorted([ticket.pk, other.pk])
    assert Activity.objects.get(ticket=ticket, verb="noted").xact < newest.xact


@pytest.mark.parametrize("start", ["", "0x", "-1", "1.5", "NaN", "²", "9" * 18, "9" * 40, "1; DROP TABLE x"])
def test_a_position_nobody_gave_out_means_draw_anew(ticket: Ticket, start: str) -> None:
    news = live.since(start)
    assert news.reload
    assert not live.since(news.position).reload


def test_a_page_too_far_behind_is_drawn_anew(ticket: Ticket, agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    start = live.position()
    monkeypatch.setattr(live, "MOST_CHANGES", len(live.since(start).changes) + 3)
    for turn in range(3):
        lifecycle.note(ticket.pk, text=str(turn), by=agent)
    assert len(told_of(live.since(start))) == 3
    lifecycle.note(ticket.pk, text="one more", by=agent)
    assert live.changes(agent, start)["reload"] is True


def test_each_is_told_of_the_brands_they_may_see(ticket: Ticket, agent: User) -> None:
    other = a_ticket(a_channel())
    start = live.position()
    for each in (ticket, other):
        lifecycle.note(each.pk, text="look", by=a_person(role=Role.ADMIN))
    assert [change["ticket"] for change in live.changes(agent, start)["changes"]] == [ticket.pk]
    assert live.changes(a_person(a_brand()), start)["changes"] == []
    everything = live.changes(a_person(role=Role.ADMIN), start)["changes"]
    assert {change["ticket"] for change in everything} == {ticket.pk, other.pk}


def test_many_positions_are_read_at_once_and_each_has_its_own_part(monkeypatch: pytest.MonkeyPatch) -> None:
    record = [Change(10 - n, n, 1, "noted", None, None, xact=10 * n) for n in range(1, 7)]
    monkeypatch.setattr(live, "position", lambda: "100")
    monkeypatch.setattr(live, "_read", lambda xact, most: [one for one in record if one.xact >= xact][-most - 1 :])
    found = live.since_each(["10", "35", "60", "61", "101", "x"])
    assert [[change.ticket for change in found[start].changes] for start in ("35", "60", "61")] == [[6, 5, 4], [6], []]
    assert [start for start, told in found.items() if told.reload] == ["101", "x"]
    # Those too far behind draw anew; the others do not pay for it.
    monkeypatch.setattr(live, "MOST_READ", 3)
    few = live.since_each(["10", "30", "31", "60"])
    assert [start for start, told in few.items() if told.reload] == ["10", "30"]
    assert len(few["31"].changes) == 3
    monkeypatch.setattr(live, "MOST_CHANGES", 2)
    assert [start for start, told in live.since_each(["31", "50"]).items() if told.reload] == ["31"]


def test_changes_of_one_ticket_are_told_as_one() -> None:
    changes = [
        Change(1, 7, 1, "joined", None, None),
        Change(2, 8, 1, "noted", 5, None),
        Change(3, 7, 1, "assigned", 5, None),
        Change(4, 7, 1, "joined", 6, None),
    ]
    assert told_to(frozenset({1}), News("9", changes)) == {
        "position": "9",
        "changes": [
            {"ticket": 7, "verbs": ["assigned", "joined"], "by": 6},
            {"ticket": 8, "verbs": ["noted"], "by": 5},
        ],
    }
