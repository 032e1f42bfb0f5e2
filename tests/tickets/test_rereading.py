"""Reading the past again: only readings change, people's words stay, and a killed run goes on where it was."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ingest import corrections, rereading
from ingest.collect import store
from ingest.models import Channel, Message, Reread
from sentiment import engine
from sentiment.reading import Failure, Reading
from tests.cast import (
    a_bell,
    a_care_reader,
    a_channel,
    a_person,
    a_platform,
    a_post,
    a_reader,
    a_ticket,
    an_answer,
    an_own_post,
    at_once,
    receive,
)
from tests.trial import Model, a_champion, a_model
from tickets.management.commands.reread import moment
from tickets.models import Activity, Ticket
from tickets.rereading import Busy, alone, go_on

pytestmark = pytest.mark.django_db
LONG_AGO = "2000-01-01"
WHAT_TRIAGE_SAID = ("state", "decision", "disposition", "reasons", "decided_by_id", "decided_at")


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    a_bell(monkeypatch)
    return a_model(monkeypatch)


@pytest.fixture
def channel() -> Channel:
    return a_channel()


def several(channel: Channel, count: int, text: str = "text") -> list[Message]:
    return receive(channel, *[a_post(f"{text} {turn}", by=f"person{turn}") for turn in range(count)])


def a_run(spec: str = "new") -> Reread:
    return rereading.begin(moment(LONG_AGO), None, spec, engine.reader(spec))


def read_with(spec: str = "new") -> Callable[..., list[Reading | Failure]]:
    return lambda texts, parents: engine.read_with(engine.reader(spec), texts, parents)


def reread(*words: str) -> str:
    out = StringIO()
    call_command("reread", "--since", LONG_AGO, "--no-progress", *words, stdout=out, stderr=out)
    return out.getvalue()


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
    (message,) = receive(channel, a_post("my bill is down"), read=a_care_reader)
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
    again = Ticket.objects.get(pk=ticket.pk)
    assert again.lift is not None
    assert again.lift < -1
    assert (again.updated_at, again.status, again.position) == (ticket.updated_at, ticket.status, ticket.position)


def test_a_customer_who_waits_has_the_clock_of_the_new_urgency(channel: Channel) -> None:
    ticket = a_ticket(channel, text="my bill is wrong now", read=a_care_reader)
    assert ticket.urgency == "high"
    reread("--model", "new")
    again = Ticket.objects.get(pk=ticket.pk)
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
    words = ["--since", day.date().isoformat(), "--until", (day + timedelta(days=1)).date().isoformat()]
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


# --- broken off -------------------------------------------------------------------------------------------------------
class Killed(BaseException):
    """Nobody catches it: what a run has in hand is lost with it."""


def dies_after(batches: int, read: Callable[..., list[Reading | Failure]]) -> Callable[..., list[Reading | Failure]]:
    turns = iter(range(batches + 1))

    def read_or_die(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
        if next(turns) == batches:
            raise Killed
        return read(texts, parents)

    return read_or_die


def test_a_run_that_was_broken_off_goes_on_where_it_was(
    channel: Channel, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereading, "SIZES", (2, 2, 1))
    several(channel, 7)
    with pytest.raises(Killed):
        go_on(a_run(), dies_after(2, read_with()))
    broken = Reread.objects.get()
    assert (broken.done, broken.total, broken.finished_at) == (4, 7, None)
    model.heard.clear()
    assert "Going on after 4 of 7" in reread("--model", "new")
    assert sum(len(batch) for batch in model.heard) == 3
    done = Reread.objects.get()
    assert (done.done, done.failed) == (7, 0)
    assert done.finished_at is not None


def test_a_batch_that_somebody_else_wrote_is_not_written_again(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(channel, 3)
    read = read_with()
    begun: list[int] = []

    def overtaken(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
        if not begun:
            begun.append(1)
            go_on(a_run(), read)
        return a_reader(texts)

    go_on(a_run(), overtaken)
    assert set(Message.objects.values_list("reader", flat=True)) == {"model-new"}
    assert Reread.objects.get().done == 3


def test_a_text_that_kills_the_process_is_closed_in_on_and_passed_over(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereading, "SIZES", (4, 2, 1, 1))
    several(channel, 5)
    Message.objects.filter(text="text 1").update(text="poison")

    def dies_of_poison(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
        if "poison" in texts:
            raise Killed
        return read_with()(texts, parents)

    starts = 0
    while not Reread.objects.exclude(finished_at=None).exists():
        starts += 1
        assert starts < 12
        try:
            go_on(a_run(), dies_of_poison)
        except Killed:
            continue
    job = Reread.objects.get()
    assert (job.done, job.failed) == (5, 1)
    assert set(Message.objects.exclude(text="poison").values_list("reader", flat=True)) == {"model-new"}


def test_a_model_that_fails_as_a_whole_stops_the_run_and_loses_nothing(channel: Channel, model: Model) -> None:
    several(channel, 2)

    def fails(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
        raise MemoryError

    with pytest.raises(MemoryError):
        go_on(a_run(), fails)
    assert Reread.objects.get().done == 0
    assert "2 messages read" in reread("--model", "new")


def test_live_reading_goes_first_but_not_for_ever(channel: Channel) -> None:
    several(channel, 1)
    store(channel, [a_post("just in", by="x")])
    slept: list[float] = []
    go_on(a_run(), read_with(), sleep=slept.append)
    assert sum(slept) == pytest.approx(5.0)
    assert Message.objects.filter(reader="model-new").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_is_one_process_work(channel: Channel) -> None:
    job = a_run()

    def second() -> str:
        try:
            with alone(job):
                return "in"
        except Busy:
            return "busy"

    with alone(job):
        assert at_once(second) == ["busy"]
    assert at_once(second) == ["in"]


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_started_again_nothing_is_lost_or_doubled(channel: Channel, tmp_path: Any) -> None:
    ticket = a_ticket(channel, text="text 0 is wrong", by="person0")
    several(channel, 400)
    corrected = Message.objects.get(text="text 7")
    corrections.write(corrected, "sentiment", "positive", by=a_person())
    child = subprocess.Popen(words_of_a_slow_run(), env=environment(), cwd=settings.BASE_DIR)
    try:
        until(lambda: Reread.objects.filter(done__gt=0).exists())
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    broken = Reread.objects.get()
    assert 0 < broken.done < broken.total == 401
    written = dict(Message.objects.filter(reader="radd-lexicon").values_list("id", "read_at"))
    assert len(written) == broken.done, "a batch is written with its place, or not at all"
    until(lambda: not held_by_others())
    assert "401 messages read" in reread("--model", "lexicon")
    assert Reread.objects.get().done == 401
    assert set(Message.objects.values_list("reader", flat=True)) == {"radd-lexicon"}
    again = dict(Message.objects.filter(pk__in=written).values_list("id", "read_at"))
    assert again == written, "what was done is not done twice"
    corrected.refresh_from_db()
    assert corrected.positive == 1.0
    measured = Ticket.objects.get(pk=ticket.pk)
    assert measured.first_valence == Message.objects.get(text="text 0 is wrong").valence


def words_of_a_slow_run() -> list[str]:
    """The command, reading with word lists, a tenth of a second a batch of twenty."""
    code = (
        "import time; from ingest import rereading; rereading.SIZES = (20,) * 5\n"
        "from sentiment.backends.lexicon import Lexicon; score = Lexicon.score\n"
        "Lexicon.score = lambda self, texts: (time.sleep(0.1), score(self, texts))[1]\n"
        "from django.core.management import execute_from_command_line as run\n"
        "run(['manage.py', 'reread', '--since', '2000-01-01', '--model', 'lexicon', '--no-progress'])\n"
    )
    return [sys.executable, "-c", f"import django; django.setup()\n{code}"]


def environment() -> dict[str, str]:
    """This process's, with the tests' database."""
    known = connection.settings_dict
    secret = f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else ""
    url = f"postgres://{known['USER']}{secret}@{quote(known['HOST'], safe='')}:{known['PORT']}/{known['NAME']}"
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "care.settings"}


def held_by_others() -> bool:
    with connection.cursor() as sql:
        sql.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()")
        return bool(sql.fetchone()[0])


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)
