"""A run of reading again that is stopped, killed or overtaken: nothing is lost and nothing is doubled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from ingest import corrections, rereading
from ingest.collect import store
from ingest.models import Channel, Message, Reread
from sentiment.reading import Failure, Reading
from tests.cast import a_person, a_post, a_reader, a_ticket, at_once, fresh
from tests.trial import Model, a_run, read_with, reread, several
from tickets.incoming.rereading import Busy, alone, go_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model")]


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
    measured = fresh(ticket)
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
