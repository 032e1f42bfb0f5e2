"""Real processes of a desk on the scratch database: started, killed, and what CPU they and their PostgreSQL took."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connection

from benchmarks.figures import TICK, cpu_of_backend
from benchmarks.scratch import ROOT

CELERY = (sys.executable, "-m", "celery", "--app=care", "--quiet")
GRACE = 15.0


def worker(name: str, queues: str, *pool: str) -> list[str]:
    """The command of a Celery worker, as `make run` and Compose start theirs."""
    quiet = ("--without-gossip", "--without-mingle", "--loglevel=warning")
    return [*CELERY, "worker", *quiet, "-Q", queues, *pool, "-n", f"{name}@%h"]


def beat(home: Path) -> list[str]:
    """The command of the clock."""
    return [*CELERY, "beat", "-s", str(home / "beat"), "--pidfile=", "--loglevel=warning"]


def manage(*words: str) -> list[str]:
    """The command of a Django command."""
    return [sys.executable, "manage.py", *words]


def uvicorn(port: int) -> list[str]:
    """The command of the live stream's process."""
    words = ("--host=127.0.0.1", f"--port={port}", "--no-access-log", "--lifespan=off", "--log-level=warning")
    return [sys.executable, "-m", "uvicorn", *words, "care.asgi:application"]


class Crew:
    """Processes by name, their logs in a folder. `env` is put over this process's environment."""

    def __init__(self, home: Path, env: Mapping[str, str]) -> None:
        self.home = home
        self.env = dict(os.environ) | dict(env)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, Sequence[str]] = {}
        # CPU seconds of processes that are gone, and of PostgreSQL's as they were last seen.
        self._gone = 0.0
        self._backends: dict[int, float] = {}

    def start(self, name: str, command: Sequence[str]) -> None:
        self._commands[name] = command
        with (self.home / f"{name}.txt").open("ab") as log:
            self.running[name] = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        """kill -9, and what it took is kept."""
        process = self.running[name]
        process.send_signal(signal.SIGSTOP)
        self._gone += cpu_of(process.pid)
        process.kill()
        process.wait()

    def restart(self, name: str) -> None:
        """As a supervisor would."""
        self.start(name, self._commands[name])

    def check(self) -> None:
        """Raises SystemExit where a process ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise SystemExit(f"{name} ended ({process.returncode}):\n{self.log(name)}")

    def log(self, name: str) -> str:
        """The end of its log."""
        return (self.home / f"{name}.txt").read_text(errors="replace")[-3000:]

    def look_at_database(self) -> None:
        """Note what PostgreSQL has spent on us; its processes come and go, so look now and then."""
        with connection.cursor() as sql:
            sql.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            pids = [row[0] for row in sql.fetchall() if row[0] != sql.connection.info.backend_pid]
        for pid in pids:
            seconds = cpu_of_backend(pid)
            if seconds is not None:
                self._backends[pid] = max(seconds, self._backends.get(pid, 0.0))

    def spent(self, *names: str) -> float:
        """CPU seconds of these processes since they were first started, dead ones included."""
        return self._gone + sum(cpu_of(self.running[name].pid) for name in names)

    def spent_by_database(self) -> float:
        """CPU seconds of PostgreSQL's processes that served them (and not this one)."""
        return sum(self._backends.values())

    def settled(self, *names: str) -> float:
        """Wait until these have started and want no more CPU; what they took so far."""
        before, now = -1.0, self.spent(*names)
        while now > before + 0.05 or now < 0.5:
            time.sleep(2)
            self.check()
            before, now = now, self.spent(*names)
        return now

    def end(self) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + GRACE
        for process in self.running.values():
            try:
                process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def crew(home: Path, **env: str) -> Iterator[Crew]:
    """A crew that is gone at the end of the block."""
    made = Crew(home, env)
    try:
        yield made
    finally:
        made.end()


def cpu_of(pid: int) -> float:
    """User and system seconds of a process, all its threads together."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK
