"""Printing figures, and the CPU time they cost: our own and that of the PostgreSQL processes that served us."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from benchmarks.printing import rounded, tell

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Spent:
    """Seconds: on the wall, of this process, of its PostgreSQL backend (None where it is on another machine)."""

    wall: float = 0.0
    process: float = 0.0
    database: float | None = 0.0

    @property
    def cpu(self) -> float:
        return self.process + (self.database or 0.0)

    def __add__(self, other: "Spent") -> "Spent":
        both = None if self.database is None or other.database is None else self.database + other.database
        return Spent(self.wall + other.wall, self.process + other.process, both)


@contextmanager
def spending() -> Iterator[Spent]:
    """What the block costs; filled in at its end."""
    spent = Spent()
    pid = backend()
    database, process, wall = cpu_of_backend(pid), time.process_time(), time.monotonic()
    yield spent
    spent.wall = time.monotonic() - wall
    spent.process = time.process_time() - process
    after = cpu_of_backend(pid)
    spent.database = None if database is None or after is None else after - database


def backend() -> int:
    """The process id of the PostgreSQL backend that serves this process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def cpu_of_backend(pid: int) -> float | None:
    """CPU seconds of a backend so far; None when that process is not on this machine.

    The scheduler's own nanoseconds where the kernel tells them, else user and system time in ticks of 10 ms.
    """
    home = Path(f"/proc/{pid}")
    try:
        head, _, rest = (home / "stat").read_text().rpartition(")")
        if "postgres" not in head:
            return None
        with suppress(OSError):
            return int((home / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return None
    fields = rest.split()
    return (int(fields[11]) + int(fields[12])) / TICK


def show(name: str, value: float, unit: str, *, n: int, spent: Spent | None = None, note: str = "") -> None:
    """One line, with what it cost split between our process and the database."""
    if spent is None:
        tell(name, value, unit, n=n, note=note)
        return
    share = "not seen" if spent.database is None else f"{rounded(spent.database / n * 1000)} ms"
    split = f"process {rounded(spent.process / n * 1000)} ms, database {share}"
    tell(name, value, unit, n=n, cpu_ms=spent.cpu / n * 1000, note=f"{note}; {split}" if note else split)
