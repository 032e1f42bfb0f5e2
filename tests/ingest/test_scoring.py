"""Reading: every message is read once, or goes on to triage with the reason why it was not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ingest import doorbell, scoring
from ingest.collect import store
from ingest.models import Message
from sentiment.reading import Failure, Reading
from tests.cast import a_bell, a_care_reader, a_channel, a_post, a_reader, an_own_post, at_once, now, receive
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
ATTEMPTS = settings.READ_ATTEMPTS

Read = scoring.Read
Texts = Sequence[str]
Parents = Sequence[str | None]


def unread(*texts: str) -> None:
    store(a_channel(), [a_post(text, by=f"person{turn}") for turn, text in enumerate(texts)])


def a_witness(heard: list[list[str]], read: Read = a_reader) -> Read:
    """A reader that notes each batch it is given."""

    def listen(texts: Texts, parents: Parents) -> list[Reading | Failure]:
        heard.append(list(texts))
        return read(texts, parents)

    return listen


def a_broken_reader(texts: Texts, _parents: Parents) -> list[Reading | Failure]:
    raise OSError("the model is not there")


def rested() -> None:
    """The rest after a failure, or a dead reader's lease, is over."""
    Message.objects.filter(state="new").update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_reading_is_written_with_the_model_and_its_version() -> None:
    unread("is my bill wrong?")
    assert scoring.read_new(read=a_reader) == 1
    message = Message.objects.get()
    assert (message.state, message.attempts, message.lease_until, message.last_error) == ("scored", 0, None, "")
    assert (message.negative, message.neutral, message.positive) == (0.9, 0.07, 0.03)
    assert (message.cues, message.language, message.urgency) == (["question"], "en", "normal")
    assert (message.reader, message.reader_version) == ("test-reader", "1")
    assert message.read_at is not None
    assert (message.sentiment, message.valence) == ("negative", pytest.approx(-0.87))


def test_a_reading_by_a_reader_trained_for_care_is_written_whole() -> None:
    unread("my line is down now")
    scoring.read_new(read=a_care_reader)
    message = Message.objects.get()
    assert (message.follow_up, message.threshold, message.cues) == (0.93, 0.4, ["complaint"])
    assert (message.urgency, message.trigger, message.aim) == ("high", "delay_or_outage", "solution")
    assert message.evidence == [[11, 15, 1.0]]
    assert message.text[11:15] == "down"
    assert message.person_said == []


def test_a_reader_of_sentiment_only_leaves_open_what_it_does_not_know() -> None:
    unread("my bill is wrong")
    scoring.read_new(read=a_reader)
    message = Message.objects.get()
    assert (message.follow_up, message.threshold) == (None, None)
    assert (message.trigger, message.aim, message.evidence) == ("", "", [])


def test_a_reply_is_read_with_what_it_answers_ours_or_theirs() -> None:
    channel, elsewhere = a_channel(), a_channel()
    store(channel, [an_own_post("Is it still down?", external_id="own"), a_post("my line is down", external_id="q1")])
    store(elsewhere, [a_post("another channel's words", external_id="lost", by="sara")])
    replies = [
        a_post("yes, still", parent_id="own"),
        a_post("same here", by="omar", parent_id="q1"),
        a_post("to nobody we know", by="lina", parent_id="lost"),
        a_post("to nobody", by="huda"),
    ]
    store(channel, replies)
    heard: dict[str, str | None] = {}

    def listen(texts: Texts, parents: Parents) -> list[Reading | Failure]:
        heard.update(zip(texts, parents, strict=True))
        return a_reader(texts)

    while scoring.read_new(read=listen):
        pass
    assert heard == {
        "yes, still": "Is it still down?",
        "same here": "my line is down",
        "to nobody we know": None,
        "to nobody": None,
        "my line is down": None,
        "another channel's words": None,
    }


