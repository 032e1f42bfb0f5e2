"""Incidents are opened, changed, closed and reopened by supervisors of their brand, each change on record."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry, Brand, Role, User
from tests.cast import a_brand, a_person, fresh
from tests.tickets.incidents.conftest import BEGINS, an_incident
from tickets.incidents import keeping
from tickets.incidents.keeping import Told
from tickets.models import Incident, Ticket
from tickets.permissions import NotAllowed

pytestmark = pytest.mark.django_db
TOLD = Told("Fibre outage", "outage", "negative", BEGINS, terms=("down",))


def test_a_supervisor_opens_one_from_a_ticket(ticket: Ticket, lina: User) -> None:
    made = keeping.begin(TOLD, brand=ticket.brand, by=lina, ticket=ticket.pk)
    assert (made.terms, fresh(ticket).incident_id) == (["down"], made.pk)
    assert AuditEntry.objects.get().verb == "incident.opened"


def test_agents_and_other_brands_supervisors_do_not_run_it(outage: Incident, agent: User) -> None:
    for person in (agent, a_person(a_brand(), role=Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            keeping.close(outage.pk, by=person)
        with pytest.raises(NotAllowed):
            keeping.begin(TOLD, brand=outage.brand, by=person)
    assert fresh(outage).closed_at is None


def test_a_change_is_told_once_by_what_changed(outage: Incident, lina: User) -> None:
    said = replace(TOLD, ends_at=BEGINS + timedelta(days=1))
    keeping.change(outage.pk, said, by=lina)
    keeping.change(outage.pk, said, by=lina)
    assert AuditEntry.objects.get().data["fields"] == ["ends_at", "terms"]
    with pytest.raises(NotAllowed):
        keeping.change(outage.pk, replace(said, ends_at=BEGINS), by=lina)


@pytest.mark.parametrize(
    "slip", [{"begins_at": BEGINS.replace(year=206)}, {"ends_at": BEGINS.replace(year=2206)}], ids=str
)
def test_a_slip_in_the_year_is_told_before_anything_is_written(brand: Brand, lina: User, slip: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed, match="look at the year"):
        keeping.begin(replace(TOLD, **slip), brand=brand, by=lina)
    assert not Incident.objects.exists()


def test_closed_it_is_not_in_force_and_reopened_it_is(outage: Incident, brand: Brand, lina: User) -> None:
    now = BEGINS + timedelta(days=1)
    an_incident(brand, begins_at=now + timedelta(days=1))
    an_incident(a_brand())
    assert list(keeping.in_force(lina, now)) == [outage]
    keeping.close(outage.pk, by=lina)
    assert keeping.close(outage.pk, by=lina).closed_at == fresh(outage).closed_at
    assert not keeping.in_force(lina, now).exists()
    keeping.reopen(outage.pk, by=lina)
    assert list(keeping.in_force(lina, now)) == [outage]
