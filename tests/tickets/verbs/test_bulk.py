"""One action on many: batch by batch, each ticket once, refusals told, all of it undone."""

import pytest

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_bell, a_brand, a_channel, a_person, a_ticket, fresh
from tickets.models import BulkAction, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import bulk, dismissing, undoing

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(channel: Channel) -> list[Ticket]:
    return [a_ticket(channel, by=name) for name in ("reem", "sami", "nour", "hadi")]


def ids(tickets: list[Ticket]) -> list[int]:
    return [ticket.pk for ticket in tickets]


def test_every_ticket_is_worked_once_batch_by_batch(many: list[Ticket], agent: User) -> None:
    job = bulk.begin(ids(many), {"do": "priority", "priority": 1}, by=agent)
    assert bulk.work(limit=3) == 3
    half = fresh(job)
    assert (half.state, half.done, half.left) == ("working", 3, [many[3].pk])
    assert [bulk.work(), bulk.work()] == [1, 0]
    assert (fresh(job).state, fresh(job).done, fresh(job).refused) == ("done", 4, [])
    assert {fresh(ticket).priority for ticket in many} == {1}


def test_what_refuses_is_told_and_holds_up_nothing(many: list[Ticket], agent: User) -> None:
    dismissing.spam(many[1].pk, by=agent)
    job = bulk.begin(ids(many), {"do": "snooze", "until": "reply"}, by=agent)
    bulk.work()
    done = fresh(job)
    assert done.done == 3
    assert [pk for pk, _words in done.refused] == [many[1].pk]
    assert "Reopen it first" in done.refused[0][1]


def test_all_of_it_is_undone_but_for_what_has_gone_on(many: list[Ticket], agent: User) -> None:
    job = bulk.begin(ids(many), {"do": "resolve"}, by=agent)
    bulk.work()
    assert undoing.last_of(agent) is None
    Ticket.objects.filter(pk=many[0].pk).update(status="open", due_at=many[0].opened_at)
    bulk.undo(job.pk, by=agent)
    bulk.work()
    back = fresh(job)
    assert (back.state, back.done, len(back.refused)) == ("undone", 3, 1)
    assert {fresh(ticket).status for ticket in many[1:]} == {"new"}


def test_only_tickets_one_may_see_are_worked_and_only_ones_own_work_is_undone(
    many: list[Ticket], agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_bell(monkeypatch)
    strange = a_ticket(a_channel(a_brand()), by="zain")
    job = bulk.begin([*ids(many), strange.pk], {"do": "take"}, by=agent)
    assert job.total == 4
    bulk.stop(job.pk, by=agent)
    assert (fresh(job).state, bulk.work()) == ("stopped", 0)
    with pytest.raises(BulkAction.DoesNotExist):
        bulk.undo(job.pk, by=a_person(many[0].brand))
    with pytest.raises(NotAllowed):
        bulk.begin([strange.pk], {"do": "take"}, by=agent)
    with pytest.raises(NotAllowed):
        bulk.begin(ids(many), {"do": "dance"}, by=agent)
