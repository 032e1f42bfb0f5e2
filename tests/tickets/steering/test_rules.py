"""Routing rules: the first that fits is carried out and says why; one that cannot be is passed over, and said so."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Brand, Role, Team, User
from ingest.models import Channel
from tests.cast import (
    a_brand,
    a_care_reader,
    a_person,
    a_post,
    a_team,
    fresh,
    receive,
    said,
    ticket_of,
    verbs,
)  # fmt: skip
from tickets.models import (
    Activity,
    Customer,
    CustomerContact,
    Incident,
    Macro,
    Notice,
    RoutingRule,
    SlaPolicy,
    Tag,
    Ticket,
    Tier,
)  # fmt: skip
from tickets.steering import rules
from tickets.steering.case import Moment, cases_of
from tickets.steering.conditions import FIELDS
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db

BILL = {"field": "words", "op": "any", "value": ["bill"]}


def a_rule(*actions: dict[str, Any], when: dict[str, Any] | None = None, **fields: Any) -> RoutingRule:
    """A rule after those there are; it fits everything unless it says when."""
    position = RoutingRule.objects.count() + 1
    told: dict[str, Any] = {"name": f"Rule {position}", "position": position, "conditions": when or {}} | fields
    return RoutingRule.objects.create(actions=list(actions), updated_at=timezone.now(), **told)


def to(team: Team) -> dict[str, Any]:
    return {"do": "team", "team": team.pk, "name": team.name}


def routed(ticket: Ticket) -> Activity:
    """The line that tells which rule routed it."""
    return ticket.activities.get(verb="routed")


@pytest.fixture
def billing(brand: Brand) -> Team:
    return a_team(brand, "Billing", is_default=False)


# --- the first that fits --------------------------------------------------------------------------------------------
def test_the_first_rule_that_fits_says_where_a_ticket_goes_and_the_record_says_why(
    channel: Channel, billing: Team
) -> None:
    a_rule({"do": "priority", "priority": 1}, when={"all": [{"field": "words", "op": "any", "value": ["signal"]}]})
    rule = a_rule(to(billing), when={"all": [BILL]}, name="Bills", version=4)
    a_rule({"do": "priority", "priority": 4})
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert (ticket.team, ticket.priority) == (billing, Ticket.Priority.NORMAL)
    told = routed(ticket).data
    assert (told["rule"], told["version"], told["place"], told["name"]) == (rule.pk, 4, 2, "Bills")
    assert told["because"] == [BILL]
    assert verbs(ticket) == ["opened", "routed"]


def test_without_a_rule_that_fits_a_ticket_goes_to_the_brands_own_team(channel: Channel, billing: Team) -> None:
    a_rule(to(billing), when={"all": [{"field": "words", "op": "any", "value": ["signal"]}]})
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert ticket.team == Team.objects.exclude(pk=billing.pk).get()
    assert verbs(ticket) == ["opened"]


def test_a_rule_that_is_off_removed_or_another_brands_is_not_asked(channel: Channel, billing: Team) -> None:
    a_rule(to(billing), is_on=False)
    a_rule(to(billing), removed_at=timezone.now())
    a_rule(to(billing), brand=a_brand())
    assert verbs(ticket_of(said(channel, "my bill is wrong"))) == ["opened"]


def test_a_message_that_joins_a_ticket_is_not_routed_again(channel: Channel, billing: Team) -> None:
    a_rule(to(billing))
    receive(channel, a_post("my bill is wrong"), a_post("and it is still wrong"))
    assert verbs(Ticket.objects.get()) == ["opened", "joined", "routed"]


@pytest.mark.parametrize(("also", "goes"), [(True, "Billing"), (False, "")])
def test_a_ticket_that_comes_back_is_routed_only_by_a_rule_that_says_so(
    channel: Channel, billing: Team, agent: User, also: bool, goes: str
) -> None:
    receive(channel, a_post("my bill is wrong", conversation_key="t1"))
    ticket = Ticket.objects.get()
    lifecycle.resolve(ticket.pk, by=agent)
    a_rule(
        to(billing),
        *([{"do": "reopened"}] if also else []),
        when={"all": [{"field": "came_back", "op": "is", "value": True}]},
    )
    receive(channel, a_post("the bill is still wrong", conversation_key="t1"))
    ticket = fresh(ticket)
    assert ticket.is_live
    assert (ticket.team == billing) is also
    assert ("routed" in verbs(ticket)) is also


# --- what a rule can do ---------------------------------------------------------------------------------------------
def test_a_rule_sets_priority_tags_policy_skills_and_language(channel: Channel, billing: Team) -> None:
    tag, policy = Tag.objects.create(name="bill"), SlaPolicy.objects.create(name="Fast")
    foreign = Tag.objects.create(name="elsewhere", brand=a_brand())
    a_rule(
        {"do": "priority", "priority": 1}, {"do": "tag", "add": [tag.pk, foreign.pk]},
        {"do": "policy", "policy": policy.pk}, {"do": "skills", "skills": ["billing"]},
        {"do": "language", "language": ""},
    )  # fmt: skip
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert (ticket.priority, ticket.tags, ticket.policy) == (1, [tag.pk], policy)
    assert (ticket.needs_skills, ticket.needs_language) == (["billing"], "en")


def test_a_rule_runs_of_a_macro_what_needs_no_person(channel: Channel) -> None:
    tag = Tag.objects.create(name="bill")
    actions = [
        {"do": "note", "text": "Look at the invoice first."}, {"do": "tag", "add": [tag.pk]},
        {"do": "priority", "priority": 2}, {"do": "reply", "text": "We are on it."},
    ]  # fmt: skip
    a_rule({"do": "macro", "macro": Macro.objects.create(name="Bill", actions=actions).pk})
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert (ticket.priority, ticket.tags) == (2, [tag.pk])
    assert verbs(ticket) == ["opened", "routed", "noted"]
    assert ticket.activities.get(verb="noted").data == {"text": "Look at the invoice first."}


def test_a_ticket_is_given_to_the_person_a_rule_names_if_they_are_at_work(channel: Channel, brand: Brand) -> None:
    rule = a_rule({"do": "agent", "person": a_person(brand, available=False).pk})
    waiting = ticket_of(said(channel, "my bill is wrong"))
    assert (waiting.assignee, waiting.status) == (None, "new")
    agent = a_person(brand, available=True)
    RoutingRule.objects.filter(pk=rule.pk).update(actions=[{"do": "agent", "person": agent.pk}])
    given = ticket_of(said(channel, "my bill is wrong", by="omar"))
    assert (given.assignee, given.status) == (agent, "open")
    assert verbs(given) == ["opened", "routed", "assigned"]


def test_a_rule_tells_people_and_teams_once_each_and_nobody_who_may_not_see_the_brand(
    channel: Channel, brand: Brand, agent: User
) -> None:
    stranger, team = a_person(a_brand()), brand.teams.get()
    a_rule({"do": "notify", "people": [agent.pk, stranger.pk], "teams": [team.pk]})
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert [(told.user, told.kind) for told in Notice.objects.filter(ticket=ticket)] == [(agent, "escalated")]


def test_a_rule_can_ask_a_second_person_for_the_answers_of_a_ticket(channel: Channel) -> None:
    before = ticket_of(said(channel, "my bill is wrong"))
    a_rule({"do": "approval"}, name="Watched")
    after = ticket_of(said(channel, "my bill is wrong", by="omar"))
    assert [rules.asks_approval(ticket.pk) for ticket in (before, after)] == ["", "Watched"]


# --- rules that cannot be carried out -------------------------------------------------------------------------------
def test_a_rule_whose_team_was_removed_is_skipped_flagged_and_told_to_admins_once(
    channel: Channel, billing: Team
) -> None:
    admin = a_person(role=Role.ADMIN)
    gone = a_team(a_brand(), "Wholesale")
    rule, _after = a_rule(to(gone), when={"all": [BILL]}), a_rule(to(billing))
    gone.delete()
    tickets = [ticket_of(said(channel, "my bill is wrong", by=name)) for name in ("reem", "omar")]
    assert [ticket.team for ticket in tickets] == [billing, billing]
    rule = fresh(rule)
    assert rule.trouble == "team_removed:Wholesale"
    assert rule.trouble_at is not None
    assert [(told.user, told.data["rule"]) for told in Notice.objects.all()] == [(admin, rule.pk)]
    assert Notice.objects.get().data["words"] == "The rule is skipped: team “Wholesale” was removed."


def test_a_flag_goes_when_the_rule_works_again(channel: Channel, billing: Team) -> None:
    rule = a_rule(to(billing), trouble="failed:ValueError", trouble_at=timezone.now())
    said(channel, "my bill is wrong")
    assert (fresh(rule).trouble, fresh(rule).trouble_at) == ("", None)


@pytest.mark.parametrize(
    ("when", "actions", "trouble"),
    [
        ({"all": [{"field": "colour", "op": "in", "value": ["red"]}]}, [], "bad_conditions:"),
        ({"sometimes": 1}, [], "bad_conditions:"),
        ({}, [{"do": "fly"}], "unknown_action:fly"),
        ({}, [{"do": "team"}], "unreadable_action:team"),
        ({}, [{"do": "priority", "priority": 9}], "unreadable_action:priority"),
        ({}, [{"do": "policy", "policy": 999}], "policy_removed:999"),
    ],
)
def test_a_rule_that_cannot_be_read_costs_no_ticket(
    channel: Channel, when: dict[str, Any], actions: list[dict[str, Any]], trouble: str
) -> None:
    rule = a_rule(*actions, when=when)
    assert verbs(ticket_of(said(channel, "my bill is wrong"))) == ["opened"]
    assert fresh(rule).trouble == trouble


def test_what_breaks_while_a_rule_is_carried_out_undoes_that_rule_alone(
    channel: Channel, billing: Team, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = a_rule(to(billing), {"do": "priority", "priority": 1}, {"do": "notify", "people": [agent.pk]})
    a_rule({"do": "priority", "priority": 2})

    def break_off(*_args: object) -> None:
        raise RuntimeError("no")

    told = rules._tell
    monkeypatch.setattr(
        rules,
        "_tell",
        lambda people, kind, *more, **named: (
            break_off() if kind == "escalated" and people else told(people, kind, *more, **named)
        ),
    )
    ticket = ticket_of(said(channel, "my bill is wrong"))
    assert (ticket.team, ticket.priority) == (Team.objects.exclude(pk=billing.pk).get(), 2)
    assert fresh(rule).trouble == "failed:RuntimeError"


def test_when_no_rule_can_be_asked_at_all_tickets_come_in_all_the_same(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_rule({"do": "priority", "priority": 1})

    def break_off(*_args: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(rules, "cases_of", break_off)
    assert ticket_of(said(channel, "my bill is wrong")).priority == Ticket.Priority.NORMAL


# --- the case -------------------------------------------------------------------------------------------------------
def test_the_case_of_a_ticket_says_what_the_language_of_rules_can_ask(channel: Channel, brand: Brand) -> None:
    tier = Tier.objects.create(brand=brand, name="Gold", rank=1)
    usual = Tier.objects.create(brand=brand, name="Basic", rank=2, is_default=True)
    event = Incident.objects.create(brand=brand, name="Outage", begins_at=timezone.now())
    Incident.objects.create(brand=brand, name="Old", begins_at=timezone.now(), closed_at=timezone.now())
    message = said(channel, "my bill is wrong now", read=a_care_reader)
    other = said(channel, "the line is down", by="omar", read=a_care_reader)
    customer = Customer.objects.create(brand=brand, tier=tier)
    CustomerContact.objects.create(customer=customer, contact=message.contact)
    moments = [Moment(ticket_of(one), one, timezone.now()) for one in (message, other)]
    first, second = cases_of(moments, FIELDS)
    assert (first["channel"], first["platform"], first["brand"]) == (channel.pk, "imported", brand.pk)
    assert (first["language"], first["trigger"], first["aim"]) == ("en", "overcharging", "solution")
    assert first["urgency"] == "high"
    assert (first["tier"], second["tier"]) == (tier.pk, usual.pk)
    assert first["event"] == [event.pk]
    assert (first["earlier_tickets"], first["messages_30_days"], first["came_back"]) == (0, 1, False)
    assert first["words"] == "my bill is wrong now"
    assert set(first) <= set(FIELDS)


def test_a_case_counts_what_the_customer_did_before_and_nothing_since(channel: Channel, agent: User) -> None:
    first = said(channel, "my bill is wrong", conversation_key="t1")
    lifecycle.resolve(ticket_of(first).pk, by=agent)
    second = said(channel, "the line is down", conversation_key="t2")
    moments = [Moment(ticket_of(one), one, one.posted_at) for one in (first, second)]
    told = cases_of(moments, {"earlier_tickets", "messages_30_days"})
    assert [case["earlier_tickets"] for case in told] == [0, 1]
    assert [case["messages_30_days"] for case in told] == [1, 2]


def test_cases_of_many_tickets_cost_as_few_queries_as_that_of_one(
    channel: Channel, django_assert_max_num_queries: Any
) -> None:
    messages = receive(channel, *[a_post("my bill is wrong", by=f"c{turn}") for turn in range(9)])
    moments = [Moment(ticket_of(one), one, timezone.now()) for one in messages]
    for moment in moments:
        assert moment.message.channel.platform
    with django_assert_max_num_queries(8):
        cases_of(moments, FIELDS)
