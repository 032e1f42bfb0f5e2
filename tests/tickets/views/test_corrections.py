"""The menu on a reading line: one press corrects a label, the pane comes back with the menu open in it."""

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ingest.models import Channel, Correction, Message
from tests.cast import a_brand, a_channel, a_person, a_post, a_ticket, an_answer, now, receive, said
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.incoming.corrections import correct
from tickets.models import Activity, Ticket


@pytest.fixture
def message(ticket: Ticket) -> Message:
    return Message.objects.get()


def press(client: Client, message: Message, sets: str, *, plain: bool = False, **data: Any) -> HttpResponse:
    given = {"view": "all", "set": sets, **data}
    return client.post(f"/messages/{message.pk}/correct", given, headers={} if plain else HTMX)


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def pressed(html: str) -> set[str]:
    return set(re.findall(r'id="fix-\d+-([^"]*)" aria-pressed="true"', html))


def test_every_message_of_the_customer_has_the_way_to_its_menu(
    desk: Client, channel: Channel, ticket: Ticket, agent: User
) -> None:
    an_answer(ticket, by=agent)
    receive(channel, a_post("still wrong", conversation_key="t1", posted_at=now()))
    html = text_of(desk.get(f"/inbox/all/{ticket.pk}/"))
    theirs = Message.objects.filter(direction="in").order_by("posted_at").values_list("pk", flat=True)
    assert [int(pk) for pk in re.findall(r'<details class="r-menu r-fix" id="fix-(\d+)">', html)] == list(theirs)
    assert html.count('hx-trigger="toggle from:closest details once"') >= 2


def test_a_deleted_message_has_nothing_to_correct(desk: Client, ticket: Ticket, message: Message) -> None:
    Message.objects.update(deleted_at=now(), text="")
    assert "r-fix" not in text_of(desk.get(f"/inbox/all/{ticket.pk}/"))
    assert "Its author deleted it." in text_of(desk.get(f"/messages/{message.pk}/correct", headers=HTMX))
    assert press(desk, message, "sentiment:neutral").status_code == 422


def test_the_menu_shows_what_stands(desk: Client, message: Message) -> None:
    Message.objects.update(cues=["complaint", "question"], trigger="overcharging")
    html = text_of(desk.get(f"/messages/{message.pk}/correct?view=all", headers=HTMX))
    assert "<html" not in html
    assert pressed(html) == {
        "sentiment-negative", "follow_up-yes", "reasons-complaint", "reasons-question", "urgency-normal",
        "trigger-overcharging", "aim-none",
    }  # fmt: skip
    assert 'hx-target="#pane" hx-swap="pane"' in html


def test_trigger_and_aim_are_asked_of_complaints_and_faults_only(desk: Client, message: Message) -> None:
    address = f"/messages/{message.pk}/correct"
    assert "trigger" not in text_of(desk.get(address, headers=HTMX))
    html = text_of(press(desk, message, "reasons:+fault_report"))
    assert "trigger-none" in pressed(html)


@pytest.mark.parametrize(
    ("sets", "written"),
    [
        ("sentiment:positive", {"negative": 0.0, "neutral": 0.0, "positive": 1.0}),
        ("follow_up:no", {"disposition": "no_answer", "follow_up": 0.0}),
        ("reasons:+complaint", {"cues": ["complaint"]}),
        ("urgency:high", {"urgency": "high"}),
        ("trigger:rudeness", {"trigger": "rudeness"}),
        ("aim:apology", {"aim": "apology"}),
    ],
)
def test_one_press_corrects_and_the_menu_stays_open_in_the_pane(
    desk: Client, message: Message, agent: User, sets: str, written: dict[str, Any]
) -> None:
    response = press(desk, message, sets)
    html = text_of(response)
    assert response.status_code == 200
    assert 'id="ticket"' in html
    assert f'id="fix-{message.pk}" open>' in html
    assert sets.replace(":+", "-").replace(":", "-") in pressed(html)
    assert "corrected by a person" in html
    assert Message.objects.values(*written).get() == written
    assert Correction.objects.get().user == agent


def test_a_second_press_takes_a_reason_away(desk: Client, message: Message) -> None:
    html = text_of(press(desk, message, "reasons:+question"))
    assert 'value="reasons:-question"' in html
    press(desk, message, "reasons:-question")
    assert Message.objects.get().cues == []
    assert Correction.objects.count() == 2


