"""Quality review through the API."""

import pytest
from django.utils import timezone

from accounts.models import Role, User
from tests.cast import a_brand, a_person, fresh
from tests.tickets.api.conftest import Ask, body
from tickets.models import Review, Scorecard, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def card() -> Scorecard:
    return Scorecard.objects.create(name="Ours", questions=[{"id": "a", "en": "Right?", "ar": "", "weight": 1}])


@pytest.fixture
def drawn(ticket: Ticket, agent: User) -> Review:
    return Review.objects.create(ticket=ticket, agent=agent, why="chance", sampled_at=timezone.now())


def test_a_review_is_given_seen_and_answered(
    ask: Ask, drawn: Review, card: Scorecard, ticket: Ticket, agent: User
) -> None:
    lead, address = a_person(ticket.brand, role=Role.SUPERVISOR), f"/api/reviews/{drawn.pk}"
    assert body(ask(agent).get("/api/reviews"), 200)["results"] == []
    assert [row["id"] for row in body(ask(lead).get("/api/reviews"), 200)["results"]] == [drawn.pk]
    given = {"scorecard": card.pk, "marks": {"a": 2}, "words": "Ask back first."}
    assert body(ask(lead).post(f"{address}/review", given), 200)["score"] == 0.5
    assert body(ask(agent).post(f"{address}/seen"), 200)["seen_at"]
    answered = body(ask(agent).post(f"{address}/answer", {"text": "The tower was down."}), 200)
    assert answered["answer"] == "The tower was down."
    assert ask(lead).post(f"{address}/put-back").status_code == 403


def test_what_cannot_be_done_is_refused_with_its_reason(
    ask: Ask, drawn: Review, card: Scorecard, ticket: Ticket, agent: User
) -> None:
    lead, address = ask(a_person(ticket.brand, role=Role.SUPERVISOR)), f"/api/reviews/{drawn.pk}"
    assert body(lead.post(f"{address}/review", {"scorecard": 99999, "words": "x"}), 422)["code"] == "no_scorecard"
    assert body(lead.post(f"{address}/review", {"scorecard": card.pk}), 403)["code"] == "not_allowed"
    assert lead.post(f"{address}/review", {"scorecard": card.pk, "marks": {"a": 9}}).status_code == 400
    assert lead.post(f"{address}/answer", {"text": "Mine?"}).status_code == 403
    for stranger in (a_person(a_brand(), role=Role.SUPERVISOR), a_person(ticket.brand)):
        assert ask(stranger).post(f"{address}/skip").status_code == 404
    assert fresh(drawn).state == "waiting"


def test_a_skipped_one_waits_again_when_it_is_put_back(ask: Ask, drawn: Review, ticket: Ticket) -> None:
    lead, address = ask(a_person(ticket.brand, role=Role.SUPERVISOR)), f"/api/reviews/{drawn.pk}"
    assert body(lead.post(f"{address}/skip"), 200)["state"] == "skipped"
    assert body(lead.post(f"{address}/put-back"), 200)["state"] == "waiting"
