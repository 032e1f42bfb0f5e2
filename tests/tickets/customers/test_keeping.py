"""What people say of a customer: tier, name, notes; clocks follow, nobody's words are lost, all can be taken back."""

import pytest

from accounts.models import Brand, User
from tests.cast import a_brand, a_person, fresh, verbs
from tests.tickets.customers.conftest import account
from tickets.customers import joining, keeping
from tickets.customers.keeping import NotesChanged, mark_of
from tickets.models import Activity, Customer, SlaPolicy, Ticket, Tier
from tickets.permissions import NotAllowed
from tickets.thread import line_of
from tickets.verbs import undoing

pytestmark = pytest.mark.django_db


@pytest.fixture
def plus(brand: Brand) -> Tier:
    """A dear tier, whose customers are answered within five minutes."""
    tier = Tier.objects.create(brand=brand, name="Plus", name_ar="بلس", rank=1)
    SlaPolicy.objects.create(name="Dear", brand=brand, tier=tier, first_answer=5, next_answer=5)
    return tier


def test_the_clocks_of_all_their_live_tickets_follow_the_tier(
    ticket: Ticket, other: Ticket, agent: User, plus: Tier
) -> None:
    joining.link(ticket.pk, contact=account("reem_mail").pk, by=agent)
    before = [fresh(one).answer_due_at for one in (ticket, other)]
    line = keeping.set_tier(ticket.pk, to=plus.pk, by=agent)
    assert line
    after = [fresh(one).answer_due_at for one in (ticket, other)]
    assert all(new and old and new < old for new, old in zip(after, before, strict=True))
    assert verbs(other)[-1] == "changed"
    undoing.undo(line.pk, by=agent)
    assert [fresh(one).answer_due_at for one in (ticket, other)] == before


def test_a_tier_is_told_in_the_record_and_set_once(ticket: Ticket, agent: User, plus: Tier) -> None:
    line = keeping.set_tier(ticket.pk, to=plus.pk, by=agent)
    assert line
    assert "set the customer’s tier to" in str(line_of(line))
    assert "Plus" in str(line_of(line))
    assert keeping.set_tier(ticket.pk, to=plus.pk, by=agent) is None
    away = keeping.set_tier(ticket.pk, to=None, by=agent)
    assert away
    assert "took the customer’s tier away" in str(line_of(away))


def test_the_tier_of_another_brand_is_none_here(ticket: Ticket, agent: User) -> None:
    strange = Tier.objects.create(brand=a_brand(), name="Gold", rank=1)
    with pytest.raises(NotAllowed):
        keeping.set_tier(ticket.pk, to=strange.pk, by=agent)


