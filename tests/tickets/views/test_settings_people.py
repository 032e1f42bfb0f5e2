"""Settings: people, teams and brands on their pages."""

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Brand, Role, Team, User
from tests.cast import a_brand, a_person, a_team, fresh, verbs
from tests.tickets.views.conftest import signed_in
from tickets.models import Tag, Ticket
from tickets.steering.assignment import assign
from tickets.views.settings_area import sections_for

FORM = {"name": "Salma", "email": "Salma@nawa.example", "role": "agent", "capacity": "6", "skills": "Billing، roaming"}


@pytest.fixture
def admin() -> Client:
    return signed_in(a_person(role=Role.ADMIN, name="Lina"))


def test_agents_have_no_settings_and_supervisors_have_no_people(desk: Client, supervisor: Client) -> None:
    assert desk.get("/settings/").status_code == 403
    assert supervisor.get("/settings/").status_code == 200
    assert supervisor.get("/settings/people/").status_code == 403


def test_a_first_password_is_shown_once_and_opens_the_door(admin: Client) -> None:
    page = admin.post("/settings/people/new", FORM | {"way": "password"})
    person = User.objects.get(email="salma@nawa.example")
    assert page.headers["Cache-Control"] == "no-store"
    password = page.context["password"]
    assert f'id="once">{password}</code><button type="button"' in page.content.decode()
    assert person.check_password(password)
    assert person.skills == ["billing", "roaming"]
    assert password not in admin.get(f"/settings/people/{person.pk}/").content.decode()


def test_a_link_is_shown_and_mailed_where_there_is_a_mail_server(admin: Client, settings) -> None:
    assert "/welcome/" in admin.post("/settings/people/new", FORM | {"way": "link"}).content.decode()
    assert mail.outbox == []
    settings.EMAIL_HOST = "mail.nawa.example"
    other = FORM | {"email": "omar@nawa.example", "interface_language": "ar", "way": "link"}
    page = admin.post("/settings/people/new", other)
    (letter,) = mail.outbox
    assert letter.to == ["omar@nawa.example"]
    assert page.context["link"] in letter.body
    assert "اختر" in letter.body


def test_who_leaves_hands_their_tickets_to_a_colleague(admin: Client, ticket: Ticket, agent: User) -> None:
    assign(ticket.pk, to=agent, by=agent)
    colleague = a_person(ticket.brand, name="Omar")
    page = admin.post(f"/settings/people/{agent.pk}/leave", {"to": colleague.pk}, follow=True)
    assert "1 ticket was handed over." in page.content.decode()
    assert fresh(ticket).assignee == colleague
    assert not fresh(agent).is_active
    assert verbs(ticket)[-1] == "assigned"


def test_or_they_go_back_to_their_queues_waiting_for_anybody(admin: Client, ticket: Ticket, agent: User) -> None:
    assign(ticket.pk, to=agent, by=agent)
    admin.post(f"/settings/people/{agent.pk}/leave", {"to": ""})
    assert (fresh(ticket).assignee, fresh(ticket).status) == (None, "new")


def test_a_colleague_of_another_brand_gets_none_of_them_and_nobody_leaves(
    admin: Client, ticket: Ticket, agent: User
) -> None:
    assign(ticket.pk, to=agent, by=agent)
    admin.post(f"/settings/people/{agent.pk}/leave", {"to": a_person(a_brand()).pk})
    assert fresh(ticket).assignee == agent
    assert fresh(agent).is_active


def test_a_team_is_made_with_its_brands_and_people(admin: Client, brand: Brand, agent: User) -> None:
    data = {"name": "Billing", "brands": [brand.pk], "members": [agent.pk], "is_default": "on"}
    assert admin.post("/settings/teams/new", data).status_code == 302
    team = Team.objects.get(name="Billing")
    assert (list(team.brands.all()), list(team.members.all()), team.is_default) == ([brand], [agent], True)
    assert admin.post("/settings/teams/new", data | {"name": "billing"}).status_code == 422


def test_a_team_with_tickets_is_not_removed_and_one_without_is(admin: Client, ticket: Ticket) -> None:
    empty = a_team(ticket.brand, "Nobody's")
    admin.post(f"/settings/teams/{ticket.team_id}/remove")
    admin.post(f"/settings/teams/{empty.pk}/remove")
    assert list(Team.objects.filter(pk__in=[ticket.team_id, empty.pk])) == [ticket.team]


def test_a_brand_has_names_in_both_languages(admin: Client) -> None:
    admin.post("/settings/brands/new", {"name": "Nawa Health", "name_ar": "نواة الصحية"})
    brand = Brand.objects.get(name="Nawa Health")
    assert brand.name_ar == "نواة الصحية"
    assert "نواة الصحية" in admin.get("/settings/brands/").content.decode()


@pytest.mark.parametrize("where", ["people", "teams", "brands"])
def test_a_list_asks_the_same_however_many_there_are(admin: Client, where: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(f"/settings/{where}/").status_code == 200
        return len(queries)

    a_person(a_brand())
    asked()
    before = asked()
    for _each in range(4):
        a_person(a_brand())
    assert asked() == before <= 12


def test_a_team_that_is_saved_keeps_the_place_of_who_left_for_when_they_are_back(
    admin: Client, brand: Brand, agent: User
) -> None:
    team = a_team(brand, "Billing")
    team.members.add(agent)
    admin.post(f"/settings/people/{agent.pk}/leave", {"to": ""})
    admin.post(f"/settings/teams/{team.pk}/", {"name": "Bills", "brands": [brand.pk]})
    admin.post(f"/settings/people/{agent.pk}/back")
    assert agent.teams.filter(name="Bills").exists()


def test_a_desk_without_a_brand_has_every_section_of_the_settings(admin: Client) -> None:
    for section in sections_for(User.objects.get(name="Lina")):
        page = admin.get(reverse(section.url))
        assert page.status_code == 200, section.slug
    assert "No brands yet" in admin.get("/settings/answers/").content.decode()


def test_who_left_stands_in_the_table_as_a_row_like_the_others(admin: Client, agent: User) -> None:
    admin.post(f"/settings/people/{agent.pk}/leave", {"to": ""})
    page = admin.get("/settings/people/").content.decode()
    # `r-gone` is the dashed box of a post that was deleted: a row of that class falls out of its table.
    assert '<tr class="r-off">' in page
    assert "r-gone" not in page


def test_what_is_removed_is_said_to_be(admin: Client, brand: Brand) -> None:
    team, tag = a_team(brand, "Nights", is_default=False), Tag.objects.create(brand=brand, name="late")
    for at, name in ((f"/settings/teams/{team.pk}/remove", "Nights"), (f"/settings/tags/{tag.pk}/remove", "late")):
        assert f"{name} is removed." in admin.post(at, follow=True).content.decode()
