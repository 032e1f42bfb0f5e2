"""The pages of quality review: the queue, one review by keys or by plain forms, one's own page, the scorecards."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_person, a_ticket, an_answer, fresh
from tests.tickets.views.conftest import signed_in
from tickets.models import Review, Scorecard, Ticket

QUEUE = "/monitor/quality/"
MINE = "/analyse/mine/"


@pytest.fixture
def card() -> Scorecard:
    questions = [{"id": "a", "en": "Right?", "ar": "صحيح؟", "weight": 3}, {"id": "b", "en": "Kind?", "weight": 1}]
    return Scorecard.objects.create(name="How we answered", questions=questions)


def drawn(ticket: Ticket, agent: User, **fields: Any) -> Review:
    return Review.objects.create(
        **{"ticket": ticket, "agent": agent, "why": "harm", "sampled_at": timezone.now()} | fields
    )


def done(ticket: Ticket, agent: User, by: User, **fields: Any) -> Review:
    told = {"state": "done", "reviewer": by, "reviewed_at": timezone.now(), "marks": {"a": 3}, "score": 0.75}
    questions = [{"id": "a", "en": "Right?", "ar": "صحيح؟", "weight": 3}]
    return drawn(ticket, agent, questions=questions, **(told | fields))


def html_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_queue_shows_whose_work_waits_and_why_but_not_ones_own(
    supervisor: Client, card: Scorecard, ticket: Ticket, agent: User
) -> None:
    lead = User.objects.get(role=Role.SUPERVISOR)
    one, own = drawn(ticket, agent), drawn(ticket, lead, why="chance")
    html = html_of(supervisor, QUEUE)
    for part in (f"/monitor/quality/{one.pk}/", "Huda Al-Amri", "felt worse after the answer", "my bill is wrong"):
        assert part in html
    assert f"/monitor/quality/{own.pk}/" not in html
    assert supervisor.get(f"/monitor/quality/{own.pk}/").status_code == 404
    assert "style=" not in html


def test_a_review_stands_beside_its_thread_and_the_next_comes_when_it_is_saved(
    supervisor: Client, card: Scorecard, channel: Channel, ticket: Ticket, agent: User
) -> None:
    an_answer(ticket, "The fee of 40 is refunded.", by=agent)
    first, second = drawn(ticket, agent), drawn(a_ticket(channel, by="omar"), agent)
    html = html_of(supervisor, f"{QUEUE}{first.pk}/")
    for part in ("my bill is wrong", "The fee of 40 is refunded.", "under review", "Right?", 'name="mark-a"'):
        assert part in html
    form = {"scorecard": card.pk, "mark-a": "4", "mark-b": "", "words": "Quick and right."}
    saved = supervisor.post(f"{QUEUE}{first.pk}/", form)
    assert saved.headers["Location"] == f"{QUEUE}{second.pk}/?done={first.pk}"
    assert (fresh(first).marks, fresh(first).words) == ({"a": 4}, "Quick and right.")
    assert 'id="quality-undo"' in html_of(supervisor, saved.headers["Location"])
    back = supervisor.post(f"{QUEUE}{first.pk}/put-back")
    assert back.headers["Location"] == f"{QUEUE}{first.pk}/"
    assert fresh(first).state == "waiting"


def test_a_form_without_a_mark_comes_back_with_what_is_missing_and_what_was_written(
    supervisor: Client, card: Scorecard, ticket: Ticket, agent: User
) -> None:
    row = drawn(ticket, agent)
    refused = supervisor.post(f"{QUEUE}{row.pk}/", {"scorecard": card.pk, "mark-a": "", "words": "  "})
    assert refused.status_code == 422
    assert "Mark one question" in refused.content.decode()
    gone = supervisor.post(f"{QUEUE}{row.pk}/", {"scorecard": "99999", "mark-a": "4", "words": "Kept words"})
    assert gone.status_code == 422
    assert "Kept words" in gone.content.decode()


def test_skipping_the_last_one_leads_back_to_the_queue_with_a_way_back(
    supervisor: Client, card: Scorecard, ticket: Ticket, agent: User
) -> None:
    row = drawn(ticket, agent)
    skipped = supervisor.post(f"{QUEUE}{row.pk}/skip")
    assert skipped.headers["Location"] == f"{QUEUE}?done={row.pk}"
    html = html_of(supervisor, skipped.headers["Location"])
    assert 'id="quality-undo"' in html
    assert "Nothing waits for you" in html


def test_what_the_guard_found_in_an_answer_stands_under_it(
    supervisor: Client, card: Scorecard, ticket: Ticket, agent: User
) -> None:
    lead = a_person(ticket.brand, role=Role.SUPERVISOR)
    an_answer(ticket, "It is your own fault that you did not read the contract before.", by=lead)
    html = html_of(supervisor, f"{QUEUE}{drawn(ticket, lead).pk}/")
    assert "The guard said:" in html
    assert "it blames the customer" in html


def test_without_a_scorecard_the_page_offers_the_usual_questions(
    supervisor: Client, ticket: Ticket, agent: User
) -> None:
    row = drawn(ticket, agent)
    assert "There is no scorecard yet" in html_of(supervisor, f"{QUEUE}{row.pk}/")
    supervisor.post(f"{QUEUE}begin")
    assert "The usual questions are your scorecard now" in html_of(supervisor, QUEUE)
    assert "Did the answer take up what was asked?" in html_of(supervisor, f"{QUEUE}{row.pk}/")


def test_questions_are_put_in_the_reviewers_language(card: Scorecard, ticket: Ticket, agent: User) -> None:
    lead = a_person(ticket.brand, role=Role.SUPERVISOR)
    html = html_of(signed_in(lead, accept_language="ar"), f"{QUEUE}{drawn(ticket, agent).pk}/")
    assert "صحيح؟" in html
    assert "Right?" not in html
    assert "Kind?" in html, "it has no Arabic words"


def test_the_pages_ask_the_same_however_many_wait(
    supervisor: Client, card: Scorecard, channel: Channel, agent: User
) -> None:
    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert supervisor.get(address).status_code == 200
        return len(queries)

    row = drawn(a_ticket(channel, by="one"), agent)
    lead = User.objects.filter(role=Role.SUPERVISOR).get()
    done(a_ticket(channel, by="read"), agent, lead)
    pages = (QUEUE, f"{QUEUE}?list=done", f"{QUEUE}{row.pk}/")
    for page in pages:
        asked(page)
    first = [asked(page) for page in pages]
    for number in range(4):
        drawn(a_ticket(channel, by=f"more{number}"), agent)
        done(a_ticket(channel, by=f"read{number}"), agent, lead)
    assert [asked(page) for page in pages] == first
    assert max(first[:2]) <= 12
    assert first[2] <= 15


# --- one's own page -------------------------------------------------------------------------------------------------
def test_an_agent_sees_their_own_reviews_and_nobody_elses(desk: Client, ticket: Ticket, agent: User) -> None:
    lead, colleague = a_person(ticket.brand, role=Role.SUPERVISOR, name="Lina"), a_person(ticket.brand)
    mine = done(ticket, agent, lead, words="Quick and right.")
    theirs = done(ticket, colleague, lead, words="Look twice.")
    html = html_of(desk, MINE)
    for part in (f'id="review-{mine.pk}"', "Quick and right.", "75%", "3/4", "Lina"):
        assert part in html
    assert f'id="review-{theirs.pk}"' not in html
    assert "Look twice." not in html


def test_reading_and_answering_are_plain_forms(desk: Client, ticket: Ticket, agent: User) -> None:
    row = done(ticket, agent, a_person(ticket.brand, role=Role.SUPERVISOR))
    assert desk.post(f"{MINE}{row.pk}/seen").headers["Location"] == f"{MINE}#review-{row.pk}"
    assert fresh(row).seen_at is not None
    refused = desk.post(f"{MINE}{row.pk}/answer", {"text": " "})
    assert refused.status_code == 422
    desk.post(f"{MINE}{row.pk}/answer", {"text": "The tower was down."})
    assert fresh(row).answer == "The tower was down."
    assert "The tower was down." in html_of(desk, MINE)


def test_what_waits_to_be_reviewed_is_not_on_the_agents_page(desk: Client, ticket: Ticket, agent: User) -> None:
    row = drawn(ticket, agent)
    assert "No reviews yet" in html_of(desk, MINE)
    assert desk.post(f"{MINE}{row.pk}/answer", {"text": "Why me?"}).status_code == 404


def test_own_page_asks_the_same_however_many_reviews(desk: Client, channel: Channel, agent: User) -> None:
    lead = a_person(channel.brand, role=Role.SUPERVISOR)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            html_of(desk, MINE)
        return len(queries)

    done(a_ticket(channel, by="one"), agent, lead)
    asked()
    first = asked()
    for number in range(3):
        done(a_ticket(channel, by=f"more{number}"), agent, lead)
    assert asked() == first <= 10


# --- scorecards -----------------------------------------------------------------------------------------------------
def a_form(*questions: dict[str, object], name: str = "Ours") -> dict[str, object]:
    form: dict[str, object] = {"name": name, "is_on": "on", "q-TOTAL_FORMS": len(questions), "q-INITIAL_FORMS": 0}
    for n, question in enumerate(questions):
        form |= {f"q-{n}-{field}": value for field, value in question.items()}
    return form


@pytest.fixture
def admin(channel: Channel) -> Client:
    return signed_in(a_person(role=Role.ADMIN))


def test_a_scorecard_is_written_in_both_languages_with_weights(admin: Client) -> None:
    form = a_form({"en": "Right?", "ar": "صحيح؟", "weight": 3}, {"en": "", "ar": "", "weight": 1})
    assert admin.post("/settings/scorecards/new", form).status_code == 302
    made = Scorecard.objects.get()
    assert [(q["en"], q["ar"], q["weight"]) for q in made.questions] == [("Right?", "صحيح؟", 3)]
    html = html_of(admin, f"/settings/scorecards/{made.pk}/")
    assert made.questions[0]["id"] in html
    assert "Ours" in html_of(admin, "/settings/scorecards/")


def test_a_scorecard_of_a_name_that_is_taken_comes_back_with_the_reason(admin: Client, card: Scorecard) -> None:
    refused = admin.post("/settings/scorecards/new", a_form({"en": "Right?"}, name=card.name))
    assert refused.status_code == 422
    assert "There is a scorecard of this name already." in refused.content.decode()


def test_drawing_now_says_how_many(supervisor: Client, channel: Channel, agent: User, settings: Any) -> None:
    settings.REVIEWS_PER_WEEK = 1
    ticket = a_ticket(channel, by="solved")
    an_answer(ticket, "We put it right today.", by=agent)
    Ticket.objects.filter(pk=ticket.pk).update(status="resolved", resolved_at=timezone.now())
    assert "1 ticket was drawn." in supervisor.post(f"{QUEUE}sample", follow=True).content.decode()
    assert "Nothing to draw" in supervisor.post(f"{QUEUE}sample", follow=True).content.decode()
    assert signed_in(a_person(a_brand())).post(f"{QUEUE}sample").status_code == 403
