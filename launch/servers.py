"""PostgreSQL and Valkey together: ours from wheels, or those that DATABASE_URL and REDIS_URL name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from launch.console import Console, Refusal
from launch.layout import Folder
from launch.ports import Ports
from launch.postgres import Postgres
from launch.supervisor import Child, Spec, Supervisor
from launch.valkey import Valkey

START_SECONDS = 90.0  # PostgreSQL may have a crash to recover from
ATTEMPTS = 4


class Server(Protocol):
    """What the two have in common."""

    log: Path

    def make(self) -> None: ...
    def spec(self) -> Spec: ...
    def ready(self) -> bool: ...
    def complete(self) -> None: ...
    def url(self) -> str: ...


class Servers:
    """The servers of one data folder, by the name of the variable that replaces each."""

    def __init__(
        self, folder: Folder, home: Path, environ: Mapping[str, str], console: Console, *, lasting: bool = True
    ) -> None:
        ports = Ports(home / "ports.json")
        self._given = {name: environ[name] for name in ("DATABASE_URL", "REDIS_URL") if environ.get(name)}
        self._own: dict[str, Server] = {}
        if "DATABASE_URL" not in self._given:
            port = ports.get("postgres")
            self._own["DATABASE_URL"] = Postgres(folder, home, port, lasting=lasting, console=console)
        if "REDIS_URL" not in self._given:
            self._own["REDIS_URL"] = Valkey(folder, home, ports.get("valkey"), lasting=lasting, console=console)

    def start(self, supervisor: Supervisor) -> None:
        """Start ours and wait until they answer."""
        started = []
        for server in self._own.values():
            server.make()
            started.append((server, supervisor.add(server.spec())))
        for server, child in started:
            self._await(supervisor, server, child)
            server.complete()

    def urls(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL for whoever uses the servers."""
        return self._given | {name: server.url() for name, server in self._own.items()}

    def _await(self, supervisor: Supervisor, server: Server, child: Child) -> None:
        supervisor.until(lambda: server.ready() or child.failures >= ATTEMPTS, START_SECONDS)
        if child.failures >= ATTEMPTS or not server.ready():
            raise Refusal(f"{child.spec.name} does not start. The end of {server.log}:\n{tail(server.log)}")


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a file."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(empty)"
