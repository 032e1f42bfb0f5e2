"""Admins say who works here; the desk is never left without one, and who left is out everywhere."""

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from accounts import people
from accounts.models import AuditEntry, Role, User
from accounts.people import Refused
from tests.cast import a_brand, a_person, a_team, at_once

pytestmark = pytest.mark.django_db
GIVEN = {"name": "Salma", "email": "salma@nawa.example", "role": "agent", "capacity": 6, "skills": ["billing"]}


@pytest.fixture
def admin() -> User:
    return a_person(role=Role.ADMIN, name="Lina")


def test_somebody_new_works_in_their_teams_and_the_record_says_who_let_them_in(admin: User) -> None:
    team = a_team(a_brand(), "Billing")
    made = people.add(GIVEN, teams=[team], by=admin)
    assert (list(made.teams.all()), made.capacity, made.skills) == ([team], 6, ["billing"])
    line = AuditEntry.objects.get(verb="person.added")
    assert (line.actor_name, line.subject_name, line.data) == ("Lina", "Salma", {"role": "agent", "teams": ["Billing"]})


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_only_admins_look_after_people(role: Role) -> None:
    by = a_person(a_brand(), role=role)
    for verb in (
        lambda: people.add(GIVEN, teams=[], by=by),
        lambda: people.change(by.pk, {"role": "admin"}, teams=[], by=by),
        lambda: people.deactivate(by.pk, by=by),
        lambda: people.new_password(by.pk, by=by),
    ):
        with pytest.raises(Refused, match="Only admins"):
            verb()


def test_one_address_is_one_person_in_any_case(admin: User) -> None:
    people.add(GIVEN, teams=[], by=admin)
    with pytest.raises(Refused, match="here already"):
        people.add(GIVEN | {"email": "SALMA@nawa.example"}, teams=[], by=admin)


def test_the_last_admin_is_neither_demoted_nor_closed(admin: User) -> None:
    with pytest.raises(Refused, match="last admin"):
        people.change(admin.pk, {"role": "agent"}, teams=[], by=admin)
    second = a_person(role=Role.ADMIN)
    people.change(admin.pk, {"role": "agent"}, teams=[], by=second)
    with pytest.raises(Refused):
        people.deactivate(second.pk, by=second)


def test_nobody_closes_their_own_account(admin: User) -> None:
    a_person(role=Role.ADMIN)
    with pytest.raises(Refused, match="your own"):
        people.deactivate(admin.pk, by=admin)


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_demote_each_other_at_once_one_stays() -> None:
    one, two = a_person(role=Role.ADMIN), a_person(role=Role.ADMIN)

    def demote(whom: User, by: User) -> bool:
        try:
            people.change(whom.pk, {"role": "agent"}, teams=[], by=by)
        except Refused:
            return False
        return True

    done = at_once(lambda: demote(two, one), lambda: demote(one, two))
    assert sorted(done) == [False, True]
    assert User.objects.filter(role=Role.ADMIN).count() == 1


def test_who_left_is_out_of_pages_and_programs_at_once(admin: User) -> None:
    person = a_person(a_brand())
    Token.objects.create(user=person)
    client = Client()
    client.force_login(person)
    assert client.get("/profile/").status_code == 200
    people.deactivate(person.pk, by=admin)
    assert client.get("/profile/").status_code == 302
    assert not Token.objects.filter(user=person).exists()


def test_what_changed_is_told_with_what_it_was(admin: User) -> None:
    person = a_person(a_brand(), name="Huda", capacity=10)
    teams = list(person.teams.all())
    people.change(person.pk, {"name": "Huda", "capacity": 12}, teams=teams, by=admin)
    assert AuditEntry.objects.get().data == {"changed": {"capacity": [10, 12]}}
    people.change(person.pk, {"capacity": 12}, teams=teams, by=admin)
    assert AuditEntry.objects.count() == 1


# --- coming in for the first time ------------------------------------------------------------------------------------
def door(person: User) -> str:
    who, token = people.door_of(person)
    return f"/welcome/{who}/{token}/"


def choose(client: Client, address: str, password: str = "a-fine-new-one", again: str = ""):
    return client.post(address, {"password": password, "again": again or password})


def test_a_link_lets_somebody_choose_a_password_once(admin: User) -> None:
    person = people.add(GIVEN, teams=[], by=admin)
    address, client = door(person), Client()
    assert "Salma" in client.get(address).content.decode()
    assert choose(client, address).headers["Location"] == "/inbox/"
    assert client.get("/profile/").status_code == 200
    assert User.objects.get(pk=person.pk).check_password("a-fine-new-one")
    other = Client()
    assert other.get(address).status_code == 404
    assert choose(other, address, "another-one-entirely").status_code == 404
    assert User.objects.get(pk=person.pk).check_password("a-fine-new-one")


@pytest.mark.parametrize(("password", "again"), [("short", ""), ("password123", ""), ("a-fine-new-one", "another-one")])
def test_a_password_that_is_weak_or_mistyped_is_refused(admin: User, password: str, again: str) -> None:
    person = people.add(GIVEN, teams=[], by=admin)
    assert choose(Client(), door(person), password, again).status_code == 422
    assert not User.objects.get(pk=person.pk).has_usable_password()


def test_the_link_of_who_left_and_one_made_up_open_nothing(admin: User) -> None:
    person = people.add(GIVEN, teams=[], by=admin)
    address = door(person)
    people.deactivate(person.pk, by=admin)
    for wrong in (address, "/welcome/MQ/abc-def/", "/welcome/-/x/", "/welcome/OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/x/"):
        assert Client().get(wrong).status_code == 404


def test_a_name_that_would_turn_a_page_round_is_kept_without_those_signs(admin: User) -> None:
    person = people.add({"name": "\u202eHuda\u2069", "email": "h@nawa.example", "role": "agent"}, teams=[], by=admin)
    assert person.name == "Huda"
    assert people.change(person.pk, {"name": "Hu\u2066da"}, teams=[], by=admin).name == "Huda"
