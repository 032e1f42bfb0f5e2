"""Reviewing: marked once, told once, seen and answered by whose work it was; nobody reviews their own."""

import pytest
from django.utils import timezone, translation

from accounts.models import Role, User
from ingest.models import Channel
from tests.cast import a_brand, a_person, at_once, fresh, verbs
from tickets.models import Notice, Review, Scorecard, Ticket
from tickets.news import bell
from tickets.permissions import NotAllowed
from tickets.quality import reviews, scorecards
from tickets.quality.reviews import NothingSaid, TooLate

pytestmark = pytest.mark.django_db
QUESTIONS = [
    {"id": "a", "en": "Right?", "ar": "صحيح؟", "weight": 3},
    {"id": "b", "en": "Kind?", "ar": "لطيف؟", "weight": 1},
]


@pytest.fixture
def card() -> Scorecard:
    return Scorecard.objects.create(name="How we answered", questions=QUESTIONS)


@pytest.fixture
def lina(ticket: Ticket) -> User:
    """A supervisor of the brand."""
    return a_person(ticket.brand, role=Role.SUPERVISOR, name="Lina Qasim")


@pytest.fixture
def drawn(ticket: Ticket, agent: User) -> Review:
    """The agent's work on the ticket, drawn."""
    return Review.objects.create(ticket=ticket, agent=agent, why="chance", sampled_at=timezone.now())


def mark(drawn: Review, card: Scorecard, by: User, words: str = "", **marks: object) -> Review:
    return reviews.review(drawn.pk, scorecard=card.pk, marks=marks, words=words, by=by)


def test_a_review_keeps_the_questions_as_they_stood(drawn: Review, card: Scorecard, lina: User) -> None:
    mark(drawn, card, lina, a=4, b=0, words="Well asked back.")
    sami = a_person(role=Role.ADMIN)
    scorecards.keep(card.pk, name=card.name, questions=[{"id": "a", "en": "Other?", "weight": 1}], by=sami)
    scorecards.remove(card.pk, by=sami)
    row = fresh(drawn)
    assert (row.questions, row.marks, row.score, row.words) == (QUESTIONS, {"a": 4, "b": 0}, 0.75, "Well asked back.")
    assert (row.state, row.reviewer, row.scorecard) == ("done", lina, None)


def test_whose_work_it_is_hears_of_it_once_and_the_record_says_so(
    drawn: Review, card: Scorecard, lina: User, agent: User, ticket: Ticket
) -> None:
    mark(drawn, card, lina, a="3")
    mark(drawn, card, lina, a="3")
    notice = Notice.objects.get(user=agent)
    assert (notice.kind, notice.actor) == ("reviewed", lina)
    assert bell.where(notice) == f"/analyse/mine/#review-{drawn.pk}"
    assert verbs(ticket).count("reviewed") == 1


def test_nothing_is_no_review(drawn: Review, card: Scorecard, lina: User) -> None:
    with pytest.raises(NothingSaid):
        mark(drawn, card, lina, a="", z=4)
    assert fresh(drawn).state == "waiting"
    assert mark(drawn, card, lina, words="Read the thread again.").score is None


def test_nobody_reviews_their_own_work_nor_finds_it_in_the_queue(ticket: Ticket, card: Scorecard, lina: User) -> None:
    own = Review.objects.create(ticket=ticket, agent=lina, why="chance", sampled_at=timezone.now())
    assert list(reviews.to_review(lina)) == list(reviews.seen_by(lina)) == []
    with pytest.raises(NotAllowed):
        mark(own, card, lina, a=4)
    with pytest.raises(NotAllowed):
        reviews.skip(own.pk, by=lina)
    other = a_person(ticket.brand, role=Role.SUPERVISOR)
    assert list(reviews.to_review(other)) == [own]


