"""Rules are asked about a ticket that a person puts into an incident: as for those that join by words, and once."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Brand, User
from ingest.models import Channel
from tests.cast import a_team, a_ticket, fresh, verbs
from tests.tickets.incidents.conftest import an_incident
from tickets.incidents import keeping, placing
from tickets.incidents.keeping import Told
from tickets.models import Activity, Incident, RoutingRule, SlaPolicy, Ticket
from tickets.thread import line_of
from tickets.verbs import bulk, lifecycle, undoing
from tickets.verbs.priority import set_priority

pytestmark = pytest.mark.django_db

URGENT, HIGH, NORMAL = Ticket.Priority.URGENT, Ticket.Priority.HIGH, Ticket.Priority.NORMAL


def a_rule(what: dict[str, Any] | None, *actions: dict[str, Any]) -> RoutingRule:
    """A rule after those there are; without a condition it fits everything."""
    position = RoutingRule.objects.count() + 1
    conditions = {"all": [what]} if what else {}
    return RoutingRule.objects.create(
        name=f"Rule {position}", position=position, conditions=conditions, actions=list(actions),
        updated_at=timezone.now(),
    )  # fmt: skip


def of(*incidents: Incident) -> dict[str, Any]:
    return {"field": "incident", "op": "in", "value": [one.pk for one in incidents]}


def while_it_lasts(incident: Incident) -> dict[str, Any]:
    return {"field": "event", "op": "any", "value": [incident.pk]}


def priority(number: int) -> dict[str, Any]:
    return {"do": "priority", "priority": number}


def routed(ticket: Ticket) -> int:
    return verbs(ticket).count("routed")


def test_the_rule_of_the_incident_is_carried_out_and_told(
    brand: Brand, ticket: Ticket, outage: Incident, agent: User
) -> None:
    crew = a_team(brand)
    policy = SlaPolicy.objects.create(name="Outage", first_answer=7, brand=brand)
    rule = a_rule(of(outage), {"do": "team", "team": crew.pk}, priority(1), {"do": "policy", "policy": policy.pk})
    due = ticket.answer_due_at
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    now = fresh(ticket)
    assert (now.team, now.priority, now.policy_id) == (crew, URGENT, policy.pk)
    assert due
    assert now.answer_due_at
    assert now.answer_due_at < due
    assert verbs(ticket)[-2:] == ["incident", "routed"]
    line = Activity.objects.get(ticket=ticket, verb="routed")
    assert line.data["rule"] == rule.pk
    assert "Fibre outage" in str(line_of(line))


def test_it_goes_as_it_would_have_gone_by_its_words(channel: Channel, outage: Incident, agent: User) -> None:
    a_rule({"field": "words", "op": "any", "value": ["vip"]}, priority(2))
    a_rule(of(outage), priority(1))
    by_words, by_hand = a_ticket(channel, "it is down", by="omar"), a_ticket(channel, "my bill is wrong", by="sami")
    first_of_all = a_ticket(channel, "vip, and my bill is wrong", by="nour")
    for one in (by_hand, first_of_all):
        placing.put_in(one.pk, incident=outage.pk, by=agent)
    assert fresh(by_words).priority == fresh(by_hand).priority == URGENT
    # The rule above speaks of it and was carried out when it came.
    assert (fresh(first_of_all).priority, routed(first_of_all)) == (HIGH, 1)


def test_what_people_did_stays_where_no_rule_speaks_of_the_incident(
    ticket: Ticket, outage: Incident, agent: User
) -> None:
    a_rule(None, priority(1))
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert (fresh(ticket).priority, routed(ticket)) == (NORMAL, 0)


def test_put_in_twice_or_taken_out_it_is_asked_once(ticket: Ticket, outage: Incident, agent: User) -> None:
    a_rule(of(outage), priority(1))
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    set_priority(ticket.pk, to=NORMAL, by=agent)
    placing.take_out(ticket.pk, by=agent)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert (fresh(ticket).priority, routed(ticket)) == (NORMAL, 1)


def test_undone_it_was_never_asked(ticket: Ticket, outage: Incident, agent: User) -> None:
    a_rule(of(outage), priority(1))
    for _turn in range(2):
        line = placing.put_in(ticket.pk, incident=outage.pk, by=agent)
        assert line
        assert fresh(ticket).priority == URGENT
        undoing.undo(line.pk, by=agent)
        assert (fresh(ticket).incident_id, fresh(ticket).priority) == (None, NORMAL)
    assert routed(ticket) == 2


def test_what_joined_by_its_words_is_not_asked_again_by_hand(channel: Channel, outage: Incident, agent: User) -> None:
    a_rule(of(outage), priority(1))
    ticket = a_ticket(channel, "it is down")
    set_priority(ticket.pk, to=NORMAL, by=agent)
    placing.take_out(ticket.pk, by=agent)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert (fresh(ticket).priority, routed(ticket)) == (NORMAL, 1)


def test_another_incident_is_another_happening(ticket: Ticket, outage: Incident, agent: User) -> None:
    rise = an_incident(ticket.brand, name="Price rise")
    a_rule(of(outage), priority(1))
    a_rule(of(rise), priority(2))
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    placing.put_in(ticket.pk, incident=rise.pk, by=agent)
    assert (fresh(ticket).priority, routed(ticket)) == (HIGH, 2)


def test_a_rule_of_the_event_is_carried_out_only_on_what_it_has_not_routed(
    channel: Channel, outage: Incident, agent: User
) -> None:
    before = a_ticket(channel, "my bill is wrong", by="sami")
    a_rule(while_it_lasts(outage), priority(2))
    during = a_ticket(channel, "my bill is wrong", by="omar")
    assert (fresh(before).priority, fresh(during).priority) == (NORMAL, HIGH)
    set_priority(during.pk, to=NORMAL, by=agent)
    for one in (before, during):
        placing.put_in(one.pk, incident=outage.pk, by=agent)
    assert (fresh(before).priority, fresh(during).priority) == (HIGH, NORMAL)
    assert (routed(before), routed(during)) == (1, 1)


def test_the_ticket_an_incident_is_opened_from_is_asked_about(ticket: Ticket, brand: Brand, lina: User) -> None:
    a_rule({"field": "incident", "op": "not_in", "value": [0]}, priority(1))
    told = Told(name="Down", kind="outage", valence="negative", begins_at=timezone.now())
    keeping.begin(told, brand=brand, by=lina, ticket=ticket.pk)
    assert (fresh(ticket).priority, routed(ticket)) == (URGENT, 1)


def test_many_put_in_at_once_are_each_asked_about(channel: Channel, outage: Incident, agent: User) -> None:
    a_rule(of(outage), priority(1))
    many = [a_ticket(channel, by=name) for name in ("reem", "sami", "nour")]
    bulk.begin([one.pk for one in many], {"do": "incident", "incident": outage.pk}, by=agent)
    bulk.work()
    bulk.work()
    assert {(fresh(one).priority, routed(one)) for one in many} == {(URGENT, 1)}


def test_what_is_resolved_is_not_asked_about(ticket: Ticket, outage: Incident, agent: User) -> None:
    a_rule(of(outage), priority(1))
    lifecycle.resolve(ticket.pk, by=agent)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert (fresh(ticket).incident_id, fresh(ticket).priority, routed(ticket)) == (outage.pk, NORMAL, 0)


def test_a_rule_that_cannot_be_carried_out_costs_nothing(ticket: Ticket, outage: Incident, agent: User) -> None:
    broken = a_rule(of(outage), {"do": "team", "team": 10**9})
    a_rule(of(outage), priority(1))
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert (fresh(ticket).incident_id, fresh(ticket).priority) == (outage.pk, URGENT)
    assert RoutingRule.objects.get(pk=broken.pk).trouble
