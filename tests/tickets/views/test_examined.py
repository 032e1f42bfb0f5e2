"""The Examined page: rows with reasons, two buttons each, a way back, and counts that follow."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from ingest.models import Channel, Correction, Message
from tests.cast import a_brand, a_channel, a_post, receive, said, ticket_of
from tests.tickets.views.conftest import HTMX
from tickets.incoming import examine
from tickets.incoming.unexamined import PAGE_SIZE
from tickets.models import Examination
from tickets.views.marks import sureness

PAGE = "/monitor/examined/"


def doubtful(channel: Channel, text: str = "I love it", by: str = "fan", p: float = 0.25) -> Message:
    """A message that was set aside although an answer may be owed."""
    message = said(channel, text, by=by)
    Message.objects.filter(pk=message.pk).update(follow_up=p, threshold=0.3)
    message.refresh_from_db()
    return message


def press(client: Client, what: str, *ids: int, name: str = "only", **more: str) -> str:
    response = client.post(f"{PAGE}{what}", {name: list(ids), **more}, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


# --- what it shows --------------------------------------------------------------------------------------------------
def test_a_row_says_what_was_said_where_by_whom_and_why_it_was_set_aside(desk: Client, channel: Channel) -> None:
    message = doubtful(channel, "I love it, <b>really</b>", by="reem")
    html = desk.get(PAGE).content.decode()
    for part in ("Reem", "@reem", channel.name, "I love it, &lt;b&gt;really", "sounds content", "No answer needed",
                 "Answer needed: 25%, a ticket from 30%", f'id="x-{message.pk}"'):  # fmt: skip
        assert part in html
    assert html.count('data-do="confirm"') == html.count('data-do="overturn"') == 1
    assert "style=" not in html


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        ({"follow_up": 0.1, "threshold": 0.4}, "Answer needed: 10%, a ticket from 40%"),
        ({"negative": 0.1, "neutral": 0.2, "positive": 0.7}, "70% sure of its tone"),
        ({}, "the model could not read it"),
    ],
)
def test_how_sure_the_model_was_is_told_in_words(reading: dict[str, float], words: str) -> None:
    assert sureness(Message(**reading)) == words


def test_a_share_keeps_its_sign_behind_it_among_arabic_words() -> None:
    with translation.override("ar"):
        assert "\u206615%\u2069" in sureness(Message(follow_up=0.15, threshold=0.2))


def test_the_two_lists_hold_what_they_say(desk: Client, channel: Channel) -> None:
    unsure, sure = doubtful(channel, "unsure"), doubtful(channel, "sure", by="b", p=0.01)
    first, second = desk.get(PAGE).content.decode(), desk.get(PAGE, {"list": "sampled"}).content.decode()
    assert (f'id="x-{unsure.pk}"' in first, f'id="x-{sure.pk}"' in first) == (True, False)
    assert (f'id="x-{unsure.pk}"' in second, f'id="x-{sure.pk}"' in second) == (False, True)
    assert desk.get(PAGE, {"list": "nonsense", "after": "nonsense"}).content.decode().count("data-do") == 2


def test_an_empty_list_says_what_comes_next(desk: Client, channel: Channel) -> None:
    assert "Everything doubtful has been looked at" in desk.get(PAGE).content.decode()
    doubtful(channel, p=0.01)
    assert "Look at samples of the rest" in desk.get(PAGE).content.decode()
    assert "Nothing was set aside" not in desk.get(PAGE, {"list": "sampled"}).content.decode()


def test_the_count_stands_in_the_rail_of_the_inbox_and_of_the_monitor(desk: Client, channel: Channel) -> None:
    doubtful(channel), doubtful(channel, by="b"), doubtful(channel, by="c", p=0.01)
    for path in ("/inbox/mine/", PAGE, "/monitor/channels/"):
        assert 'data-count="examined">2<' in desk.get(path).content.decode()
    # Beside the other counts, when open pages ask what changed.
    assert 'data-count="examined">2<' in desk.get("/inbox/mine/changes", headers=HTMX).content.decode()
    assert (
        'id="examine-unsure" hx-swap-oob="true">2<' in desk.get(PAGE, {"part": "state"}, headers=HTMX).content.decode()
    )


def test_pages_follow_one_another(desk: Client, channel: Channel) -> None:
    posts = [a_post("I love it", by=f"fan{number}") for number in range(PAGE_SIZE + 2)]
    receive(channel, *posts)
    Message.objects.update(follow_up=0.2, threshold=0.3)
    first = desk.get(PAGE).content.decode()
    assert first.count('data-do="confirm"') == PAGE_SIZE
    (after,) = re.findall(r"after=([^\"]+)", first)
    second = desk.get(PAGE, {"after": after}).content.decode()
    assert second.count('data-do="confirm"') == 2
    assert "after=" not in second


def test_the_page_costs_the_same_with_one_row_and_with_many(desk: Client, channel: Channel) -> None:
    doubtful(channel)
    desk.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        desk.get(PAGE)
    for number in range(6):
        doubtful(a_channel(channel.brand), by=f"more{number}")
    with CaptureQueriesContext(connection) as many:
        desk.get(PAGE)
    # Session, person with brands; today's, samples, ids, rows; the rail's counts.
    assert len(one) == len(many) == 7


# --- confirming -----------------------------------------------------------------------------------------------------
def test_a_confirmed_row_leaves_one_line_and_a_way_back(desk: Client, channel: Channel, agent: User) -> None:
    message, other = doubtful(channel), doubtful(channel, by="b")
    html = press(desk, "confirm", message.pk)
    assert f'<li id="x-{message.pk}" hx-swap-oob="true" data-gone>' in html
    assert f"x-{other.pk}" not in html
    assert "1 message confirmed." in html
    assert f'name="message" value="{message.pk}"' in html
    assert 'data-count="examined">1<' in html
    assert "You confirmed 1 today" in html
    assert Examination.objects.get().user == agent


def test_all_of_a_page_are_confirmed_at_once(desk: Client, channel: Channel) -> None:
    ids = [doubtful(channel, by=f"fan{number}").pk for number in range(4)]
    html = press(desk, "confirm", *ids[:3], name="message")
    assert html.count("data-gone") == 3
    assert "3 messages confirmed." in html
    assert Correction.objects.filter(label="follow_up", new="no").count() == 3
    assert 'data-count="examined">1<' in html


def test_one_button_means_one_message_whatever_else_the_form_holds(desk: Client, channel: Channel) -> None:
    a, b = doubtful(channel), doubtful(channel, by="b")
    desk.post(f"{PAGE}confirm", {"only": a.pk, "message": [a.pk, b.pk]}, headers=HTMX)
    assert list(Examination.objects.values_list("message", flat=True)) == [a.pk]


def test_a_quicker_colleague_is_told_of(desk: Client, channel: Channel, agent: User) -> None:
    message = doubtful(channel)
    examine.confirm([message.pk], by=agent)
    for what in ("confirm", "overturn"):
        html = press(desk, what, message.pk)
        assert "Somebody has looked at it already." in html
        assert "examine-undo" not in html
    assert Examination.objects.count() == 1


# --- overturning ----------------------------------------------------------------------------------------------------
def test_an_overturned_row_leads_to_its_ticket(desk: Client, channel: Channel) -> None:
    message = doubtful(channel)
    html = press(desk, "overturn", message.pk)
    ticket = ticket_of(message)
    assert f'href="/inbox/all/{ticket.pk}/"' in html
    assert f"It needs an answer: ticket {ticket.pk}." in html
    assert 'data-count="examined">0<' in html
    assert "overturned 1" in html


@pytest.mark.parametrize("data", [{}, {"only": "x"}, {"only": "١"}, {"only": "9" * 30}])
def test_a_press_that_names_no_message_does_nothing(desk: Client, data: dict[str, str]) -> None:
    assert desk.post(f"{PAGE}overturn", data).status_code == 404
    assert desk.post(f"{PAGE}confirm", data).status_code == 302
    assert desk.post(f"{PAGE}take-back", data).status_code == 302
    assert not Examination.objects.exists()


# --- undoing --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", ["confirm", "overturn"])
def test_the_last_thing_done_can_be_undone(desk: Client, channel: Channel, what: str) -> None:
    message = doubtful(channel)
    press(desk, what, message.pk)
    html = press(desk, "take-back", message.pk, name="message")
    assert f'<li id="x-{message.pk}" hx-swap-oob="true">' in html
    assert 'data-do="confirm"' in html
    assert 'data-count="examined">1<' in html
    assert "examine-undo" not in html
    assert not Correction.objects.exists()


def test_rows_come_back_only_where_their_places_still_are(desk: Client, channel: Channel) -> None:
    here, gone = doubtful(channel), doubtful(channel, by="b")
    press(desk, "confirm", here.pk, gone.pk, name="message")
    html = press(desk, "take-back", here.pk, gone.pk, name="message", shown=f"{here.pk},x")
    assert f'id="x-{here.pk}"' in html
    assert f'id="x-{gone.pk}"' not in html
    assert 'data-count="examined">2<' in html


def test_what_cannot_be_undone_says_why(desk: Client, channel: Channel, agent: User) -> None:
    message = doubtful(channel)
    press(desk, "overturn", message.pk)
    Message.objects.filter(pk=message.pk).update(disposition="answered")
    html = press(desk, "take-back", message.pk, name="message")
    assert "Too late to undo: its ticket has gone on since." in html
    assert 'role="alert"' in html
    assert "There is nothing to undo any more." in press(desk, "take-back", 999_999)


# --- without a script -----------------------------------------------------------------------------------------------
def test_every_button_is_a_form(desk: Client, channel: Channel) -> None:
    a, b = doubtful(channel), doubtful(channel, by="b")
    confirmed = desk.post(f"{PAGE}confirm", {"only": a.pk}, follow=True).content.decode()
    assert "1 message confirmed." in confirmed
    assert 'id="examine-undo"' in confirmed
    undone = desk.post(f"{PAGE}take-back", {"message": a.pk}, follow=True).content.decode()
    assert "Undone. It waits to be examined again." in undone
    overturned = desk.post(f"{PAGE}overturn", {"only": b.pk, "list": "sampled"}, follow=True)
    assert overturned.redirect_chain[0][0].startswith(f"{PAGE}?list=sampled&done=")
    assert "It needs an answer: ticket" in overturned.content.decode()
    again = desk.post(f"{PAGE}confirm", {"only": b.pk}, follow=True).content.decode()
    assert "Somebody has looked at it already." in again


def test_addresses_that_name_others_work_undo_nothing_of_it(desk: Client, channel: Channel, agent: User) -> None:
    message = doubtful(channel)
    for done in (str(message.pk), "x", "9" * 40):
        assert "examine-undo" not in desk.get(PAGE, {"done": done}).content.decode()


# --- whose it is ----------------------------------------------------------------------------------------------------
def test_the_messages_of_another_team_are_nobody_elses(desk: Client) -> None:
    elsewhere = doubtful(a_channel(a_brand()), "our secret", by="stranger")
    assert "secret" not in desk.get(PAGE).content.decode()
    for what in ("confirm", "overturn", "take-back"):
        html = press(desk, what, elsewhere.pk)
        assert "secret" not in html
        assert "Stranger" not in html
    assert not Examination.objects.exists()


def test_only_those_signed_in_see_it_and_only_presses_change_it(desk: Client) -> None:
    assert Client().get(PAGE).status_code == 302
    assert Client().post(f"{PAGE}confirm", {"only": 1}).status_code == 302
    assert desk.get(f"{PAGE}confirm").status_code == 405


def test_it_speaks_arabic(desk: Client, channel: Channel) -> None:
    doubtful(channel)
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    html = desk.get(PAGE).content.decode()
    assert 'dir="rtl"' in html
    assert "المفحوصة" in html
    assert not [word for word in ("Confirm", "Overturn", "likely", "Samples") if word in html]
