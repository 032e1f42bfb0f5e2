"""The supervisor with small real processes: lines, restarts, the order of stopping."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launch import supervisor as module
from launch.console import Console
from launch.processes import is_alive
from launch.supervisor import Spec, StopRequested, Supervisor
from tests.launch.desk import eventually

Make = Callable[..., Spec]


@pytest.fixture
def script(tmp_path: Path) -> Make:
    """Makes a Spec out of a few lines of Python."""

    def make(name: str, text: str, **more: object) -> Spec:
        argv = [sys.executable, "-S", "-c", text]
        return Spec(name, argv, dict(os.environ) | {"PYTHONUNBUFFERED": "1"}, tmp_path, **more)

    return make


@pytest.fixture
def watched() -> Iterator[Supervisor]:
    with Supervisor(Console()) as made:
        yield made


def test_a_process_that_dies_is_started_again_later_each_time(
    script: Make, watched: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = watched.add(script("web", "open('starts', 'a').write('x'); raise SystemExit(3)"))
    assert watched.until(lambda: child.failures == 2, 5)
    assert (tmp_path / "starts").read_text() == "xx"
    said = capsys.readouterr().out
    assert "web ended (exit 3); starting it again in 1 s." in said
    assert "web ended (exit 3); starting it again in 2 s." in said


def test_pauses_grow_to_half_a_minute_and_are_forgiven_after_a_steady_run(script: Make) -> None:
    child = module.Child(script("web", ""), started=time.monotonic())
    assert [child.pause() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    child.started -= module.STEADY_SECONDS + 1
    assert child.pause() == 1


def test_a_dead_leader_takes_its_group_along(script: Make, watched: Supervisor, tmp_path: Path) -> None:
    text = """
import os, subprocess
worker = subprocess.Popen(["sleep", "60"])
open("worker.new", "w").write(str(worker.pid)); os.rename("worker.new", "worker")
os._exit(1)
"""
    watched.finish(script("web", text))
    assert eventually(lambda: not is_alive(int((tmp_path / "worker").read_text())), 5)


def test_every_line_is_shown_also_the_last_without_an_end(
    script: Make, watched: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "import sys; print('سلام'); sys.stderr.write('half'); sys.stderr.flush(); sys.stdout.buffer.write(b'\\xff end')"
    )
    assert watched.finish(script("web", text)) == (0, "")
    said = capsys.readouterr().out.splitlines()
    assert sorted(said) == sorted(["web     | سلام", "web     | half", "web     | \ufffd end"])


def test_collected_output_is_not_shown(script: Make, watched: Supervisor, capsys: pytest.CaptureFixture[str]) -> None:
    text = "import sys; print('one'); print('two'); print('aside', file=sys.stderr)"
    assert watched.finish(script("demo", text), collect=True) == (0, "one\ntwo")
    assert capsys.readouterr().out == "demo    | aside\n"


def test_a_program_that_is_not_there_is_said(
    watched: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = watched.finish(Spec("gone", ["/nowhere/gone"], {}, tmp_path))
    assert status == 127
    assert "gone could not be started" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_way_of_ending_a_session_stops_everything(script: Make, number: signal.Signals) -> None:
    signal.signal(number, signal.SIG_DFL)  # under nohup a hang-up is ignored, and the supervisor leaves it so
    with Supervisor(Console()) as made:
        child = made.add(script("web", "import time; time.sleep(60)"))
        signal.raise_signal(number)
        with pytest.raises(StopRequested):
            made.step()
    assert not child.running


def test_stopping_keeps_to_the_order(script: Make, tmp_path: Path) -> None:
    text = """
import signal, sys, time
def stop(*_):
    time.sleep(0.2); open("stopped", "a").write(NAME + " "); sys.exit()
signal.signal(signal.SIGTERM, stop); open("up", "a").write("x")
while True: time.sleep(1)
"""
    with Supervisor(Console()) as made:
        for order, name in ((3, "web"), (1, "beat"), (2, "worker")):
            made.add(script(name, f"NAME = {name!r}\n{text}", stop_order=order))
        up = tmp_path / "up"
        assert made.until(lambda: up.exists() and up.read_text() == "xxx", 5)
    assert (tmp_path / "stopped").read_text().split() == ["beat", "worker", "web"]


STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN); open("up", "w").close()
while True: time.sleep(1)
"""


def test_what_does_not_stop_is_killed(
    script: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.3)
    with Supervisor(Console()) as made:
        made.add(script("web", STUBBORN))
        assert made.until((tmp_path / "up").exists, 5)
    assert "web did not stop in 0 s and is killed." in capsys.readouterr().out


def test_a_second_ctrl_c_kills_at_once(script: Make, tmp_path: Path) -> None:
    began = time.monotonic()
    with Supervisor(Console()) as made:
        made.add(script("web", STUBBORN))
        assert made.until((tmp_path / "up").exists, 5)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(StopRequested):
            made.step()
        made._last_signal -= 1  # as if a second had passed
        signal.raise_signal(signal.SIGINT)
    assert time.monotonic() - began < module.STOP_SECONDS / 2


def test_signals_are_given_back(script: Make) -> None:
    before = signal.getsignal(signal.SIGINT)
    with Supervisor(Console()):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