def test_what_replies_answer_costs_no_query_more(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    channel = a_channel()
    store(channel, [a_post("my line is down", external_id="q1")])
    store(channel, [a_post(f"same here {n}", by=f"fan{n}", parent_id="q1") for n in range(9)])
    with django_assert_num_queries(3) as asked:
        assert scoring.read_new(read=a_reader) == 10
    assert all("UPDATE" in query["sql"] and "ingest_message" in query["sql"] for query in asked)


def test_the_chosen_reader_is_handed_the_parents(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[Parents | None] = []

    def read(_backend: object, texts: Texts, parents: Parents | None = None) -> list[Reading | Failure]:
        handed.append(parents)
        return a_reader(texts)

    monkeypatch.setattr("sentiment.engine.read_with", read)
    channel = a_channel()
    store(channel, [an_own_post("Is it still down?", external_id="own"), a_post("yes, still", parent_id="own")])
    scoring.read_new()
    assert handed == [["Is it still down?"]]


def test_reading_again_never_touches_what_a_person_said() -> None:
    unread("poison", "my bill is wrong")
    for _turn in range(ATTEMPTS + 1):
        scoring.read_new(read=a_reader)
        rested()
    poison = Message.objects.get(text="poison")
    told = {"person_said": ["sentiment"], "negative": 0.0, "neutral": 0.0, "positive": 1.0}
    Message.objects.filter(pk=poison.pk).update(**told)
    assert scoring.replay([poison.pk]) == 0
    poison.refresh_from_db()
    assert (poison.state, poison.positive) == ("scored", 1.0)


def test_what_a_person_says_while_the_model_reads_stands_and_goes_on_to_triage() -> None:
    unread("my bill is wrong", "fine weather")

    def slow(texts: Texts, _parents: Parents) -> list[Reading | Failure]:
        told = {"person_said": ["sentiment"], "negative": 0.0, "neutral": 1.0, "positive": 0.0}
        Message.objects.filter(text="my bill is wrong").update(**told)
        return a_reader(texts)

    scoring.read_new(read=slow)
    told = Message.objects.get(text="my bill is wrong")
    assert (told.state, told.lease_until, told.attempts) == ("scored", None, 0)
    assert (told.sentiment, told.reader) == ("neutral", "")
    assert Message.objects.get(text="fine weather").reader == "test-reader"


def test_an_edit_or_a_deletion_takes_the_marks_away_for_they_no_longer_fit() -> None:
    channel = a_channel()
    posts = [a_post("my line is down", external_id="q1"), a_post("all is broken", by="sara", external_id="q2")]
    receive(channel, *posts, read=a_care_reader)
    assert all(Message.objects.values_list("evidence", flat=True))
    later = now()
    store(channel, [replace(posts[0], text="it works again", edited_at=later), replace(posts[1], deleted_at=later)])
    assert list(Message.objects.values_list("evidence", flat=True)) == [[], []]


def test_nothing_to_read_is_zero_and_asks_nothing_of_the_model() -> None:
    store(a_channel(), [an_own_post()])
    heard: list[list[str]] = []
    assert scoring.read_new(read=a_witness(heard)) == 0
    assert heard == []


def test_a_round_takes_no_more_than_its_batch_oldest_first() -> None:
    unread(*[f"text {turn}" for turn in range(5)])
    heard: list[list[str]] = []
    assert scoring.read_new(limit=2, read=a_witness(heard)) == 2
    assert heard == [["text 0", "text 1"]]


def test_the_chosen_reader_of_the_settings_reads_when_no_other_is_given() -> None:
    unread("my bill is wrong")
    assert scoring.read_new() == 1
    assert Message.objects.get().reader


def test_a_text_that_fails_rests_and_its_batch_goes_on() -> None:
    unread("one", "poison", "two")
    assert scoring.read_new(read=a_reader) == 3
    poison = Message.objects.get(text="poison")
    assert (poison.state, poison.attempts, poison.last_error) == ("new", 1, "this text breaks the reader")
    assert poison.lease_until is not None
    assert poison.lease_until > timezone.now()
    assert set(Message.objects.exclude(pk=poison.pk).values_list("state", flat=True)) == {"scored"}
    assert scoring.read_new(read=a_reader) == 0


def test_what_failed_before_is_read_alone() -> None:
    unread("poison 1", "poison 2", "plain")
    scoring.read_new(read=a_reader)
    rested()
    store(a_channel(), [a_post("fresh 1"), a_post("fresh 2", by="sara")])
    heard: list[list[str]] = []
    scoring.read_new(read=a_witness(heard))
    assert heard == [["fresh 1", "fresh 2"], ["poison 1"], ["poison 2"]]


def test_a_failing_text_rests_longer_each_time() -> None:
    unread("poison")
    rests = []
    for _turn in range(ATTEMPTS):
        began = timezone.now()
        scoring.read_new(read=a_reader)
        lease = Message.objects.get().lease_until
        assert lease is not None
        rests.append(round((lease - began).total_seconds(), -1))
        rested()
    assert rests == [20 * turn for turn in range(1, ATTEMPTS + 1)]


def test_after_so_many_tries_a_message_goes_to_triage_unread_with_the_error_kept() -> None:
    unread("poison")
    heard: list[list[str]] = []
    for _turn in range(ATTEMPTS):
        assert scoring.read_new(read=a_witness(heard)) == 1
        assert Message.objects.get().state == "new"
        rested()
    assert scoring.read_new(read=a_witness(heard)) == 1, "it left the line, so the round did something"
    message = Message.objects.get()
    assert len(heard) == ATTEMPTS
    assert (message.state, message.read_error, message.attempts) == ("scored", "this text breaks the reader", 0)
    assert (message.negative, message.sentiment, message.lease_until) == (None, "", None)
    assert list(Message.objects.unreadable()) == [message]


def test_a_reader_that_fails_as_a_whole_loses_nothing_and_in_the_end_everything_is_a_ticket() -> None:
    channel = a_channel()
    store(channel, [a_post("fine weather", by=f"person{turn}") for turn in range(3)])
    for _turn in range(ATTEMPTS + 1):
        scoring.read_new(read=a_broken_reader)
        rested()
    assert set(Message.objects.values_list("state", "read_error")) == {("scored", "OSError: the model is not there")}
    receive(channel)
    assert Ticket.objects.count() == 3


def test_a_reader_that_comes_back_in_time_reads_everything() -> None:
    unread("one", "two", "three")
    scoring.read_new(read=a_broken_reader)
    rested()
    while scoring.read_new(read=a_reader):
        pass
    assert set(Message.objects.values_list("state", "read_error", "last_error")) == {("scored", "", "")}


def test_a_reader_that_answers_too_few_texts_leaves_them_for_a_second_try() -> None:
    unread("one", "two")
    with pytest.raises(ValueError, match="zip"):
        scoring.read_new(read=lambda texts, _parents: a_reader(texts[:1]))
    rested()
    assert scoring.read_new(read=a_reader) == 2
    assert set(Message.objects.values_list("state", flat=True)) == {"scored"}


def test_what_a_killed_reader_held_comes_free_with_its_lease_and_is_read_alone() -> None:
    unread("killer", "victim")
    killed = scoring._claim(10, fresh=True)
    assert [claim.text for claim in killed] == ["killer", "victim"]
    assert scoring.read_new(read=a_reader) == 0, "another reader holds them"
    rested()
    heard: list[list[str]] = []
    assert scoring.read_new(read=a_witness(heard)) == 2
    assert heard == [["killer"], ["victim"]]


def test_a_text_that_kills_every_reader_goes_to_triage_unread_too() -> None:
    unread("killer")
    scoring._claim(1, fresh=True)
    for _turn in range(ATTEMPTS - 1):
        rested()
        scoring._claim(1, fresh=False)
    rested()
    assert scoring.read_new(read=a_reader) == 1
    message = Message.objects.get()
    assert message.state == "scored"
    assert message.read_error


def test_a_late_reader_does_not_write_over_what_another_finished() -> None:
    unread("my bill is wrong")

    def slow(texts: Texts, _parents: Parents) -> list[Reading | Failure]:
        rested()
        scoring.read_new(read=a_reader)
        return [Reading("ar", 0, 0, 1, (), "low", "slow-reader", "9") for _text in texts]

    scoring.read_new(read=slow)
    assert Message.objects.get().reader == "test-reader"


def test_a_late_failure_does_not_touch_what_another_finished() -> None:
    unread("my bill is wrong")

    def slow(texts: Texts, _parents: Parents) -> list[Reading | Failure]:
        rested()
        scoring.read_new(read=a_reader)
        raise OSError("gone")

    scoring.read_new(read=slow)
    message = Message.objects.get()
    assert (message.state, message.last_error, message.lease_until) == ("scored", "", None)


def test_no_transaction_is_open_while_the_model_works() -> None:
    depths = []

    def look(texts: Texts, _parents: Parents) -> list[Reading | Failure]:
        depths.append(len(connection.savepoint_ids))
        return a_reader(texts)

    unread("one")
    before = len(connection.savepoint_ids)
    scoring.read_new(read=look)
    assert depths == [before]


def test_replay_takes_only_what_could_not_be_read() -> None:
    channel = a_channel()
    (read,) = receive(channel, a_post("fine weather"))
    store(channel, [a_post("poison", by="sara")])
    for _turn in range(ATTEMPTS + 1):
        scoring.read_new(read=a_reader)
        rested()
    ids = list(Message.objects.values_list("pk", flat=True))
    assert scoring.replay(ids) == 1
    again = Message.objects.get(text="poison")
    assert (again.state, again.attempts, again.read_error, again.lease_until) == ("new", 0, "", None)
    assert Message.objects.get(pk=read.pk).state == "triaged"


def test_the_reader_keeps_count_in_redis() -> None:
    before = doorbell.counters()
    unread("one", "poison", "two")
    scoring.read_new(read=a_reader)
    after = doorbell.counters()
    told = {name: float(after[name]) - float(before.get(name, 0)) for name in ("batches", "messages", "failures")}
    assert told == {"batches": 1, "messages": 2, "failures": 1}


@pytest.mark.django_db(transaction=True)
def test_two_readers_never_read_the_same_message(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    store(a_channel(), [a_post(f"text {turn}", by=f"person{turn % 9}") for turn in range(120)])
    heard: list[list[str]] = []

    def work() -> int:
        done = 0
        while count := scoring.read_new(limit=7, read=a_witness(heard)):
            done += count
        return done

    assert sum(at_once(work, work, work)) == 120
    texts = [text for batch in heard for text in batch]
    assert len(texts) == len(set(texts)) == 120
    assert set(Message.objects.values_list("state", "attempts")) == {("scored", 0)}
