"""Who sees and does what: person, teams, brands; one answer for every door."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Brand, Membership, Role, User
from accounts.permissions import brand_ids, may_choose_reader, may_see
from tests.cast import a_brand, a_channel, a_person, a_team, a_ticket
from tickets.models import Ticket
from tickets.permissions import NotAllowed, check_may_assign, check_may_work_on, check_supervises

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_agents_and_supervisors_see_the_brands_of_their_teams(brand: Brand, role: Role) -> None:
    elsewhere = a_brand()
    person = a_person(brand, role=role)
    assert brand_ids(person) == {brand.pk}
    assert may_see(person, brand.pk)
    assert not may_see(person, elsewhere.pk)


def test_admins_see_every_brand(brand: Brand) -> None:
    admin = a_person(role=Role.ADMIN)
    assert brand_ids(admin) is None
    assert may_see(admin, brand.pk)


@pytest.mark.parametrize("role", list(Role))
def test_who_left_sees_nothing_whatever_the_role(brand: Brand, role: Role) -> None:
    gone = a_person(brand, role=role, is_active=False)
    assert brand_ids(gone) == frozenset()
    assert not may_see(gone, brand.pk)


def test_nobody_in_particular_sees_nothing(brand: Brand) -> None:
    assert brand_ids(AnonymousUser()) == frozenset()
    assert not may_see(AnonymousUser(), brand.pk)


def test_somebody_without_a_team_sees_nothing(ticket: Ticket) -> None:
    assert not Ticket.objects.visible_to(a_person()).exists()


def test_a_brand_of_two_of_a_persons_teams_is_counted_once(brand: Brand, ticket: Ticket) -> None:
    person = a_person(brand)
    Membership.objects.create(user=person, team=a_team(brand))
    person = User.objects.get(pk=person.pk)
    assert brand_ids(person) == {brand.pk}
    assert list(Ticket.objects.visible_to(person)) == [ticket]


def test_lists_show_what_may_be_seen_and_nothing_else(brand: Brand, ticket: Ticket) -> None:
    other = a_ticket(a_channel())
    assert list(Ticket.objects.visible_to(a_person(brand))) == [ticket]
    assert set(Ticket.objects.visible_to(a_person(role=Role.ADMIN))) == {ticket, other}


def test_whoever_sees_a_ticket_may_work_on_it(brand: Brand, ticket: Ticket) -> None:
    check_may_work_on(a_person(brand), ticket)
    with pytest.raises(NotAllowed, match="another team"):
        check_may_work_on(a_person(a_brand()), ticket)


def test_a_ticket_is_given_only_to_people_who_see_it_and_still_work_here(brand: Brand, ticket: Ticket) -> None:
    agent = a_person(brand)
    check_may_assign(agent, ticket, None)
    check_may_assign(agent, ticket, a_person(brand))
    for to in (a_person(a_brand()), a_person(brand, is_active=False)):
        with pytest.raises(NotAllowed, match=to.name):
            check_may_assign(agent, ticket, to)


@pytest.mark.parametrize(("role", "may"), [(Role.AGENT, False), (Role.SUPERVISOR, True), (Role.ADMIN, True)])
def test_supervising_is_for_supervisors_and_admins(brand: Brand, role: Role, may: bool) -> None:
    person = a_person(brand, role=role)
    if may:
        check_supervises(person)
    else:
        with pytest.raises(NotAllowed):
            check_supervises(person)


@pytest.mark.parametrize(
    ("role", "active", "may"),
    [("agent", True, False), ("supervisor", True, False), ("admin", True, True), ("admin", False, False)],
)
def test_which_model_reads_is_for_admins_who_work_here(role: str, *, active: bool, may: bool) -> None:
    assert may_choose_reader(a_person(role=Role(role), is_active=active)) is may
    assert not may_choose_reader(AnonymousUser())
