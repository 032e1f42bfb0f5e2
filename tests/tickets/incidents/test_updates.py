"""One-to-many: each customer is told once, in their own words, for the reasons and with the limits of any answer."""

import os
import signal
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import Brand, Role, User
from ingest.models import Channel, Contact, Delivery, Message
from ingest.platforms.base import Cannot, Kind
from tests.cast import FakePlatform, a_brand, a_channel, a_person, a_ticket, an_answer, at_once, deliver, fresh
from tickets.answering import outcomes
from tickets.answering.care import care_of
from tickets.incidents import audience, updates
from tickets.incidents.told import key_of
from tickets.incidents.updates import MoreThanConfirmed
from tickets.models import CarePolicy, Customer, Draft, Incident, IncidentUpdate, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bell", "platform")]
WORDS = {
    "en": "The fibre is being repaired, back by six tonight.",
    "ar": "يُصلَح الكابل الآن، وتعود الخدمة الساعة السادسة مساءً.",
}


@pytest.fixture
def many(channel: Channel, outage: Incident) -> list[Ticket]:
    return [a_ticket(channel, "it is down", by=name) for name in ("reem", "sami", "nour", "hadi", "omar")]


def in_arabic(ticket: Ticket) -> None:
    Message.objects.filter(contact=ticket.contact, direction="in").update(language="ar")


def begun(incident: Incident, by: User, **fields: Any) -> IncidentUpdate:
    told: dict[str, Any] = {"texts": WORDS, "key": uuid4(), "number": 100, "last": 2**31}
    return updates.begin(incident.pk, by=by, **(told | fields))


def to_the_end() -> None:
    while updates.work(limit=2):
        pass


# --- who gets it ----------------------------------------------------------------------------------------------------
def test_everybody_gets_the_words_of_their_language_and_nobody_becomes_the_writers(
    many: list[Ticket], outage: Incident, lina: User, platform: type[FakePlatform]
) -> None:
    in_arabic(many[0])
    Draft.objects.create(ticket=many[1], user=lina, text="half an answer", updated_at=timezone.now())
    update = begun(outage, lina)
    to_the_end()
    done = fresh(update)
    assert (done.sent, done.refused, done.left, done.finished_at is not None) == (5, [], [], True)
    deliver()
    assert sorted(platform.texts()) == sorted([WORDS["ar"], *[WORDS["en"]] * 4])
    assert {fresh(ticket).assignee for ticket in many} == {None}
    assert Draft.objects.get().text == "half an answer"


def test_the_plan_says_beforehand_who_gets_it_and_who_not_and_why(
    many: list[Ticket], outage: Incident, agent: User, platform: type[FakePlatform]
) -> None:
    in_arabic(many[0])
    Message.objects.filter(contact=many[1].contact).update(language="fr")
    Message.objects.filter(contact=many[2].contact).update(deleted_at=timezone.now())
    Ticket.objects.filter(pk=many[3].pk).update(awaits_approval=True)
    plan = audience.plan(outage, WORDS)
    assert [(one.language, one.tickets, one.posts) for one in plan.groups] == [
        ("ar", [many[0].pk], 1), ("en", [many[4].pk], 1),
    ]  # fmt: skip
    assert (plan.number, plan.last) == (2, many[4].pk)
    assert [ids for _words, ids in sorted(plan.refused.items(), key=lambda one: one[1])] == [
        [many[1].pk], [many[2].pk], [many[3].pk],
    ]  # fmt: skip
    assert any("French" in words for words in plan.refused)


