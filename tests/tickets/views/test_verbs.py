"""The buttons of the pane: each success draws the pane, each refusal says what to do next and keeps the words."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ingest.models import Channel, Delivery, Message
from tests.cast import FakePlatform, a_brand, a_channel, a_person, a_post, a_ticket, an_answer, deliver, fresh, receive
from tests.tickets.views.conftest import HTMX
from tickets.answering import drafts
from tickets.models import Activity, Approval, Ticket
from tickets.verbs import lifecycle


def press(client: Client, address: str, *, plain: bool = False, **data: Any) -> HttpResponse:
    return client.post(address, {"view": "all", **data}, headers={} if plain else HTMX)


def write(client: Client, ticket: Ticket, text: str, *, plain: bool = False, **data: Any) -> HttpResponse:
    """Send an answer as the form does."""
    seen = fresh(ticket).position
    given: dict[str, Any] = {"text": text, "seen": seen, "key": uuid4()}
    return press(client, f"/tickets/{ticket.pk}/reply", plain=plain, **(given | data))


def answers() -> list[str]:
    return list(Message.objects.filter(direction="out").values_list("text", flat=True))


def test_an_answer_is_sent_and_the_box_told_to_empty_itself(desk: Client, ticket: Ticket, agent: User) -> None:
    response = write(desk, ticket, "We are on it.")
    assert response.status_code == 200
    assert response.headers["HX-Trigger"] == "radd:sent"
    assert answers() == ["We are on it."]
    assert b"We are on it." in response.content
    assert Ticket.objects.get().assignee == agent


def test_without_a_script_an_answer_leads_back_to_the_ticket(desk: Client, ticket: Ticket) -> None:
    response = write(desk, ticket, "We are on it.", plain=True)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/inbox/all/{ticket.pk}/"
    refused = write(desk, ticket, "x" * 281, plain=True)
    assert refused.status_code == 422
    assert b"<html" in refused.content
    assert b"x" * 281 in refused.content


def test_send_and_resolve(desk: Client, ticket: Ticket) -> None:
    write(desk, ticket, "Done.", resolve="1")
    assert Ticket.objects.get().status == "resolved"


def test_the_same_form_posted_twice_sends_once(desk: Client, ticket: Ticket) -> None:
    key = uuid4()
    first, second = (write(desk, ticket, "Once.", key=key, seen=1) for _time in range(2))
    assert [first.status_code, second.status_code] == [200, 200]
    assert answers() == ["Once."]
    assert Delivery.objects.count() == 1


def test_an_answer_to_what_has_moved_on_is_refused_and_kept(desk: Client, channel: Channel, ticket: Ticket) -> None:
    receive(channel, a_post("still wrong!", conversation_key="t1"))
    response = write(desk, ticket, "My draft", seen=1)
    html = response.content.decode()
    assert response.status_code == 409
    assert "wrote again" in html
    assert "still wrong!" in html
    assert "My draft</textarea>" in html
    assert 'name="seen" id="seen" value="2"' in html
    assert answers() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("   ", "there is nothing in it yet"), ("x" * 281, "it is 281 long and Fake takes 280"), ("y" * 10_001, "long")],
)
def test_words_that_cannot_be_sent_come_back_with_the_reason(
    desk: Client, ticket: Ticket, text: str, words: str
) -> None:
    response = write(desk, ticket, text)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert answers() == []


@pytest.mark.parametrize("broken", [{"key": "x"}, {"seen": "many"}, {"seen": -1}, {"key": ""}])
def test_a_form_of_an_old_page_is_refused_in_words(desk: Client, ticket: Ticket, broken: dict[str, Any]) -> None:
    response = write(desk, ticket, "Hello", **broken)
    assert response.status_code == 422
    assert "out of date" in response.content.decode()


def test_what_cannot_be_answered_has_the_reason_in_place_of_the_box(desk: Client, ticket: Ticket) -> None:
    Message.objects.update(deleted_at="2026-01-01T00:00:00Z")
    assert "The post is no longer there" in desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    response = write(desk, ticket, "Hello?")
    assert response.status_code == 422
    assert answers() == []


def test_undo_takes_an_answer_back_and_returns_its_words(desk: Client, ticket: Ticket, settings: Any) -> None:
    settings.UNDO_SECONDS = 60
    html = write(desk, ticket, "Too fast").content.decode()
    key = Delivery.objects.get().key
    assert f"/deliveries/{key}/take-back" in html
    response = press(desk, f"/deliveries/{key}/take-back")
    assert response.headers["HX-Trigger"] == "radd:taken-back"
    assert "Too fast</textarea>" in response.content.decode()
    assert Delivery.objects.get().state == Delivery.State.CANCELLED


@pytest.mark.parametrize("private", [True, False])
def test_undo_returns_the_words_as_private_as_they_were(
    desk: Client, ticket: Ticket, settings: Any, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch,
    private: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(platform, "private_answers", True, raising=False)
    settings.UNDO_SECONDS = 60
    write(desk, ticket, "Your new number is 4411.", private="1" if private else "")
    html = press(desk, f"/deliveries/{Delivery.objects.get().key}/take-back").content.decode()
    assert "4411.</textarea>" in html
    assert f'id="private" value="{"1" if private else ""}"' in html


def test_a_private_answer_that_was_returned_is_private_still(
    desk: Client, ticket: Ticket, agent: User, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "private_answers", True, raising=False)
    now = timezone.now()
    returned = Approval.objects.create(
        ticket=ticket, author=agent, text="4411", wish={"private": True}, state="returned", asked_at=now, due_at=now
    )
    drafts.keep(ticket, agent, "answer", "Your new number is 4411.")
    assert 'id="private" value="1"' in desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    returned.delete()
    assert 'id="private" value=""' in desk.get(f"/inbox/all/{ticket.pk}/").content.decode()


def test_undo_too_late_says_so(desk: Client, ticket: Ticket, agent: User) -> None:
    sent = an_answer(ticket, by=agent)
    deliver()
    response = press(desk, f"/deliveries/{sent.key}/take-back")
    assert response.status_code == 409
    assert "Too late" in response.content.decode()


def test_an_answer_that_was_not_sent_says_why_and_can_be_tried_again(
    desk: Client, ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    sent = an_answer(ticket, by=agent)
    Delivery.objects.update(state=Delivery.State.FAILED, error_code="duplicate", settled=True)
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "took it for a double" in html
    response = press(desk, f"/deliveries/{sent.key}/try-again")
    assert response.status_code == 200
    assert Delivery.objects.get().state == Delivery.State.UNKNOWN


def test_take_assign_put_back(desk: Client, ticket: Ticket, agent: User, channel: Channel) -> None:
    other = a_person(channel.brand)
    for address, data, assignee in (
        ("take", {}, agent),
        ("assign", {"to": other.pk}, other),
        ("assign", {"to": ""}, None),
    ):
        assert press(desk, f"/tickets/{ticket.pk}/{address}", **data).status_code == 200
        assert Ticket.objects.get().assignee == assignee


@pytest.mark.parametrize("to", ["999999", "x"])
def test_assigning_to_nobody_we_know_is_refused_in_words(desk: Client, ticket: Ticket, to: str) -> None:
    response = press(desk, f"/tickets/{ticket.pk}/assign", to=to)
    assert response.status_code == 422
    assert "Choose another" in response.content.decode()


def test_assigning_outside_the_brand_is_refused_in_words(desk: Client, ticket: Ticket) -> None:
    response = press(desk, f"/tickets/{ticket.pk}/assign", to=a_person(a_brand(), name="Far Away").pk)
    assert response.status_code == 422
    assert "Far Away" in response.content.decode()


def test_resolve_and_reopen(desk: Client, ticket: Ticket) -> None:
    assert b"Reopen" in press(desk, f"/tickets/{ticket.pk}/resolve").content
    assert Ticket.objects.get().status == "resolved"
    assert press(desk, f"/tickets/{ticket.pk}/reopen").status_code == 200
    assert Ticket.objects.get().is_live


def test_reopening_beside_another_live_ticket_is_refused_in_words(
    desk: Client, channel: Channel, ticket: Ticket, agent: User
) -> None:
    lifecycle.resolve(ticket.pk, by=agent)
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    a_ticket(channel, conversation_key="t9", text="wrong again")
    response = press(desk, f"/tickets/{ticket.pk}/reopen")
    assert response.status_code == 422
    assert "another open ticket" in response.content.decode()


def test_a_note_is_kept_for_the_team_and_an_empty_one_refused(desk: Client, ticket: Ticket) -> None:
    response = press(desk, f"/tickets/{ticket.pk}/note", text="tower 4471")
    assert response.headers["HX-Trigger"] == "radd:noted"
    assert Activity.objects.get(verb="noted").data == {"text": "tower 4471"}
    assert press(desk, f"/tickets/{ticket.pk}/note", text=" ").status_code == 422
    assert press(desk, f"/tickets/{ticket.pk}/note", text="x" * 10_001).status_code == 422
    assert answers() == []


def test_length_is_counted_by_the_platform(desk: Client, ticket: Ticket) -> None:
    assert "5/280" in press(desk, f"/tickets/{ticket.pk}/length", text="hello").content.decode()
    assert "r-len over" in press(desk, f"/tickets/{ticket.pk}/length", text="x" * 281).content.decode()


@pytest.mark.parametrize("verb", ["reply", "note", "length", "assign", "take", "resolve", "reopen"])
def test_nobody_works_on_the_ticket_of_another_team(desk: Client, verb: str) -> None:
    elsewhere = a_ticket(a_channel(a_brand()), by="stranger")
    before = Activity.objects.count()
    assert press(desk, f"/tickets/{elsewhere.pk}/{verb}", text="x", to="").status_code == 404
    assert Activity.objects.count() == before


@pytest.mark.parametrize("verb", ["take-back", "try-again"])
def test_nobody_touches_the_answer_of_another_team(desk: Client, platform: type[FakePlatform], verb: str) -> None:
    sent = an_answer(a_ticket(a_channel(a_brand(), platform="fake"), by="stranger"))
    assert press(desk, f"/deliveries/{sent.key}/{verb}").status_code == 404
    assert press(desk, f"/deliveries/{uuid4()}/{verb}").status_code == 404


@pytest.mark.parametrize("verb", ["reply", "note", "length", "assign", "take", "resolve", "reopen"])
def test_verbs_are_posts(desk: Client, ticket: Ticket, verb: str) -> None:
    assert desk.get(f"/tickets/{ticket.pk}/{verb}").status_code == 405


def test_a_form_without_its_token_is_refused_in_our_look(agent: User, ticket: Ticket) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(agent)
    response = strict.post(f"/tickets/{ticket.pk}/take")
    assert response.status_code == 403
    assert b"too old to send" in response.content
