"""Reading the past again: only readings change, people's words stay, and a killed run goes on where it was."""

from collections.abc import Sequence
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ingest import corrections, rereading
from ingest.collect import store
from ingest.models import Channel, Message, Reread
from sentiment.reading import Failure, Reading
from tests.cast import (
    a_care_reader,
    a_channel,
    a_person,
    a_platform,
    a_post,
    a_reader,
    a_ticket,
    an_answer,
    an_own_post,
    fresh,
    receive,
    said,
)
from tests.trial import Model, a_champion, a_run, reread, several
from tickets.incoming.rereading import go_on
from tickets.models import Activity

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model")]
WHAT_TRIAGE_SAID = ("state", "decision", "disposition", "reasons", "decided_by_id", "decided_at")


def test_each_message_gets_the_reading_of_the_model_and_its_version(channel: Channel) -> None:
    several(channel, 3, "my bill is wrong")
    assert "3 messages read with model-new 2" in reread("--model", "new")
    for message in Message.objects.all():
        assert (message.reader, message.reader_version, message.follow_up) == ("model-new", "2", 0.8)
        assert (message.cues, message.trigger, message.aim) == (["complaint"], "overcharging", "solution")


def test_without_a_model_named_the_one_in_charge_reads(channel: Channel) -> None:
    several(channel, 1)
    a_champion("new")
    reread()
    assert Message.objects.get().reader == "model-new"


def test_what_triage_and_people_decided_stays(channel: Channel, model: Model) -> None:
    several(channel, 2, "my bill is wrong")
    several(channel, 2, "love it")
    before = list(Message.objects.order_by("id").values(*WHAT_TRIAGE_SAID))
    lines = Activity.objects.count()
    model.contrary = True
    reread("--model", "new")
    assert list(Message.objects.order_by("id").values(*WHAT_TRIAGE_SAID)) == before
    assert Activity.objects.count() == lines


@pytest.mark.parametrize(
    ("label", "value", "columns"),
    [
        ("sentiment", "positive", ("negative", "neutral", "positive")),
        ("follow_up", "no", ("follow_up", "threshold")),
        ("reasons", ["praise"], ("cues",)),
        ("urgency", "high", ("urgency",)),
        ("trigger", "rudeness", ("trigger",)),
        ("aim", "apology", ("aim",)),
    ],
)
def test_a_label_that_a_person_corrected_is_never_touched_and_the_others_are_read(
    channel: Channel, label: str, value: Any, columns: Sequence[str]
) -> None:
    message = said(channel, "my bill is down", read=a_care_reader)
    corrections.write(message, label, value, by=a_person())
    before = Message.objects.filter(pk=message.pk).values(*columns).get()
    reread("--model", "new")
    assert Message.objects.filter(pk=message.pk).values(*columns).get() == before
    message.refresh_from_db()
    assert message.reader == "model-new"
    fresh = {"negative": 0.9, "follow_up": 0.8, "cues": ["complaint"], "urgency": "normal", "trigger": "overcharging"}
    assert all(getattr(message, name) == wanted for name, wanted in fresh.items() if name not in columns)


def test_every_label_that_can_be_corrected_is_guarded() -> None:
    assert set(corrections.VALUES) <= set(rereading.COLUMNS_OF)


