"""The answer's box as a browser sees it: what the guard says, what waits, what is begun; and the pages around it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Brand, Role, User
from ingest.models import Delivery, Message
from tests.cast import FakePlatform, a_brand, a_person, a_ticket, fresh
from tests.tickets.views.conftest import HTMX, signed_in
from tests.tickets.views.test_verbs import press, write
from tickets.models import Approval, CarePolicy, Draft, Macro, SavedReply, Tag, Ticket

CARD = "Your card 4111 1111 1111 1111 was charged twice."
BLAMES = "The bill is right, it is your own fault that you did not read the contract before."


def guard(client: Client, ticket: Ticket, text: str) -> str:
    return client.post(f"/tickets/{ticket.pk}/guard", {"text": text}, headers=HTMX).content.decode()


def test_findings_come_as_lines_with_their_fix_and_where_the_words_stand(desk: Client, ticket: Ticket) -> None:
    html = guard(desk, ticket, CARD)
    assert 'data-level="stop"' in html
    assert 'data-spans="10-29"' in html
    assert 'data-becomes="Your card was charged twice."' in html
    assert "it holds a card number" in html
    assert guard(desk, ticket, "  ").strip() == ""


def test_an_agent_is_told_that_somebody_will_be_asked_and_a_supervisor_to_look_twice(
    desk: Client, supervisor: Client, ticket: Ticket
) -> None:
    assert "data-asks" in guard(desk, ticket, BLAMES)
    assert "A second person must look:" in guard(desk, ticket, BLAMES)
    assert "data-asks" not in guard(supervisor, ticket, BLAMES)


def test_what_policy_stops_is_refused_with_words_and_the_text_stays(desk: Client, ticket: Ticket) -> None:
    response = write(desk, ticket, CARD)
    html = response.content.decode()
    assert response.status_code == 422
    assert "it holds a card number" in html
    assert f"{CARD}</textarea>" in html
    assert not Delivery.objects.exists()


def test_what_wants_a_second_person_waits_and_the_ticket_says_so(
    desk: Client, supervisor: Client, ticket: Ticket
) -> None:
    response = write(desk, ticket, BLAMES)
    assert response.headers["HX-Trigger"] == "radd:asked"
    assert "Your answer waits for a second person." in response.content.decode()
    page = supervisor.get("/approvals/").content.decode()
    assert BLAMES in page
    assert "it blames the customer" in page
    key = Approval.objects.get().key
    assert supervisor.post(f"/approvals/{key}/return", {"note": ""}).status_code == 422
    supervisor.post(f"/approvals/{key}/approve", {"seen": fresh(ticket).position, "text": "The fee is for June."})
    assert Message.objects.get(direction="out").text == "The fee is for June."


def test_an_answer_that_waits_is_not_there_for_people_of_other_brands(desk: Client, ticket: Ticket) -> None:
    write(desk, ticket, BLAMES)
    stranger = signed_in(a_person(a_brand(), role=Role.SUPERVISOR))
    key = Approval.objects.get().key
    assert BLAMES not in stranger.get("/approvals/").content.decode()
    assert stranger.post(f"/approvals/{key}/approve", {"seen": 9}).status_code == 404


def test_drafts_are_kept_and_come_back_with_the_page(desk: Client, ticket: Ticket, agent: User) -> None:
    assert desk.post(f"/tickets/{ticket.pk}/draft", {"kind": "answer", "text": "Dear Reem"}).status_code == 204
    desk.post(f"/tickets/{ticket.pk}/draft", {"kind": "note", "text": "ask Sami"})
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "Dear Reem</textarea>" in html
    assert "ask Sami</textarea>" in html
    refused = write(desk, ticket, CARD)
    assert refused.status_code == 422
    assert Draft.objects.filter(user=agent, kind="answer").exists()
    write(desk, ticket, "It is done.")
    assert not Draft.objects.filter(kind="answer").exists()


@pytest.mark.parametrize("private", ["1", ""])
def test_a_draft_is_as_private_on_every_device_as_where_it_was_written(
    desk: Client, ticket: Ticket, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch, private: str
) -> None:
    monkeypatch.setattr(platform, "private_answers", True, raising=False)
    desk.post(f"/tickets/{ticket.pk}/draft", {"kind": "answer", "text": "Your new number is 4411.", "private": private})
    assert f'id="private" value="{private}"' in desk.get(f"/inbox/all/{ticket.pk}/").content.decode()


def test_a_colleague_sees_who_writes_and_reads_it(desk: Client, ticket: Ticket, agent: User) -> None:
    Draft.objects.create(ticket=ticket, user=agent, text="Dear Reem", updated_at=timezone.now())
    html = signed_in(a_person(ticket.brand)).get(f"/tickets/{ticket.pk}/drafts").content.decode()
    assert "Huda Al-Amri" in html
    assert "is writing an answer" in html
    assert "Dear Reem" in html


def test_the_list_of_saved_replies_holds_them_filled_in(desk: Client, ticket: Ticket) -> None:
    SavedReply.objects.create(name="Outage", texts={"en": "Hello {customer}, back at {time}"})
    html = desk.get(f"/tickets/{ticket.pk}/saved?q=out", headers=HTMX).content.decode()
    assert 'data-text="Hello Reem, back at {time}"' in html
    assert "No saved reply holds" in desk.get(f"/tickets/{ticket.pk}/saved?q=zzz", headers=HTMX).content.decode()


def test_an_answer_is_scheduled_where_a_time_is_given_and_refused_where_it_is_gone_by(
    desk: Client, ticket: Ticket
) -> None:
    past = write(desk, ticket, "We look at it.", later="1", at="2020-01-01T10:00")
    assert past.status_code == 422
    assert "choose a time within the next 30 days" in past.content.decode()
    at = timezone.localtime(timezone.now() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    html = write(desk, ticket, "We look at it.", later="1", at=at).content.decode()
    assert "Scheduled for" in html
    assert fresh(ticket).waiting_since is not None


def test_an_answer_goes_out_at_a_moment_that_is_offered_and_at_no_other(desk: Client, ticket: Ticket) -> None:
    for code in ("reply", "noon", "2026-12-01"):
        refused = write(desk, ticket, "We look at it.", later=code)
        assert refused.status_code == 422
        assert "choose a time" in refused.content.decode()
    write(desk, ticket, "We look at it.", later="hour")
    left = Delivery.objects.get().due_at - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)


def test_an_answer_for_later_is_taken_back_from_its_toast_or_from_the_ticket_and_its_words_return(
    desk: Client, ticket: Ticket
) -> None:
    at = timezone.localtime(timezone.now() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    html = write(desk, ticket, "We look at it.", later="1", at=at).content.decode()
    address = f"/deliveries/{Delivery.objects.get().key}/take-back"
    assert f'hx-post="{address}"' in html.split('id="toasts"')[1]
    page = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert f'hx-post="{address}"' in page
    assert "Take it back" in page
    back = desk.post(address, {"view": "all"}, headers=HTMX).content.decode()
    assert "We look at it.</textarea>" in back
    assert fresh(Delivery.objects.get()).state == "cancelled"
    assert "Take it back" not in back


def test_a_canned_answer_says_so_and_the_page_hears_that_the_ticket_stays_open(desk: Client, ticket: Ticket) -> None:
    text = "We are sorry for the trouble with your line and will write to you soon."
    SavedReply.objects.create(name="Sorry", texts={"en": text})
    response = write(desk, ticket, text, resolve="1")
    assert "radd:stays-open" in response.headers["HX-Trigger"]
    assert "the clock did not stop" in response.content.decode()


def test_an_answer_is_sent_and_the_ticket_rests(desk: Client, ticket: Ticket) -> None:
    assert write(desk, ticket, "We look at it.", snooze="whenever").status_code == 422
    assert write(desk, ticket, "We look at it.", snooze="tomorrow").status_code == 200
    now = fresh(ticket)
    assert now.status == "snoozed"
    assert now.snoozed_until is not None


def test_what_was_given_back_says_why_beside_its_words(desk: Client, supervisor: Client, ticket: Ticket) -> None:
    write(desk, ticket, BLAMES)
    supervisor.post(f"/approvals/{Approval.objects.get().key}/return", {"note": "Less fault, more fee."})
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "returned your answer:" in html
    assert "Less fault, more fee." in html
    assert f"{BLAMES}</textarea>" in html


def test_the_ticket_page_keeps_within_its_queries(
    desk: Client, ticket: Ticket, agent: User, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(15):
        desk.get(f"/inbox/all/{ticket.pk}/", headers=HTMX)
    write(desk, ticket, BLAMES)
    Draft.objects.create(ticket=ticket, user=agent, text="Dear Reem", updated_at=timezone.now())
    # One more for the answer that waits for a second person.
    with django_assert_max_num_queries(15):
        desk.get(f"/inbox/all/{ticket.pk}/", headers=HTMX)


# --- the pages around it --------------------------------------------------------------------------------------------
def test_saved_replies_are_kept_on_their_page(desk: Client, agent: User) -> None:
    given = {"name": "Outage", "whose": "own", "en": "Hello", "ar": "مرحبا"}
    assert desk.post("/saved/replies/new", given).status_code == 302
    row = SavedReply.objects.get()
    assert row.texts == {"en": "Hello", "ar": "مرحبا"}
    assert "Outage" in desk.get("/saved/").content.decode()
    assert desk.post("/saved/replies/new", {"name": "", "whose": "own"}).status_code == 422
    assert desk.post("/saved/replies/new", given | {"whose": "everyone"}).status_code == 422
    assert signed_in(a_person(a_brand())).get(f"/saved/replies/{row.pk}").status_code == 404
    desk.post(f"/saved/reply/{row.pk}/remove")
    assert not SavedReply.objects.exists()


def test_a_macro_is_kept_and_run(desk: Client, ticket: Ticket, agent: User) -> None:
    assert desk.get("/saved/macros/new").status_code == 200
    desk.post("/saved/macros/new", {"name": "Mine", "whose": "own", "do1": "take", "do2": "note", "text2": "mine now"})
    number = (
        desk.get(f"/tickets/{ticket.pk}/saved?q=mine", headers=HTMX).content.decode().split("/macros/")[1].split('"')[0]
    )
    pane = press(desk, f"/tickets/{ticket.pk}/macros/{number}").content.decode()
    assert "mine now" in pane
    assert "Done: \u2068Mine\u2069" in pane
    assert fresh(ticket).assignee == agent


def test_what_a_step_of_a_macro_lacks_stands_at_its_own_field(desk: Client) -> None:
    page = desk.post("/saved/macros/new", {"name": "Mine", "whose": "own", "do1": "take", "do2": "priority"})
    assert page.status_code == 422
    field = re.search(r'<select[^>]*name="priority2"[^>]*>', page.content.decode())
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert page.content.decode().count('aria-invalid="true"') == 1


def test_a_macro_that_a_program_made_loses_no_step_on_its_page(desk: Client, agent: User, brand: Brand) -> None:
    one, two = (Tag.objects.create(brand=brand, name=name).pk for name in ("late", "bill"))
    steps = [
        {"do": "tag", "add": [one, two]}, {"do": "tag", "remove": [one]}, {"do": "snooze", "until": "tomorrow"},
        {"do": "no_answer", "reason": "solved"}, {"do": "priority", "priority": 2}, {"do": "take"}, {"do": "resolve"},
    ]  # fmt: skip
    row = Macro.objects.create(name="Long", owner=agent, actions=steps)
    page = desk.get(f"/saved/macros/{row.pk}")
    assert page.content.decode().count("More of this step was set by a program.") == 4
    shown = {field.html_name: field.value() for step in page.context["form"].steps() for field in step}
    told = {name: value for name, value in shown.items() if value} | {"name": "Longer", "whose": "own"}
    assert desk.post(f"/saved/macros/{row.pk}", told).status_code == 302
    assert (fresh(row).name, fresh(row).actions) == ("Longer", steps)
    # What somebody chooses anew is so.
    desk.post(f"/saved/macros/{row.pk}", told | {"add1": two, "do4": "", "priority5": "1"})
    assert fresh(row).actions[0] == {"do": "tag", "add": [two]}
    assert [step["do"] for step in fresh(row).actions][3:] == ["priority", "take", "resolve"]
    assert fresh(row).actions[3] == {"do": "priority", "priority": 1}


def test_admins_alone_say_what_answers_may_be(desk: Client, supervisor: Client, ticket: Ticket) -> None:
    address = f"/settings/answers/{ticket.brand_id}/"
    assert [client.get(address).status_code for client in (desk, supervisor)] == [403, 403]
    admin = signed_in(a_person(role=Role.ADMIN))
    page = admin.get(address)
    form = {field.name: field.value() for field in page.context["form"]}
    given = {name: value for name, value in form.items() if value not in (None, False)}
    assert admin.post(address, given | {"blame": "stop", "own_domains": "nawa.example"}).status_code == 302
    policy = CarePolicy.objects.get()
    assert (policy.guard, policy.own_domains, policy.canned_counts) == ({"blame": "stop"}, ["nawa.example"], False)
    assert write(desk, ticket, BLAMES).status_code == 422


def test_mentions_are_offered_in_a_note(desk: Client, ticket: Ticket) -> None:
    a_person(ticket.brand, name="Sami Nasser")
    html = desk.get(f"/tickets/{ticket.pk}/mentionable?q=sam", headers=HTMX).content.decode()
    assert 'data-text="@Sami Nasser "' in html


def test_another_brands_ticket_offers_nothing(desk: Client) -> None:
    ticket = a_ticket()
    for part in ("drafts", "saved", "mentionable"):
        assert desk.get(f"/tickets/{ticket.pk}/{part}").status_code == 404
    assert desk.post(f"/tickets/{ticket.pk}/guard", {"text": "x"}).status_code == 404
    assert desk.post(f"/tickets/{ticket.pk}/reply", {"text": "x", "seen": 1, "key": uuid4()}).status_code == 404
