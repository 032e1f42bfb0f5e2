"""Undoing that a ticket was put into an incident takes back what a rule did because of it, if it still stands."""

from typing import Any

import pytest

from accounts.models import Brand, User
from ingest.models import Channel
from tests.cast import FakePlatform, a_person, a_team, a_ticket, an_answer, fresh, verbs
from tests.tickets.incidents.conftest import an_incident
from tests.tickets.incidents.test_asking import a_rule, of, priority, while_it_lasts
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.incidents import placing
from tickets.models import Activity, Incident, Macro, Notice, SlaPolicy, Ticket
from tickets.steering import assignment, routing, rules
from tickets.thread import line_of
from tickets.verbs import bulk, lifecycle, tagging, undoing
from tickets.verbs.priority import set_priority

pytestmark = pytest.mark.django_db
URGENT, HIGH, NORMAL = Ticket.Priority.URGENT, Ticket.Priority.HIGH, Ticket.Priority.NORMAL
COLUMNS = ("team_id", "assignee_id", "priority", "tags", "policy_id", "needs_skills", "needs_language", "status",
           "answer_due_at", "due_at", "incident_id")  # fmt: skip


def put(ticket: Ticket, incident: Incident, by: User) -> Activity:
    line = placing.put_in(ticket.pk, incident=incident.pk, by=by)
    assert line is not None
    return line


def standing(ticket: Ticket) -> dict[str, Any]:
    row = fresh(ticket)
    return {name: getattr(row, name) for name in COLUMNS}


def words(line: Activity) -> str:
    return str(line_of(line))


@pytest.fixture
def everything(brand: Brand, outage: Incident, ticket: Ticket) -> list[dict[str, Any]]:
    """All that a rule can do to a ticket itself."""
    policy = SlaPolicy.objects.create(name="Outages", first_answer=7, brand=brand, position=9)
    SlaPolicy.objects.create(name="Usual", first_answer=60, brand=brand)
    return [
        {"do": "team", "team": a_team(brand).pk}, priority(1), {"do": "policy", "policy": policy.pk},
        {"do": "tag", "add": [tagging.make("Outage", ticket=ticket).pk]}, {"do": "skills", "skills": ["fibre"]},
        {"do": "language", "language": "ar"}, {"do": "share", "how": "round_robin"}, {"do": "approval"},
    ]  # fmt: skip


def test_all_that_it_did_is_as_it_was_before(
    ticket: Ticket, outage: Incident, agent: User, everything: list[dict[str, Any]]
) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    # Clocks by the policies there are now.
    set_priority(ticket.pk, to=HIGH, by=agent)
    before = standing(ticket)
    a_rule(of(outage), *everything)
    line = put(ticket, outage, agent)
    during = standing(ticket)
    assert all(during[name] != before[name] for name in COLUMNS if name != "due_at"), during
    assert rules.asks_approval(ticket.pk)
    undone = undoing.undo(line.pk, by=agent)
    assert standing(ticket) == before
    assert not rules.asks_approval(ticket.pk)
    assert routing._how([fresh(ticket)]) == {}
    assert undone.data["stays"] == []
    assert "What the rule" in words(undone)
    assert "Rule 1" in words(undone)
    assert "but for this" not in words(undone)


def test_what_somebody_changed_since_stays_and_is_named(
    ticket: Ticket, outage: Incident, agent: User, everything: list[dict[str, Any]]
) -> None:
    a_rule(of(outage), *everything)
    before = standing(ticket)
    line = put(ticket, outage, agent)
    set_priority(ticket.pk, to=HIGH, by=agent)
    other = tagging.make("VIP", ticket=ticket)
    tagging.tag(ticket.pk, add=[other.pk], by=agent)
    undone = undoing.undo(line.pk, by=agent)
    now = standing(ticket)
    assert (now["priority"], now["tags"]) == (HIGH, [other.pk])
    assert all(now[name] == before[name] for name in ("team_id", "needs_skills", "needs_language", "incident_id"))
    assert undone.data["stays"] == ["priority"]
    assert words(undone).endswith("but for this: its priority")


def test_who_had_it_has_it_again_unless_somebody_took_it_in_hand(
    platform: type[FakePlatform], channel: Channel, brand: Brand, outage: Incident, agent: User
) -> None:
    first, second, third = (a_ticket(channel, by=name) for name in ("reem", "sami", "nour"))
    for one in (first, second, third):
        assignment.assign(one.pk, to=agent, by=agent)
    crew = a_team(brand)
    member = a_person(brand, available=True, capacity=9)
    a_rule(of(outage), {"do": "team", "team": crew.pk})
    lines = [put(one, outage, agent) for one in (first, second, third)]
    assert {fresh(one).assignee_id for one in (first, second, third)} == {None}
    routing.drain()
    assert fresh(first).assignee_id == fresh(second).assignee_id == fresh(third).assignee_id == member.pk
    assignment.assign(second.pk, to=a_person(brand), by=agent)
    an_answer(fresh(third), by=member)
    taken, answered = fresh(second).assignee_id, fresh(third).assignee_id
    stays = [undoing.undo(line.pk, by=agent).data["stays"] for line in lines]
    assert [fresh(one).assignee_id for one in (first, second, third)] == [agent.pk, taken, answered]
    assert stays == [[], ["assignee_id"], ["assignee_id"]]
    assert verbs(first)[-2:] == ["assigned", "undone"]


