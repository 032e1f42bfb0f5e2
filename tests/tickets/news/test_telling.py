"""People are told of what the record says: once, whoever asks how often, and each only of what is theirs."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Role, User
from ingest import doorbell
from ingest.models import Channel, Delivery
from tests.cast import FakePlatform, a_person, a_post, a_ticket, an_answer, at_once, deliver, fresh, receive
from tests.tickets.incidents.conftest import an_incident
from tickets.answering import outcomes
from tickets.incidents import updates
from tickets.models import Notice, Ticket
from tickets.news import bell as bell_of_news
from tickets.news import notices, telling
from tickets.steering import assignment
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db
Kind = Notice.Kind


@pytest.fixture(autouse=True)
def _from_here(bell: list[str]) -> None:
    doorbell.connection().delete(f"{settings.REDIS_PREFIX}:told")


def told(user: User) -> list[str]:
    telling.tell_new()
    return list(Notice.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def test_whoever_is_given_a_ticket_hears_of_it_and_whoever_takes_one_does_not(ticket: Ticket, agent: User) -> None:
    giver = a_person(ticket.brand)
    assignment.assign(ticket.pk, to=agent, by=giver)
    assert told(agent) == [Kind.ASSIGNED]
    assert told(giver) == []
    assignment.assign(ticket.pk, to=giver, by=giver)
    assert told(giver) == []


def test_what_a_customer_writes_is_news_once_until_it_is_answered(
    platform: type[FakePlatform], ticket: Ticket, agent: User, channel: Channel
) -> None:
    assignment.assign(ticket.pk, to=agent, by=agent)
    for text in ("still wrong", "hello? still wrong"):
        receive(channel, a_post(text, conversation_key="t1"))
    assert told(agent) == [Kind.CUSTOMER_WROTE]
    an_answer(ticket, by=agent)
    deliver()
    receive(channel, a_post("wrong again", conversation_key="t1"))
    assert told(agent) == [Kind.CUSTOMER_WROTE] * 2


def test_nobody_is_told_of_customers_of_tickets_that_are_nobodys(ticket: Ticket, channel: Channel) -> None:
    receive(channel, a_post("still wrong", conversation_key="t1"))
    telling.tell_new()
    assert not Notice.objects.exists()


def test_whoever_wrote_an_answer_hears_that_it_was_not_sent(
    platform: type[FakePlatform], ticket: Ticket, agent: User
) -> None:
    delivery = an_answer(ticket, by=agent)
    type(delivery).objects.filter(pk=delivery.pk).update(state="failed", last_error="no", finished_at=timezone.now())
    outcomes.settle_finished()
    assert Kind.NOT_DELIVERED in told(agent)


def test_news_that_failed_on_many_tickets_is_one_notice_and_leads_to_the_news(
    platform: type[FakePlatform], channel: Channel
) -> None:
    by = a_person(channel.brand, role=Role.SUPERVISOR)
    outage = an_incident(channel.brand, "down")
    for name in ("reem", "sami", "nour"):
        a_ticket(channel, "it is down", by=name)
    update = updates.begin(outage.pk, texts={"en": "Soon."}, by=by, key=uuid4(), number=3, last=2**31)
    while updates.work():
        pass
    Delivery.objects.update(state="failed", last_error="gone", finished_at=timezone.now())
    outcomes.settle_finished()
    assert told(by) == [Kind.NOT_DELIVERED]
    notice = Notice.objects.get(user=by)
    assert bell_of_news.where(notice) == f"/monitor/incidents/{outage.pk}/updates/{update.key}/"
    assert bell_of_news.line_of(notice).title == "“Fibre outage”: the news did not reach everybody"


def test_telling_twice_tells_once_and_a_lost_place_is_found_again(ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=a_person(ticket.brand))
    assert [telling.tell_new(), telling.tell_new()] == [1, 0]
    doorbell.connection().delete(f"{settings.REDIS_PREFIX}:told")
    assert telling.tell_new() == 0
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_at_the_same_moment_tell_once(ticket: Ticket, agent: User) -> None:
    assignment.assign(ticket.pk, to=agent, by=a_person(ticket.brand))
    at_once(telling.tell_new, telling.tell_new)
    assert Notice.objects.count() == 1


def test_without_redis_the_newest_lines_are_read_anew(
    ticket: Ticket, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment.assign(ticket.pk, to=agent, by=a_person(ticket.brand))
    gone = doorbell.redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)
    monkeypatch.setattr(doorbell, "connection", lambda: gone)
    assert [telling.tell_new(), telling.tell_new()] == [1, 0]


def test_pages_are_rung_when_somebody_was_told(ticket: Ticket, agent: User, bell: list[str]) -> None:
    assignment.assign(ticket.pk, to=agent, by=a_person(ticket.brand))
    telling.tell_new()
    bell.clear()
    telling.tell_new()
    assert bell == []


def test_admins_hear_that_a_channel_fell_ill(channel: Channel, mailoutbox: list[Any]) -> None:
    admin = a_person(role=Role.ADMIN)
    Channel.objects.update(state="broken", error_code="bad_credentials")
    notices.tell_changes()
    notice = Notice.objects.get(user=admin)
    assert (notice.kind, notice.data["name"], notice.data["state"]) == (Kind.CHANNEL, channel.name, "attention")


# --- for the stream -------------------------------------------------------------------------------------------------
def test_the_stream_learns_whose_notices_are_new_once_each(ticket: Ticket, agent: User) -> None:
    heard = telling.Told()
    assert heard.anew() == frozenset()
    assignment.assign(ticket.pk, to=agent, by=a_person(ticket.brand))
    telling.tell_new()
    assert [heard.anew(), heard.anew()] == [{agent.pk}, frozenset()]
    lifecycle.note(fresh(ticket).pk, text="no news", by=agent)
    assert heard.anew() == frozenset()
