"""Tickets of an incident have their own targets where a policy is for them, from the moment they are in it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Brand, Role, User
from ingest.models import Channel
from tests.cast import a_bell, a_brand, a_person, a_ticket, fresh
from tests.tickets.incidents.conftest import an_incident
from tests.tickets.views.conftest import signed_in
from tickets.incidents import keeping, placing
from tickets.models import Incident, RoutingRule, SlaPolicy, Ticket
from tickets.targets import policies, retargeting
from tickets.verbs import bulk, lifecycle, merging, undoing

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def outage(brand: Brand) -> Incident:
    return an_incident(brand, "down")


@pytest.fixture
def lina(brand: Brand) -> User:
    return a_person(brand, role=Role.SUPERVISOR, name="Lina")


@pytest.fixture
def usual(db: None) -> SlaPolicy:
    return SlaPolicy.objects.create(name="Usual", first_answer=60, position=9)


def a_policy(name: str = "Outages", **fields: Any) -> SlaPolicy:
    return SlaPolicy.objects.create(name=name, **({"first_answer": 10, "event": "outage"} | fields))


def owed(ticket: Ticket) -> float:
    """Minutes from the customer's message to the answer that is due."""
    row = fresh(ticket)
    return (row.answer_due_at - row.waiting_since) / MINUTE


def test_a_ticket_put_into_an_incident_is_due_by_its_targets_at_once_and_out_of_it_by_the_usual_again(
    channel: Channel, usual: SlaPolicy, outage: Incident, agent: User
) -> None:
    ticket, policy = a_ticket(channel), a_policy()
    assert (ticket.policy, owed(ticket)) == (usual, 60)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert (fresh(ticket).policy, owed(ticket)) == (policy, 10)
    assert fresh(ticket).due_at == fresh(ticket).answer_due_at
    assert fresh(ticket).alarm_at == fresh(ticket).waiting_since + 7.5 * MINUTE
    placing.take_out(ticket.pk, by=agent)
    assert (fresh(ticket).policy, owed(ticket)) == (usual, 60)


def test_undo_gives_the_targets_back_too(channel: Channel, usual: SlaPolicy, outage: Incident, agent: User) -> None:
    a_policy()
    ticket = a_ticket(channel)
    line = placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert line is not None
    undoing.undo(line.pk, by=agent)
    assert owed(ticket) == 60


def test_what_joins_by_its_words_has_them_from_the_start(channel: Channel, usual: SlaPolicy, outage: Incident) -> None:
    policy = a_policy()
    ticket = a_ticket(channel, "the line is down again")
    assert ticket.incident == outage
    assert (ticket.policy, owed(ticket)) == (policy, 10)


def test_many_at_once_follow_as_one_does(channel: Channel, usual: SlaPolicy, outage: Incident, agent: User) -> None:
    a_policy(event="any")
    tickets = [a_ticket(channel, by=f"customer{turn}") for turn in range(3)]
    bulk.begin([ticket.pk for ticket in tickets], {"do": "incident", "incident": outage.pk}, by=agent)
    while bulk.work():
        pass
    assert [owed(ticket) for ticket in tickets] == [10, 10, 10]


def test_a_merge_brings_the_incidents_targets_with_it(
    channel: Channel, usual: SlaPolicy, outage: Incident, agent: User
) -> None:
    a_policy()
    stays, goes = a_ticket(channel, by="a"), a_ticket(channel, by="b")
    placing.put_in(goes.pk, incident=outage.pk, by=agent)
    merging.merge(goes.pk, into=stays.pk, by=agent)
    assert owed(stays) == 10


def test_a_resolved_ticket_that_is_taken_out_stays_as_it_is(
    channel: Channel, usual: SlaPolicy, outage: Incident, agent: User
) -> None:
    a_policy()
    ticket = a_ticket(channel)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    lifecycle.resolve(ticket.pk, by=agent)
    before = fresh(ticket)
    placing.take_out(ticket.pk, by=agent)
    assert (fresh(ticket).answer_due_at, fresh(ticket).policy) == (before.answer_due_at, before.policy)


def test_the_targets_stay_while_it_is_in_the_incident_though_that_was_closed(
    channel: Channel, usual: SlaPolicy, outage: Incident, agent: User, lina: User
) -> None:
    a_policy()
    ticket = a_ticket(channel)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    keeping.close(outage.pk, by=lina)
    retargeting.go_on(0)
    assert owed(ticket) == 10


