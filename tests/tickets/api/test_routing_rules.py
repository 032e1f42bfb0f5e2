"""Routing rules through the API: by the verbs, the permission and the dry run of their pages."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Brand, Role, Team, User
from ingest.models import Channel
from tests.cast import a_person, a_team, said, ticket_of
from tests.tickets.api.conftest import Ask, body
from tests.tickets.api.test_kept_rules import BILLS, ROUTING
from tickets.models import RoutingRule, SlaPolicy, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(ask: Ask, brand: Brand) -> APIClient:
    return ask(a_person(brand, role=Role.ADMIN))


@pytest.fixture
def billing(brand: Brand) -> Team:
    return a_team(brand, "Billing", is_default=False)


def to(team: Team) -> dict[str, Any]:
    return {"do": "team", "team": team.pk}


def test_a_rule_made_here_routes_the_next_ticket(admin: APIClient, channel: Channel, billing: Team) -> None:
    made = body(admin.post(ROUTING, BILLS | {"actions": [to(billing), {"do": "priority", "priority": 1}]}), 201)
    # The team's name stands beside its id: so it is spoken of once it is gone.
    assert made["actions"] == [to(billing) | {"name": "Billing"}, {"do": "priority", "priority": 1}]
    assert (made["version"], made["is_on"], made["brand"], made["trouble"]) == (1, True, None, "")
    assert body(admin.get(f"{ROUTING}/{made['id']}"), 200) == made
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert (ticket.team, ticket.priority) == (billing, 1)
    assert admin.delete(f"{ROUTING}/{made['id']}").status_code == 204
    assert ticket_of(said(channel, "my bill is wrong again", by="b")).team != billing


def test_what_was_read_is_sent_back_as_it_is_and_changes_nothing(
    admin: APIClient, brand: Brand, billing: Team, agent: User
) -> None:
    tag, policy = Tag.objects.create(name="late"), SlaPolicy.objects.create(name="Fast", first_answer=5)
    actions = [
        to(billing), {"do": "assign", "to": agent.pk}, {"do": "share", "how": "round_robin"},
        {"do": "skills", "skills": ["billing"]}, {"do": "language", "language": ""}, {"do": "priority", "priority": 2},
        {"do": "tag", "add": [tag.pk]}, {"do": "policy", "policy": policy.pk},
        {"do": "notify", "people": [agent.pk], "teams": [billing.pk]}, {"do": "approval"}, {"do": "reopened"},
    ]  # fmt: skip
    billing.members.add(agent)
    made = body(admin.post(ROUTING, BILLS | {"actions": actions}), 201)
    assert [{name: one[name] for name in one if name != "name"} for one in made["actions"]] == actions
    assert body(admin.put(f"{ROUTING}/{made['id']}", made), 200) == made


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"actions": []}, "does_nothing", "Say what the rule does."),
        ({"actions": [{"do": "reopened"}]}, "does_nothing", "Say what the rule does."),
        ({"actions": [{"do": "team", "team": 99999}]}, "team_removed", "team “99999” was removed"),
        ({"actions": [{"do": "team"}]}, "unreadable_action", "one of its actions cannot be read: team"),
        ({"brand": 99999}, "no_brand", "This brand is not there any more."),
        ({"conditions": {"field": "x"}}, "bad_conditions", "Choose what to ask of the ticket."),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(
    admin: APIClient, wrong: dict[str, Any], code: str, words: str
) -> None:
    for at in (ROUTING, f"{ROUTING}/dry-run"):
        refused = body(admin.post(at, BILLS | wrong), 422)
        assert refused["code"] == code
        assert words in refused["detail"]
    assert not RoutingRule.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"conditions": []}, "conditions"),
        ({"actions": [{"do": "dance"}]}, "actions"),
        ({"actions": [{"do": "priority", "priority": 9}]}, "actions"),
        ({"actions": [{"do": "tag", "add": ["late"]}]}, "actions"),
        ({"actions": {"do": "approval"}}, "actions"),
        ({"actions": [5]}, "actions"),
    ],
)
def test_what_cannot_be_read_is_refused_field_by_field(admin: APIClient, wrong: dict[str, Any], field: str) -> None:
    refused = body(admin.post(ROUTING, BILLS | wrong), 400)
    assert refused["wrong"].keys() == {field}
    assert "ErrorDetail" not in str(refused)
    assert not RoutingRule.objects.exists()


def test_what_is_wrong_with_an_action_says_which_it_is(admin: APIClient) -> None:
    wrong = [{"do": "approval"}, {"do": "dance"}, {"do": "tag", "add": [1, "late"]}]
    assert body(admin.post(ROUTING, BILLS | {"actions": wrong}), 400)["wrong"] == {
        "actions": ['1.do: "dance" is not a valid choice.', "2.add.1: A valid integer is required."]
    }


def test_a_rule_is_tried_on_last_week_before_it_is_saved(admin: APIClient, channel: Channel, billing: Team) -> None:
    ticket = ticket_of(said(channel, "my bill is wrong"))
    draft = BILLS | {"actions": [to(billing)]}
    told = body(admin.post(f"{ROUTING}/dry-run", draft | {"is_on": False}), 200)
    assert (told["looked"], told["caught"], told["moved"], told["capped"]) == (1, 1, 1, False)
    assert {"name": "Billing", "now": 0, "then": 1} in told["teams"]
    (line,) = told["tickets"]
    assert line["id"] == ticket.pk
    assert "Billing" in line["after"]
    assert not RoutingRule.objects.exists()
    # In its place: behind a rule that catches the same, it moves nothing.
    first, second = (body(admin.post(ROUTING, draft | {"name": name}), 201)["id"] for name in ("a", "b"))
    other = draft | {"actions": [{"do": "priority", "priority": 1}]}
    assert body(admin.post(f"{ROUTING}/{second}/dry-run", other), 200)["moved"] == 0
    assert body(admin.post(f"{ROUTING}/{first}/dry-run", other), 200)["moved"] == 1
    assert admin.post(f"{ROUTING}/{first + second + 1}/dry-run", other).status_code == 404


def test_routing_rules_are_for_admins_alone(ask: Ask, admin: APIClient, brand: Brand, agent: User) -> None:
    one = f"{ROUTING}/{body(admin.post(ROUTING, BILLS), 201)['id']}"
    for person in (agent, a_person(brand, role=Role.SUPERVISOR)):
        client = ask(person)
        asked = [client.get(ROUTING), client.get(one), client.get(f"{one}/versions"), client.post(ROUTING, BILLS),
                 client.put(one, BILLS), client.delete(one), client.post(f"{one}/move", {"to": 1}),
                 client.post(f"{one}/turn", {"on": False}), client.post(f"{one}/versions/1/restore"),
                 client.post(f"{ROUTING}/dry-run", BILLS), client.post(f"{one}/dry-run", BILLS)]  # fmt: skip
        assert {response.status_code for response in asked} == {403}
    assert RoutingRule.objects.get().version == 1
