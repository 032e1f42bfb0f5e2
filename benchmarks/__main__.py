"""`python -m benchmarks [NAME...]`: run the named benchmarks, or all; needs DATABASE_URL and REDIS_URL.

`make bench` starts the servers where none are named.
"""

import os
import subprocess
import sys
from contextlib import AbstractContextManager

from benchmarks import scratch

# With a scratch database each; those of ALONE see to their own.
ON_DATABASE = ("store", "pipeline", "reading", "storm", "arrival", "search", "live")
SEEDED = ("search",)
ALONE = ("list_page", "memory", "inbox")


def run(name: str) -> int:
    """One benchmark in its own process, so that none warms another's caches."""
    if name in ALONE:
        return subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=scratch.ROOT, check=False).returncode
    with place_for(name) as env:
        command = [sys.executable, "-m", "benchmarks.one", name]
        return subprocess.run(command, cwd=scratch.ROOT, env=env, check=False).returncode


def place_for(name: str) -> AbstractContextManager[dict[str, str]]:
    """An empty database, or one with history for those who look for something in it."""
    if name in SEEDED:
        size = int(os.environ.get("RADD_BENCH_TICKETS", "100000"))
        return scratch.seeded(os.environ, size, keep=bool(os.environ.get("INBOX_KEEP")))
    return scratch.database(os.environ)


def main(names: list[str]) -> int:
    known = (*ON_DATABASE, *ALONE)
    if unknown := [name for name in names if name not in known]:
        print(f"No benchmark {', '.join(unknown)}; there are: {', '.join(known)}.", file=sys.stderr)
        return 2
    if "DATABASE_URL" not in os.environ:
        print("DATABASE_URL is not set: `make bench` starts a server and sets it.", file=sys.stderr)
        return 2
    failed = [name for name in names or known if run(name)]
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
