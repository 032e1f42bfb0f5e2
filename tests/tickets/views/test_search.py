"""The pages of search: what they show, what they cost, and what they say where nothing is found."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_ticket, an_answer, deliver
from tests.tickets.listing.search.conftest import work_off_words
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.listing.search import finding
from tickets.models import Incident, Ticket
from tickets.verbs import lifecycle


def page(desk: Client, address: str, **headers: str) -> str:
    """A page, or a part of one, once search knows every word."""
    work_off_words()
    response = desk.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_what_was_found_stands_beside_the_ticket_with_its_words_marked(desk: Client, ticket: Ticket) -> None:
    html = page(desk, "/search/?q=bills")
    assert "my <mark>bill</mark> is wrong" in html
    assert f'href="/search/{ticket.pk}/?q=bills"' in html
    opened = page(desk, f"/search/{ticket.pk}/?q=bills")
    assert f'data-ticket="{ticket.pk}" aria-current="true"' in opened
    assert 'id="thread"' in opened
    assert "<html" not in page(desk, f"/search/{ticket.pk}/?q=bills", **HTMX)


def test_arabic_words_are_marked_whole_as_they_were_written(desk: Client, channel: Channel) -> None:
    a_ticket(channel, "الفَاتُورَةُ خطأ wrong وفاتـــورتي أيضا")
    html = page(desk, "/search/?q=فاتورة")
    assert re.findall("<mark>(.*?)</mark>", html) == ["الفَاتُورَةُ", "وفاتـــورتي"]


def test_a_long_text_is_shown_from_where_the_words_are(desk: Client, channel: Channel) -> None:
    a_ticket(channel, "wrong " + "and so on " * 60 + "the parcel never came " + "and so on " * 60)
    html = page(desk, "/search/?q=parcel")
    assert re.search(r"… [^<]{10,30}<mark>parcel</mark> never came [^<]+ …", html)


def test_what_a_customer_writes_stays_words(desk: Client, channel: Channel) -> None:
    a_ticket(channel, "my bill <script>alert(1)</script> is wrong", by="<b>x</b>")
    html = page(desk, "/search/?q=" + "bill%20%3Cscript%3E")
    assert "<script>alert" not in html
    assert "<b>x" not in html.lower()
    assert "&lt;<mark>script</mark>&gt;" in html


def test_an_answer_names_who_gave_it_and_a_note_that_it_is_one(
    desk: Client, ticket: Ticket, agent: User, channel: Channel
) -> None:
    an_answer(ticket, "We corrected the surcharge.", by=agent)
    deliver()
    assert "Huda Al-Amri" in page(desk, "/search/?q=surcharge").split('id="list"')[1].split("</ul>")[0]
    other = a_ticket(channel, "wrong parcel", by="omar")
    lifecycle.note(other.pk, text="ask the warehouse", by=agent)
    row = page(desk, "/search/?q=warehouse").split('id="list"')[1].split("</ul>")[0]
    assert "ask the <mark>warehouse</mark>" in row
    assert "Note" in row


def test_a_row_says_which_open_incident_its_ticket_belongs_to_and_no_query_more_is_asked(
    desk: Client, ticket: Ticket
) -> None:
    def found() -> str:
        return page(desk, "/search/?q=bill").split('id="list"')[1].split("</ul>")[0]

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get("/search/?q=bill")
        return len(asked)

    assert "<bdi title=" not in found()
    before = queries()
    outage = Incident.objects.create(brand=ticket.brand, name="Fibre is down in the <north>", begins_at=timezone.now())
    Ticket.objects.filter(pk=ticket.pk).update(incident=outage)
    assert '<bdi title="Fibre is down in the &lt;north&gt;">Fibre is down in th…</bdi>' in found()
    assert queries() == before
    Incident.objects.update(closed_at=timezone.now())
    assert "<bdi title=" not in found()


def test_a_number_brings_its_ticket_first(desk: Client, channel: Channel, ticket: Ticket) -> None:
    other = a_ticket(channel, f"wrong amount: {ticket.pk}", by="omar")
    html = page(desk, f"/search/?q={ticket.pk}")
    assert re.findall(r'<li id="t-(\d+)"', html) == [str(ticket.pk), str(other.pk)]


def test_tickets_of_other_teams_are_not_found_and_not_opened(desk: Client) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), by="stranger")
    for question in ("bill", f"%23{elsewhere.pk}", "@stranger"):
        assert f'id="t-{elsewhere.pk}"' not in page(desk, f"/search/?q={question}")
    assert desk.get(f"/search/{elsewhere.pk}/?q=bill").status_code == 404


def test_filters_of_lists_hold_for_search_and_are_kept(desk: Client, ticket: Ticket) -> None:
    kept = f"/search/{ticket.pk}/?q=bill&amp;sentiment=negative".replace("&amp;", "&")
    assert kept in page(desk, "/search/?q=bill&sentiment=negative").replace("&amp;", "&")
    html = page(desk, "/search/?q=bill&sentiment=positive")
    assert f'id="t-{ticket.pk}"' not in html
    assert "No ticket with these words fits the filters." in html
    assert 'name="q" value="bill"' in page(desk, "/search/?q=bill&part=filters", **HTMX)


def test_an_empty_page_teaches_and_one_that_found_nothing_says_what_to_try(desk: Client, ticket: Ticket) -> None:
    assert "فاتورتي" in page(desk, "/search/")
    assert "charged, charging" in page(desk, "/search/")
    assert "Try fewer words" in page(desk, "/search/?q=zebra")
    assert "Add a word that should be there." in page(desk, "/search/?q=-zebra")


def test_a_search_that_takes_too_long_says_so(desk: Client, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "FOUND_SQL", "SELECT pg_sleep(30), " + finding.FOUND_SQL.strip()[len("SELECT ") :])
    html = page(desk, "/search/?q=bill")
    assert "This search took too long and was stopped." in html


def test_more_rows_come_by_the_cursor(desk: Client, channel: Channel) -> None:
    for number in range(52):
        a_ticket(channel, "wrong", by=f"c{number}")
    first = page(desk, "/search/?q=wrong")
    assert '<span class="n" id="count">50+</span>' in first
    more = re.search(r'hx-get="(/search/\?[^"]*part=rows)"', first)
    assert more
    rest = page(desk, more[1].replace("&amp;", "&"), **HTMX)
    ids = [re.findall(r'<li id="t-(\d+)"', html) for html in (first, rest)]
    assert [len(found) for found in ids] == [50, 2]
    assert len(set(ids[0] + ids[1])) == 52
    assert "does not work any more" in page(desk, "/search/?q=wrong&after=nonsense")


def test_a_page_takes_the_same_few_queries_whatever_it_finds(desk: Client, channel: Channel) -> None:
    costs = []
    for turn in range(2):
        for number in range(20):
            a_ticket(channel, "wrong", by=f"c{turn}-{number}")
        page(desk, "/search/?q=wrong")
        with CaptureQueriesContext(connection) as queries:
            desk.get("/search/?q=wrong")
        # The test's own transaction adds a savepoint.
        costs.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
    assert costs[0] == costs[1] <= 12


def test_the_part_that_is_asked_for_while_typing_is_the_list_alone(desk: Client, ticket: Ticket) -> None:
    html = page(desk, "/search/?q=bill&part=found", **HTMX)
    assert 'data-query="q=bill"' in html
    assert f'id="t-{ticket.pk}"' in html
    assert 'id="q"' not in html


def test_search_in_arabic_is_right_to_left_and_speaks_it(agent: User, ticket: Ticket) -> None:
    html = page(signed_in(agent, accept_language="ar"), "/search/")
    assert 'dir="rtl"' in html
    assert "ابحث فيما قيل" in html
