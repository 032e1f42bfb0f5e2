"""The customer's panel and page: what they hold and cost, that they work without a script, and what they refuse."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from accounts.models import Brand, User
from ingest.models import Channel, Contact
from tests.cast import a_brand, a_channel, a_ticket, an_answer, deliver, now, said
from tests.tickets.views.conftest import HTMX
from tickets.customers import joining, keeping
from tickets.customers.keeping import mark_of
from tickets.listing.search import indexing
from tickets.models import Customer, Draft, Ticket, Tier
from tickets.verbs import lifecycle


@pytest.fixture
def other(brand: Brand, ticket: Ticket) -> Ticket:
    """A ticket of the same customer's other account."""
    return a_ticket(a_channel(brand, platform="imported"), "my line is down", by="reem_mail")


def panel(client: Client, ticket: Ticket) -> str:
    response = client.get(f"/tickets/{ticket.pk}/customer", headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, ticket: Ticket, what: str, **form: object) -> str:
    response = client.post(f"/tickets/{ticket.pk}/customer/{what}", form, headers=HTMX)
    assert response.status_code == 200, response.content[:300]
    return response.content.decode()


def test_the_ticket_asks_for_its_panel_when_that_is_seen(desk: Client, ticket: Ticket) -> None:
    html = desk.get(f"/inbox/all/{ticket.pk}/", headers=HTMX).content.decode()
    assert f'id="customer" hx-get="/tickets/{ticket.pk}/customer" hx-trigger="intersect once' in html
    assert "Notes on the customer" not in html


def test_the_panel_costs_the_same_however_much_the_customer_has(
    desk: Client, channel: Channel, ticket: Ticket, other: Ticket, agent: User
) -> None:
    Tier.objects.create(brand=channel.brand, name="Plus", rank=1)
    joining.link(ticket.pk, contact=other.contact_id, by=agent)
    keeping.keep_notes(ticket.pk, notes="Calls at noon.", seen=mark_of(""), by=agent)
    panel(desk, ticket)
    counts = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as asked:
            html = panel(desk, ticket)
        counts.append(len(asked))
        for number in range(3):
            said(channel, f"still wrong {number}", by="reem")
    assert counts[0] == counts[1] <= 24
    for words in ("@reem_mail", "Calls at noon.", "Huda Al-Amri", "Plus", "Said last, on all accounts", "First seen"):
        assert words in html, words


def test_the_panel_says_who_wrote_the_notes_and_on_which_day(desk: Client, ticket: Ticket, agent: User) -> None:
    keeping.keep_notes(ticket.pk, notes="Calls at noon.", seen=mark_of(""), by=agent)
    then = localtime(now() - timedelta(days=40))
    Customer.objects.update(notes_at=then)
    told = panel(desk, ticket).split('id="customer-notes"')[1].split("</section>")[0]
    assert f"<bdi>{agent.name}</bdi>, <time" in told
    assert str(then.day) in told.split("<time")[1].split("</time>")[0]
    Customer.objects.update(notes_by=None, notes_at=None)
    told = panel(desk, ticket).split('id="customer-notes"')[1].split("</section>")[0]
    assert "Calls at noon." in told
    assert "<time" not in told


def test_without_a_script_the_panel_is_the_customers_page(desk: Client, ticket: Ticket, agent: User) -> None:
    there = desk.get(f"/tickets/{ticket.pk}/customer")
    assert there.headers["Location"] == f"/customers/account/{ticket.contact_id}/"
    assert b"my bill is wrong" in desk.get(there.headers["Location"]).content
    keeping.set_name(ticket.pk, name="Reem Al-Otaibi", by=agent)
    customer = Customer.objects.get()
    assert desk.get(there.headers["Location"]).headers["Location"] == f"/customers/{customer.pk}/"
    page = desk.get(f"/customers/{customer.pk}/")
    assert "Reem Al-Otaibi" in page.content.decode()
    with CaptureQueriesContext(connection) as asked:
        desk.get(f"/customers/{customer.pk}/")
    assert len(asked) <= 20


def test_linking_shows_both_accounts_offers_undo_and_unlinks_again(desk: Client, ticket: Ticket, other: Ticket) -> None:
    html = post(desk, ticket, "link", account=other.contact_id)
    assert "@reem_mail" in html
    assert "Linked to this customer." in html
    assert "data-undo" in html
    assert "Unlink" in html
    html = post(desk, ticket, "unlink", account=other.contact_id)
    assert "@reem_mail" not in html


def test_the_form_finds_accounts_and_says_why_it_suggests_one(desk: Client, brand: Brand, ticket: Ticket) -> None:
    twin = Contact.objects.get(handle="reem")
    elsewhere = a_ticket(a_channel(brand, platform="imported"), by="reem")
    assert elsewhere.contact_id != twin.pk
    while indexing.index_some():
        pass
    address = f"/tickets/{ticket.pk}/customer/link"
    html = desk.get(address, headers=HTMX).content.decode()
    assert "the same handle" in html
    assert f'value="{elsewhere.contact_id}"' in html
    assert "<html" in desk.get(address).content.decode()
    assert "No account of this brand is called so." in desk.get(f"{address}?q=zzz", headers=HTMX).content.decode()


