"""A customer over all accounts: figures, tickets, whose notes they are, and the timeline page by page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ingest.models import Channel
from tests.cast import an_answer, fresh, now, said
from tests.tickets.customers.conftest import account
from tickets.customers import joining, keeping, persons, timeline
from tickets.customers.keeping import mark_of
from tickets.customers.persons import Person
from tickets.listing.search.finding import BadPlace
from tickets.models import Customer, Ticket
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


def one(ticket: Ticket, by: User) -> Person:
    """Both accounts, linked."""
    joining.link(ticket.pk, contact=account("reem_mail").pk, by=by)
    return persons.person_of(ticket.contact)


def test_an_account_of_which_nobody_said_anything_is_a_person_too(ticket: Ticket) -> None:
    who = persons.person_of(ticket.contact)
    assert (who.customer, who.contacts, who.name, who.notes) == (None, [ticket.contact_id], "Reem", "")


def test_a_language_that_nobody_could_tell_is_none_of_theirs(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(language="und")
    assert persons.figures(persons.person_of(ticket.contact), now()).languages == []


def test_figures_go_over_all_accounts(ticket: Ticket, other: Ticket, agent: User) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(before_valence=-0.5, after_valence=0.5)
    lifecycle.resolve(other.pk, by=agent)
    Ticket.objects.filter(pk=other.pk).update(language="ar")
    who = one(ticket, agent)
    known = persons.figures(who, now())
    assert (known.tickets, known.live, known.lift, known.lifts) == (2, 1, 1.0, 1)
    assert sorted(known.languages) == ["ar", "en"]
    assert known.newest == other.pk
    Ticket.objects.filter(pk=other.pk).update(opened_at=now() - timedelta(days=900))
    assert persons.figures(who, now()).first_seen == fresh(other).opened_at
    assert [row.pk for row in persons.tickets_of(who, but=ticket.pk)] == [other.pk]
    assert [account.linked_by for account in who.accounts] == [agent.name] * 2


def test_it_is_known_who_wrote_the_notes_and_when(ticket: Ticket, other: Ticket, agent: User) -> None:
    who = one(ticket, agent)
    assert (who.notes_by, who.notes_at) == ("", None)
    before = now()
    keeping.keep_notes(other.pk, notes="Calls at noon.", seen=mark_of(""), by=agent)
    who = persons.person_of(ticket.contact)
    assert who.notes_by == agent.name
    assert who.notes_at
    assert before <= who.notes_at <= now()


def test_it_stays_known_when_the_ticket_that_told_it_is_gone(ticket: Ticket, other: Ticket, agent: User) -> None:
    one(ticket, agent)
    keeping.keep_notes(other.pk, notes="Calls at noon.", seen=mark_of(""), by=agent)
    Ticket.objects.filter(pk=other.pk).delete()
    with CaptureQueriesContext(connection) as asked:
        who = persons.person_of(ticket.contact)
        assert (who.notes_by, who.notes_at is None) == (agent.name, False)
    assert len(asked) == 2


def test_nobody_is_named_for_notes_from_before_it_was_kept(ticket: Ticket, agent: User) -> None:
    keeping.keep_notes(ticket.pk, notes="Calls at noon.", seen=mark_of(""), by=agent)
    Customer.objects.update(notes_by=None, notes_at=None)
    who = persons.person_of(ticket.contact)
    assert (who.notes, who.notes_by, who.notes_at) == ("Calls at noon.", "", None)


def test_the_timeline_goes_over_all_accounts_both_ways_without_a_gap(
    channel: Channel, elsewhere: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    an_answer(ticket, "We are on it.", by=agent)
    for number in range(4):
        said(elsewhere, f"still down {number}", by="reem_mail", conversation_key="t2")
    said(channel, "my bill is wrong too", by="salem")
    who = one(ticket, agent)
    pages, after = [], ""
    while True:
        page = timeline.page_of(who.contacts, after, size=2)
        pages.append([line.message.text for line in page.lines])
        after = page.next
        if not after:
            break
    texts = [text for page in pages for text in page]
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert len(set(texts)) == len(texts)
    assert {"my bill is wrong, please fix it"} & set(texts) or "my bill is wrong" in texts
    assert "We are on it." in texts
    assert not any("too" in text for text in texts)


def test_a_page_of_the_timeline_costs_three_queries_and_knows_each_ticket(ticket: Ticket, agent: User) -> None:
    an_answer(ticket, "We are on it.", by=agent)
    with CaptureQueriesContext(connection) as asked:
        page = timeline.page_of([ticket.contact_id])
        told = [(line.name, line.ticket, line.ours) for line in page.lines]
    assert len(asked) == 3
    assert sorted(told) == [("Huda Al-Amri", ticket.pk, True), ("Reem", ticket.pk, False)]


@pytest.mark.parametrize("place", ["x", "1", "-1.2", "9" * 30])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(BadPlace):
        timeline.page_of([1], place)
