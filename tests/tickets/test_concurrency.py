"""Several workers and people at once: whatever the order, nothing is lost, nothing doubled, nobody passed over."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db.models import Count

from accounts.models import Brand, User
from ingest import delivery, scoring
from ingest.collect import store
from ingest.models import Channel, Delivery, Message
from tests.cast import (
    FakePlatform,
    a_person,
    a_post,
    a_reader,
    a_ticket,
    an_answer,
    an_own_post,
    at_once,
    deliver,
    work_off,
)
from tickets.answering import outcomes, replies
from tickets.incoming import intake
from tickets.models import Activity, Ticket, TicketMessage
from tickets.reports.balance import balance
from tickets.steering import routing
from tickets.steering.assignment import assign
from tickets.verbs import lifecycle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bell", "platform")]


def until_done(stage: Callable[[], int]) -> Callable[[], int]:
    """Work a stage until it finds nothing more."""

    def work() -> int:
        done = 0
        while count := stage():
            done += count
        return done

    return work


def everything_is_accounted_for() -> None:
    assert balance().problems == []
    assert not Message.objects.exclude(state="triaged").exists()
    for ticket in Ticket.objects.all():
        assert ticket.position == TicketMessage.objects.filter(ticket=ticket).count()
    lines = Activity.objects.filter(verb__in=["opened", "joined"]).values("data__message")
    assert not lines.annotate(count=Count("pk")).filter(count__gt=1).exists()


def test_triage_workers_on_the_same_people_open_one_live_ticket_each_and_lose_nothing(channel: Channel) -> None:
    for turn in range(12):
        posts = [a_post(f"wrong {turn}", by=f"{turn}-{number % 5}") for number in range(20)]
        store(channel, posts)
        while scoring.read_new(read=a_reader):
            pass
        at_once(*[until_done(lambda: intake.triage_new(limit=4))] * 3)
        assert Ticket.objects.count() == 5 * (turn + 1)
    assert TicketMessage.objects.count() == Message.objects.count() == 240
    everything_is_accounted_for()


def test_triage_workers_on_people_who_come_back_reopen_each_ticket_once(channel: Channel, agent: User) -> None:
    people = [f"person{number}" for number in range(6)]
    for by in people:
        lifecycle.resolve(a_ticket(channel, by=by, conversation_key=by).pk, by=agent)
    store(channel, [a_post("wrong again", by=by, conversation_key=by) for by in people for _turn in range(4)])
    while scoring.read_new(read=a_reader):
        pass
    at_once(*[until_done(lambda: intake.triage_new(limit=3))] * 3)
    assert set(Ticket.objects.values_list("status", "reopened", "position")) == {("new", 1, 5)}
    assert Ticket.objects.count() == 6
    everything_is_accounted_for()


def test_triage_beside_our_own_posts_on_the_same_threads_comes_to_the_same_end(channel: Channel) -> None:
    for turn in range(4):
        posts = []
        for number in range(10):
            question = a_post("wrong", by=f"{turn}-{number % 4}")
            posts += [question, an_own_post("Mended.", parent_id=question.external_id)]
        store(channel, posts)
        while scoring.read_new(read=a_reader):
            pass
        at_once(*[until_done(lambda: intake.triage_new(limit=5))] * 3)
        Message.objects.update(lease_until=None)
        work_off()
    everything_is_accounted_for()
    assert not Message.objects.filter(disposition="awaiting").exists()
    assert Message.objects.filter(direction="out", pk__in=TicketMessage.objects.values("message")).count() == 40


def test_two_who_drain_the_queue_give_no_ticket_twice_and_fill_nobody_beyond_their_capacity(
    channel: Channel, brand: Brand
) -> None:
    people = [a_person(brand, available=True, capacity=capacity) for capacity in (1, 3, 5)]
    store(channel, [a_post("wrong", by=f"customer{number}") for number in range(15)])
    work_off()
    given = at_once(*[routing.drain] * 3)
    assert sorted(given) == [0, 0, 9]
    assert [person.tickets.count() for person in people] == [1, 3, 5]
    for ticket in Ticket.objects.exclude(assignee=None):
        assert ticket.activities.filter(verb="assigned").count() == 1
    waiting = list(Ticket.objects.waiting_in(brand.teams.get()))
    assert len(waiting) == 6
    assert min(ticket.opened_at for ticket in waiting) >= max(
        ticket.opened_at for ticket in Ticket.objects.exclude(assignee=None)
    )


def test_a_person_who_takes_a_ticket_while_it_is_being_routed_has_it(
    channel: Channel, brand: Brand, agent: User
) -> None:
    a_person(brand, available=True)
    for turn in range(8):
        ticket = a_ticket(channel, by=f"customer{turn}")
        at_once(lambda: assign(ticket.pk, to=agent, by=agent), routing.drain)  # noqa: B023  (called before the loop goes on)
        ticket.refresh_from_db()
        assert ticket.assignee == agent


def test_a_form_posted_twice_at_once_sends_once(channel: Channel, agent: User, platform: type[FakePlatform]) -> None:
    for turn in range(6):
        ticket, key = a_ticket(channel, by=f"customer{turn}"), uuid4()
        first, second = at_once(*[lambda: an_answer(ticket, by=agent, key=key, seen=1)] * 2)  # noqa: B023  (called before the loop goes on)
        assert first == second
    deliver()
    assert len(platform.posted) == Delivery.objects.count() == 6


def test_of_two_who_answer_at_once_one_is_told_that_things_moved_on(
    channel: Channel, agent: User, brand: Brand
) -> None:
    other = a_person(brand)
    for turn in range(6):
        ticket = a_ticket(channel, by=f"customer{turn}")

        def answer(by: User) -> str:
            try:
                an_answer(ticket, by=by, seen=1)  # noqa: B023  (called before the loop goes on)
            except replies.MovedOn as refused:
                (newer,) = refused.newer
                return f"refused for {newer.direction}"
            return "sent"

        assert sorted(at_once(lambda: answer(agent), lambda: answer(other))) == ["refused for out", "sent"]


def test_a_message_that_meets_an_answer_is_either_seen_by_its_writer_or_waits(channel: Channel, agent: User) -> None:
    for turn in range(10):
        ticket = a_ticket(channel, by=f"customer{turn}")
        store(channel, [a_post("still wrong", by=f"customer{turn}", external_id=f"late-{turn}")])
        scoring.read_new(read=a_reader)

        def answer() -> bool:
            try:
                an_answer(ticket, by=agent, seen=1)  # noqa: B023  (called before the loop goes on)
            except replies.MovedOn:
                return False
            return True

        at_once(answer, intake.triage_new)
        deliver()
        late = Message.objects.get(external_id=f"late-{turn}")
        ticket.refresh_from_db()
        assert (late.state, late.disposition) == ("triaged", "awaiting")
        assert (ticket.status, ticket.waiting_since is None) == ("open" if ticket.assignee else "new", False)
    everything_is_accounted_for()


def test_several_senders_at_once_post_each_answer_once_and_each_conversation_in_order(
    channel: Channel, agent: User, platform: type[FakePlatform]
) -> None:
    tickets = [a_ticket(channel, by=f"person{turn}") for turn in range(6)]
    for turn in range(3):
        for ticket in tickets:
            an_answer(ticket, f"{ticket.pk}:{turn}", by=agent, key=uuid4())

    def work() -> int:
        tried = 0
        while count := delivery.deliver_due(5):
            tried += count
        return tried

    while Delivery.objects.unfinished().exists():
        at_once(work, work, work)
    texts = platform.texts()
    assert sorted(texts) == sorted(f"{ticket.pk}:{turn}" for ticket in tickets for turn in range(3))
    for ticket in tickets:
        mine = [text for text in texts if text.startswith(f"{ticket.pk}:")]
        assert mine == sorted(mine)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_an_answer_is_either_taken_back_or_posted(channel: Channel, agent: User, platform: type[FakePlatform]) -> None:
    back = 0
    for turn in range(10):
        row = an_answer(a_ticket(channel, by=f"customer{turn}"), by=agent)
        taken, _tried = at_once(lambda: outcomes.take_back(row.key, by=agent), delivery.deliver_due)  # noqa: B023  (called before the loop goes on)
        back += bool(taken)
        row.refresh_from_db()
        assert row.state == ("cancelled" if taken else "sent")
    assert len(platform.posted) == 10 - back


def test_several_who_take_note_of_deliveries_do_it_once(channel: Channel, agent: User) -> None:
    rows = [an_answer(a_ticket(channel, by=f"customer{turn}"), by=agent) for turn in range(12)]
    delivery.deliver_due()
    assert sum(at_once(*[until_done(lambda: outcomes.settle_finished(limit=3))] * 3)) == 12
    for row in rows:
        ticket = Ticket.objects.get(entries__message=row.message_id)
        assert ticket.activities.filter(verb="delivered").count() == 1
    everything_is_accounted_for()


def test_resolving_beside_a_message_that_comes_in_forgets_nobody(channel: Channel, agent: User) -> None:
    for turn in range(10):
        ticket = a_ticket(channel, by=f"customer{turn}", conversation_key=f"t{turn}")
        store(channel, [a_post("still wrong", by=f"customer{turn}", conversation_key=f"t{turn}")])
        scoring.read_new(read=a_reader)
        at_once(lambda: lifecycle.resolve(ticket.pk, by=agent), intake.triage_new)  # noqa: B023  (called before the loop goes on)
        assert Ticket.objects.count() == turn + 1
    everything_is_accounted_for()


def test_the_same_story_by_many_hands_balances(channel: Channel, brand: Brand, agent: User) -> None:
    """Collecting, reading, triage, routing, delivery and note-taking, all at once and each twice."""
    a_person(brand, available=True, capacity=50)
    pages = [[a_post(f"wrong {turn}", by=f"c{number % 9}") for number in range(15)] for turn in range(6)]
    answered = a_ticket(channel, by="c0")
    an_answer(answered, by=agent)

    def collector() -> int:
        return sum(store(channel, page).new for page in pages)

    def worker() -> int:
        stages = (lambda: scoring.read_new(7, a_reader), lambda: intake.triage_new(5), routing.drain)
        return sum(until_done(stage)() for _turn in range(8) for stage in stages)

    def sender() -> int:
        return sum(delivery.deliver_due() + outcomes.settle_finished() for _turn in range(8))

    stored = at_once(collector, collector, worker, worker, sender, sender)
    assert stored[0] + stored[1] == 90
    work_off()
    deliver()
    everything_is_accounted_for()
    assert Ticket.objects.count() == 9
