"""One list of actions: bulk work, macros and rules mean the same by the same code, however long ago it was kept."""

import pytest

from accounts.models import Role, User
from tests.cast import a_person, fresh, verbs
from tickets.answering import macros
from tickets.answering.saved_replies import Scope
from tickets.models import Macro, Ticket
from tickets.permissions import NotAllowed
from tickets.steering.rule_actions import STEPS, World, plan_of
from tickets.steering.rule_keeping import Told
from tickets.verbs import actions, bulk
from tickets.verbs.action_codes import KINDS, spelled

pytestmark = pytest.mark.django_db


def test_whatever_may_be_kept_can_be_carried_out() -> None:
    assert {code for code, kind in KINDS.items() if kind.in_bulk} <= set(actions.DEEDS)
    assert {code for code, kind in KINDS.items() if kind.in_macros} - set(actions.DEEDS) == {"reply"}
    assert {code for code, kind in KINDS.items() if kind.in_rules} <= set(STEPS)
    assert set(actions.DEEDS) <= set(KINDS)


@pytest.mark.parametrize("code", ["assign", "tag", "priority", "no_answer", "note"])
def test_an_action_that_does_not_say_what_it_needs_is_refused(ticket: Ticket, agent: User, code: str) -> None:
    with pytest.raises(NotAllowed):
        actions.carry_out(ticket.pk, {"do": code}, by=agent)
    assert verbs(ticket) == ["opened"]


def test_bulk_work_and_macros_do_what_the_same_code_says(ticket: Ticket, agent: User) -> None:
    lina = a_person(ticket.brand, role=Role.SUPERVISOR)
    line = actions.carry_out(ticket.pk, {"do": "assign", "to": lina.pk}, by=agent)
    assert (fresh(ticket).assignee, line is not None) == (lina, True)
    kept = macros.keep(name="Mine", actions=[{"do": "take"}, {"do": "snooze"}], scope=Scope(), by=agent)
    macros.run(ticket, kept.pk, by=agent)
    assert (fresh(ticket).assignee, fresh(ticket).status, fresh(ticket).snoozed_until) == (agent, "snoozed", None)


def test_what_was_kept_in_an_older_spelling_is_read_as_it_was_meant(ticket: Ticket, agent: User) -> None:
    old = {"do": "agent", "person": agent.pk, "name": agent.name}
    assert spelled(old) == {"do": "assign", "to": agent.pk, "name": agent.name}
    actions.carry_out(ticket.pk, old, by=agent)
    assert fresh(ticket).assignee == agent
    assert plan_of([old], ticket.brand_id, World(people={agent.pk: None})).agent == agent.pk
    told = Told("Bills", None, True, {}, [old])
    assert Told.of(told.kept()).actions == [spelled(old)]


def test_a_rule_may_not_be_kept_in_bulk_nor_a_saved_reply_sent_to_many(ticket: Ticket, agent: User) -> None:
    for action in ({"do": "reply", "saved": 1}, {"do": "macro", "macro": 1}, {"do": "note", "text": "x"}):
        with pytest.raises(NotAllowed):
            bulk.begin([ticket.pk], action, by=agent)
    with pytest.raises(NotAllowed):
        macros.keep(name="Loop", actions=[{"do": "macro", "macro": 1}], scope=Scope(), by=agent)
    assert not Macro.objects.exists()
