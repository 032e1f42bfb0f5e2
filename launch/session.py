"""A command with the desk's servers: those of a running desk, else started for as long as the command takes."""

from __future__ import annotations

import contextlib
import fcntl
import json
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from launch import settings
from launch.console import Console, Refusal
from launch.layout import Folder, Lock, read_json, refuse_second, write_private
from launch.processes import spawn
from launch.servers import Servers
from launch.supervisor import Supervisor

READY_SECONDS = 120.0


def running_file(folder: Folder) -> Path:
    """Where a running desk writes what others need to use its servers."""
    return folder.home / "running.json"


def announce(folder: Folder, shared: Mapping[str, str]) -> None:
    """Let other commands use our servers. The file holds passwords, so it is private."""
    write_private(running_file(folder), json.dumps(dict(shared)))


def run_with_servers(folder: Folder, environ: Mapping[str, str], console: Console, command: Sequence[str]) -> int:
    """Run a command in the foreground with DATABASE_URL and REDIS_URL set; its exit status."""
    folder.make_home()
    env = settings.development(folder, environ)
    if environ.get("DATABASE_URL") and environ.get("REDIS_URL"):
        return foreground(command, env)
    lock = Lock(folder.home / "launcher.lock")
    until = time.monotonic() + READY_SECONDS
    while not lock.take_or_wait(console):
        with guest(folder) as shared:
            if shared:
                return foreground(command, env | shared)
        if time.monotonic() > until:
            raise refuse_second(lock)
    try:
        return _with_own(folder, environ, console, command, lock)
    finally:
        lock.release()


def _with_own(folder: Folder, environ: Mapping[str, str], console: Console, command: Sequence[str], lock: Lock) -> int:
    """Start the desk's servers for this command, and for others that come while it runs."""
    running_file(folder).unlink(missing_ok=True)
    with Supervisor(console, [lock.fd]) as supervisor:
        servers = Servers(folder, folder.home, environ, console)
        servers.start(supervisor)
        announce(folder, servers.urls())
        try:
            env = settings.development(folder, environ) | servers.urls()
            return foreground(command, env, supervisor)
        finally:
            running_file(folder).unlink(missing_ok=True)
            _let_guests_finish(folder, console, supervisor)


# --- guests: commands that use servers another command started ---
@contextlib.contextmanager
def guest(folder: Folder) -> Iterator[dict[str, str]]:
    """What a running desk announced, held open while we use it; empty when there is nothing yet."""
    with (folder.home / "guests.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield {name: str(value) for name, value in read_json(running_file(folder)).items()}


def _let_guests_finish(folder: Folder, console: Console, supervisor: Supervisor) -> None:
    """Before servers that were started for one command stop, wait for the commands that have joined since."""
    told = False
    with (folder.home / "guests.lock").open("w") as file:
        while True:
            with contextlib.suppress(OSError):
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not told:
                console.say("Another command uses the servers; waiting for it.")
            told = True
            supervisor.step(0.2)


# --- one command in the foreground ---
def foreground(command: Sequence[str], env: Mapping[str, str], supervisor: Supervisor | None = None) -> int:
    """Run it on our terminal and in our process group, so that Ctrl-C and prompts are its own. Keep servers alive."""
    try:
        process = spawn(command, env=env, cwd=Path.cwd(), stdin=None, own_group=False)
    except OSError as error:
        raise Refusal(f"{command[0]} cannot be run: {error.strerror}.") from None
    # Ctrl-C reaches the command itself; we wait for what it makes of it.
    on_interrupt = signal.signal(signal.SIGINT, lambda *_: None)
    on_terminate = signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGTERM))
    try:
        return _wait(process, supervisor)
    finally:
        signal.signal(signal.SIGINT, on_interrupt)
        signal.signal(signal.SIGTERM, on_terminate)


def _wait(process: subprocess.Popen[bytes], supervisor: Supervisor | None) -> int:
    if supervisor:
        while process.poll() is None:
            supervisor.step(0.2)
    status = process.wait()
    return status if status >= 0 else 128 - status


def manage(folder: Folder, words: Sequence[str]) -> list[str]:
    """A Django command."""
    return [str(folder.python), str(folder.root / "manage.py"), *words]