def test_a_ticket_is_measured_anew_and_keeps_its_place(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    a_platform(monkeypatch)
    channel = a_channel(platform="fake")
    ticket = a_ticket(channel, text="my bill is wrong", by="reem", conversation_key="t1", external_id="q1")
    an_answer(ticket)
    receive(channel, a_post("thanks, love it", by="reem", posted_at=timezone.now(), conversation_key="t1"))
    ticket.refresh_from_db()
    assert ticket.lift is not None
    assert ticket.lift > 1
    model.contrary = True
    reread("--model", "new")
    again = fresh(ticket)
    assert again.lift is not None
    assert again.lift < -1
    assert (again.updated_at, again.status, again.position) == (ticket.updated_at, ticket.status, ticket.position)


def test_a_customer_who_waits_has_the_clock_of_the_new_urgency(channel: Channel) -> None:
    ticket = a_ticket(channel, text="my bill is wrong now", read=a_care_reader)
    assert ticket.urgency == "high"
    reread("--model", "new")
    again = fresh(ticket)
    assert again.urgency == "normal"
    assert again.waiting_since == ticket.waiting_since
    assert again.due_at is not None
    assert again.due_at > (ticket.due_at or again.due_at)


def test_only_customers_words_of_that_time_that_have_been_read_and_are_still_there(channel: Channel) -> None:
    day = timezone.now() - timedelta(days=10)
    old, inside, later, gone = receive(
        channel,
        *[
            a_post(text, by=text, posted_at=day + timedelta(days=days))
            for text, days in (("old", -1), ("inside", 0), ("later", 2), ("gone", 0))
        ],
    )
    Message.objects.filter(pk=gone.pk).update(deleted_at=day, text="")
    receive(channel, an_own_post(posted_at=day))
    store(channel, [a_post("not read yet", posted_at=day, by="x")])
    Message.objects.filter(state="new").update(lease_until=timezone.now() + timedelta(hours=1))
    out = StringIO()
    here = timezone.localdate(day)
    words = ["--since", here.isoformat(), "--until", (here + timedelta(days=1)).isoformat()]
    call_command("reread", *words, "--model", "new", "--no-progress", stdout=out)
    assert "1 messages read" in out.getvalue()
    assert list(Message.objects.filter(reader="model-new")) == [inside]
    assert {old.reader, later.reader} == {"test-reader"}


def test_a_reply_is_read_with_what_it_answers(channel: Channel) -> None:
    receive(channel, an_own_post("Is it still down?", external_id="own"), a_post("yes, still", parent_id="own"))
    heard: list[Sequence[str | None]] = []

    def read(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
        heard.append(parents)
        return a_reader(texts)

    go_on(a_run(), read)
    assert heard == [["Is it still down?"]]


def test_a_message_that_could_not_be_read_is_read_now(channel: Channel) -> None:
    (message,) = several(channel, 1, "my bill is wrong")
    Message.objects.update(read_error="boom", negative=None, neutral=None, positive=None, reader="", read_at=None)
    reread("--model", "new")
    message.refresh_from_db()
    assert (message.read_error, message.negative) == ("", 0.9)


def test_a_text_that_cannot_be_read_keeps_what_it_has(channel: Channel) -> None:
    several(channel, 2)
    Message.objects.filter(text="text 1").update(text="poison")
    assert "2 messages read with model-new 2; 1 could not be read" in reread("--model", "new")
    assert Message.objects.get(text="poison").reader == "test-reader"


def test_the_words_of_a_text_edited_meanwhile_are_not_marked(channel: Channel) -> None:
    several(channel, 1, "my bill is wrong")

    def read(texts: Sequence[str], _parents: Sequence[str | None]) -> list[Reading | Failure]:
        Message.objects.update(text="all is well", evidence=[])
        return a_care_reader(texts)

    go_on(a_run(), read)
    assert Message.objects.get().evidence == []


def test_a_run_reads_what_this_model_has_not_read(channel: Channel) -> None:
    several(channel, 2)
    reread("--model", "new")
    several(channel, 1, "later")
    assert "1 messages read" in reread("--model", "new")
    assert "0 messages read" in reread("--model", "new")


def test_a_dry_run_tells_and_writes_nothing(channel: Channel) -> None:
    first, _second = several(channel, 2, "my bill is wrong")
    corrections.write(first, "urgency", "high", by=a_person())
    before = list(Message.objects.order_by("id").values())
    said = reread("--model", "new", "--dry-run")
    assert "2 messages would be read with model-new 2 (new)" in said
    assert "2  read by test-reader 1" in said
    assert "Of 1 a person has said something" in said
    assert list(Message.objects.order_by("id").values()) == before
    assert not Reread.objects.exists()


@pytest.mark.parametrize("words", [["--model", "nonsense"], ["--model", "onnx:/nowhere"]])
def test_a_model_that_cannot_be_loaded_is_refused(words: list[str]) -> None:
    with pytest.raises(CommandError, match="cannot be used"):
        reread(*words)


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "2026-02-30T10:00"])
def test_what_is_no_date_is_refused(day: str) -> None:
    with pytest.raises(CommandError):
        call_command("reread", "--since", day)