@pytest.mark.parametrize("account", ["", "x", "0", "9" * 30])
def test_an_account_that_is_none_is_refused_in_words(desk: Client, ticket: Ticket, account: str) -> None:
    address = f"/tickets/{ticket.pk}/customer/link"
    for headers in (HTMX, {}):
        response = desk.post(address, {"account": account}, headers=headers)
        assert response.status_code == 422
        assert "That account is not there. Choose another." in response.content.decode()


def test_a_tier_is_set_and_taken_away(desk: Client, brand: Brand, ticket: Ticket) -> None:
    plus = Tier.objects.create(brand=brand, name="Plus", rank=1)
    assert f'value="{plus.pk}" selected' in post(desk, ticket, "tier", tier=plus.pk)
    assert "selected" not in post(desk, ticket, "tier", tier="")
    assert desk.post(f"/tickets/{ticket.pk}/customer/tier", {"tier": 10**9}, headers=HTMX).status_code == 422


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_notes_that_somebody_changed_meanwhile_keep_both(
    desk: Client, ticket: Ticket, agent: User, headers: dict[str, str]
) -> None:
    keeping.keep_notes(ticket.pk, notes="Calls at noon.", seen=mark_of(""), by=agent)
    form = {"notes": "Prefers mail.", "seen": mark_of("")}
    response = desk.post(f"/tickets/{ticket.pk}/customer/notes", form, headers=headers)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Calls at noon." in html
    assert "Prefers mail.</textarea>" in html
    assert f'name="seen" value="{mark_of("Calls at noon.")}"' in html


def test_plain_forms_lead_back_to_the_customers_page(desk: Client, ticket: Ticket) -> None:
    response = desk.post(f"/tickets/{ticket.pk}/customer/name", {"name": "Reem Al-Otaibi"})
    assert response.headers["Location"] == f"/customers/{Customer.objects.get().pk}/"
    html = desk.get(response.headers["Location"]).content.decode()
    assert "The name is kept." in html
    assert "data-undo" in html


def test_an_answer_that_helped_is_shown_and_copied_into_a_draft_only_when_asked(
    desk: Client, channel: Channel, ticket: Ticket, agent: User
) -> None:
    before = a_ticket(channel, "my bill is wrong, please", by="salem")
    an_answer(before, "We took the fee off.", by=agent)
    deliver()
    lifecycle.resolve(before.pk, by=agent)
    while indexing.index_some():
        pass
    html = panel(desk, ticket)
    assert "Solved like this before" in html
    assert "We took the fee off." in html
    assert not Draft.objects.exists()
    response = desk.post(f"/tickets/{ticket.pk}/similar/{before.pk}/use")
    assert response.status_code == 302
    assert Draft.objects.get(ticket=ticket, user=agent).text == "We took the fee off."
    assert desk.post(f"/tickets/{ticket.pk}/similar/{ticket.pk}/use").status_code == 404


def test_a_page_of_the_timeline_follows_another(desk: Client, channel: Channel, ticket: Ticket) -> None:
    for number in range(35):
        said(channel, f"still wrong {number}", by="reem", conversation_key="t1")
    address = f"/customers/account/{ticket.contact_id}/"
    html = desk.get(address).content.decode()
    assert html.count('class="r-said') == 30
    more = html.split('hx-get="?after=')[1].split('"')[0]
    rest = desk.get(f"{address}?after={more}", headers=HTMX).content.decode()
    assert rest.count('class="r-said') == 6
    assert "<html" not in rest
    assert desk.get(f"{address}?after=nonsense").status_code == 404


def test_customers_of_other_brands_do_not_exist(desk: Client) -> None:
    strange = a_ticket(a_channel(a_brand(), platform="imported"), by="stranger")
    customer = Customer.objects.create(brand=strange.brand, name="Strange")
    for address in (f"/customers/{customer.pk}/", f"/customers/account/{strange.contact_id}/"):
        assert desk.get(address).status_code == 404


def test_the_panel_speaks_the_language_of_the_page(desk: Client, brand: Brand, ticket: Ticket, other: Ticket) -> None:
    Tier.objects.create(brand=brand, name="Plus", name_ar="بلس", rank=1)
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    html = post(desk, ticket, "link", account=other.contact_id)
    assert "بلس" in html
    for english in ("Accounts", "Link an account", "Unlink", "Tier", "First seen", "Notes on", "Linked to", "Undo"):
        assert english not in html, english


def test_a_handle_in_what_was_said_keeps_its_own_direction(desk: Client, channel: Channel) -> None:
    ticket = a_ticket(channel, "@nawa_care الخط مقطوع wrong", by="reem")
    html = desk.get(f"/customers/account/{ticket.contact_id}/").content.decode()
    assert re.search(r'<bdi[^>]*dir="ltr"[^>]*>@nawa_care</bdi>', html.split('class="r-said', 1)[1])
