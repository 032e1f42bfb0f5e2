"""What people corrected, as a reader is trained from it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ingest.corrections import write
from ingest.lessons import group_of, lessons
from ingest.models import Channel, Correction, Message
from sentiment.training import corpus
from tests.cast import a_channel, a_person, a_post, an_own_post, now, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    return a_channel()


@pytest.fixture
def person(channel: Channel) -> User:
    return a_person(channel.brand)


def corrected(channel: Channel, person: User, text: str = "my bill is wrong", **given: Any) -> Message:
    """A message on which this person has said what follows its text."""
    post = {name: given.pop(name) for name in ("external_id", "parent_id", "conversation_key") if name in given}
    (message,) = receive(channel, a_post(text, **post))
    for label, value in (given or {"sentiment": "neutral"}).items():
        write(message, label, value, by=person)
    return message


def test_a_lesson_holds_the_corrected_labels_and_no_others(channel: Channel, person: User) -> None:
    message = corrected(channel, person, sentiment="neutral", reasons=["question"], follow_up="yes")
    assert list(lessons()) == [
        {
            "text": "my bill is wrong",
            "parent": "",
            "lang": "en",
            "sentiment": "neutral",
            "follow_up": "yes",
            "reasons": ["question"],
            "confirmed": ["sentiment", "follow_up", "reasons"],
            "model": "test-reader",
            "version": "1",
            "source": "correction",
            "group": group_of(message.conversation_id),
        }
    ]


def test_the_last_word_on_a_label_counts(channel: Channel, person: User) -> None:
    corrected(channel, person, sentiment="neutral", urgency="high")
    write(Message.objects.get(), "sentiment", "positive", by=a_person(channel.brand))
    (lesson,) = lessons()
    assert (lesson["sentiment"], lesson["urgency"]) == ("positive", "high")


def test_no_trigger_and_no_aim_are_words_too(channel: Channel, person: User) -> None:
    message = corrected(channel, person, trigger="rudeness")
    write(message, "trigger", "", by=person)
    assert [lesson["trigger"] for lesson in lessons()] == [""]


def test_nobody_is_named(channel: Channel, person: User) -> None:
    receive(channel, an_own_post("@reem We are sorry. Huda", external_id="own"))
    corrected(channel, person, "@nawa_care @sara_99 it's wrong, see https://x.example/reem", parent_id="own")
    (lesson,) = lessons()
    assert lesson["text"] == "@user @user it's wrong, see http"
    assert lesson["parent"] == "@user We are sorry. Huda"
    assert not any(name in str(lesson) for name in ("reem", "sara_99", "nawa_care", person.name))


def test_one_conversation_is_one_group(channel: Channel, person: User) -> None:
    for key in ("t1", "t1", "t2"):
        corrected(channel, person, conversation_key=key)
    first, second, other = (lesson["group"] for lesson in lessons())
    assert first == second != other


def test_what_its_author_deleted_is_left_out_even_as_a_parent(channel: Channel, person: User) -> None:
    parent = corrected(channel, person, external_id="q1")
    corrected(channel, person, "and still wrong", parent_id="q1")
    assert [lesson["parent"] for lesson in lessons()] == ["", "my bill is wrong"]
    Message.objects.filter(pk=parent.pk).update(deleted_at=now())
    assert [(lesson["text"], lesson["parent"]) for lesson in lessons()] == [("and still wrong", "")]


def test_what_was_said_of_an_earlier_text_is_left_out(channel: Channel, person: User) -> None:
    message = corrected(channel, person)
    Message.objects.update(edited_at=now())
    assert list(lessons()) == []
    write(message, "urgency", "high", by=person)
    assert [lesson["confirmed"] for lesson in lessons()] == [["urgency"]]


def test_a_message_without_a_word_teaches_nothing(channel: Channel, person: User) -> None:
    corrected(channel, person, "@nawa_care https://x.example/1", urgency="high")
    assert list(lessons()) == []


def test_since_asks_for_messages_corrected_from_then_on_with_all_that_is_known_of_them(
    channel: Channel, person: User
) -> None:
    old, mixed = (corrected(channel, person) for _one in range(2))
    Correction.objects.update(at=now() - timedelta(days=9))
    write(mixed, "urgency", "high", by=person)
    (lesson,) = lessons(now() - timedelta(days=1))
    assert lesson["confirmed"] == ["sentiment", "urgency"]
    assert len(list(lessons(now() - timedelta(days=10)))) == 2
    assert old.pk < mixed.pk


def test_lessons_come_in_the_order_of_messages_by_one_query(channel: Channel, person: User) -> None:
    messages = receive(channel, *[a_post(f"wrong {n}") for n in range(4)])
    for message in reversed(messages):
        write(message, "sentiment", "neutral", by=person)
    with CaptureQueriesContext(connection) as queries:
        assert [lesson["text"] for lesson in lessons()] == [f"wrong {n}" for n in range(4)]
    assert len(queries) <= 1


def test_training_reads_what_we_write(channel: Channel, person: User, tmp_path: Path) -> None:
    corrected(channel, person, sentiment="neutral", follow_up="no", reasons=["chat"], trigger="delay_or_outage")
    call_command("export_corrections", f"--out={tmp_path / 'c.jsonl'}")
    (row,) = corpus.corrections(tmp_path / "c.jsonl")
    assert (row.sentiment, row.follow_up, row.reasons, row.trigger) == (1, 0.0, ("chat",), "delay_or_outage")
    assert (row.urgency, row.source, row.language) == ("", "correction", "en")