def test_who_cannot_be_answered_there_is_told_so(
    many: list[Ticket], outage: Incident, lina: User, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    def summoned(self: object, kind: Kind, *, names_us: bool, raw: Any = None) -> Cannot | None:
        return Cannot.NOT_SUMMONED

    update = begun(outage, lina)
    monkeypatch.setattr(platform, "can_reply", summoned)
    assert audience.plan(outage, WORDS).number == 0
    to_the_end()
    done = fresh(update)
    assert (done.sent, [pk for pk, _words in done.refused]) == (0, [ticket.pk for ticket in many])
    assert "mentioned or quoted us" in done.refused[0][1]
    with pytest.raises(NotAllowed):
        begun(outage, lina)


def test_words_too_long_for_the_platform_go_out_as_several_posts_or_not_at_all(
    many: list[Ticket], outage: Incident, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = {"en": "The fibre is being repaired. " * 15}
    assert audience.plan(outage, long).groups[0].posts == 2
    monkeypatch.setattr(platform, "threads", False)
    plan = audience.plan(outage, long)
    assert (plan.number, [len(ids) for ids in plan.refused.values()]) == (0, [5])


def test_one_customer_on_two_tickets_is_told_once(many: list[Ticket], outage: Incident, lina: User) -> None:
    customer = Customer.objects.create(brand=outage.brand)
    Ticket.objects.filter(pk__in=[many[0].pk, many[1].pk]).update(customer=customer, split_off=True)
    assert audience.plan(outage, WORDS).number == 4
    update = begun(outage, lina)
    IncidentUpdate.objects.filter(pk=update.pk).update(left=[ticket.pk for ticket in many], total=5)
    to_the_end()
    assert (fresh(update).sent, [pk for pk, _words in fresh(update).refused]) == (4, [many[1].pk])


# --- by whom, and how many ------------------------------------------------------------------------------------------
def test_only_supervisors_of_the_brand_tell_everybody(many: list[Ticket], outage: Incident, agent: User) -> None:
    for person in (agent, a_person(a_brand(), role=Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            begun(outage, person)
    assert not IncidentUpdate.objects.exists()


def test_it_goes_to_no_more_than_the_number_that_was_confirmed(
    many: list[Ticket], channel: Channel, outage: Incident, lina: User
) -> None:
    with pytest.raises(MoreThanConfirmed):
        begun(outage, lina, number=4)
    later = a_ticket(channel, "it is down", by="late")
    update = begun(outage, lina, number=5, last=many[4].pk)
    assert (update.total, later.pk in update.left) == (5, False)


# --- never twice ----------------------------------------------------------------------------------------------------
def told(tickets: list[Ticket]) -> list[int]:
    """How many answers each of these has."""
    return [
        Message.objects.filter(delivery__isnull=False, pk__in=one.entries.values("message")).count() for one in tickets
    ]


def test_begun_twice_by_one_form_it_is_one(many: list[Ticket], outage: Incident, lina: User) -> None:
    key = uuid4()
    assert begun(outage, lina, key=key).pk == begun(outage, lina, key=key).pk
    to_the_end()
    assert told(many) == [1] * 5


def test_a_batch_that_dies_is_done_again_as_a_whole_and_nobody_is_told_twice(
    many: list[Ticket], outage: Incident, lina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = begun(outage, lina)
    assert updates.work(limit=2) == 2
    tell, calls = updates._tell, iter(range(9))

    def dies(job: IncidentUpdate, pk: int) -> None:
        tell(job, pk)
        if next(calls) == 1:
            raise OperationalError("the server is gone")

    monkeypatch.setattr(updates, "_tell", dies)
    with pytest.raises(OperationalError):
        updates.work(limit=2)
    assert (told(many), len(fresh(update).left)) == ([1, 1, 0, 0, 0], 3)
    to_the_end()
    assert (told(many), fresh(update).sent) == ([1] * 5, 5)


def test_tickets_put_in_line_again_are_not_told_again(many: list[Ticket], outage: Incident, lina: User) -> None:
    update = begun(outage, lina)
    to_the_end()
    IncidentUpdate.objects.filter(pk=update.pk).update(left=[one.pk for one in many], finished_at=None)
    to_the_end()
    assert told(many) == [1] * 5


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_tell_each_customer_once(many: list[Ticket], outage: Incident, lina: User) -> None:
    begun(outage, lina)
    at_once(*[to_the_end] * 4)
    to_the_end()
    assert told(many) == [1] * 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("told_by_then", [1, 3])
def test_a_worker_killed_in_the_middle_of_a_batch_costs_nobody_an_answer_and_gives_nobody_two(
    many: list[Ticket], outage: Incident, lina: User, told_by_then: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real process, killed by signal 9 after so many answers of its batch were written."""
    update = begun(outage, lina)
    tell, calls = updates._tell, iter(range(1, 9))

    def killed(job: IncidentUpdate, pk: int) -> None:
        tell(job, pk)
        if next(calls) == told_by_then:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        # The parent's connection is the parent's.
        connection.connection = None
        monkeypatch.setattr(updates, "_tell", killed)
        try:
            updates.work()
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert (told(many), len(fresh(update).left)) == ([0] * 5, 5)
    to_the_end()
    assert (told(many), fresh(update).sent) == ([1] * 5, 5)


def test_what_breaks_on_one_ticket_is_told_and_holds_up_nobody(
    many: list[Ticket], outage: Incident, lina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = updates._tell

    def breaks(job: IncidentUpdate, pk: int) -> None:
        if pk == many[1].pk:
            raise KeyError(pk)
        tell(job, pk)

    monkeypatch.setattr(updates, "_tell", breaks)
    update = begun(outage, lina)
    to_the_end()
    assert (told(many), [pk for pk, _words in fresh(update).refused]) == ([1, 0, 1, 1, 1], [many[1].pk])


def test_it_stops_and_goes_on_with_those_who_were_not_told(
    many: list[Ticket], channel: Channel, outage: Incident, lina: User
) -> None:
    update = begun(outage, lina)
    updates.work(limit=2)
    updates.stop(update.pk, by=lina)
    assert (updates.work(), told(many), updates.was_stopped(fresh(update))) == (0, [1, 1, 0, 0, 0], True)
    later = a_ticket(channel, "it is down", by="late")
    plan = audience.plan(outage, WORDS, update=update)
    assert (plan.told, plan.number) == (2, 4)
    updates.go_on(update.pk, by=lina, number=plan.number, last=plan.last)
    to_the_end()
    assert (told([*many, later]), updates.was_stopped(fresh(update))) == ([1] * 6, False)
    with pytest.raises(NotAllowed):
        updates.go_on(update.pk, by=lina, number=6, last=plan.last)


def test_who_left_the_incident_or_was_solved_meanwhile_is_left_alone(
    many: list[Ticket], outage: Incident, lina: User, agent: User
) -> None:
    update = begun(outage, lina)
    Ticket.objects.filter(pk=many[0].pk).update(incident=None)
    lifecycle.resolve(many[1].pk, by=agent)
    to_the_end()
    assert (told(many), len(fresh(update).refused)) == ([0, 0, 1, 1, 1], 2)


def test_who_was_told_on_a_ticket_that_is_solved_since_is_not_told_again_on_the_next(
    many: list[Ticket], channel: Channel, outage: Incident, lina: User, agent: User
) -> None:
    update = begun(outage, lina)
    to_the_end()
    Ticket.objects.filter(pk=many[0].pk).update(status="closed", due_at=None, resolved_at=timezone.now())
    again = a_ticket(channel, "it is down once more", by="reem")
    plan = audience.plan(outage, WORDS, update=update)
    assert (again.incident_id, plan.number, list(plan.refused.values())) == (outage.pk, 0, [[again.pk]])


# --- what it is worth -----------------------------------------------------------------------------------------------
def test_by_policy_it_stops_no_clock_not_even_of_the_first(many: list[Ticket], outage: Incident, lina: User) -> None:
    begun(outage, lina)
    to_the_end()
    deliver()
    assert {fresh(one).first_answered_at for one in many} == {None}
    assert all(fresh(one).waiting_since for one in many)
    assert {care_of(row.message).canned for row in Delivery.objects.select_related("message")} == {1.0}


def test_where_canned_answers_count_it_answers_and_resolves(many: list[Ticket], outage: Incident, lina: User) -> None:
    CarePolicy.objects.create(brand=outage.brand, canned_counts=True)
    begun(outage, lina, resolve=True)
    to_the_end()
    assert {fresh(one).status for one in many} == {"resolved"}


def test_where_they_do_not_it_resolves_only_what_a_person_has_answered(
    many: list[Ticket], outage: Incident, lina: User, agent: User
) -> None:
    an_answer(many[0], "Sami from care here: which street are you in?", by=agent)
    deliver()
    plan = audience.plan(outage, WORDS, resolve=True)
    assert (plan.number, plan.stay) == (5, 4)
    begun(outage, lina, resolve=True)
    to_the_end()
    assert [fresh(one).status for one in many] == ["resolved", "new", "new", "new", "new"]


def test_each_answer_can_be_taken_back_while_it_waits_and_is_not_said_after_all(
    many: list[Ticket], outage: Incident, lina: User, platform: type[FakePlatform]
) -> None:
    update = begun(outage, lina)
    to_the_end()
    assert outcomes.take_back(key_of(update.key, many[0].pk), by=lina)
    deliver()
    assert len(platform.texts()) == 4
    assert audience.plan(outage, WORDS, update=update).number == 0


def test_a_ticket_of_another_brand_is_told_nothing_by_a_wrong_line(
    many: list[Ticket], outage: Incident, lina: User, brand: Brand
) -> None:
    strange = a_ticket(a_channel(a_brand(), platform="fake"), "it is down", by="zain")
    update = begun(outage, lina)
    IncidentUpdate.objects.filter(pk=update.pk).update(left=[strange.pk])
    to_the_end()
    assert (told([strange]), len(fresh(update).refused)) == ([0], 1)
    assert Contact.objects.filter(brand=strange.brand_id).exists()
