"""Linking accounts: what becomes of tickets, clocks and the record, and how it is taken back."""

from datetime import timedelta
from threading import Event

import pytest

from accounts.models import Brand, User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_channel, a_person, a_ticket, at_once, fresh, now, said, ticket_of, verbs
from tests.tickets.customers.conftest import account
from tickets.customers import joining, kinship
from tickets.incoming import intake
from tickets.models import Activity, Customer, CustomerContact, SlaPolicy, Ticket, Tier
from tickets.permissions import NotAllowed
from tickets.steering.case import Moment, cases_of
from tickets.thread import line_of
from tickets.verbs import lifecycle, undoing

pytestmark = pytest.mark.django_db


def linked(ticket: Ticket, handle: str, by: User) -> Activity:
    line = joining.link(ticket.pk, contact=account(handle).pk, by=by)
    assert line
    return line


def test_two_accounts_become_one_customer_and_their_tickets_say_so(ticket: Ticket, other: Ticket, agent: User) -> None:
    line = linked(ticket, "reem_mail", agent)
    customer = Customer.objects.get()
    assert [fresh(one).customer_id for one in (ticket, other)] == [customer.pk] * 2
    assert {row.linked_by for row in CustomerContact.objects.all()} == {agent}
    assert (line.ticket_id, line.data["handle"]) == (ticket.pk, "reem_mail")
    told = [str(line_of(Activity.objects.filter(ticket=one).latest("id"))) for one in (ticket, other)]
    assert "Huda Al-Amri" in told[0]
    assert "linked the account" in told[0]
    assert "@reem_mail" in told[0]
    assert "@reem<" in told[1]


def test_linking_twice_changes_nothing(ticket: Ticket, other: Ticket, agent: User) -> None:
    linked(ticket, "reem_mail", agent)
    assert joining.link(ticket.pk, contact=account("reem_mail").pk, by=agent) is None
    assert joining.link(other.pk, contact=account("reem").pk, by=agent) is None
    assert verbs(ticket).count("linked") == 1


