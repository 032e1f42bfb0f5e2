"""Keeps a list of processes running: their lines to the console, restarts with back-off, an orderly stop.

One thread, one loop (`step`): the kernel ties a child's parent-death signal to the thread that started it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from launch.console import Console
from launch.groups import Groups
from launch.processes import Identity, signal_group, signal_process, spawn

STOP_SECONDS = 10.0
STEADY_SECONDS = 60.0  # having run this long, a process that dies starts over at the shortest back-off
LONGEST_PAUSE = 30.0
LINE_LIMIT = 65_536


class StopRequested(KeyboardInterrupt):
    """Ctrl-C, SIGTERM or SIGHUP: leave the `with` block, which stops everything."""


@dataclass(frozen=True)
class Spec:
    """What to run. Lower `stop_order`s are stopped first; `log` sends the output to a file instead of the console."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    stop_order: int = 0
    stop_signal: int = signal.SIGTERM
    identity: Identity = Identity.OURS
    log: Path | None = None
    prepare: Callable[[], None] = lambda: None


@dataclass
class Child:
    """A Spec and the process that runs it at present."""

    spec: Spec
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    failures: int = 0
    kept: bool = True  # started again when it ends
    lines: list[str] | None = None  # collects standard output instead of showing it
    pending: dict[int, bytes] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it has a process that has not been seen to end."""
        return self.process is not None

    def pause(self) -> float:
        """Seconds until the next start: 1, 2, 4 ... 30, after a long steady run 1 again."""
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.failures = 0
        self.failures += 1
        return float(min(2 ** (self.failures - 1), LONGEST_PAUSE))


class Supervisor:
    """A context manager: inside it signals become `StopRequested`, and leaving it stops every process."""

    def __init__(self, console: Console, keep_fds: Sequence[int] = ()) -> None:
        self.console = console
        self.children: list[Child] = []
        self.stopping = False
        self._signals = 0
        self._last_signal = float("-inf")
        self.groups = Groups(keep_fds)
        self._selector = selectors.DefaultSelector()
        self._restore: list[Callable[[], object]] = []

    # --- entering and leaving ---
    def __enter__(self) -> Self:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        self._selector.register(reader, selectors.EVENT_READ)
        before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self._restore += [lambda: signal.set_wakeup_fd(before), lambda: os.close(reader), lambda: os.close(writer)]
        self._handle(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                self._handle(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.groups.close()
        for undo in self._restore:
            undo()
        self._selector.close()

    def _handle(self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> None:
        before = signal.signal(number, handler)
        self._restore.insert(0, lambda: signal.signal(number, before))

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Count. One stop may arrive twice, to all of us and passed on by make, so a close second is the same."""
        now = time.monotonic()
        if now - self._last_signal > 0.5:
            self._signals += 1
        self._last_signal = now

    # --- running ---
    def add(self, spec: Spec) -> Child:
        """Start a process and keep it running."""
        child = Child(spec)
        self.children.append(child)
        self._start(child)
        return child

    def finish(self, spec: Spec, *, collect: bool = False) -> tuple[int, str]:
        """Run a process to its end: its exit status, and its standard output if that is to be collected."""
        child = Child(spec, kept=False, lines=[] if collect else None)
        self.children.append(child)
        self._start(child)
        process = child.process
        while child.running:
            self.step()
        self.children.remove(child)
        status = process.returncode if process else 127
        return status, "\n".join(child.lines or [])

    def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Keep everything going until this holds; False when it does not in time."""
        limit = time.monotonic() + seconds
        while not true():
            if time.monotonic() > limit:
                return False
            self.step(0.05)
        return True

    def step(self, timeout: float = 0.5) -> None:
        """One turn: pass on output, notice what ended, start what is due."""
        self._check_stop()
        self._turn(timeout)
        now = time.monotonic()
        for child in self.children:
            if child.kept and not child.running and child.due <= now:
                self._start(child)
        self._check_stop()

    def _check_stop(self) -> None:
        if (self._signals or self.console.gone) and not self.stopping:
            raise StopRequested

    def _turn(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, Child):
                self._read(key.data, key.fd)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 4096)
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._ended(child, child.process)

    def _start(self, child: Child) -> None:
        spec = child.spec
        child.started = time.monotonic()
        try:
            spec.prepare()
            with self._output(spec) as (out, err):
                child.process = spawn(
                    spec.argv, env=spec.env, cwd=spec.cwd, stdout=out, stderr=err,
                    death_signal=spec.stop_signal, identity=spec.identity,
                )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            self._plan(child, f"could not be started ({error})")
            return
        self.groups.add(child.process.pid, spec.stop_signal)
        for pipe in (child.process.stdout, child.process.stderr):
            if pipe:
                os.set_blocking(pipe.fileno(), False)
                self._selector.register(pipe.fileno(), selectors.EVENT_READ, child)

    @contextlib.contextmanager
    def _output(self, spec: Spec) -> Iterator[tuple[int, int]]:
        if spec.log is None:
            yield subprocess.PIPE, subprocess.PIPE
            return
        with spec.log.open("ab") as file:
            yield file.fileno(), file.fileno()

    def _read(self, child: Child, fd: int) -> bool:
        """Pass on what one pipe holds; False when that was nothing."""
        try:
            data = os.read(fd, LINE_LIMIT)
        except BlockingIOError:
            return False
        *whole, rest = (child.pending.pop(fd, b"") + data).split(b"\n")
        if rest and (not data or len(rest) > LINE_LIMIT):
            whole.append(rest)
            rest = b""
        for line in whole:
            self._show(child, fd, line.decode(errors="replace").rstrip())
        if data:
            child.pending[fd] = rest
        else:
            self._selector.unregister(fd)
        return bool(data)

    def _show(self, child: Child, fd: int, text: str) -> None:
        out = child.process.stdout if child.process else None
        if child.lines is not None and out is not None and out.fileno() == fd:
            child.lines.append(text)
        elif text:
            self.console.line(child.spec.name, text)

    def _ended(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        """A child's leader is gone: end the rest of its group, so that ports are free, and read its last words."""
        signal_group(process.pid, signal.SIGKILL)
        self.groups.drop(process.pid)
        for pipe in filter(None, (process.stdout, process.stderr)):
            fd = pipe.fileno()
            if fd in self._selector.get_map():
                while self._read(child, fd):
                    pass
            if fd in self._selector.get_map():  # someone else still holds the other end
                self._selector.unregister(fd)
            pipe.close()
        child.process = None
        if child.kept and not self.stopping:
            self._plan(child, f"ended ({describe(process.returncode)})")

    def _plan(self, child: Child, what: str) -> None:
        pause = child.pause()
        child.due = time.monotonic() + pause
        again = f"; starting it again in {pause:.0f} s" if child.kept else ""
        self.console.warn(f"{child.spec.name} {what}{again}.")

    # --- stopping ---
    def stop(self) -> None:
        """Stop everything in order; what has not gone after ten seconds, or at a second Ctrl-C, is killed."""
        self.stopping = True
        for order in sorted({child.spec.stop_order for child in self.children}):
            stage = [child for child in self.children if child.spec.stop_order == order]
            for child in stage:
                if child.process:
                    signal_process(child.process.pid, child.spec.stop_signal)
            limit = time.monotonic() + STOP_SECONDS
            while any(child.running for child in stage):
                late = time.monotonic() > limit
                if late or self._signals > 1:
                    self._kill(stage, late)
                    limit = time.monotonic() + STOP_SECONDS
                self._turn(0.1)

    def _kill(self, stage: list[Child], late: bool) -> None:
        for child in stage:
            if child.process:
                if late:
                    self.console.warn(f"{child.spec.name} did not stop in {STOP_SECONDS:.0f} s and is killed.")
                signal_group(child.process.pid, signal.SIGKILL)


def describe(returncode: int) -> str:
    """An exit status in words."""
    return f"signal {-returncode}" if returncode < 0 else f"exit {returncode}"