def test_agents_and_supervisors_of_other_brands_review_nothing(drawn: Review, card: Scorecard, ticket: Ticket) -> None:
    for stranger in (a_person(ticket.brand), a_person(a_brand(), role=Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            mark(drawn, card, stranger, a=4)
        assert not reviews.seen_by(stranger).exists()
    assert fresh(drawn).state == "waiting"


def test_what_another_has_reviewed_stays(drawn: Review, card: Scorecard, lina: User, ticket: Ticket) -> None:
    mark(drawn, card, lina, a=4)
    other = a_person(ticket.brand, role=Role.SUPERVISOR)
    with pytest.raises(TooLate):
        mark(drawn, card, other, a=0)
    with pytest.raises(TooLate):
        reviews.skip(drawn.pk, by=other)
    with pytest.raises(TooLate):
        reviews.put_back(drawn.pk, by=other)
    assert fresh(drawn).marks == {"a": 4}


def test_a_reviewer_may_think_again_until_it_was_seen(
    drawn: Review, card: Scorecard, lina: User, agent: User, ticket: Ticket
) -> None:
    mark(drawn, card, lina, a=0)
    reviews.put_back(drawn.pk, by=lina)
    assert (fresh(drawn).state, fresh(drawn).marks, Notice.objects.count()) == ("waiting", {}, 0)
    assert verbs(ticket)[-2:] == ["reviewed", "undone"]
    mark(drawn, card, lina, a=1)
    mark(drawn, card, lina, a=2)
    reviews.see(drawn.pk, by=agent)
    with pytest.raises(TooLate):
        mark(drawn, card, lina, a=4)
    with pytest.raises(TooLate):
        reviews.put_back(drawn.pk, by=lina)
    assert fresh(drawn).marks == {"a": 2}


def test_a_skipped_one_leaves_the_queue_and_may_come_back(drawn: Review, lina: User) -> None:
    reviews.skip(drawn.pk, by=lina)
    reviews.skip(drawn.pk, by=lina)
    assert list(reviews.to_review(lina)) == []
    assert not Notice.objects.exists()
    reviews.put_back(drawn.pk, by=lina)
    assert list(reviews.to_review(lina)) == [drawn]


def test_its_agent_sees_and_answers_it_and_the_reviewer_hears(
    drawn: Review, card: Scorecard, lina: User, agent: User
) -> None:
    mark(drawn, card, lina, a=1)
    reviews.answer(drawn.pk, text="The tower was down: I could not know.", by=agent)
    reviews.answer(drawn.pk, text="The tower was down: I could not know it then.", by=agent)
    row = fresh(drawn)
    assert row.answer.endswith("then.")
    assert row.seen_at is not None
    assert bell.unread(agent) == 0
    notice = Notice.objects.get(user=lina)
    assert bell.where(notice) == f"/monitor/quality/{drawn.pk}/"
    for language, words in (("en", "answered your review"), ("ar", "على مراجعتك")):
        with translation.override(language):
            assert words in bell.line_of(notice).title


def test_only_whose_work_it_is_sees_and_answers_and_only_once_it_is_reviewed(
    drawn: Review, card: Scorecard, lina: User, agent: User, ticket: Ticket
) -> None:
    with pytest.raises(NotAllowed):
        reviews.answer(drawn.pk, text="Why?", by=agent)
    assert list(reviews.of_mine(agent)) == []
    mark(drawn, card, lina, a=1)
    for other in (lina, a_person(ticket.brand)):
        with pytest.raises(NotAllowed):
            reviews.answer(drawn.pk, text="Why?", by=other)
        with pytest.raises(NotAllowed):
            reviews.see(drawn.pk, by=other)
    with pytest.raises(NothingSaid):
        reviews.answer(drawn.pk, text="  \n", by=agent)
    assert list(reviews.of_mine(agent)) == [drawn]


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_reviews(drawn: Review, card: Scorecard, channel: Channel, ticket: Ticket) -> None:
    two = [a_person(channel.brand, role=Role.SUPERVISOR) for _each in range(2)]

    def job(by: User) -> str:
        try:
            return str(mark(drawn, card, by, a=by.pk % 5).state)
        except TooLate:
            return "late"

    assert sorted(at_once(lambda: job(two[0]), lambda: job(two[1]))) == ["done", "late"]
    assert verbs(ticket).count("reviewed") == 1


# --- scorecards -----------------------------------------------------------------------------------------------------
@pytest.fixture
def sami(db: None) -> User:
    """An admin."""
    return a_person(role=Role.ADMIN)


def test_a_scorecard_keeps_its_questions_ids_and_drops_empty_lines(sami: User) -> None:
    made = scorecards.keep(None, name=" Ours ", questions=[{"en": "Right?"}, {"en": " ", "ar": ""}], by=sami)
    (first,) = made.questions
    changed = scorecards.keep(
        made.pk, name="Ours", questions=[{**first, "ar": "صحيح؟", "weight": 9}, {"ar": "لطيف؟"}], by=sami
    )
    assert [question["id"] == first["id"] for question in changed.questions] == [True, False]
    assert [question["weight"] for question in changed.questions] == [5, 1]


def test_a_scorecard_wants_a_name_of_its_own_and_a_question(sami: User, card: Scorecard) -> None:
    for name, questions in (("", QUESTIONS), ("Empty", []), (card.name, QUESTIONS)):
        with pytest.raises(scorecards.Wrong):
            scorecards.keep(None, name=name, questions=questions, by=sami)


def test_scorecards_hold_for_every_brand_so_admins_keep_them(lina: User, agent: User, card: Scorecard) -> None:
    for other in (lina, agent):
        with pytest.raises(NotAllowed):
            scorecards.keep(None, name="Mine", questions=QUESTIONS, by=other)
        with pytest.raises(NotAllowed):
            scorecards.remove(card.pk, by=other)
    with pytest.raises(NotAllowed):
        scorecards.begin(by=agent)


def test_the_usual_questions_are_made_once(lina: User) -> None:
    assert scorecards.begin(by=lina) == scorecards.begin(by=lina)
    assert all(question["en"] and question["ar"] for question in Scorecard.objects.get().questions)


def test_a_scorecard_that_is_off_reviews_nothing(drawn: Review, card: Scorecard, lina: User, sami: User) -> None:
    scorecards.keep(card.pk, name=card.name, questions=QUESTIONS, is_on=False, by=sami)
    with pytest.raises(Scorecard.DoesNotExist):
        mark(drawn, card, lina, a=4)