def test_both_live_tickets_go_on_and_each_account_keeps_to_its_own(
    channel: Channel, elsewhere: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    linked(ticket, "reem_mail", agent)
    assert [fresh(one).split_off for one in (ticket, other)] == [False, True]
    mine = said(channel, "still wrong", by="reem", conversation_key="t9")
    theirs = said(elsewhere, "still down", by="reem_mail", conversation_key="t8")
    assert [ticket_of(one).pk for one in (mine, theirs)] == [ticket.pk, other.pk]


def test_a_post_from_the_other_account_joins_the_live_ticket_and_raises_it(
    elsewhere: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    lifecycle.resolve(other.pk, by=agent)
    linked(ticket, "reem_mail", agent)
    began = now() - timedelta(minutes=45)
    Message.objects.update(received_at=began, reachable_at=None)
    Ticket.objects.filter(pk=ticket.pk).update(waiting_since=began)
    back = said(elsewhere, "nobody answers, my bill is wrong", by="reem_mail", conversation_key="t7", posted_at=now())
    assert ticket_of(back).pk == ticket.pk
    assert fresh(ticket).priority == Ticket.Priority.HIGH
    assert (back.decision, fresh(ticket).position) == ("join", 2)


def test_whichever_account_writes_next_opens_a_ticket_of_the_customer(
    elsewhere: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    linked(ticket, "reem_mail", agent)
    for one in (ticket, other):
        lifecycle.resolve(one.pk, by=agent)
    new = ticket_of(said(elsewhere, "now it is broken", by="reem_mail", conversation_key="t6"))
    assert new.customer_id == Customer.objects.get().pk
    assert new.previous_id in {ticket.pk, other.pk}


def test_two_accounts_in_one_batch_open_one_ticket(
    channel: Channel, elsewhere: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    linked(ticket, "reem_mail", agent)
    Ticket.objects.update(status="closed", due_at=None)
    first, second = (said(where, "it is broken", by=by) for where, by in ((channel, "reem"), (elsewhere, "reem_mail")))
    assert ticket_of(first).pk == ticket_of(second).pk
    assert Ticket.objects.live().count() == 1


def test_undo_parts_them_again_as_they_were(ticket: Ticket, other: Ticket, agent: User) -> None:
    line = linked(ticket, "reem_mail", agent)
    undoing.undo(line.pk, by=agent)
    assert not CustomerContact.objects.filter(contact=account("reem_mail")).exists()
    after = fresh(other)
    assert (after.customer_id, after.split_off) == (None, False)
    assert fresh(ticket).customer_id == Customer.objects.get().pk
    assert verbs(other)[-1] == "undone"


def test_unlinking_is_told_and_can_be_undone(ticket: Ticket, other: Ticket, agent: User) -> None:
    linked(ticket, "reem_mail", agent)
    line = joining.unlink(ticket.pk, contact=account("reem_mail").pk, by=agent)
    assert line
    assert fresh(other).customer_id is None
    assert "unlinked the account" in str(line_of(line))
    undoing.undo(line.pk, by=agent)
    assert fresh(other).customer_id == fresh(ticket).customer_id is not None
    assert joining.unlink(other.pk, contact=account("reem").pk, by=agent)


def test_what_was_changed_since_is_not_undone(ticket: Ticket, other: Ticket, agent: User) -> None:
    line = linked(ticket, "reem_mail", agent)
    joining.unlink(ticket.pk, contact=account("reem_mail").pk, by=agent)
    with pytest.raises(NotAllowed, match="Too late"):
        undoing.undo(line.pk, by=agent)


def test_two_known_customers_become_one_with_all_their_accounts_and_part_again(
    brand: Brand, channel: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    third = a_ticket(channel, by="reem_work")
    linked(other, "reem_work", agent)
    old = fresh(third).customer_id
    Customer.objects.filter(pk=old).update(
        tier=Tier.objects.create(brand=brand, name="Plus", rank=1), notes="Calls at noon.", name="Reem"
    )
    line = linked(ticket, "reem_mail", agent)
    one = Customer.objects.get(pk=fresh(ticket).customer_id)
    assert (one.accounts.count(), one.notes, one.name) == (3, "Calls at noon.", "Reem")
    assert one.tier
    undoing.undo(line.pk, by=agent)
    assert [fresh(t).customer_id for t in (ticket, other, third)] == [one.pk, old, old]
    assert fresh(one).tier is None


def test_the_clocks_follow_the_tier_that_comes_with_a_link(
    brand: Brand, ticket: Ticket, other: Ticket, agent: User
) -> None:
    dear = Tier.objects.create(brand=brand, name="Plus", rank=1)
    from_now = fresh(other).answer_due_at
    brand_policy(brand, dear)
    linked(ticket, "reem_mail", agent)
    Customer.objects.update(tier=dear)
    joining.unlink(ticket.pk, contact=account("reem_mail").pk, by=agent)
    assert fresh(other).answer_due_at == from_now
    linked(ticket, "reem_mail", agent)
    assert fresh(other).answer_due_at != from_now


def brand_policy(brand: Brand, tier: Tier) -> None:
    SlaPolicy.objects.create(name="Dear", brand=brand, tier=tier, first_answer=5, next_answer=5)


@pytest.mark.parametrize("which", ["own", "same", "stranger"])
def test_some_accounts_cannot_be_linked(which: str, channel: Channel, ticket: Ticket, agent: User) -> None:
    stranger = a_ticket(a_channel(a_brand()), by="stranger").contact
    other = {"own": said(channel, "hi", by="desk").contact, "same": ticket.contact, "stranger": stranger}[which]
    type(other).objects.filter(pk=other.pk).update(is_own=which == "own")
    with pytest.raises(NotAllowed):
        joining.link(ticket.pk, contact=other.pk, by=agent)
    assert not Customer.objects.exists()


def test_people_of_other_brands_link_nothing(ticket: Ticket, other: Ticket) -> None:
    with pytest.raises(NotAllowed):
        joining.link(ticket.pk, contact=account("reem_mail").pk, by=a_person(a_brand()))


@pytest.mark.django_db(transaction=True)
def test_a_post_that_is_triaged_while_its_account_is_linked_knows_its_customer(
    elsewhere: Channel, ticket: Ticket, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(elsewhere, "thanks, I love it", by="reem_mail")
    began = Event()
    take_turns = kinship.take_turns

    def slowly() -> None:
        take_turns()
        began.set()

    monkeypatch.setattr(kinship, "take_turns", slowly)

    def link() -> None:
        began.wait(20)
        joining.link(ticket.pk, contact=account("reem_mail").pk, by=agent)

    at_once(lambda: said(elsewhere, "my line is down", by="reem_mail"), link)
    monkeypatch.undo()
    intake.triage_new()
    assert set(Ticket.objects.values_list("customer", flat=True)) == {Customer.objects.get().pk}


def test_rules_count_what_was_said_and_opened_from_all_linked_accounts(
    ticket: Ticket, other: Ticket, agent: User
) -> None:
    moment = Moment(other, Message.objects.get(external_id="q2"), now())
    fields = {"earlier_tickets", "messages_30_days"}
    Message.objects.update(posted_at=now() - timedelta(days=1))

    def told() -> list[int]:
        (case,) = cases_of([moment], fields)
        return [case["earlier_tickets"], case["messages_30_days"]]

    assert told() == [0, 1]
    linked(ticket, "reem_mail", agent)
    assert told() == [1, 2]
