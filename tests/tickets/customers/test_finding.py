"""Accounts of the same person: looked for by name or handle, and suggested with the reason, never linked."""

import pytest

from accounts.models import Brand
from ingest.models import Channel, Contact
from ingest.platforms.base import Author
from tests.cast import a_brand, a_channel, a_ticket
from tests.tickets.customers.conftest import account
from tickets.customers import finding
from tickets.listing.search import indexing
from tickets.models import Customer, CustomerContact, Ticket

pytestmark = pytest.mark.django_db


def writes(channel: Channel, handle: str, name: str) -> Contact:
    """Somebody's account, from a post that opened a ticket."""
    author = Author(external_id=f"acct-{handle}-{name}", handle=handle, name=name)
    contact = a_ticket(channel, author=author).contact
    while indexing.index_some():
        pass
    return contact


def handles(found: list[finding.Alike]) -> list[tuple[str, str]]:
    return [(one.contact.handle, one.why) for one in found]


def test_the_same_handle_or_full_name_on_another_platform_is_suggested_with_why(
    channel: Channel, elsewhere: Channel, ticket: Ticket
) -> None:
    me = writes(channel, "reem_w", "Reem Al-Otaibi")
    writes(elsewhere, "Reem_W@town.example", "R.")
    writes(elsewhere, "otaibi", "reem al-otaibi")
    writes(elsewhere, "reem", "Reem")
    writes(elsewhere, "salem", "Salem Al-Otaibi")
    assert handles(finding.suggestions(me)) == [("Reem_W@town.example", "handle"), ("otaibi", "name")]
    assert not CustomerContact.objects.exists()


def test_one_common_first_name_suggests_nobody(channel: Channel, elsewhere: Channel) -> None:
    me = writes(channel, "a1", "Reem")
    writes(elsewhere, "a2", "Reem")
    assert finding.suggestions(me) == []


def test_the_same_platform_and_other_brands_are_not_suggested(channel: Channel, brand: Brand) -> None:
    me = writes(channel, "reem_w", "Reem Al-Otaibi")
    writes(a_channel(brand, platform="fake", external_id="second"), "reem_x", "Reem Al-Otaibi")
    writes(a_channel(a_brand(), platform="imported"), "reem_w", "Reem Al-Otaibi")
    assert finding.suggestions(me) == []


def test_whoever_is_linked_already_is_not_offered(channel: Channel, elsewhere: Channel, brand: Brand) -> None:
    me, mine = writes(channel, "reem_w", "Reem Al-Otaibi"), writes(elsewhere, "reem_w", "Reem")
    assert handles(finding.suggestions(me)) == [("reem_w", "handle")]
    customer = Customer.objects.create(brand=brand)
    for contact in (me, mine):
        CustomerContact.objects.create(customer=customer, contact=contact)
    assert finding.suggestions(me) == []
    assert finding.asked_for("reem_w", me) == []


@pytest.mark.parametrize("asked", ["@salem", "sal", "Salem Otai", "العُتَيْبي"])
def test_an_account_is_found_by_the_beginning_of_its_name_or_handle(
    asked: str, channel: Channel, elsewhere: Channel
) -> None:
    me = writes(channel, "reem_w", "Reem")
    writes(elsewhere, "salem77", "Salem Otaibi العتيبي")
    assert handles(finding.asked_for(asked, me)) == [("salem77", "")]


def test_an_account_without_any_ticket_is_found_too(channel: Channel, ticket: Ticket, brand: Brand) -> None:
    Contact.objects.create(brand=brand, platform="email", external_id="r@mail.example", handle="r@mail.example")
    own = Contact.objects.create(brand=brand, platform="email", external_id="care@nawa.example", is_own=True)
    assert handles(finding.asked_for("r@mail", account("reem"))) == [("r@mail.example", "")]
    assert finding.asked_for(own.external_id, account("reem")) == []


@pytest.mark.parametrize("asked", ["", "  ", "@", "%", "'", "\0", "a' | 'b", "\\"])
def test_nothing_anybody_types_is_an_error(asked: str, ticket: Ticket) -> None:
    assert finding.asked_for(asked, account("reem")) == []
