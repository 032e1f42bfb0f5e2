"""An answer's true state on the page: what it goes out as, what it waits for, why it was not sent, what can be done."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Cannot, Json, Kind
from tests.cast import FakePlatform, an_answer
from tests.tickets.views.conftest import HTMX
from tests.tickets.views.test_verbs import press, write
from tickets.answering import composing
from tickets.models import Ticket
from tickets.views.sending import ELSEWHERE, ERRORS

LONG = "This is a sentence of the answer. " * 12
CODE = re.compile(r'(?:PlatformError|OutcomeUnknown|_unsure|unsure)\(\s*"([a-z_]+)"')


@pytest.fixture
def shut(platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform lets us answer only who named us."""

    def can_reply(self: object, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        return Cannot.NOT_SUMMONED

    monkeypatch.setattr(platform, "can_reply", can_reply)


def page(desk: Client, ticket: Ticket) -> str:
    return desk.get(f"/inbox/all/{ticket.pk}/").content.decode()


# --- while it is written --------------------------------------------------------------------------------------------
def test_the_count_tells_how_many_posts_a_long_answer_becomes_and_shows_them(desk: Client, ticket: Ticket) -> None:
    html = press(desk, f"/tickets/{ticket.pk}/length", text=LONG).content.decode()
    assert "2 posts" in html
    assert "r-len over" not in html
    assert "answer. 1/2</li>" in html
    assert "answer. 2/2</li>" in html
    assert 'id="split" hx-swap-oob="true"' in html


def test_the_count_tells_why_a_long_answer_does_not_go_out_in_posts(desk: Client, ticket: Ticket) -> None:
    html = press(desk, f"/tickets/{ticket.pk}/length", text="x" * 281).content.decode()
    assert "One word is longer than a post" in html
    assert "One word is longer" in write(desk, ticket, "x" * 281).content.decode()


def test_a_short_answer_costs_the_count_no_more_queries_than_before(
    desk: Client, ticket: Ticket, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(7):
        press(desk, f"/tickets/{ticket.pk}/length", text="short")


def test_a_link_that_makes_an_answer_dear_is_told_with_its_price() -> None:
    assert composing.dear("x", ["We are on it."]) is None
    told = composing.dear("x", ["See https://nawa.com/help"])
    assert told is not None
    assert told[0] > 3 * told[1] > Decimal(0)
    assert composing.dear("mastodon", ["See https://nawa.com/help"]) is None


# --- on its way -----------------------------------------------------------------------------------------------------
def test_the_page_shows_one_answer_with_its_posts(desk: Client, ticket: Ticket, agent: User, settings: Any) -> None:
    settings.UNDO_SECONDS = 60
    html = write(desk, ticket, LONG).content.decode()
    assert html.count('class="r-msg out') == 1
    assert html.count("data-undo") == 1
    first, second = Delivery.objects.order_by("id")
    Delivery.objects.filter(pk=first.pk).update(state="sent", first_tried_at=timezone.now())
    Delivery.objects.filter(pk=second.pk).update(
        state="waiting", first_tried_at=timezone.now(), due_at=timezone.now() + timedelta(minutes=9, seconds=30)
    )
    html = page(desk, ticket)
    assert "1 of 2 posts sent" in html
    assert "Waiting for Fake" in html
    assert "next try in 09:" in html
    response = press(desk, f"/deliveries/{first.key}/take-back")
    assert "This is a sentence" in response.content.decode().split("<textarea")[1].split("</textarea>")[0]
    assert Delivery.objects.get(pk=second.pk).state == "cancelled"


def test_an_unknown_outcome_is_explained_and_can_be_settled_by_a_person(
    desk: Client, ticket: Ticket, agent: User
) -> None:
    sent = an_answer(ticket, by=agent)
    Delivery.objects.update(state="unknown", first_tried_at=timezone.now())
    assert "did not say whether it took it" in page(desk, ticket)
    there = f"/deliveries/{sent.key}/there"
    assert press(desk, there, link="javascript:x").status_code == 422
    assert Delivery.objects.get().state == "unknown"
    assert press(desk, there, link="https://fake.example/1").status_code == 200
    assert Delivery.objects.get().state == "sent"
    assert "marked it as sent" in page(desk, ticket)


def test_what_the_platform_said_stands_beside_our_words_for_it(desk: Client, ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent)
    Delivery.objects.update(state="failed", error_code="not_allowed", last_error="You <may> not reply", settled=True)
    html = page(desk, ticket)
    assert "does not let us answer this post" in html
    assert "You &lt;may&gt; not reply" in html


def test_what_nobody_knows_is_not_called_unsent(desk: Client, ticket: Ticket, agent: User) -> None:
    an_answer(ticket, by=agent)
    Delivery.objects.update(state="failed", error_code="never_known", last_error="timeout: KeyError", settled=True)
    html = page(desk, ticket).split("<template")[0]
    assert "Not known whether it was sent" in html
    assert "Not sent" not in html
    assert "KeyError" not in html


def test_every_code_that_a_delivery_can_end_with_has_words() -> None:
    sources = Path(django_settings.BASE_DIR, "ingest").rglob("*.py")
    found = {code for source in sources for code in CODE.findall(source.read_text(encoding="utf-8"))}
    assert len(found) > 10
    assert sorted(found - set(ERRORS) - ELSEWHERE) == []


# --- where it cannot be answered ------------------------------------------------------------------------------------
@pytest.mark.usefixtures("shut")
def test_what_cannot_be_answered_here_is_opened_there_and_told_of(
    desk: Client, ticket: Ticket, agent: User, channel: Channel
) -> None:
    Message.objects.update(url="https://fake.example/q1")
    html = page(desk, ticket)
    assert "Fake platform lets us answer only people who mentioned or quoted us" in html
    assert "Copy and open on Fake" in html
    given: dict[str, Any] = {"seen": 1, "text": "Written there", "link": "https://fake.example/a1"}
    refused = press(desk, f"/tickets/{ticket.pk}/answered-outside", **(given | {"link": "nowhere"}))
    assert refused.status_code == 422
    assert "Written there</textarea>" in refused.content.decode()
    response = press(desk, f"/tickets/{ticket.pk}/answered-outside", **given)
    assert response.headers["HX-Trigger"] == "radd:sent"
    assert "answered outside Radd" in response.content.decode()
    assert Message.objects.get(direction="in").disposition == "answered_outside"
    assert Ticket.objects.get().status == "pending"


def test_what_can_be_answered_offers_nothing_else(desk: Client, ticket: Ticket) -> None:
    assert "outside-form" not in page(desk, ticket)


@pytest.mark.usefixtures("shut")
def test_telling_of_an_answer_to_what_has_moved_on_is_refused(desk: Client, ticket: Ticket) -> None:
    response = desk.post(f"/tickets/{ticket.pk}/answered-outside", {"seen": 0, "view": "all"}, headers=HTMX)
    assert response.status_code == 409
    assert Message.objects.get(direction="in").disposition == "awaiting"
