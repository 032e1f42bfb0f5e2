"""A long answer is one answer in several posts: written at once, sent in order, settled once, undone together."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ingest.collect import store
from ingest.models import Channel, Delivery, Message
from ingest.parts import said_in
from ingest.platforms.base import Kind, OutcomeUnknown, Outgoing, PlatformError, Sent
from tests.cast import AfterTheFact, FakePlatform, a_ticket, an_answer, an_own_post, deliver, fresh, verbs, work_off
from tests.tickets.conftest import question
from tickets.answering import outcomes, replies
from tickets.answering.splitting import LongWord, TooManyParts
from tickets.models import Ticket
from tickets.reports.balance import balance
from tickets.thread import Said, story_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform")]
LONG = " ".join(f"This is sentence number {turn:02d} of the answer." for turn in range(1, 18))
REFUSED = PlatformError("rejected", "No, thank you", permanent=True)
TIMEOUT = OutcomeUnknown("outcome_unknown")


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def posts() -> list[Message]:
    return list(Message.objects.filter(direction="out").order_by("id"))


def answer_in(ticket: Ticket) -> Said:
    """The one answer in the ticket's story."""
    (entry,) = (entry for entry in story_of(ticket).entries if isinstance(entry, Said) and entry.ours)
    return entry


def test_a_long_answer_becomes_numbered_posts_that_are_written_together(ticket: Ticket, agent: User) -> None:
    delivery = an_answer(ticket, LONG, by=agent)
    written = posts()
    assert [message.text[-4:] for message in written] == [" 1/3", " 2/3", " 3/3"]
    assert "".join(said_in(message) for message in written) == LONG
    assert delivery == Delivery.objects.order_by("id").first()
    assert states() == ["waiting"] * 3
    assert verbs(ticket).count("answered") == 1
    assert fresh(ticket).position == 4
    assert fresh(ticket).status == "pending"


def test_each_post_goes_under_the_one_before_it(ticket: Ticket, platform: type[FakePlatform]) -> None:
    an_answer(ticket, LONG)
    deliver()
    first, second, third = (f"answer-{row.key}" for row in Delivery.objects.order_by("id"))
    assert [outgoing.parent_id for outgoing in platform.posted] == ["q1", first, second]
    assert [message.external_id for message in posts()] == [first, second, third]
    assert {outgoing.root_id for outgoing in platform.posted} == {"q1"}


