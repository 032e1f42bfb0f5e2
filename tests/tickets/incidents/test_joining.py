"""At intake: new tickets that speak of an incident join it by themselves, and rules know it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Brand, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_post, fresh, receive, said, ticket_of, verbs
from tests.tickets.incidents.conftest import an_incident
from tickets.incidents import placing
from tickets.models import Activity, Incident, RoutingRule, SlaPolicy, Ticket
from tickets.targets.policies import known
from tickets.thread import line_of
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


def test_a_new_ticket_joins_by_its_words_and_the_record_says_by_which(channel: Channel, outage: Incident) -> None:
    ticket = ticket_of(said(channel, "it is down and broken"))
    assert ticket.incident_id == outage.pk
    line = Activity.objects.get(ticket=ticket, verb="incident")
    assert (line.actor, line.data["because"], line.data["what"]) == (None, "down", "in")
    assert "because it says" in str(line_of(line))
    assert verbs(ticket)[0] == "opened"


def test_what_says_nothing_of_it_stays_out(channel: Channel, outage: Incident) -> None:
    assert ticket_of(said(channel, "my bill is wrong")).incident_id is None


@pytest.mark.parametrize(
    "other",
    [
        {"begins_at": timezone.now() + timedelta(days=3650)},
        {"ends_at": timezone.now() - timedelta(days=3650)},
        {"closed_at": timezone.now() - timedelta(days=3650)},
        {"terms": []},
    ],
    ids=["to come", "past", "closed", "wordless"],
)
def test_nothing_joins_what_is_not_going_on(channel: Channel, brand: Brand, other: dict[str, Any]) -> None:
    told = {"terms": ["down"], "begins_at": timezone.now() - timedelta(days=3660)} | other
    Incident.objects.create(brand=brand, name="Other", **told)
    assert ticket_of(said(channel, "it is down and broken")).incident_id is None


def test_another_brands_incident_takes_nothing_in(channel: Channel, outage: Incident) -> None:
    elsewhere = a_channel(a_brand())
    assert ticket_of(said(elsewhere, "it is down and broken", by="omar")).incident_id is None


def test_the_second_message_of_a_new_ticket_counts_as_well(channel: Channel, outage: Incident) -> None:
    first, _second = receive(channel, a_post("my bill is wrong"), a_post("and it is down"))
    assert ticket_of(first).incident_id == outage.pk
    assert verbs(ticket_of(first)).count("incident") == 1


def test_what_a_person_took_out_is_not_put_in_again_by_the_next_message(
    channel: Channel, outage: Incident, agent: User
) -> None:
    ticket = ticket_of(said(channel, "it is down", conversation_key="t1"))
    placing.take_out(ticket.pk, by=agent)
    said(channel, "still down and broken", conversation_key="t1")
    assert fresh(ticket).incident_id is None


def test_a_ticket_that_comes_back_speaking_of_it_joins(channel: Channel, brand: Brand, agent: User) -> None:
    ticket = ticket_of(said(channel, "my bill is wrong", conversation_key="t1"))
    lifecycle.resolve(ticket.pk, by=agent)
    outage = an_incident(brand, "down")
    said(channel, "now it is down", conversation_key="t1")
    assert (fresh(ticket).status, fresh(ticket).incident_id) == ("new", outage.pk)


def test_rules_know_the_incident_and_the_event_so_priority_and_targets_follow(
    channel: Channel, brand: Brand, outage: Incident
) -> None:
    urgent = SlaPolicy.objects.create(name="Outage", position=1, first_answer=7, brand=brand)
    rule = {
        "updated_at": timezone.now(),
        "actions": [{"do": "priority", "priority": 1}, {"do": "policy", "policy": urgent.pk}],
    }
    RoutingRule.objects.create(
        name="Of it", conditions={"all": [{"field": "incident", "op": "in", "value": [outage.pk]}]}, **rule
    )
    RoutingRule.objects.create(
        name="While it lasts", position=2, updated_at=timezone.now(), actions=[{"do": "priority", "priority": 2}],
        conditions={"all": [{"field": "event", "op": "any", "value": [outage.pk]}]},
    )  # fmt: skip
    SlaPolicy.objects.create(name="First", position=0, first_answer=600, brand=brand)
    of_it = ticket_of(said(channel, "it is down and broken"))
    beside = ticket_of(said(channel, "my bill is wrong", by="omar"))
    assert (of_it.priority, of_it.policy_id) == (Ticket.Priority.URGENT, urgent.pk)
    assert known(timezone.now()).by_id[urgent.pk].targets.first_answer == 7 * 60
    assert of_it.answer_due_at is not None
    assert beside.answer_due_at is not None
    assert (of_it.answer_due_at - of_it.opened_at) < (beside.answer_due_at - beside.opened_at)
    assert beside.priority == Ticket.Priority.HIGH
    Incident.objects.update(closed_at=timezone.now())
    assert ticket_of(said(channel, "my bill is wrong", by="sami")).priority == Ticket.Priority.NORMAL


def test_a_batch_costs_one_question_more_and_one_for_what_joined(channel: Channel, outage: Incident) -> None:
    def cost(*posts: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            receive(channel, *[a_post(text, by=f"c{n}{text[:4]}") for n, text in enumerate(posts)])
        return sum("tickets_incident" in q["sql"] and "FROM" in q["sql"] for q in queries.captured_queries)

    assert cost("it is down", "all is down now", "broken and down") == cost("my bill is wrong") == 1