def test_it_goes_back_to_the_queue_where_it_came_from_or_where_who_had_it_is_gone(
    channel: Channel, brand: Brand, outage: Incident, agent: User
) -> None:
    queued, left = a_ticket(channel, by="reem"), a_ticket(channel, by="sami")
    gone, expert = a_person(brand), a_person(brand, available=True)
    assignment.assign(left.pk, to=gone, by=agent)
    a_rule(of(outage), {"do": "assign", "to": expert.pk})
    lines = [put(one, outage, agent) for one in (queued, left)]
    assert {fresh(one).assignee_id for one in (queued, left)} == {expert.pk}
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for line in lines:
        undoing.undo(line.pk, by=agent)
    assert [(fresh(one).assignee_id, fresh(one).status) for one in (queued, left)] == [(None, "new")] * 2


def test_words_that_were_written_and_people_who_were_told_stay_and_the_toast_says_so(
    ticket: Ticket, outage: Incident, agent: User
) -> None:
    note = Macro.objects.create(name="Outage", actions=[{"do": "note", "text": "Ask which street."}])
    a_rule(of(outage), {"do": "macro", "macro": note.pk}, {"do": "notify", "people": [agent.pk]}, priority(1))
    line = put(ticket, outage, agent)
    html = signed_in(agent).post(f"/undo/{line.pk}", headers=HTMX).content.decode()
    assert "This stays of what a rule did: the note, who was told." in html
    assert fresh(ticket).priority == NORMAL
    assert Activity.objects.filter(ticket=ticket, verb="noted").exists()
    assert Notice.objects.filter(ticket=ticket, user=agent).exists()


def test_an_earlier_rules_targets_hold_again_and_its_second_person(
    ticket: Ticket, brand: Brand, outage: Incident, agent: User
) -> None:
    rise = an_incident(brand, name="Price rise")
    slow, fast = (SlaPolicy.objects.create(name=name, first_answer=n, is_on=True) for name, n in (("s", 90), ("f", 5)))
    a_rule(of(rise), {"do": "policy", "policy": slow.pk}, {"do": "approval"})
    a_rule(of(outage), {"do": "policy", "policy": fast.pk})
    put(ticket, rise, agent)
    line = put(ticket, outage, agent)
    assert (fresh(ticket).policy_id, rules.asks_approval(ticket.pk)) == (fast.pk, "")
    undoing.undo(line.pk, by=agent)
    assert (fresh(ticket).policy_id, rules.asks_approval(ticket.pk)) == (slow.pk, "Rule 1")


def test_only_the_rule_of_this_placing_is_taken_back(
    channel: Channel, brand: Brand, outage: Incident, agent: User
) -> None:
    a_rule({"field": "words", "op": "any", "value": ["bill"]}, priority(2))
    ticket = a_ticket(channel, "my bill is wrong", by="omar")
    line = put(ticket, outage, agent)
    undone = undoing.undo(line.pk, by=agent)
    assert (fresh(ticket).priority, "rule" in undone.data) == (HIGH, False)
    assert "What the rule" not in words(undone)


def test_a_rule_of_the_event_that_was_taken_back_may_be_carried_out_again(
    ticket: Ticket, outage: Incident, agent: User
) -> None:
    a_rule(while_it_lasts(outage), priority(2))
    undoing.undo(put(ticket, outage, agent).pk, by=agent)
    assert fresh(ticket).priority == NORMAL
    put(ticket, outage, agent)
    assert fresh(ticket).priority == HIGH


def test_what_was_done_to_many_is_taken_back_for_all(channel: Channel, outage: Incident, agent: User) -> None:
    a_rule(of(outage), priority(1))
    many = [a_ticket(channel, by=name) for name in ("reem", "sami", "nour")]
    job = bulk.begin([one.pk for one in many], {"do": "incident", "incident": outage.pk}, by=agent)
    bulk.work()
    assert {fresh(one).priority for one in many} == {URGENT}
    bulk.undo(job.pk, by=agent)
    bulk.work()
    assert {(fresh(one).incident_id, fresh(one).priority) for one in many} == {(None, NORMAL)}


def test_a_ticket_that_is_done_with_is_left_as_it_is(ticket: Ticket, outage: Incident, agent: User) -> None:
    a_rule(of(outage), priority(1))
    line = put(ticket, outage, agent)
    lifecycle.resolve(ticket.pk, by=agent)
    undone = undoing.undo(line.pk, by=agent)
    assert (fresh(ticket).incident_id, fresh(ticket).priority, "rule" in undone.data) == (None, URGENT, False)


def test_what_was_kept_before_rules_lines_told_so_much_is_undone_as_it_was(
    ticket: Ticket, outage: Incident, agent: User
) -> None:
    a_rule(of(outage), priority(1))
    line = put(ticket, outage, agent)
    routed = Activity.objects.get(ticket=ticket, verb="routed")
    routed.data = {name: value for name, value in routed.data.items() if name not in {"placed", "before", "after"}}
    routed.save()
    undoing.undo(line.pk, by=agent)
    assert (fresh(ticket).incident_id, fresh(ticket).priority) == (None, URGENT)
