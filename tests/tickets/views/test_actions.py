"""The ticket's menu: each form offers and does, says what was done, and gives a way back, with and without a script."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from ingest.models import Channel, Message
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, fresh, receive
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.models import Activity, Tag, Ticket
from tickets.verbs import tagging


def press(client: Client, address: str, *, plain: bool = False, **data: Any) -> HttpResponse:
    return client.post(address, {"view": "all", **data}, headers={} if plain else HTMX)


def told(response: HttpResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.headers["HX-Trigger"])
    return found


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("snooze", "Tomorrow morning"),
        ("tags", "type a new one"),
        ("priority", "Urgent"),
        ("merge", "Number, handle or name"),
        ("link", "Number, handle or name"),
        ("split", "a ticket of their own"),
        ("no-answer", "Nothing is asked"),
    ],
)
def test_each_form_is_a_part_of_the_menu_and_a_page_of_its_own(
    desk: Client, ticket: Ticket, form: str, words: str
) -> None:
    part = desk.get(f"/tickets/{ticket.pk}/{form}?view=all", headers=HTMX)
    page = desk.get(f"/tickets/{ticket.pk}/{form}?view=all")
    assert words in part.content.decode()
    assert b"<html" not in part.content
    assert words in page.content.decode()
    assert b"<html" in page.content
    stranger = signed_in(a_person(a_brand()))
    assert stranger.get(f"/tickets/{ticket.pk}/{form}").status_code == 404
    assert press(stranger, f"/tickets/{ticket.pk}/{form}").status_code == 404


def test_snoozing_leaves_the_ticket_and_offers_undo(desk: Client, ticket: Ticket) -> None:
    response = press(desk, f"/tickets/{ticket.pk}/snooze", until="tomorrow")
    line = Activity.objects.get(verb="snoozed")
    html = response.content.decode()
    assert told(response) == {"radd:left": {"ticket": ticket.pk}}
    assert fresh(ticket).status == "snoozed"
    assert "Snoozed." in html
    assert f"/undo/{line.pk}" in html
    back = press(desk, f"/undo/{line.pk}")
    assert told(back) == {"radd:opened": {"ticket": ticket.pk}}
    assert fresh(ticket).status == "new"
    assert press(desk, f"/undo/{line.pk}").status_code == 422


def test_without_a_script_the_next_page_offers_undo(desk: Client, ticket: Ticket) -> None:
    response = press(desk, f"/tickets/{ticket.pk}/priority", plain=True, to="1")
    page = desk.get(response.headers["Location"]).content.decode()
    assert "Priority changed." in page
    line = Activity.objects.get(verb="prioritised")
    assert f'action="/undo/{line.pk}"' in page
    press(desk, f"/undo/{line.pk}", plain=True)
    assert fresh(ticket).priority == 3


def test_undo_without_a_number_takes_back_the_last_thing(desk: Client, ticket: Ticket) -> None:
    press(desk, f"/tickets/{ticket.pk}/resolve")
    assert fresh(ticket).status == "resolved"
    assert press(desk, "/undo").status_code == 200
    assert fresh(ticket).status == "new"
    nothing = press(desk, "/undo")
    assert "nothing to undo" in nothing.content.decode()
    assert nothing.headers["HX-Reswap"] == "none"


def test_somebody_elses_deed_is_not_there_to_be_undone(desk: Client, ticket: Ticket) -> None:
    other = a_person(ticket.brand)
    press(signed_in(other), f"/tickets/{ticket.pk}/priority", to="1")
    assert press(desk, f"/undo/{Activity.objects.get(verb='prioritised').pk}").status_code == 404


def test_a_tag_is_made_as_it_is_typed_shown_and_taken_off(desk: Client, ticket: Ticket) -> None:
    html = press(desk, f"/tickets/{ticket.pk}/tags", name="<b>فوترة</b>").content.decode()
    tag = Tag.objects.get()
    assert fresh(ticket).tags == [tag.pk]
    assert "&lt;b&gt;فوترة" in html
    assert "<b>فوترة" not in html
    press(desk, f"/tickets/{ticket.pk}/tags", tag=tag.pk)
    assert fresh(ticket).tags == []
    assert press(desk, f"/tickets/{ticket.pk}/tags", tag="x").status_code == 422


def test_merging_opens_the_ticket_that_stays_and_undo_the_one_that_went(
    desk: Client, channel: Channel, ticket: Ticket
) -> None:
    other = a_ticket(channel, "the app is down", by="sami")
    found = desk.get(f"/tickets/{other.pk}/merge?q=%23{ticket.pk}", headers=HTMX).content.decode()
    assert f'value="{ticket.pk}"' in found
    merged = press(desk, f"/tickets/{other.pk}/merge", into=ticket.pk)
    assert json.loads(merged.headers["HX-Trigger"])["radd:opened"] == {"ticket": ticket.pk}
    html = merged.content.decode()
    assert f'data-ticket="{ticket.pk}"' in html
    assert "the app is down" in html
    back = press(desk, "/undo")
    assert f'data-ticket="{other.pk}"' in back.content.decode()
    assert press(desk, f"/tickets/{other.pk}/merge", into="x").status_code == 422
    assert press(desk, f"/tickets/{other.pk}/merge", into=10**9).status_code == 422


def test_another_brands_ticket_is_neither_found_nor_merged(desk: Client, ticket: Ticket) -> None:
    strange = a_ticket(a_channel(a_brand(), platform="fake"), by="nour")
    found = desk.get(f"/tickets/{ticket.pk}/merge?q=%23{strange.pk}", headers=HTMX).content.decode()
    assert f'value="{strange.pk}"' not in found
    assert press(desk, f"/tickets/{ticket.pk}/merge", into=strange.pk).status_code == 422


def test_chosen_messages_are_split_off(desk: Client, channel: Channel, ticket: Ticket) -> None:
    second = receive(channel, a_post("also broken", conversation_key="t1"))[0]
    assert press(desk, f"/tickets/{ticket.pk}/split").status_code == 422
    press(desk, f"/tickets/{ticket.pk}/split", message=[second.pk])
    assert Ticket.objects.get(split_off=True).entries.get().message == second


def test_no_answer_wants_a_reason_and_spam_none(desk: Client, channel: Channel, ticket: Ticket) -> None:
    assert press(desk, f"/tickets/{ticket.pk}/no-answer").status_code == 422
    press(desk, f"/tickets/{ticket.pk}/no-answer", reason="thanks", text="so kind")
    assert Message.objects.get().disposition == "no_answer"
    page = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "Only thanks or praise" in page
    other = a_ticket(channel, "wrong price, buy now", by="bot")
    press(desk, f"/tickets/{other.pk}/spam")
    assert fresh(other).status == "closed"


def test_the_next_right_one_is_taken_and_opened(desk: Client, ticket: Ticket, agent: User) -> None:
    response = desk.post("/tickets/next")
    assert response.headers["Location"] == f"/inbox/mine/{ticket.pk}/"
    assert fresh(ticket).assignee == agent
    assert desk.post("/tickets/next").headers["Location"] == "/inbox/mine/"


def test_a_ticket_page_with_all_of_it_asks_at_most_fifteen_questions(
    desk: Client, channel: Channel, ticket: Ticket, django_assert_max_num_queries: Any
) -> None:
    tags = [tagging.make(name, ticket=ticket).pk for name in "abc"]
    tagging.tag(ticket.pk, add=tags, by=None)
    desk.post(f"/tickets/{ticket.pk}/link", {"to": a_ticket(channel, by="sami").pk})
    with django_assert_max_num_queries(15):
        desk.get(f"/inbox/all/{ticket.pk}/", headers=HTMX)


@pytest.mark.parametrize(
    ("verb", "name"), [("tags", "tag"), ("priority", "to"), ("merge", "into"), ("link", "to"), ("incident", "to")]
)
def test_a_number_longer_than_any_row_has_is_refused_in_words(
    desk: Client, ticket: Ticket, verb: str, name: str
) -> None:
    assert press(desk, f"/tickets/{ticket.pk}/{verb}", **{name: "9" * 5_000}).status_code == 422