def test_people_of_other_brands_say_nothing_of_a_customer(ticket: Ticket, plus: Tier) -> None:
    stranger = a_person(a_brand())
    for verb in (
        lambda: keeping.set_tier(ticket.pk, to=plus.pk, by=stranger),
        lambda: keeping.set_name(ticket.pk, name="R", by=stranger),
        lambda: keeping.keep_notes(ticket.pk, notes="x", seen=mark_of(""), by=stranger),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert not Customer.objects.exists()


def test_notes_of_two_writers_are_never_lost(ticket: Ticket, agent: User) -> None:
    blank = mark_of("")
    keeping.keep_notes(ticket.pk, notes="Calls at noon.", seen=blank, by=agent)
    with pytest.raises(NotesChanged) as refusal:
        keeping.keep_notes(ticket.pk, notes="Prefers mail.", seen=blank, by=a_person(ticket.brand))
    assert refusal.value.now == "Calls at noon."
    assert Customer.objects.get().notes == "Calls at noon."
    keeping.keep_notes(ticket.pk, notes="Calls at noon. Prefers mail.", seen=mark_of("Calls at noon."), by=agent)
    assert Customer.objects.get().notes.endswith("Prefers mail.")


def test_the_same_notes_kept_twice_are_kept_once(ticket: Ticket, agent: User) -> None:
    assert keeping.keep_notes(ticket.pk, notes="Calls at noon.", seen=mark_of(""), by=agent)
    assert keeping.keep_notes(ticket.pk, notes=" Calls at noon.\r\n", seen=mark_of(""), by=agent) is None


def test_notes_that_were_changed_come_back_by_undo_unless_somebody_went_on(ticket: Ticket, agent: User) -> None:
    keeping.keep_notes(ticket.pk, notes="One.", seen=mark_of(""), by=agent)
    line = keeping.keep_notes(ticket.pk, notes="Two.", seen=mark_of("One."), by=agent)
    assert line
    undoing.undo(line.pk, by=agent)
    assert Customer.objects.get().notes == "One."
    again = keeping.keep_notes(ticket.pk, notes="Three.", seen=mark_of("One."), by=agent)
    keeping.keep_notes(ticket.pk, notes="Four.", seen=mark_of("Three."), by=agent)
    assert again
    with pytest.raises(NotAllowed, match="Too late"):
        undoing.undo(again.pk, by=agent)


def by_whom() -> tuple[str | None, bool]:
    """Who wrote the notes of the one customer there is, and whether it is known when."""
    row = Customer.objects.select_related("notes_by").get()
    return row.notes_by.name if row.notes_by else None, row.notes_at is not None


def test_notes_are_whose_wrote_them_last_and_undo_gives_them_back(ticket: Ticket, agent: User) -> None:
    second = a_person(ticket.brand)
    keeping.keep_notes(ticket.pk, notes="One.", seen=mark_of(""), by=agent)
    first_at = Customer.objects.get().notes_at
    line = keeping.keep_notes(ticket.pk, notes="Two.", seen=mark_of("One."), by=second)
    assert by_whom() == (second.name, True)
    assert line
    undoing.undo(line.pk, by=second)
    assert by_whom() == (agent.name, True)
    assert Customer.objects.get().notes_at == first_at


def test_notes_that_were_taken_away_are_nobodys(ticket: Ticket, agent: User) -> None:
    keeping.keep_notes(ticket.pk, notes="One.", seen=mark_of(""), by=agent)
    line = keeping.keep_notes(ticket.pk, notes="", seen=mark_of("One."), by=agent)
    assert by_whom() == (None, False)
    assert line
    undoing.undo(line.pk, by=agent)
    assert by_whom() == (agent.name, True)


def test_notes_of_two_customers_who_are_one_are_whose_wrote_last(ticket: Ticket, other: Ticket, agent: User) -> None:
    second = a_person(ticket.brand)
    keeping.keep_notes(ticket.pk, notes="One.", seen=mark_of(""), by=agent)
    keeping.keep_notes(other.pk, notes="Two.", seen=mark_of(""), by=second)
    joining.link(ticket.pk, contact=account("reem_mail").pk, by=agent)
    customer = Customer.objects.get(accounts__contact=ticket.contact)
    assert customer.notes == "One.\n\nTwo."
    assert customer.notes_by == second


def test_notes_stay_when_whoever_wrote_them_is_gone(ticket: Ticket, agent: User) -> None:
    second = a_person(ticket.brand)
    keeping.keep_notes(ticket.pk, notes="One.", seen=mark_of(""), by=second)
    User.objects.filter(pk=second.pk).delete()
    assert by_whom() == (None, True)
    assert Customer.objects.get().notes == "One."


def test_a_name_of_ours_is_kept_tidied_and_taken_back(ticket: Ticket, agent: User) -> None:
    line = keeping.set_name(ticket.pk, name="  Reem   Al-Otaibi ", by=agent)
    assert line
    assert Customer.objects.get().name == "Reem Al-Otaibi"
    assert "named the customer" in str(line_of(line))
    undoing.undo(line.pk, by=agent)
    assert Customer.objects.get().name == ""
    with pytest.raises(NotAllowed):
        keeping.set_name(ticket.pk, name="x" * 121, by=agent)


def test_lines_that_others_got_cannot_be_undone_twice(ticket: Ticket, other: Ticket, agent: User, plus: Tier) -> None:
    joining.link(ticket.pk, contact=account("reem_mail").pk, by=agent)
    keeping.set_tier(ticket.pk, to=plus.pk, by=agent)
    mirrored = Activity.objects.filter(ticket=other).latest("id")
    assert line_of(mirrored)
    assert not undoing.can_undo(mirrored)