def test_the_line_says_which_labels_a_person_corrected_and_the_menu_who(
    desk: Client, ticket: Ticket, message: Message, channel: Channel
) -> None:
    correct(message.pk, label="sentiment", value="neutral", by=a_person(channel.brand, name="Lina Said"))
    html = text_of(desk.get(f"/inbox/all/{ticket.pk}/"))
    assert "A person corrected: Sentiment." in html
    menu = text_of(desk.get(f"/messages/{message.pk}/correct", headers=HTMX))
    assert menu.count("Lina Said") == 1
    User.objects.filter(name="Lina Said").delete()
    assert "a person" in text_of(desk.get(f"/messages/{message.pk}/correct", headers=HTMX))


def test_the_record_of_the_ticket_tells_it(desk: Client, ticket: Ticket, message: Message) -> None:
    press(desk, message, "sentiment:neutral")
    html = text_of(press(desk, message, "reasons:+praise"))
    assert "<bdi>Huda Al-Amri</bdi> corrected the sentiment: Neutral (was: Negative)" in html
    assert "<bdi>Huda Al-Amri</bdi> corrected the reasons: Praise (was: none)" in html


def test_the_record_speaks_arabic_too(agent: User, ticket: Ticket, message: Message) -> None:
    client = signed_in(agent, accept_language="ar")
    html = text_of(press(client, message, "sentiment:neutral"))
    assert "تصحيح المشاعر بيد" in html
    assert "محايد" in html


def test_without_a_script_the_menu_is_a_page_and_a_press_leads_back_to_the_ticket(
    desk: Client, ticket: Ticket, message: Message
) -> None:
    page = text_of(desk.get(f"/messages/{message.pk}/correct?view=all"))
    assert "<html" in page
    assert "my bill is wrong" in page
    response = press(desk, message, "urgency:high", plain=True)
    assert response.headers["Location"] == f"/inbox/all/{ticket.pk}/"
    refused = press(desk, message, "mood:high", plain=True)
    assert refused.status_code == 422
    assert "<html" in text_of(refused)


@pytest.mark.parametrize(
    "sets",
    ["", "sentiment", "sentiment:angry", "mood:bad", "reasons:complaint", "reasons:+weather", "reasons:", "x" * 999],
)
def test_a_press_of_an_old_page_is_refused_in_words(desk: Client, message: Message, sets: str) -> None:
    response = press(desk, message, sets)
    assert response.status_code == 422
    assert "out of date" in text_of(response)
    assert not Correction.objects.exists()


def test_a_message_on_no_ticket_answers_with_its_menu_and_goes_onto_one(desk: Client, channel: Channel) -> None:
    message = said(channel, "thanks, I love it")
    response = press(desk, message, "urgency:high", alone="1")
    assert "urgency-high" in pressed(text_of(response))
    assert 'hx-target="closest .r-menu-box"' in text_of(response)
    plain = press(desk, message, "urgency:low", plain=True)
    assert plain.headers["Location"] == f"/messages/{message.pk}/correct"
    assert "follow_up-yes" in pressed(text_of(press(desk, message, "follow_up:yes", alone="1")))
    assert Ticket.objects.get().is_live


def test_a_label_that_says_so_already_leaves_no_trace(desk: Client, message: Message) -> None:
    assert press(desk, message, "sentiment:negative").status_code == 200
    assert not Correction.objects.exists()
    assert not Activity.objects.filter(verb="corrected").exists()


def test_nobody_corrects_the_message_of_another_team_or_one_of_ours(desk: Client, ticket: Ticket, agent: User) -> None:
    elsewhere = Message.objects.get(pk=a_ticket(a_channel(a_brand()), by="stranger").entries.get().message_id)
    ours = an_answer(ticket, by=agent).message
    for message in (elsewhere, ours):
        assert press(desk, message, "sentiment:positive").status_code == 404
        assert desk.get(f"/messages/{message.pk}/correct").status_code == 404
    assert not Correction.objects.exists()


def test_people_who_are_not_signed_in_are_sent_to_the_door(message: Message) -> None:
    response = Client().post(f"/messages/{message.pk}/correct", {"set": "sentiment:positive"})
    assert response.headers["Location"].startswith("/sign-in/")


def test_a_menu_and_a_press_cost_few_queries(desk: Client, channel: Channel, message: Message) -> None:
    receive(channel, *[a_post(f"wrong {n}", conversation_key="t1") for n in range(5)])
    press(desk, message, "urgency:high")

    def cost(ask: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ask().status_code == 200
        return len(queries)

    assert cost(lambda: desk.get(f"/messages/{message.pk}/correct", headers=HTMX)) <= 5
    assert cost(lambda: press(desk, message, "urgency:low")) <= 36