def test_what_the_platform_said_of_a_post_is_there_when_the_next_one_answers_it(
    ticket: Ticket, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def reply(self: object, outgoing: Outgoing) -> Sent:
        told.append(outgoing.parent_raw.get("cid"))
        return Sent(f"answer-{outgoing.key}", raw={"cid": f"cid-{len(told)}", "radd_part": "nonsense"})

    monkeypatch.setattr(platform, "reply", reply)
    an_answer(ticket, LONG)
    deliver()
    assert told == [None, "cid-1", "cid-2"]
    assert states() == ["sent"] * 3


def test_the_same_form_writes_the_posts_once(ticket: Ticket, agent: User) -> None:
    key = uuid4()
    first = an_answer(ticket, LONG, by=agent, key=key)
    assert an_answer(ticket, LONG, by=agent, key=key, seen=1) == first
    assert len(posts()) == 3


def test_the_question_is_answered_once_when_the_last_post_is_sent(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    platform.troubles.extend([None, PlatformError("rate_limited", retry_after=60)])
    an_answer(ticket, LONG, by=agent)
    deliver()
    assert states() == ["sent", "waiting", "waiting"]
    assert question().disposition == "awaiting"
    assert fresh(ticket).waiting_since is None
    deliver()
    assert states() == ["sent"] * 3
    assert (question().disposition, question().decided_by) == ("answered", agent)
    assert verbs(ticket).count("delivered") == 1
    assert not balance().problems


def test_a_post_that_fails_takes_those_after_it_along_and_the_customer_waits_again(
    ticket: Ticket, platform: type[FakePlatform]
) -> None:
    platform.troubles.extend([None, REFUSED])
    an_answer(ticket, LONG)
    deliver()
    deliver()
    assert states() == ["sent", "failed", "failed"]
    assert [row.error_code for row in Delivery.objects.order_by("id")] == ["", "rejected", "part_before"]
    assert len(platform.posted) == 1
    assert question().disposition == "awaiting"
    assert (fresh(ticket).status, fresh(ticket).waiting_since) == ("open", question().received_at)
    assert verbs(ticket).count("not_delivered") == 1
    assert not balance().problems


def test_trying_again_goes_on_where_it_stopped(ticket: Ticket, agent: User, platform: type[FakePlatform]) -> None:
    platform.troubles.extend([None, REFUSED])
    an_answer(ticket, LONG)
    deliver()
    last = Delivery.objects.order_by("id").last()
    assert last is not None
    assert outcomes.try_again(last.key, by=agent)
    assert states() == ["sent", "unknown", "waiting"]
    assert fresh(ticket).waiting_since is None
    deliver()
    assert [text[-4:] for text in platform.texts()] == [" 1/3", " 2/3", " 3/3"]
    assert question().disposition == "answered"


def test_a_post_whose_outcome_is_unknown_holds_the_next_one_back_and_is_not_posted_twice(
    ticket: Ticket, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(AfterTheFact(TIMEOUT))
    an_answer(ticket, LONG)
    deliver()
    assert states() == ["unknown", "waiting", "waiting"]
    deliver()
    assert [text[-4:] for text in platform.texts()] == [" 1/3", " 2/3", " 3/3"]


def test_a_parent_of_a_moment_ago_that_is_not_shown_yet_is_not_gone(
    ticket: Ticket, platform: type[FakePlatform]
) -> None:
    gone = PlatformError("gone", "not found", permanent=True)
    platform.troubles.extend([None, gone])
    an_answer(ticket, LONG)
    deliver()
    assert states() == ["sent", "waiting", "waiting"]
    Delivery.objects.filter(state="sent").update(finished_at=timezone.now() - timedelta(hours=1))
    platform.troubles.append(gone)
    deliver()
    assert states() == ["sent", "failed", "failed"]


def test_undo_takes_all_posts_back_with_their_words(ticket: Ticket, agent: User, platform: type[FakePlatform]) -> None:
    delivery = an_answer(ticket, LONG, by=agent)
    assert "".join(said_in(message) for message in outcomes.take_back(delivery.key, by=agent)) == LONG
    deliver()
    assert states() == ["cancelled"] * 3
    assert platform.posted == []
    assert fresh(ticket).waiting_since is not None
    assert verbs(ticket).count("taken_back") == 1


def test_what_has_not_left_yet_can_be_taken_back_from_what_has(
    ticket: Ticket, agent: User, platform: type[FakePlatform]
) -> None:
    platform.troubles.extend([None, PlatformError("rate_limited", retry_after=900)])
    delivery = an_answer(ticket, LONG, by=agent)
    deliver()
    assert len(outcomes.take_back(delivery.key, by=agent)) == 2
    assert states() == ["sent", "cancelled", "cancelled"]
    assert fresh(ticket).waiting_since is not None
    assert not outcomes.take_back(delivery.key, by=agent)


def test_a_post_read_back_before_its_id_was_recorded_stays_one_message(
    ticket: Ticket, channel: Channel, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def reply(self: object, outgoing: Outgoing) -> Sent:
        made.append(outgoing)
        store(channel, [an_own_post(outgoing.text, external_id=f"own-{len(made)}", parent_id=outgoing.parent_id)])
        work_off()
        return Sent(f"own-{len(made)}")

    monkeypatch.setattr(platform, "reply", reply)
    an_answer(ticket, LONG)
    deliver()
    assert [message.external_id for message in posts()] == ["own-1", "own-2", "own-3"]
    assert fresh(ticket).position == 4


# --- where it is not split ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [Kind.DM, Kind.MAIL])
def test_what_is_said_in_private_is_never_split(channel: Channel, kind: Kind) -> None:
    with pytest.raises(replies.TooLong) as refused:
        an_answer(a_ticket(channel, kind=kind), LONG)
    assert refused.value.why is None
    assert posts() == []


def test_a_platform_without_threads_takes_one_post(
    ticket: Ticket, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "threads", False)
    with pytest.raises(replies.TooLong):
        an_answer(ticket, LONG)


def test_a_word_longer_than_a_post_and_too_many_posts_are_refused_with_the_reason(
    ticket: Ticket, settings: Any
) -> None:
    with pytest.raises(replies.TooLong) as refused:
        an_answer(ticket, "see " + "x" * 281)
    assert isinstance(refused.value.why, LongWord)
    settings.MOST_PARTS = 2
    with pytest.raises(replies.TooLong) as refused:
        an_answer(ticket, LONG)
    assert isinstance(refused.value.why, TooManyParts)
    assert posts() == []


# --- what the page tells --------------------------------------------------------------------------------------------
def test_the_story_shows_one_answer_with_its_posts_and_their_true_states(
    ticket: Ticket, platform: type[FakePlatform]
) -> None:
    platform.troubles.extend([None, REFUSED])
    an_answer(ticket, LONG)
    assert answer_in(ticket).untouched
    deliver()
    entry = answer_in(ticket)
    assert [(piece.n, piece.of, piece.delivery.state) for piece in entry.pieces] == [
        (1, 3, "sent"), (2, 3, "failed"), (3, 3, "failed"),
    ]  # fmt: skip
    assert (entry.sent, entry.untouched, entry.can_be_taken_back) == (1, False, False)


def test_an_answer_of_one_post_has_no_pieces(ticket: Ticket) -> None:
    an_answer(ticket)
    assert answer_in(ticket).pieces == []
