"""Saved views: whose they are, what they hold, and that what was removed comes back."""

from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person, a_team, a_ticket
from tickets.answering.saved_replies import Scope
from tickets.listing import saved_views
from tickets.listing.lists import counts
from tickets.listing.saved_views import Wish, address_of, to_count, visible
from tickets.models import SavedView, Tag, Ticket
from tickets.permissions import NotAllowed

OWN = Scope()
_names = count(1)


def kept(by: User, scope: Scope = OWN, *, name: str = "", sort: str = "next", **query: object) -> SavedView:
    return saved_views.keep(Wish(name or f"View {next(_names)}", query, sort, scope), by=by)


@pytest.fixture
def supervisor(channel: Channel) -> User:
    return a_person(channel.brand, role=Role.SUPERVISOR)


def test_a_view_is_seen_by_those_it_is_for(channel: Channel, agent: User, supervisor: User) -> None:
    team = channel.brand.teams.get()
    mine, ours, all_ours = kept(agent), kept(supervisor, Scope("team", team)), kept(supervisor, Scope("everyone"))
    kept(supervisor)
    kept(supervisor, Scope("everyone", None, channel.brand))
    stranger = a_person(a_brand())
    assert list(visible(agent))[:3] == [mine, ours, all_ours]
    assert visible(agent).count() == 4
    assert list(visible(stranger)) == [all_ours]


def test_what_others_see_is_kept_by_supervisors_of_theirs(channel: Channel, agent: User, supervisor: User) -> None:
    elsewhere = a_team(a_brand())
    for by, scope in (
        (agent, Scope("everyone")),
        (agent, Scope("team", channel.brand.teams.get())),
        (supervisor, Scope("team", elsewhere)),
        (supervisor, Scope("everyone", None, a_brand())),
    ):
        with pytest.raises(NotAllowed):
            kept(by, scope)
    shared = kept(supervisor, Scope("everyone"))
    with pytest.raises(NotAllowed):
        saved_views.remove(shared.pk, by=agent)
    with pytest.raises(SavedView.DoesNotExist):
        saved_views.remove(kept(supervisor).pk, by=agent)


def test_a_view_without_a_name_is_none(agent: User) -> None:
    with pytest.raises(NotAllowed):
        kept(agent, name=" \n ")


def test_its_address_is_that_of_its_list_with_its_filters(agent: User) -> None:
    view = kept(agent, sort="negative", list="unassigned", language="ar", status=["new", "open"], gone="x")
    address = f"/inbox/unassigned/?status=new&status=open&language=ar&sort=negative&saved={view.pk}"
    asked = address_of(view)
    assert set(asked.partition("?")[2].split("&")) == set(address.partition("?")[2].split("&"))
    assert asked.startswith("/inbox/unassigned/?")
    assert address_of(kept(agent, list="nowhere")).startswith("/inbox/all/?")


def test_counts_are_those_of_its_tickets_and_come_with_the_others(channel: Channel, agent: User) -> None:
    tickets = [a_ticket(channel, by=f"c{n}") for n in range(3)]
    bill = Tag.objects.create(name="Bill", brand=channel.brand)
    Ticket.objects.filter(pk=tickets[0].pk).update(tags=[bill.pk, 99])
    Ticket.objects.filter(pk=tickets[1].pk).update(assignee=agent, status="open")
    a_ticket(a_channel(a_brand()), by="stranger")
    expected = {
        kept(agent, list="unassigned").pk: 2,
        kept(agent, list="unassigned", tags=[str(bill.pk)]).pk: 1,
        kept(agent, list="all", status=["new", "open"]).pk: 3,
        kept(agent, list="team", assignee="me").pk: 1,
        kept(agent, list="unassigned", waiting="60").pk: 0,
        # Years of finished tickets are not counted.
        kept(agent, list="all").pk: None,
        # A channel that is none of theirs is left out; the rest of the view stands.
        kept(agent, list="unassigned", channel="999999").pk: 2,
    }
    views = list(visible(agent))
    to_count(views, agent)  # composed from here on
    with CaptureQueriesContext(connection) as queries:
        found = counts(agent, to_count(views, agent)).saved
    assert len(queries) == 1
    assert {pk: found.get(pk) for pk in expected} == expected


def test_a_changed_view_is_counted_anew(channel: Channel, agent: User) -> None:
    ticket = a_ticket(channel)
    view = kept(agent, list="unassigned", language="ar")
    Ticket.objects.filter(pk=ticket.pk).update(language="en")
    assert counts(agent, to_count(visible(agent), agent)).saved == {view.pk: 0}
    saved_views.keep(Wish("Other", {"list": "unassigned", "language": "en"}, "next", OWN), by=agent, pk=view.pk)
    assert counts(agent, to_count(visible(agent), agent)).saved == {view.pk: 1}


def test_views_change_places(agent: User, supervisor: User) -> None:
    first, second, third = kept(agent), kept(agent), kept(agent)
    saved_views.move(third.pk, up=True, by=agent)
    assert list(visible(agent)) == [first, third, second]
    saved_views.move(first.pk, up=False, by=agent)
    assert list(visible(agent)) == [third, first, second]
    # At the end there is nowhere to go.
    saved_views.move(second.pk, up=False, by=agent)
    assert list(visible(agent)) == [third, first, second]


def test_what_was_removed_comes_back_once_and_to_nobody_else(agent: User, supervisor: User) -> None:
    first, view = kept(agent), kept(agent, name="Arabic", sort="negative", list="unassigned", language="ar")
    kept(agent)
    _gone, token = saved_views.remove(view.pk, by=agent)
    assert visible(agent).count() == 2
    with pytest.raises(NotAllowed):
        saved_views.bring_back(token, by=supervisor)
    with pytest.raises(NotAllowed):
        saved_views.bring_back(f"{token}x", by=agent)
    for _press in range(2):
        back = saved_views.bring_back(token, by=agent)
    assert list(visible(agent))[:2] == [first, back]
    assert visible(agent).count() == 3
    assert (back.name, back.sort, back.query) == ("Arabic", "negative", {"list": "unassigned", "language": "ar"})


def test_there_is_an_end_to_them(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    kept(agent)
    with pytest.raises(NotAllowed):
        kept(agent)
