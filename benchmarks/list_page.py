"""A list page of 50 from 10,000 and from 100,000 tickets: CPU of the web process and of its PostgreSQL backend.

Target: 15 ms together, and not more than 1.3 times as much from ten times as many tickets. Both databases are visited
in turn, round by round, so that a noisy neighbour disturbs both alike. The visitor is benchmarks/list_visitor.py.
"""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks import scratch
from benchmarks.printing import tell

SIZES = (10_000, 100_000)
VIEWS = ("unassigned", "all")
ROUNDS = 15
VISITS = 20


@dataclass
class Visitor:
    """A process that visits pages of one database when told to."""

    size: int
    process: "subprocess.Popen[str]"

    def visit(self, view: str) -> dict[str, Any]:
        """One round: its totals as the visitor tells them."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(f"{view} {VISITS}", file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the visitor is gone")
        return dict(json.loads(line))


def main() -> None:
    with ExitStack() as stack:
        visitors = [_visitor(stack, size) for size in SIZES]
        for view in VIEWS:
            for visitor in visitors:
                visitor.visit(view)
            rounds = [[visitor.visit(view) for visitor in visitors] for _round in range(ROUNDS)]
            costs = [_report(view, size, [turn[i] for turn in rounds]) for i, size in enumerate(SIZES)]
            tell(f"list_{view}_ratio", costs[1] / costs[0], "times", n=ROUNDS, note="CPU from 100,000 over 10,000")


def _visitor(stack: ExitStack, size: int) -> Visitor:
    env = stack.enter_context(scratch.database(os.environ))
    seed = [sys.executable, "manage.py", "seed_scale", f"--tickets={size}"]
    subprocess.run(seed, cwd=scratch.ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.one", "list_visitor"],
        cwd=scratch.ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    stack.callback(process.communicate)  # closes its input, which ends it
    return Visitor(size, process)


def _report(view: str, size: int, rounds: list[dict[str, Any]]) -> float:
    """Prints the figure; returns the CPU milliseconds of a page."""
    web: float = median(turn["process"] for turn in rounds) / VISITS * 1000
    seen = [turn["database"] for turn in rounds if turn["database"] is not None]
    database: float = median(seen) / VISITS * 1000 if seen else 0.0
    split = f"web {web:.2f} ms, database {database:.2f} ms" if seen else f"web {web:.2f} ms, database not seen"
    note = f"median of {len(rounds)} rounds; {split}; {rounds[0]['queries']} queries, {rounds[0]['bytes']} bytes"
    n = VISITS * len(rounds)
    tell(f"list_{view}_{size}", web + database, "ms CPU/page", n=n, cpu_ms=web + database, note=note)
    return web + database


if __name__ == "__main__":
    main()
