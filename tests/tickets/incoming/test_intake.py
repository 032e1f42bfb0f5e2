"""Intake: messages that were read become tickets, join them, or need nobody; each with its reasons."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ingest import scoring
from ingest.collect import store
from ingest.models import Message
from ingest.platforms.base import Author, Kind
from tests.cast import (
    a_brand,
    a_care_reader,
    a_channel,
    a_person,
    a_post,
    a_reader,
    a_ticket,
    an_own_post,
    codes,
    receive,
    said,
    work_off,
)
from tickets.incoming import intake
from tickets.models import Activity, Ticket
from tickets.verbs import lifecycle

pytestmark = pytest.mark.django_db


def test_a_complaint_becomes_a_ticket_of_the_brands_default_team_and_says_why() -> None:
    channel = a_channel()
    message = said(channel, "@nawa_care my bill is wrong")
    ticket = Ticket.objects.get()
    assert (message.decision, message.disposition) == ("ticket", "awaiting")
    assert ticket.subject == "my bill is wrong"
    assert codes(ticket.why) == ["negative"]
    assert ticket.team == channel.brand.teams.get()
    assert ticket.status == "new"
    assert ticket.first_valence == pytest.approx(0.03 - 0.9)
    assert list(ticket.activities.values_list("verb", flat=True)) == ["opened"]


def test_a_reader_that_knows_what_is_owed_decides_and_its_reasons_reach_the_ticket() -> None:
    channel = a_channel()
    message = said(channel, "my line is down now", read=a_care_reader)
    ticket = Ticket.objects.get()
    assert (message.decision, message.disposition) == ("ticket", "awaiting")
    assert ticket.why == [
        {"code": "complaint", "trigger": "delay_or_outage", "aim": "solution"},
        {"code": "follow_up", "p": 0.93},
    ]
    assert ticket.urgency == "high", "the model said so"


def test_what_such_a_reader_sets_aside_says_how_sure_it_is_that_nothing_is_owed() -> None:
    message = said(a_channel(), "plain chatter about the weather", read=a_care_reader)
    assert (message.decision, message.disposition) == ("no_answer", "no_answer")
    assert message.reasons == [{"code": "nothing_owed", "p": 0.95}]


def test_the_desk_may_set_a_threshold_of_its_own(settings: Any) -> None:
    settings.TRIAGE_FOLLOW_UP = 0.03
    message = said(a_channel(), "plain chatter about the weather", read=a_care_reader)
    assert (message.decision, message.reasons) == ("ticket", [{"code": "follow_up", "p": 0.05}])


def test_praise_needs_no_answer_and_says_so() -> None:
    message = said(a_channel(), "I love this network")
    assert (message.decision, message.disposition) == ("no_answer", "no_answer")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("post", "decision", "disposition"),
    [
        (a_post("RT @reem: my bill is wrong", kind=Kind.REPOST, ref_id="1"), "folded", "merged"),
        (a_post("@nawa_care https://x.example/1", kind=Kind.QUOTE, ref_id="1"), "folded", "merged"),
        (a_post("buy crypto now, it is not wrong"), "spam", "spam"),
        (a_post("@nawa_care"), "no_answer", "no_answer"),
        (a_post("plain chatter about the weather"), "no_answer", "no_answer"),
    ],
    ids=["repost", "bare quote", "spam", "only a handle", "chatter"],
)
def test_what_is_nobodys_question_opens_no_ticket(post: object, decision: str, disposition: str) -> None:
    (message,) = receive(a_channel(), post)
    assert (message.decision, message.disposition) == (decision, disposition)
    assert not Ticket.objects.exists()


def test_a_quote_with_words_of_its_own_is_read_like_any_post() -> None:
    message = said(a_channel(), "and it is still down", kind=Kind.QUOTE, ref_id="1")
    assert message.decision == "ticket"


def test_a_second_message_of_the_same_person_joins_the_live_ticket_whatever_its_thread() -> None:
    channel = a_channel()
    first, second = receive(channel, a_post("bill is wrong"), a_post("still wrong, hello?"))
    ticket = Ticket.objects.get()
    assert [first.decision, second.decision] == ["ticket", "join"]
    assert ticket.position == 2
    assert ticket.preview == "still wrong, hello?"


def test_messages_that_arrive_together_make_one_ticket_even_out_of_order() -> None:
    channel = a_channel()
    posts = [a_post(f"wrong again {turn}") for turn in range(5)]
    receive(channel, *reversed(posts))
    assert Ticket.objects.get().position == 5
    assert Message.objects.get(external_id=posts[0].external_id).decision == "ticket"


def test_one_person_on_two_channels_of_a_brand_has_one_ticket_and_the_same_post_counts_once() -> None:
    brand = a_brand()
    mentions, search = a_channel(brand), a_channel(brand)
    post = a_post("bill is wrong")
    receive(mentions, post)
    (double,) = receive(search, post)
    (other,) = receive(search, a_post("and the app is down"))
    assert (double.decision, double.reasons[0]["code"]) == ("folded", "other_channel")
    assert other.decision == "join"
    assert Ticket.objects.get().position == 2


def test_the_same_account_writing_to_two_brands_has_a_ticket_with_each() -> None:
    receive(a_channel(), a_post("wrong bill"))
    receive(a_channel(), a_post("wrong bill"))
    assert Ticket.objects.count() == 2


def test_our_own_post_read_back_never_makes_a_ticket() -> None:
    (message,) = receive(a_channel(), an_own_post("Sorry that our network is down. What is wrong?"))
    assert (message.decision, message.disposition, message.direction) == ("ours", "ours", "out")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("own_first", [True, False], ids=["answer stored first", "question stored first"])
def test_an_answer_posted_outside_radd_closes_what_it_answers_in_whatever_order_they_come(own_first: bool) -> None:
    channel = a_channel()
    question = a_post("bill is wrong")
    answer = an_own_post("Mended, Reem.", parent_id=question.external_id)
    for post in (answer, question) if own_first else (question, answer):
        receive(channel, post)
    ticket = Ticket.objects.get()
    assert ticket.position == 2
    assert ticket.status == "pending"
    assert Message.objects.get(external_id=question.external_id).disposition == "answered_outside"


def test_a_whole_thread_gives_the_lift() -> None:
    channel = a_channel()
    question = a_post("bill is wrong")
    answer = an_own_post("Mended, Reem.", parent_id=question.external_id)
    thanks = a_post("thanks a lot", parent_id=answer.external_id)
    receive(channel, question, answer, thanks)
    ticket = Ticket.objects.get()
    assert ticket.before_valence == pytest.approx(-0.87)
    assert ticket.after_valence == pytest.approx(0.87)
    assert ticket.lift == pytest.approx(1.74)


def test_a_resolved_ticket_reopens_when_its_thread_goes_on_with_a_complaint() -> None:
    channel = a_channel()
    ticket = a_ticket(channel, conversation_key="t1")
    lifecycle.resolve(ticket.pk, by=a_person(channel.brand))
    message = said(channel, "it is wrong again", conversation_key="t1")
    ticket.refresh_from_db()
    assert message.decision == "join"
    assert (ticket.status, ticket.reopened) == ("new", 1)
    assert "reopened" in ticket.activities.values_list("verb", flat=True)


def test_thanks_after_a_resolved_ticket_count_for_its_lift_and_wake_nobody() -> None:
    channel = a_channel()
    ticket = a_ticket(channel, conversation_key="t1", external_id="q1")
    receive(channel, an_own_post("Mended.", parent_id="q1", conversation_key="t1"))
    lifecycle.resolve(ticket.pk, by=a_person(channel.brand))
    message = said(channel, "thank you, love it", conversation_key="t1")
    ticket.refresh_from_db()
    assert (message.decision, message.disposition) == ("join", "no_answer")
    assert ticket.status == "resolved"
    assert ticket.lift is not None
    assert ticket.lift > 0


def test_after_the_window_a_new_ticket_is_opened(settings: Any) -> None:
    channel = a_channel()
    old = a_ticket(channel, conversation_key="t1")
    lifecycle.resolve(old.pk, by=a_person(channel.brand))
    Ticket.objects.filter(pk=old.pk).update(resolved_at=timezone.now() - timedelta(days=8))
    receive(channel, a_post("wrong again", conversation_key="t1"))
    assert Ticket.objects.count() == 2


def test_another_thread_after_resolving_opens_a_new_ticket_linked_to_the_old() -> None:
    channel = a_channel()
    old = a_ticket(channel, conversation_key="t1")
    lifecycle.resolve(old.pk, by=a_person(channel.brand))
    receive(channel, a_post("the app is broken", conversation_key="t2"))
    assert Ticket.objects.exclude(pk=old.pk).get().previous == old


def test_a_text_that_breaks_the_reader_becomes_a_ticket_unread_and_can_be_replayed(settings: Any) -> None:
    channel = a_channel()
    store(channel, [a_post("poison"), a_post("bill is wrong", by="sara")])
    for _turn in range(6):
        work_off()
        Message.objects.update(lease_until=None)
    poison = Message.objects.get(text="poison")
    assert poison.decision == "ticket"
    assert poison.read_error == "this text breaks the reader"
    assert poison.reasons[0]["code"] == "unread"
    assert Message.objects.get(text="bill is wrong").attempts == 0
    assert scoring.replay([poison.pk]) == 1
    assert Message.objects.get(text="poison").state == "new"


def test_a_message_that_breaks_triage_is_set_aside_and_its_batch_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = a_channel()
    store(channel, [a_post("wrong one"), a_post("cursed", by="sara"), a_post("wrong two", by="omar")])
    scoring.read_new(read=a_reader)
    decide = intake.decide

    def cursed(facts, policy):
        if facts.text == "cursed":
            raise ZeroDivisionError("cursed")
        return decide(facts, policy)

    monkeypatch.setattr(intake, "decide", cursed)
    for _turn in range(6):
        intake.triage_new()
        Message.objects.update(lease_until=None)
    held = Message.objects.get(text="cursed")
    assert (held.state, held.last_error) == ("held", "ZeroDivisionError: cursed")
    assert Ticket.objects.count() == 2
    monkeypatch.undo()
    assert intake.replay_held([held.pk]) == 1
    work_off()
    assert Message.objects.get(text="cursed").state == "triaged"


def test_every_message_leaves_triage_with_a_disposition() -> None:
    channel = a_channel()
    receive(channel, a_post("wrong"), a_post(""), a_post("😀", by="b"), an_own_post(), a_post("x" * 10_000, by="c"))
    assert not Message.objects.filter(disposition="").exists()
    assert not Message.objects.exclude(state="triaged").exists()


def test_an_author_without_a_name_a_date_in_1970_and_one_next_year_are_handled() -> None:
    channel = a_channel()
    long_ago = timezone.now().replace(year=1970)
    next_year = timezone.now() + timedelta(days=365)
    receive(
        channel,
        a_post("wrong in 1970", author=Author(external_id="ghost"), posted_at=long_ago),
        a_post("wrong next year", by="late", posted_at=next_year),
    )
    ghost, late = Ticket.objects.order_by("contact__external_id")[1], Ticket.objects.order_by("contact__external_id")[0]
    assert ghost.contact.display_name == "ghost"
    for ticket in (ghost, late):
        assert ticket.waiting_since is not None
        assert abs(ticket.waiting_since - timezone.now()) < timedelta(minutes=1)


def test_the_books_of_a_batch_name_one_activity_a_message() -> None:
    receive(a_channel(), a_post("wrong"), a_post("wrong again"), an_own_post())
    assert sorted(Activity.objects.values_list("verb", flat=True)) == ["joined", "opened"]


def test_a_row_says_why_of_the_newest_message_also_when_it_asks_nothing() -> None:
    channel = a_channel()
    receive(channel, a_post("bill is wrong"), a_post("thank you, love it"))
    assert codes(Ticket.objects.get().why) == ["thanks"]
