"""Many alike tickets within an hour are suggested once, opened by one click, dismissed, and never suggested in vain."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Brand, Role, User
from ingest.models import Channel, Contact
from tests.cast import a_brand, a_channel, a_person, at_once, fresh, now
from tickets.incidents import keeping, surges
from tickets.models import Incident, Notice, Surge, Ticket
from tickets.news import bell
from tickets.permissions import NotAllowed
from tickets.verbs import bulk

pytestmark = pytest.mark.django_db
WHY = [{"code": "complaint", "trigger": "delay_or_outage", "aim": ""}]


def many(channel: Channel, n: int, text: str = "no internet {n}", **fields: Any) -> list[Ticket]:
    """Tickets that came in during the last half hour."""
    first, at = Ticket.objects.count(), now()
    people = [
        Contact(
            platform=channel.platform, brand=channel.brand, external_id=f"c{first + turn}", handle=f"c{first + turn}"
        )
        for turn in range(n)
    ]
    Contact.objects.bulk_create(people)
    usual = {"status": "new", "why": WHY, "opened_at": at - timedelta(minutes=30), "updated_at": at, "due_at": at}
    return Ticket.objects.bulk_create(
        Ticket(brand=channel.brand, channel=channel, contact=person, preview=text.format(n=turn), **usual | fields)
        for turn, person in enumerate(people)
    )


@pytest.fixture
def crowd(channel: Channel) -> list[Ticket]:
    return many(channel, 20)


@pytest.fixture
def surge(crowd: list[Ticket], lina: User) -> Surge:
    surges.look()
    return Surge.objects.get()


def suggested(user: User) -> list[int]:
    return [row.pk for row in surges.going_on(user, now())]


def test_it_is_told_once_to_the_supervisors_however_often_it_is_seen(
    channel: Channel, crowd: list[Ticket], lina: User, agent: User
) -> None:
    assert surges.look() == 1
    many(channel, 10)
    assert surges.look() == 0
    told = Notice.objects.get()
    assert (told.user, told.kind) == (lina, "surge")
    assert bell.line_of(told).title == "20 tickets within an hour are about “delay or outage”"
    surge = Surge.objects.get()
    assert len(surge.tickets) == 30
    assert suggested(lina) == [surge.pk]
    assert suggested(agent) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_suggest_and_tell_it_once(crowd: list[Ticket], lina: User) -> None:
    assert sorted(at_once(*[surges.look] * 3)) == [0, 0, 1]
    assert Surge.objects.count() == Notice.objects.count() == 1


def test_of_another_brand_nothing_is_seen_and_nothing_done(surge: Surge) -> None:
    stranger = a_person(a_brand(), role=Role.SUPERVISOR)
    assert suggested(stranger) == []
    for verb in (surges.open_with, surges.dismiss, surges.bring_back):
        with pytest.raises(Surge.DoesNotExist):
            verb(surge.pk, by=stranger)


def test_opened_it_is_an_incident_that_holds_them_and_takes_others_in_by_its_words(surge: Surge, lina: User) -> None:
    made, _job = surges.open_with(surge.pk, by=lina)
    while bulk.work():
        pass
    assert Ticket.objects.filter(incident=made).count() == 20
    assert (made.kind, made.name, made.terms) == ("outage", "Delay or outage: internet", ["internet"])
    assert made.begins_at == surge.begins_at
    assert suggested(lina) == []
    with pytest.raises(NotAllowed, match="already"):
        surges.open_with(surge.pk, by=lina)
    assert Incident.objects.count() == 1


def test_while_its_tickets_are_still_being_put_in_it_is_not_suggested_again(surge: Surge, lina: User) -> None:
    surges.open_with(surge.pk, by=lina)
    surges.look()
    assert Surge.objects.count() == 1
    assert suggested(lina) == []


def test_dismissed_it_is_silent_until_it_has_grown_threefold(channel: Channel, surge: Surge, lina: User) -> None:
    surges.dismiss(surge.pk, by=lina)
    many(channel, 20)
    assert (surges.look(), suggested(lina)) == (0, [])
    assert [row.pk for row in surges.dismissed(lina, now())] == [surge.pk]
    many(channel, 20)
    assert surges.look() == 1
    assert suggested(lina) == [Surge.objects.latest("pk").pk]
    assert Notice.objects.filter(user=lina).count() == 2


def test_what_was_dismissed_can_be_suggested_again(surge: Surge, lina: User) -> None:
    surges.dismiss(surge.pk, by=lina)
    surges.bring_back(surge.pk, by=lina)
    assert suggested(lina) == [surge.pk]
    assert fresh(surge).dismissed_by is None
    assert [entry.verb for entry in AuditEntry.objects.order_by("pk")] == ["surge.dismissed", "surge.brought_back"]


def test_what_goes_on_no_more_is_not_suggested(surge: Surge, lina: User) -> None:
    assert surges.going_on(lina, now() + surges.SHOWN + timedelta(minutes=1)) == []


@pytest.mark.parametrize(
    ("age", "fields"),
    [
        (timedelta(hours=2), {}),
        (timedelta(0), {"status": "resolved"}),
        (timedelta(0), {"why": [{"code": "complaint", "trigger": "", "aim": ""}]}),
    ],
    ids=["older", "resolved", "unread"],
)
def test_tickets_that_make_no_suggestion(channel: Channel, lina: User, age: timedelta, fields: dict[str, Any]) -> None:
    many(channel, 20, opened_at=now() - age, **fields)
    assert surges.look() == 0


def test_tickets_of_an_incident_make_none(channel: Channel, crowd: list[Ticket], brand: Brand, lina: User) -> None:
    told = keeping.Told("Outage", "outage", "negative", now())
    Ticket.objects.update(incident=keeping.begin(told, brand=brand, by=lina))
    assert surges.look() == 0


def test_what_is_said_as_often_every_hour_is_no_news(channel: Channel, crowd: list[Ticket], lina: User) -> None:
    Ticket.objects.update(opened_at=now() - timedelta(minutes=90))
    many(channel, 20)
    assert surges.look() == 0


def test_two_brands_are_two_matters(channel: Channel, crowd: list[Ticket], lina: User) -> None:
    many(a_channel(a_brand()), 20)
    assert surges.look() == 2
    assert len(suggested(lina)) == 1


def test_it_costs_as_many_queries_for_many_tickets_as_for_few(channel: Channel, surge: Surge) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        surges.look()
    many(channel, 600)
    with CaptureQueriesContext(connection) as lots:
        surges.look()
    assert len(lots) == len(few) <= 10
    assert len(fresh(surge).tickets) == surges.MOST
