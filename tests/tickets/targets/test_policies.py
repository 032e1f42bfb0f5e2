"""A ticket's clocks run by the policy that is for it, from the moment it comes in."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Brand, User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_post, a_ticket, an_answer, deliver, fresh, receive, said, ticket_of, verbs
from tickets.models import Calendar, Customer, SlaPolicy, Ticket, Tier
from tickets.standing import retarget, settle
from tickets.targets import policies
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def a_policy(name: str = "Usual", **fields: object) -> SlaPolicy:
    given = {"first_answer": 30, "next_answer": 20, "resolution": 480} | fields
    return SlaPolicy.objects.create(name=name, **given)


def settled(ticket: Ticket) -> Ticket:
    ticket = fresh(ticket)
    settle([ticket], timezone.now())
    return fresh(ticket)


def test_a_ticket_that_comes_in_is_due_by_its_policy(channel: Channel) -> None:
    policy = a_policy()
    ticket = a_ticket(channel)
    assert ticket.policy == policy
    assert ticket.answer_due_at == ticket.due_at == ticket.waiting_since + 30 * MINUTE
    assert ticket.resolve_due_at == ticket.opened_at + 8 * HOUR
    assert ticket.alarm_at == ticket.waiting_since + 22.5 * MINUTE


def test_where_no_policy_fits_the_desks_own_targets_hold(channel: Channel, settings: object) -> None:
    a_policy(brand=a_brand())
    ticket = a_ticket(channel)
    assert ticket.policy is None
    assert ticket.due_at == ticket.waiting_since + HOUR
    assert ticket.resolve_due_at is None


def test_a_policy_without_a_target_for_answers_leaves_the_desks_own(channel: Channel) -> None:
    a_policy(first_answer=None, next_answer=None)
    ticket = a_ticket(channel)
    assert ticket.answer_due_at is None
    assert ticket.due_at == ticket.waiting_since + HOUR


def test_the_first_policy_that_fits_is_taken_and_one_that_is_off_is_not(channel: Channel) -> None:
    a_policy("Off", is_on=False, position=0)
    second = a_policy("Brand", brand=channel.brand, position=2)
    a_policy("All", position=3)
    assert a_ticket(channel).policy == second


def test_an_answer_stops_the_answers_clock_and_the_next_message_starts_the_shorter_one(
    platform: object, channel: Channel, agent: User
) -> None:
    a_policy()
    ticket = a_ticket(channel)
    an_answer(ticket, by=agent)
    deliver()
    assert fresh(ticket).answer_due_at is None
    assert fresh(ticket).resolve_since is None
    again = ticket_of(said(channel, "it is still wrong"))
    assert again == ticket
    assert again.answer_due_at == again.waiting_since + 20 * MINUTE


def test_a_resolved_ticket_has_no_clock_that_runs_and_goes_on_where_it_stood(agent: User, ticket: Ticket) -> None:
    a_policy()
    before = settled(ticket)
    lifecycle.resolve(ticket.pk, by=agent)
    resolved = fresh(ticket)
    assert (resolved.answer_due_at, resolved.resolve_due_at, resolved.alarm_at) == (None, None, None)
    assert resolved.resolve_used > 0
    lifecycle.reopen(ticket.pk, by=agent)
    # What was used is kept in whole seconds.
    assert fresh(ticket).resolve_due_at > before.resolve_due_at - timedelta(seconds=1)


def test_priority_and_tier_choose_another_policy(channel: Channel) -> None:
    gold = Tier.objects.create(brand=channel.brand, name="Gold", rank=1)
    usual = Tier.objects.create(brand=channel.brand, name="Plain", rank=2, is_default=True)
    urgent, for_gold, plain = (
        a_policy("Urgent", priority=1, position=0),
        a_policy("Gold", tier=gold, position=1),
        a_policy("Plain", tier=usual, position=2),
    )
    ticket = a_ticket(channel)
    assert ticket.policy == plain
    customer = Customer.objects.create(brand=channel.brand, tier=gold)
    Ticket.objects.filter(pk=ticket.pk).update(customer=customer)
    assert settled(ticket).policy == for_gold
    Ticket.objects.filter(pk=ticket.pk).update(priority=1)
    assert settled(ticket).policy == urgent


def test_a_batch_asks_as_much_for_one_ticket_as_for_twenty(channel: Channel) -> None:
    a_policy(calendar=Calendar.objects.create(name="Office", spans={"0": [["09:00", "17:00"]]}))
    receive(channel, *(a_post("bill is wrong", by=f"customer{turn}") for turn in range(20)))
    tickets = list(Ticket.objects.all())
    assert len(tickets) == 20
    now = timezone.now()
    policies.known(now)
    with CaptureQueriesContext(connection) as one:
        settle(tickets[:1], now)
    with CaptureQueriesContext(connection) as all_of_them:
        settle(tickets, now)
    assert len(one) == len(all_of_them) == 3


def test_a_policy_changed_behind_every_pages_back_holds_for_the_next_batch(ticket: Ticket) -> None:
    policy = a_policy()
    assert settled(ticket).answer_due_at == ticket.waiting_since + 30 * MINUTE
    SlaPolicy.objects.filter(pk=policy.pk).update(first_answer=10)
    assert settled(ticket).answer_due_at == ticket.waiting_since + 10 * MINUTE
    policy.delete()
    assert settled(ticket).policy is None


def test_a_calendar_holds_the_clock_and_a_change_of_its_days_too(ticket: Ticket) -> None:
    open_all_day = {str(day): [["00:00", "24:00"]] for day in range(7)}
    calendar = Calendar.objects.create(name="Always", spans=open_all_day)
    a_policy(calendar=calendar)
    assert settled(ticket).answer_due_at == ticket.waiting_since + 30 * MINUTE
    closed = ticket.waiting_since.date()
    calendar.days.create(name="Closed", first=closed, last=closed)
    assert settled(ticket).answer_due_at > ticket.waiting_since + 30 * MINUTE


def test_a_calendar_that_cannot_be_read_stops_no_clock(ticket: Ticket) -> None:
    a_policy(calendar=Calendar.objects.create(name="Nowhere", time_zone="Asia/Nowhere"))
    assert settled(ticket).answer_due_at == ticket.waiting_since + 30 * MINUTE


def test_a_second_channel_of_another_brand_has_its_own_policy(brand: Brand, channel: Channel) -> None:
    other = a_channel(a_brand())
    mine, theirs = a_policy("Mine", brand=brand), a_policy("Theirs", brand=other.brand)
    assert (a_ticket(channel).policy, a_ticket(other, by="salem").policy) == (mine, theirs)


def test_a_policy_that_a_rule_gave_stays_until_it_is_turned_off(channel: Channel, ticket: Ticket) -> None:
    usual, given = a_policy(), a_policy("For outages", position=9, first_answer=5)
    assert settled(ticket).policy == usual
    Ticket.objects.filter(pk=ticket.pk).update(policy=given)
    ticket.activities.create(verb="routed", data={"rule": 1, "policy": given.pk}, at=timezone.now())
    assert settled(ticket).policy == given
    assert settled(ticket).answer_due_at == ticket.waiting_since + 5 * MINUTE
    SlaPolicy.objects.filter(pk=given.pk).update(is_on=False)
    assert settled(ticket).policy == usual


def test_clocks_are_set_anew_without_a_word_in_the_record_or_another_place_in_the_list(ticket: Ticket) -> None:
    before = fresh(ticket)
    a_policy(first_answer=7)
    assert retarget([fresh(ticket)], timezone.now()) == 1
    after = fresh(ticket)
    assert after.due_at == ticket.waiting_since + 7 * MINUTE
    assert (after.updated_at, verbs(after)) == (before.updated_at, verbs(before))
    assert retarget([after], timezone.now()) == 0
