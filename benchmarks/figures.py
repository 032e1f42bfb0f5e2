"""Printing figures, and the CPU time they cost: our own and that of the PostgreSQL processes that served us."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

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
    """User and system seconds of a backend; None when that process is not on this machine."""
    try:
        head, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    except OSError:
        return None
    if "postgres" not in head:
        return None
    fields = rest.split()
    return (int(fields[11]) + int(fields[12])) / TICK


def show(name: str, value: float, unit: str, *, n: int, spent: Spent | None = None, note: str = "") -> None:
    """One line: a JSON object. `cpu_ms` is the CPU time of one operation, of ours and the database's together."""
    told = {"name": name, "value": rounded(value), "unit": unit, "n": n, "cpu_ms": None, "note": note}
    if spent is not None:
        told["cpu_ms"] = rounded(spent.cpu / n * 1000)
        share = "not seen" if spent.database is None else f"{rounded(spent.database / n * 1000)} ms"
        split = f"process {rounded(spent.process / n * 1000)} ms, database {share}"
        told["note"] = f"{note}; {split}" if note else split
    print(json.dumps(told, ensure_ascii=False), flush=True)


def rounded(value: float) -> float:
    """Three digits are more than a shared machine can promise."""
    return float(f"{value:.3g}") if abs(value) < 1000 else round(value)