def test_another_kind_of_incident_is_another_target(
    channel: Channel, usual: SlaPolicy, outage: Incident, agent: User, lina: User, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    rung = a_bell(monkeypatch)
    a_policy()
    ticket = a_ticket(channel)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    told = {"name": outage.name, "kind": "price", "valence": outage.valence, "begins_at": outage.begins_at}
    with django_capture_on_commit_callbacks(execute=True):
        keeping.change(outage.pk, keeping.Told(**told), by=lina)
    assert "radd.retarget:0" in rung
    retargeting.go_on(0)
    assert owed(ticket) == 60


def test_a_policy_of_one_incident_is_for_no_other(
    channel: Channel, brand: Brand, usual: SlaPolicy, outage: Incident, agent: User
) -> None:
    a_policy(event="", incident=an_incident(brand, name="Price rise"))
    ticket = a_ticket(channel)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert owed(ticket) == 60


def test_a_rules_policy_stays_in_an_incident_too(
    channel: Channel, usual: SlaPolicy, outage: Incident, agent: User
) -> None:
    a_policy()
    ours = a_policy("By a rule", event="", position=20, first_answer=5)
    tree = {"field": "incident", "op": "in", "value": [outage.pk]}
    action = {"do": "policy", "policy": ours.pk}
    ticket = a_ticket(channel)
    RoutingRule.objects.create(name="Outages", conditions=tree, actions=[action], updated_at=outage.begins_at)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert (fresh(ticket).policy, owed(ticket)) == (ours, 5)


def test_kinds_are_asked_for_only_where_a_policy_is_for_one(
    channel: Channel, usual: SlaPolicy, outage: Incident, agent: User, django_assert_num_queries: Any
) -> None:
    ticket = a_ticket(channel)
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    row, now = fresh(ticket), ticket.opened_at
    policies.targeting([row], now)
    with django_assert_num_queries(1):
        policies.targeting([row], now)
    a_policy()
    policies.targeting([row], now)
    with django_assert_num_queries(3):  # the mark, the kind, and what a rule gave, for another fits now
        policies.targeting([row], now)


# --- the page -------------------------------------------------------------------------------------------------------
PAGE = "/settings/targets/"
PLAIN = {
    "name": "Outages", "is_on": "on", "brand": "", "tier": "", "priority": "", "calendar": "", "first_answer": "10 m",
    "next_answer": "", "resolution": "", "warn_at": "25", "weekday": "3", "at": "16:30",
}  # fmt: skip


@pytest.fixture
def admin(brand: Brand) -> Client:
    return signed_in(a_person(brand, role=Role.ADMIN))


@pytest.mark.parametrize(
    ("told", "event", "chip"),
    [("", "", "Every ticket"), ("any", "any", "Of any incident"), ("kind:outage", "outage", "Outage")],
)
def test_a_policy_is_written_for_incidents_and_the_list_says_so(
    admin: Client, told: str, event: str, chip: str
) -> None:
    assert admin.post(f"{PAGE}new", PLAIN | {"of": told}).status_code == 302
    policy = SlaPolicy.objects.get()
    assert (policy.event, policy.incident) == (event, None)
    assert chip in admin.get(PAGE).content.decode()
    assert f'<option value="{told}" selected>' in admin.get(f"{PAGE}{policy.pk}/").content.decode()


def test_a_policy_is_written_for_one_incident_and_taken_off_it_again(admin: Client, outage: Incident) -> None:
    admin.post(f"{PAGE}new", PLAIN | {"of": f"incident:{outage.pk}"})
    policy = SlaPolicy.objects.get()
    assert (policy.event, policy.incident) == ("", outage)
    Incident.objects.update(closed_at=outage.begins_at)
    page = admin.get(f"{PAGE}{policy.pk}/").content.decode()
    assert f'<option value="incident:{outage.pk}" selected>' in page
    assert "Fibre outage" in admin.get(PAGE).content.decode()
    admin.post(f"{PAGE}{policy.pk}/", PLAIN | {"of": ""})
    assert fresh(policy).incident is None


def test_an_incident_of_another_brand_or_none_at_all_is_sent_back(
    admin: Client, brand: Brand, outage: Incident
) -> None:
    strange = an_incident(a_brand(), name="Elsewhere")
    for told in (f"incident:{strange.pk}", "incident:0", "kind:flood", "incident:x"):
        assert admin.post(f"{PAGE}new", PLAIN | {"brand": brand.pk, "of": told}).status_code == 422
    assert not SlaPolicy.objects.exists()
