"""The inbox at the sizes of the books: lists in every view and order and with filters, a long ticket, verbs.

    make bench ARGS=inbox        (INBOX_SIZES=10000,1000000; INBOX_KEEP=1 keeps the databases for the next run)

Every page is asked for in turn from each database, round by round, so that a noisy neighbour disturbs all alike: CPU
and ratios are to be believed on a shared machine, the 95th of the clock only in its quiet minutes. Search and the live
stream have benchmarks of their own. The visitor is benchmarks/inbox_visitor.py.
"""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from benchmarks import scratch
from benchmarks.printing import rounded, tell

SIZES = [int(size) for size in os.environ.get("INBOX_SIZES", "10000,1000000").split(",")]
ROUNDS = int(os.environ.get("INBOX_ROUNDS", "5"))
TIMES = 8
VIEWS = ("mine", "unassigned", "team", "breaching", "mentions", "waiting", "snoozed", "all")
ORDERED = ("next", "priority", "negative", "oldest", "newest")
FILTERED = {
    "unassigned_arabic": ("unassigned", "language=ar"),
    "team_negative_long": ("team", "sentiment=negative&waiting=60"),
    "all_closed_english": ("all", "status=closed&language=en"),
    "all_one_reason": ("all", "why=complaint"),
    "all_rare": ("all", "status=open&urgency=high&sentiment=negative&opened=7"),
    "all_tier_platform": ("all", "platform=imported&escalated=yes"),
}
LISTS: dict[str, tuple[str, str]] = {
    **{
        view: (view, "")
        for view in ("mine", "unassigned", "team", "breaching", "mentions", "waiting", "snoozed", "all")
    },
    **{f"team_by_{order}": ("team", f"sort={order}") for order in ORDERED[1:]},
    "all_by_first": ("all", "sort=first"),
    **FILTERED,
}
VERBS = ("assign", "tag", "reply")


@dataclass
class Visitor:
    """A process that works on one database when told to."""

    size: int
    process: "subprocess.Popen[str]"

    def ask(self, **what: Any) -> dict[str, Any]:
        """One round, as the visitor tells it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(what), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the visitor of {self.size:,} tickets is gone, asked for {what}")
        return dict(json.loads(line))


def main() -> None:
    with ExitStack() as stack:
        visitors = [_visitor(stack, size) for size in SIZES]
        for name, (view, query) in LISTS.items():
            compare(f"list_{name}", visitors, do="get", path=f"/inbox/{view}/", query=query)
        compare("ticket_of_500", visitors, do="get", path="/inbox/all/{long}/", rounds=2)
        for verb in VERBS:
            compare(verb, visitors, do=verb, rounds=3)


def compare(name: str, visitors: list[Visitor], *, rounds: int = ROUNDS, **what: Any) -> None:
    """The figure of each size, and the ratio of the largest to the smallest."""
    turns: list[list[dict[str, Any]]] = [[] for _visitor in visitors]
    for _round in range(rounds):
        for visitor, told in zip(visitors, turns, strict=True):
            told.append(visitor.ask(**what, times=TIMES))
    costs = [_report(f"{name}_{visitor.size}", told) for visitor, told in zip(visitors, turns, strict=True)]
    if len(costs) > 1 and costs[0]:
        tell(f"{name}_ratio", costs[-1] / costs[0], "times", n=rounds, note="CPU of the largest over the smallest")


def _report(name: str, rounds: list[dict[str, Any]]) -> float:
    """Prints the 95th of 100 turns on the clock; returns the CPU milliseconds of one."""
    walls = [wall * 1000 for told in rounds for wall in told["walls"]]
    web: float = median(told["process"] for told in rounds) / TIMES * 1000
    seen = [told["database"] for told in rounds if told["database"] is not None]
    database: float = median(seen) / TIMES * 1000 if seen else 0.0
    one, load = rounds[0], os.getloadavg()[0]
    note = (
        f"p50 {median(walls):.0f} ms; process {rounded(web)} ms, database {rounded(database)} ms; "
        f"{one['queries']} queries, {one['bytes']} bytes; load {load:.0f} on {os.cpu_count()} cores"
    )
    tell(f"{name}_p95", quantiles(walls, n=20)[-1], "ms", n=len(walls), cpu_ms=web + database, note=note)
    return web + database


def _visitor(stack: ExitStack, size: int) -> Visitor:
    env = stack.enter_context(scratch.seeded(os.environ, size, keep=bool(os.environ.get("INBOX_KEEP"))))
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.one", "inbox_visitor"],
        cwd=scratch.ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    stack.callback(process.communicate)  # closes its input, which ends it
    return Visitor(size, process)


if __name__ == "__main__":
    main()
