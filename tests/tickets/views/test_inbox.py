"""Inbox pages: what they hold, what they cost, and what they say when something is wrong."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_care_reader, a_channel, a_person, a_post, a_ticket, now, receive
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.answering.saved_replies import Scope
from tickets.listing import saved_views
from tickets.listing.lists import VIEWS
from tickets.listing.saved_views import Wish
from tickets.models import Incident, Tag, Ticket


def queries_of(client: Client, address: str, **headers: str) -> int:
    """How many queries a page costs once the process knows its brand names."""
    client.get(address, headers=headers)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address, headers=headers)
    assert response.status_code == 200
    return len(queries)


def test_the_first_page_is_my_list(desk: Client) -> None:
    assert desk.get("/", follow=True).redirect_chain[-1][0] == "/inbox/mine/"


@pytest.mark.parametrize("slug", VIEWS)
def test_every_list_has_a_page_of_at_most_eight_queries(desk: Client, channel: Channel, agent: User, slug: str) -> None:
    bill = Tag.objects.create(name="Bill", brand=channel.brand)
    outage = Incident.objects.create(brand=channel.brand, name="Fibre down", begins_at=now())
    for number in range(3):
        ticket = a_ticket(channel, by=f"c{number}")
        Ticket.objects.filter(pk=ticket.pk).update(
            assignee=agent if number else None, status="pending", tags=[bill.pk], priority=2, incident=outage
        )
    for name in ("One", "Two"):
        saved_views.keep(Wish(name, {"list": "unassigned", "language": "en"}, "next", Scope()), by=agent)
    for sort in ("", "?sort=negative"):
        assert queries_of(desk, f"/inbox/{slug}/{sort}") <= 8
    assert queries_of(desk, f"/inbox/{slug}/?language=en&channel={channel.pk}") <= 10


def test_pages_follow_one_another_without_a_gap(desk: Client, channel: Channel) -> None:
    receive(channel, *[a_post(by=f"c{number}") for number in range(53)])
    first = desk.get("/inbox/unassigned/").content.decode()
    more = re.search(r'hx-get="/inbox/unassigned/\?([^"]*)part=rows"', first)
    assert more
    rest = desk.get("/inbox/unassigned/?" + more[1].replace("&amp;", "&") + "part=rows", headers=HTMX).content.decode()
    ids = [re.findall(r'<li id="t-(\d+)"', html) for html in (first, rest)]
    assert [len(found) for found in ids] == [50, 3]
    assert len(set(ids[0] + ids[1])) == 53
    assert "<html" not in rest
    assert "r-more" not in rest
    # Beside an open ticket, whose address is another, it is the list that goes on.
    beside = desk.get(f"/inbox/unassigned/{Ticket.objects.all()[0].pk}/").content.decode()
    assert f'hx-get="/inbox/unassigned/?{more[1]}part=rows"' in beside


def test_a_filtered_list_says_how_many_it_holds_and_bulk_work_means_these(desk: Client, channel: Channel) -> None:
    receive(channel, *[a_post(by=f"c{number}") for number in range(5)])
    Ticket.objects.filter(pk__in=Ticket.objects.values("pk")[:2]).update(language="ar")
    html = desk.get("/inbox/unassigned/?language=ar").content.decode()
    assert html.count('<li id="t-') == 2
    assert '<span class="n dim">2</span>' in html
    assert 'data-total="2"' in html
    # Over years of what is done it would cost more than it tells.
    assert 'data-total=""' in desk.get("/inbox/all/?language=ar").content.decode()
    assert 'data-total="2"' in desk.get("/inbox/all/?language=ar&status=new&status=open").content.decode()
    assert 'data-total="5"' in desk.get("/inbox/all/").content.decode()


def test_a_list_with_a_ticket_is_a_whole_page_and_a_part_for_the_script(desk: Client, ticket: Ticket) -> None:
    address = f"/inbox/unassigned/{ticket.pk}/"
    page, part = desk.get(address), desk.get(address, headers=HTMX)
    assert b"<html" in page.content
    assert b'id="listpane"' in page.content
    assert b"<html" not in part.content
    assert b'id="listpane"' not in part.content
    assert all(b'id="ticket"' in response.content for response in (page, part))
    assert "HX-Request" in page.headers["Vary"]
    assert page.headers["Cache-Control"] == "no-store"
    assert queries_of(desk, address) <= 15
    assert queries_of(desk, address, **HTMX) <= 13


def test_a_ticket_shows_its_words_reading_and_reasons(desk: Client, ticket: Ticket) -> None:
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    for part in ("my bill is wrong", "Negative", "−0.87", "Needs an answer", "Because:", "@reem", "0/280"):
        assert part in html, part


def test_every_message_shows_what_was_read_in_it_and_on_a_closer_look_by_whom(desk: Client, channel: Channel) -> None:
    ticket = a_ticket(channel, "my line is down", external_id="q1", conversation_key="t1", read=a_care_reader)
    receive(channel, a_post("it is <b>down</b> now?", conversation_key="t1"), read=a_care_reader)
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    older, newest = html.split('class="r-msg newest"')
    assert "my line is <mark>down</mark>" in older
    assert "it is &lt;b&gt;<mark>down&lt;/b&gt;</mark> now?" in newest
    for part in ("Negative", "complains", "delay or outage", "a solution", "Read by test-reader 1."):
        assert part in older.split('id="reading-')[1], part
    assert "Urgent" not in older.split('id="reading-')[1]
    assert "Urgent" in newest
    assert "Because:" in newest


def test_a_reading_that_a_person_corrected_says_so(desk: Client, ticket: Ticket) -> None:
    Message.objects.update(person_said=["sentiment"])
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "corrected by a person" in html


def test_readings_speak_the_language_of_the_page(desk: Client, channel: Channel) -> None:
    ticket = a_ticket(channel, "my line is down", read=a_care_reader)
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    for english in ("delay or outage", "a solution", "Read by", "complains", "Trigger"):
        assert english not in html, english


def test_readings_cost_no_query(desk: Client, channel: Channel) -> None:
    plain = a_ticket(channel, by="sara")
    rich = a_ticket(channel, "my line is down", read=a_care_reader)
    asked = [queries_of(desk, f"/inbox/all/{ticket.pk}/", **HTMX) for ticket in (plain, rich)]
    assert asked[0] == asked[1]


def test_a_text_that_could_not_be_read_says_so(desk: Client, ticket: Ticket) -> None:
    Message.objects.update(positive=None, negative=None, neutral=None, read_error="<odd> token")
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "The model could not read this:" in html
    assert "&lt;odd&gt; token" in html


def test_what_a_customer_writes_stays_words(desk: Client, channel: Channel) -> None:
    ticket = a_ticket(channel, text="wrong <script>alert(1)</script>", by="x")
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_deleted_message_shows_no_text(desk: Client, ticket: Ticket) -> None:
    Message.objects.update(deleted_at=now(), text="")
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "Deleted by its author on Fake." in html


@pytest.mark.parametrize("part", ["", "updates"])
def test_the_ticket_of_another_team_does_not_exist(desk: Client, part: str) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), by="stranger")
    for address in (f"/inbox/all/{elsewhere.pk}/{part}", f"/tickets/{elsewhere.pk}/people"):
        assert desk.get(address).status_code == 404


def test_nothing_here_is_said_in_our_look(desk: Client) -> None:
    response = desk.get("/inbox/nowhere/")
    assert response.status_code == 404
    assert b"There is nothing here" in response.content


def test_a_bad_cursor_begins_again_and_says_so(desk: Client, ticket: Ticket) -> None:
    html = desk.get("/inbox/unassigned/?after=nonsense").content.decode()
    assert "does not work any more" in html
    assert f'id="t-{ticket.pk}"' in html


def test_a_filter_nobody_offered_is_left_out_and_named(desk: Client, ticket: Ticket) -> None:
    html = desk.get("/inbox/unassigned/?language=tlh&sentiment=negative").content.decode()
    assert "left out: Language." in html
    assert f'id="t-{ticket.pk}"' in html
    assert "Negative" in html


def test_filters_are_kept_from_page_to_ticket(desk: Client, ticket: Ticket) -> None:
    html = desk.get("/inbox/unassigned/?sentiment=negative").content.decode()
    assert f'href="/inbox/unassigned/{ticket.pk}/?sentiment=negative"' in html
    assert f'id="t-{ticket.pk}"' not in desk.get("/inbox/unassigned/?sentiment=positive").content.decode()


def test_the_filters_open_with_the_channels_one_may_see(desk: Client, channel: Channel) -> None:
    hidden = a_channel(a_brand(), name="Somebody else's channel")
    for headers in ({}, HTMX):
        html = desk.get("/inbox/mine/?part=filters", headers=headers).content.decode()
        assert channel.name in html
        assert hidden.name not in html


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("mine", "Nothing waits for you"),
        ("unassigned", "Everybody has somebody"),
        ("waiting", "No customer owes you a word"),
        ("team", "Your team has nothing to do"),
        ("breaching", "Nobody is about to wait too long"),
        ("mentions", "Nobody has mentioned you"),
        ("snoozed", "Nothing of yours sleeps"),
        ("all", "No tickets yet"),
        ("all/?status=closed", "No ticket fits these filters"),
    ],
)
def test_an_empty_list_says_what_will_be_here(desk: Client, slug: str, words: str) -> None:
    assert (
        words in desk.get(f"/inbox/{slug}").content.decode()
        if "?" in slug
        else desk.get(f"/inbox/{slug}/").content.decode()
    )


def test_arabic_pages_are_right_to_left(agent: User, ticket: Ticket) -> None:
    client = signed_in(agent, accept_language="ar")
    html = client.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert '<html lang="ar" dir="rtl"' in html
    assert "تذاكري" in html
    assert "tabler.rtl.min.css" in html


def test_people_who_are_not_signed_in_are_sent_to_the_door(ticket: Ticket) -> None:
    for address in ("/inbox/mine/", f"/inbox/mine/{ticket.pk}/", "/live/changes", "/monitor/books/"):
        response = Client().get(address)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/sign-in/")


def test_no_page_needs_inline_scripts_or_styles(desk: Client, ticket: Ticket) -> None:
    for address in (f"/inbox/all/{ticket.pk}/", "/analyse/", "/monitor/channels/", "/profile/"):
        html = desk.get(address).content.decode()
        assert not re.findall(r"\sstyle=|\son\w+=|<style", html)
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_the_assign_menu_lists_those_with_room_first(desk: Client, ticket: Ticket, channel: Channel) -> None:
    a_person(channel.brand, name="Zeina", available=True)
    a_person(channel.brand, name="Aya", available=True, capacity=0)
    html = desk.get(f"/tickets/{ticket.pk}/people?view=all", headers=HTMX).content.decode()
    assert html.index("Zeina") < html.index("Aya") < html.index("Huda Al-Amri")
    assert "<html" in desk.get(f"/tickets/{ticket.pk}/people").content.decode()


def test_the_clock_of_a_ticket_whose_target_passed_is_overdue(desk: Client, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(due_at=now() - timedelta(minutes=5))
    assert "r-clock fs2 late" in desk.get(f"/inbox/all/{ticket.pk}/", headers=HTMX).content.decode()
