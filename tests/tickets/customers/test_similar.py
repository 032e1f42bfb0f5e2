"""Solved tickets of people who asked alike: which are shown, in which order, and that they cost nobody's time."""

import pytest
from django.conf import settings

from accounts.models import User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_channel, a_ticket, an_answer, an_own_post, deliver, fresh, receive
from tickets.customers import similar
from tickets.listing.search import indexing
from tickets.models import Ticket
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


SLOW = "SELECT pg_sleep(5), {terms} FROM (SELECT words FROM tickets_searchrow WHERE %s::text <> '' LIMIT %s) found"


def solved(channel: Channel, ask: str, answer: str, by: User, *, who: str, lift: float | None = None) -> Ticket:
    """Somebody asked, was answered and is done with; how much better they felt afterwards."""
    ticket = a_ticket(channel, ask, by=who)
    an_answer(ticket, answer, by=by)
    deliver()
    lifecycle.resolve(ticket.pk, by=by)
    if lift is not None:
        Ticket.objects.filter(pk=ticket.pk).update(before_valence=0.0, after_valence=lift)
    indexed()
    return fresh(ticket)


def indexed() -> None:
    while indexing.index_some():
        pass


def found(ticket: Ticket) -> list[int]:
    return [one.ticket for one in similar.like(ticket)]


def test_the_likest_comes_first_with_the_answer_that_helped(channel: Channel, agent: User) -> None:
    near = solved(channel, "router light is red, line broken", "Hold reset for ten seconds.", agent, who="a", lift=0.6)
    far = solved(channel, "my line is broken since noon", "The tower is back.", agent, who="b")
    solved(channel, "the bill is wrong", "Mended.", agent, who="c")
    asks = a_ticket(channel, "red light on my router, the line is broken", by="d")
    indexed()
    assert found(asks) == [near.pk, far.pk]
    first = similar.like(asks)[0]
    assert (first.answer, first.author, first.lift) == ("Hold reset for ten seconds.", agent.name, pytest.approx(0.6))


def test_who_felt_worse_afterwards_is_no_example(channel: Channel, agent: User) -> None:
    solved(channel, "router light is broken", "Read the manual.", agent, who="a", lift=-0.3)
    assert found(a_ticket(channel, "router light is broken", by="d")) == []


def test_only_what_is_solved_by_one_of_us_in_that_brand_and_language_counts(channel: Channel, agent: User) -> None:
    text = "router light is broken"
    open_still = a_ticket(channel, text, by="a")
    an_answer(open_still, "We look.", by=agent)
    deliver()
    by_machine = a_ticket(channel, text, by="b", conversation_key="m1", external_id="m1")
    receive(channel, an_own_post("We posted.", conversation_key="m1", parent_id="m1"))
    lifecycle.resolve(by_machine.pk, by=agent)
    arabic = solved(channel, text, "Hello", agent, who="c")
    Ticket.objects.filter(pk=arabic.pk).update(language="ar")
    solved(a_channel(a_brand(), platform="fake", external_id="else"), text, "Elsewhere", agent_of(), who="e")
    asks = a_ticket(channel, text, by="d")
    indexed()
    assert found(asks) == []


def agent_of() -> User:
    brand = Channel.objects.get(external_id="else").brand
    team = brand.teams.get()
    user = User.objects.create_user("else@nawa.example", "a-good-password", name="Else")
    user.memberships.create(team=team)
    return user


def test_a_canned_answer_that_counted_for_nothing_is_no_example(channel: Channel, agent: User) -> None:
    ticket = solved(channel, "router light is broken", "Thanks for writing.", agent, who="a")
    Message.objects.filter(direction="out").update(raw={"radd_care": {"counts": False}})
    assert found(a_ticket(channel, "router light is broken", by="d")) == []
    Message.objects.filter(direction="out").update(raw={})
    assert found(Ticket.objects.exclude(pk=ticket.pk).get()) == [ticket.pk]


def test_what_takes_too_long_finds_nothing_and_the_settings_of_search_stay(
    channel: Channel, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved(channel, "router light is broken", "Hold reset.", agent, who="a")
    asks = a_ticket(channel, "router light is broken", by="d")
    monkeypatch.setattr(similar, "RANK_SQL", SLOW)
    monkeypatch.setattr(similar, "MILLISECONDS", 30)
    assert found(asks) == []
    assert settings.SEARCH_MILLISECONDS >= 100


def test_a_ticket_without_words_is_like_no_other(channel: Channel, ticket: Ticket) -> None:
    Message.objects.update(text="…")
    assert found(ticket) == []
