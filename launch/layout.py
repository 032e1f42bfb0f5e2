"""Where things lie: the checkout, its virtual environment, its data folder; and the small files in that folder."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from launch.console import Console, Refusal
from launch.processes import is_alive

# Longest time a killed launcher's processes are given to end: the keeper's own limit and a little more.
CLEARING_SECONDS = 20.0


@dataclass(frozen=True)
class Folder:
    """One checkout. `venv_given` says that RADD_VENV named an environment to be used as it is."""

    root: Path
    home: Path
    venv: Path
    venv_given: bool

    @classmethod
    def here(cls, environ: Mapping[str, str]) -> Folder:
        """The checkout this package lies in; RADD_HOME and RADD_VENV move its data and its environment."""
        root = Path(__file__).resolve().parent.parent
        given = environ.get("RADD_VENV", "")
        home = Path(environ.get("RADD_HOME") or root / ".radd").expanduser().absolute()
        return cls(root, home, Path(given or root / ".venv").expanduser().absolute(), bool(given))

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.venv / "bin" / "python"

    def make_home(self) -> None:
        """Create the data folder. Others may pass through it (PostgreSQL runs as nobody under root) but not list it."""
        for folder in (self.home, self.home / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o711)

    def log(self, name: str) -> Path:
        """The log file of a server; the last one is kept when it has grown large."""
        path = self.home / "logs" / f"{name}.log"
        if path.exists() and path.stat().st_size > 5_000_000:
            path.replace(path.with_suffix(".log.1"))
        return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def secret(path: Path) -> str:
    """The secret kept in this file, made on first use."""
    with contextlib.suppress(OSError):
        if kept := path.read_text().strip():
            return kept
    write_private(path, secrets.token_hex(32))
    return path.read_text().strip()


def read_json(path: Path) -> dict[str, object]:
    """The object in this file; empty when it is missing or broken."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class Lock:
    """Held by one launcher per data folder, and inherited by its keeper.

    So the lock of a launcher that was killed stays until the keeper has ended its processes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = -1

    def take(self) -> bool:
        """Whether it is ours now."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            return False
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self.fd = fd
        return True

    def holder(self) -> int:
        """The launcher that wrote the file, 0 when unknown."""
        try:
            return int(self.path.read_text() or 0)
        except (OSError, ValueError):
            return 0

    def take_or_wait(self, console: Console) -> bool:
        """Take it, waiting while the processes of a launcher that was killed are being ended; False if in use."""
        waited = False
        until = time.monotonic() + CLEARING_SECONDS
        while not self.take():
            time.sleep(0.1)  # also lets a launcher that has just started write its id
            if is_alive(self.holder()) or time.monotonic() > until:
                return False
            if not waited:
                console.say("Waiting for the processes of the last launcher to end.")
                waited = True
        return True

    def release(self) -> None:
        """Let go; harmless when not held."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def refuse_second(lock: Lock) -> Refusal:
    """The sentence for a second launcher of the same folder."""
    pid = lock.holder()
    return Refusal(
        f"Radd is already running from this folder (process {pid}): Ctrl-C there, or `kill {pid}`, stops it."
    )


def _sweep(parent: Path) -> None:
    """Remove the folders that no run holds any more."""
    for old in filter(Path.is_dir, parent.iterdir()):
        lock = Lock(old / "lock")
        if lock.take():
            shutil.rmtree(old, ignore_errors=True)
            lock.release()


@contextlib.contextmanager
def throwaway(folder: Folder) -> Iterator[tuple[Path, Lock]]:
    """A data folder for one run, locked while in use; folders that killed runs left behind are removed first."""
    parent = folder.home / "test"
    folder.make_home()
    parent.mkdir(exist_ok=True)
    parent.chmod(0o711)
    door = Lock(parent / "lock")  # else another run could sweep our folder away before we have locked it
    while not door.take():
        time.sleep(0.05)
    _sweep(parent)
    home = parent / secrets.token_hex(4)
    home.mkdir()
    home.chmod(0o711)
    lock = Lock(home / "lock")
    lock.take()
    door.release()
    try:
        yield home, lock
    finally:
        lock.release()
        shutil.rmtree(home, ignore_errors=True)
