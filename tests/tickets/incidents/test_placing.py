"""People put tickets into incidents and take them out, one or many, and undo it."""

import pytest

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_brand, a_person, a_ticket, fresh, verbs
from tests.tickets.incidents.conftest import an_incident
from tickets.incidents import keeping, placing
from tickets.models import Incident, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import bulk, merging, undoing

pytestmark = pytest.mark.django_db


def test_an_agent_puts_a_ticket_in_and_undoes_it(ticket: Ticket, outage: Incident, agent: User) -> None:
    line = placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    assert fresh(ticket).incident_id == outage.pk
    assert line is not None
    assert placing.put_in(ticket.pk, incident=outage.pk, by=agent) is None
    assert undoing.last_of(agent) == line
    undoing.undo(line.pk, by=agent)
    assert fresh(ticket).incident_id is None


def test_moving_and_taking_out_is_undone_to_where_it_was(ticket: Ticket, outage: Incident, agent: User) -> None:
    other = an_incident(ticket.brand, name="Price rise")
    placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    moved = placing.put_in(ticket.pk, incident=other.pk, by=agent)
    out = placing.take_out(ticket.pk, by=agent)
    assert moved is not None
    assert out is not None
    assert placing.take_out(ticket.pk, by=agent) is None
    undoing.undo(out.pk, by=agent)
    assert fresh(ticket).incident_id == other.pk
    undoing.undo(moved.pk, by=agent)
    assert fresh(ticket).incident_id == outage.pk
    assert verbs(ticket).count("incident") == 3


def test_undo_is_refused_once_somebody_moved_it_on(ticket: Ticket, outage: Incident, agent: User) -> None:
    line = placing.put_in(ticket.pk, incident=outage.pk, by=agent)
    placing.take_out(ticket.pk, by=a_person(ticket.brand))
    assert line is not None
    with pytest.raises(NotAllowed):
        undoing.undo(line.pk, by=agent)


def test_only_into_open_incidents_of_its_own_brand(ticket: Ticket, outage: Incident, agent: User, lina: User) -> None:
    strange = an_incident(a_brand())
    keeping.close(outage.pk, by=lina)
    for incident in (strange.pk, outage.pk, 0):
        with pytest.raises(NotAllowed):
            placing.put_in(ticket.pk, incident=incident, by=agent)
    with pytest.raises(NotAllowed):
        placing.put_in(ticket.pk, incident=outage.pk, by=a_person(a_brand()))
    assert list(placing.offered(ticket)) == []


def test_many_are_put_in_by_bulk_and_undone_as_a_whole(channel: Channel, outage: Incident, agent: User) -> None:
    many = [a_ticket(channel, by=name) for name in ("reem", "sami", "nour")]
    job = bulk.begin([one.pk for one in many], {"do": "incident", "incident": outage.pk}, by=agent)
    bulk.work()
    assert {fresh(one).incident_id for one in many} == {outage.pk}
    bulk.undo(job.pk, by=agent)
    bulk.work()
    assert {fresh(one).incident_id for one in many} == {None}
    bulk.begin([many[0].pk], {"do": "no_incident"}, by=agent)
    assert bulk.work() == 1


def test_a_merge_keeps_the_incident_and_undoing_it_gives_it_back(
    channel: Channel, outage: Incident, agent: User
) -> None:
    source, target = a_ticket(channel, "it is down", by="reem"), a_ticket(channel, by="sami")
    assert (source.incident_id, target.incident_id) == (outage.pk, None)
    line = merging.merge(source.pk, into=target.pk, by=agent)
    assert fresh(target).incident_id == outage.pk
    undoing.undo(line.pk, by=agent)
    assert (fresh(source).incident_id, fresh(target).incident_id) == (outage.pk, None)
