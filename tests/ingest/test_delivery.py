"""The outbox: an answer is posted once, or its true state is known; one that is stuck holds nobody else up."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from ingest import delivery
from ingest.collect import store
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import OutcomeUnknown, Outgoing, PlatformError, Sent
from tests.cast import (
    AfterTheFact,
    FakePlatform,
    a_ticket,
    an_answer,
    an_own_post,
    deliver,
    work_off,
)

pytestmark = pytest.mark.django_db
TIMEOUT = OutcomeUnknown("timeout", "no answer in 15 s")


@pytest.fixture
def waiting(channel: Channel) -> Delivery:
    """An answer on its way to Reem."""
    return an_answer(a_ticket(channel, external_id="q1", root_id="r1", conversation_key="t1"))


def state_of(row: Delivery) -> str:
    return Delivery.objects.get(pk=row.pk).state


def test_an_answer_is_posted_once_under_the_message_it_answers(waiting: Delivery, platform: type[FakePlatform]) -> None:
    deliver()
    deliver()
    (posted,) = platform.posted
    assert (posted.text, posted.parent_id, posted.root_id, posted.conversation_key) == (
        "We are on it.", "q1", "r1", "t1",
    )  # fmt: skip
    assert (posted.to_handle, posted.kind, posted.key) == ("reem", "reply", str(waiting.key))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.lease_until) == ("sent", 1, None)
    assert waiting.finished_at is not None
    assert waiting.message.external_id == f"answer-{waiting.key}"


def test_an_answer_whose_time_has_not_come_stays(waiting: Delivery, platform: type[FakePlatform]) -> None:
    Delivery.objects.update(due_at=timezone.now() + timedelta(seconds=5))
    assert delivery.deliver_due() == 0
    assert platform.calls == []


def test_a_timeout_is_unknown_and_nothing_is_tried_for_a_while(waiting: Delivery, platform: type[FakePlatform]) -> None:
    platform.troubles.append(TIMEOUT)
    assert delivery.deliver_due() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code, waiting.lease_until) == ("unknown", "timeout", None)
    assert delivery.deliver_due() == 0
    assert platform.calls == ["reply"]


def test_an_answer_that_got_through_before_the_timeout_is_found_and_not_posted_again(
    waiting: Delivery, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(AfterTheFact(TIMEOUT))
    deliver()
    deliver()
    assert platform.calls == ["reply", "look"]
    assert len(platform.posted) == 1
    assert state_of(waiting) == "sent"
    assert Message.objects.get(pk=waiting.message_id).external_id == f"answer-{waiting.key}"


def test_an_answer_that_did_not_get_through_is_posted_after_looking(
    waiting: Delivery, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(TIMEOUT)
    deliver()
    deliver()
    assert platform.calls == ["reply", "look", "reply"]
    assert len(platform.posted) == 1
    assert state_of(waiting) == "sent"


def test_every_attempt_carries_the_same_key_and_the_time_of_the_first(
    waiting: Delivery, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Outgoing] = []

    def reply(self: object, outgoing: Outgoing) -> Sent:
        told.append(outgoing)
        raise TIMEOUT

    monkeypatch.setattr(platform, "reply", reply)
    for _turn in range(3):
        deliver()
    assert len(told) == 3
    assert len({(outgoing.key, outgoing.first_tried_at) for outgoing in told}) == 1


def test_a_process_killed_while_sending_is_followed_by_a_look(waiting: Delivery, platform: type[FakePlatform]) -> None:
    killed = delivery._claim()
    assert killed is not None
    assert state_of(waiting) == "sending"
    deliver()
    assert platform.calls == [], "its lease is not over"
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    deliver()
    assert platform.calls == ["look", "reply"]
    assert state_of(waiting) == "sent"


def test_a_process_killed_after_posting_leaves_one_post(waiting: Delivery, platform: type[FakePlatform]) -> None:
    killed = delivery._claim()
    assert killed is not None
    platform.posted.append(delivery._outgoing(killed))
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    deliver()
    assert platform.calls == ["look"]
    assert len(platform.posted) == 1


def test_a_rate_limit_waits_as_long_as_asked_and_is_no_attempt(waiting: Delivery, platform: type[FakePlatform]) -> None:
    tries = settings.DELIVERY_ATTEMPTS + 3
    platform.troubles.extend(PlatformError("rate_limited", "429", retry_after=900) for _turn in range(tries))
    for _turn in range(tries):
        began = timezone.now()
        deliver()
        waiting.refresh_from_db()
        assert (waiting.state, waiting.attempts, waiting.error_code) == ("waiting", 0, "rate_limited")
        assert timedelta(0) <= waiting.due_at - began - timedelta(seconds=900) < timedelta(seconds=30)
    deliver()
    assert state_of(waiting) == "sent"
    assert "look" not in platform.calls, "a refusal leaves nothing behind"


def test_a_rate_limit_while_looking_keeps_the_outcome_unknown(waiting: Delivery, platform: type[FakePlatform]) -> None:
    platform.troubles.append(AfterTheFact(TIMEOUT))
    platform.looks.append(PlatformError("rate_limited", retry_after=1))
    deliver()
    deliver()
    assert state_of(waiting) == "unknown"
    deliver()
    assert len(platform.posted) == 1
    assert state_of(waiting) == "sent"


def test_a_permanent_refusal_is_the_end_with_the_platforms_words(
    waiting: Delivery, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(PlatformError("not_allowed", "You may not\x00 reply \ud83d", permanent=True))
    deliver()
    deliver()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code, waiting.last_error) == ("failed", "not_allowed", "You may not reply ?")
    assert platform.calls == ["reply"]


def test_a_passing_trouble_is_tried_again_later_each_time_and_in_the_end_given_up(
    waiting: Delivery, platform: type[FakePlatform]
) -> None:
    platform.troubles.extend(PlatformError("platform_down", "503") for _turn in range(settings.DELIVERY_ATTEMPTS))
    waits = []
    for _turn in range(settings.DELIVERY_ATTEMPTS - 1):
        began = timezone.now()
        deliver()
        waiting.refresh_from_db()
        assert waiting.state == "waiting"
        waits.append((waiting.due_at - began).total_seconds())
    assert waits == sorted(waits)
    assert 4 < waits[0] < 10
    deliver()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code) == ("failed", "platform_down")


def test_what_can_never_be_known_is_given_up_so_that_a_person_looks(
    waiting: Delivery, platform: type[FakePlatform]
) -> None:
    tries = settings.DELIVERY_ATTEMPTS * 3
    platform.troubles.extend([TIMEOUT] * tries)
    for _turn in range(tries):
        assert state_of(waiting) in {"waiting", "unknown"}
        deliver()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code) == ("failed", "never_known")


def test_a_surprise_in_an_adapter_is_unknown_not_failed(waiting: Delivery, platform: type[FakePlatform]) -> None:
    platform.troubles.append(AfterTheFact(KeyError("data")))
    deliver()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.last_error) == ("unknown", "KeyError: 'data'")
    deliver()
    assert state_of(waiting) == "sent"
    assert len(platform.posted) == 1


@pytest.mark.parametrize("code", ["bad_credentials", "sealed_credentials"])
def test_credentials_that_are_refused_break_the_channel(
    waiting: Delivery, platform: type[FakePlatform], code: str
) -> None:
    platform.troubles.append(PlatformError(code, "401 Unauthorized", permanent=True))
    deliver()
    channel = Channel.objects.get()
    assert (channel.state, channel.error_code, channel.last_error) == ("broken", code, "401 Unauthorized")
    assert state_of(waiting) == "failed"


def test_another_refusal_leaves_the_channel_as_it_was(waiting: Delivery, platform: type[FakePlatform]) -> None:
    platform.troubles.append(PlatformError("not_allowed", permanent=True))
    deliver()
    assert Channel.objects.get().state == "active"


# --- one after the other --------------------------------------------------------------------------------------------
def test_answers_of_one_conversation_are_posted_in_the_order_they_were_written(
    channel: Channel, platform: type[FakePlatform]
) -> None:
    ticket = a_ticket(channel)
    first, second = an_answer(ticket, "first"), an_answer(ticket, "second")
    Delivery.objects.filter(pk=first.pk).update(due_at=timezone.now())
    Delivery.objects.filter(pk=second.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    delivery.deliver_due()
    assert platform.texts() == ["first", "second"]


@pytest.mark.parametrize("trouble", [TIMEOUT, PlatformError("rate_limited", retry_after=900)], ids=str)
def test_a_stuck_answer_holds_back_its_own_conversation_and_no_other(
    channel: Channel, platform: type[FakePlatform], trouble: Exception
) -> None:
    stuck = a_ticket(channel)
    an_answer(stuck, "stuck")
    an_answer(stuck, "behind it")
    an_answer(a_ticket(channel, by="sara"), "elsewhere")
    platform.troubles.append(trouble)
    delivery.deliver_due()
    assert platform.texts() == ["elsewhere"]
    deliver()
    assert platform.texts() == ["elsewhere", "stuck", "behind it"]


def test_an_answer_that_failed_for_good_lets_the_next_one_go(channel: Channel, platform: type[FakePlatform]) -> None:
    ticket = a_ticket(channel)
    an_answer(ticket, "refused")
    an_answer(ticket, "next")
    platform.troubles.append(PlatformError("not_allowed", permanent=True))
    deliver()
    assert platform.texts() == ["next"]


def test_a_round_tries_no_more_than_asked(channel: Channel, platform: type[FakePlatform]) -> None:
    for by in ("a", "b", "c"):
        an_answer(a_ticket(channel, by=by))
    assert delivery.deliver_due(limit=2) == 2
    assert len(platform.posted) == 2


# --- read back ------------------------------------------------------------------------------------------------------
def test_our_own_post_read_back_afterwards_is_the_message_we_have(waiting: Delivery, channel: Channel) -> None:
    deliver()
    store(channel, [an_own_post(external_id=f"answer-{waiting.key}", parent_id="q1")])
    work_off()
    assert Message.objects.filter(direction="out").count() == 1


@pytest.mark.parametrize("triaged", [False, True], ids=["just stored", "triaged too"])
def test_our_own_post_read_back_before_its_id_was_recorded_stays_one_message(
    waiting: Delivery,
    channel: Channel,
    platform: type[FakePlatform],
    monkeypatch: pytest.MonkeyPatch,
    triaged: bool,
) -> None:
    def reply(self: object, outgoing: Outgoing) -> Sent:
        store(channel, [an_own_post(outgoing.text, external_id="own-1", parent_id="q1")])
        if triaged:
            work_off()
        return Sent("own-1", "https://x.example/own-1")

    monkeypatch.setattr(platform, "reply", reply)
    deliver()
    work_off()
    answer = Message.objects.get(direction="out")
    assert (answer.pk, answer.external_id, answer.url) == (waiting.message_id, "own-1", "https://x.example/own-1")
    assert state_of(waiting) == "sent"


def test_a_copy_read_back_while_the_outcome_is_unknown_gives_way_when_it_is_found(
    waiting: Delivery, channel: Channel, platform: type[FakePlatform]
) -> None:
    platform.troubles.append(AfterTheFact(TIMEOUT))
    deliver()
    store(channel, [an_own_post(external_id=f"answer-{waiting.key}", parent_id="q1")])
    work_off()
    deliver()
    assert Message.objects.get(direction="out").pk == waiting.message_id


def test_a_look_that_finds_another_answer_of_ours_never_wipes_that_one_out(
    waiting: Delivery, platform: type[FakePlatform], monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver()
    ticket = a_ticket(Channel.objects.get(), "still wrong")
    again = an_answer(ticket, "We are on it.")
    platform.troubles.append(TIMEOUT)
    deliver()
    monkeypatch.setattr(platform, "find_reply", lambda self, outgoing: Sent(f"answer-{waiting.key}"))
    deliver()
    assert Message.objects.filter(pk=waiting.message_id).exists()
    assert state_of(waiting) == "sent"
    assert state_of(again) == "unknown"
