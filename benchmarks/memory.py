"""Memory of an idle desk as `make run` starts it, its model loaded once. Target: under 900 MB.

Counted is what only these processes hold: anonymous and shared memory and swap, pages shared by several counted in
parts (proportional set size). Left out is the page cache of programs and data, which the kernel drops when it must.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.printing import tell
from benchmarks.scratch import ROOT
from launch.layout import Folder, throwaway
from launch.ports import free_port

START_SECONDS = 180
QUIET_SECONDS = 20
POSTS = 600
COUNTED = ("Pss_Anon", "Pss_Shmem", "SwapPss")
# A word of the command line, and what the part is called; the first that fits.
PARTS = (
    ("postgres", "postgres"), ("valkey", "valkey"), ("granian", "web"), ("uvicorn", "live"), ("scoring", "reader"),
    ("triage", "worker"), ("beat", "beat"), ("launch", "launcher"),
)  # fmt: skip


def main() -> None:
    with throwaway(Folder.here(os.environ)) as (home, _lock), desk(home) as (launcher, env):
        manage(env, "import_posts", str(some_posts(home)), "--channel", "Bench", "--no-progress")
        await_read(env)
        time.sleep(QUIET_SECONDS)
        report(launcher)


@contextmanager
def desk(home: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """A desk without the demonstration, its data in `home`: its launcher's process id and environment."""
    not_ours = ("DATABASE_URL", "REDIS_URL", "RADD_REDIS_PREFIX", "HOST")
    env = {name: value for name, value in os.environ.items() if name not in not_ours}
    env |= {"RADD_HOME": str(home), "RADD_VENV": sys.prefix, "DEMO": "0", "PORT": str(free_port())}
    log = home / "desk.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "launch", "run"], cwd=ROOT, env=env, stdout=output, stderr=output
        )
    try:
        until = time.monotonic() + START_SECONDS
        while "Radd is ready" not in log.read_text():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The desk did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.5)
        yield process.pid, env
    finally:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=40)
        process.kill()


def some_posts(home: Path) -> Path:
    """Enough for the model to have worked on full batches."""
    path = home / "posts.csv"
    texts = ("my bill is wrong and nobody answers, order", "الفاتورة غلط وما أحد يرد، الطلب")
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id", "in_response_to_tweet_id"]
        )
        for n in range(1, POSTS + 1):
            text = f"@nawa_care {texts[n % 2]} {n}" + " please help" * (n % 9)
            rows.writerow([n, f"{n:06}", "True", "Tue Oct 31 22:10:47 +0000 2017", text, "", ""])
    return path


def await_read(env: dict[str, str]) -> None:
    until = time.monotonic() + START_SECONDS
    while json.loads(manage(env, "audit_flow", "--json"))["messages_by_state"].get("triaged") != POSTS:
        if time.monotonic() > until:
            raise SystemExit("The desk does not read its posts.")
        time.sleep(2)


def manage(env: dict[str, str], *words: str) -> str:
    """A Django command beside the running desk; its output."""
    command = [sys.executable, "-m", "launch", "manage", *words]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def report(launcher: int) -> None:
    parts: dict[str, float] = defaultdict(float)
    processes = list(family(launcher))
    for pid in processes:
        parts[part_of(pid)] += megabytes(pid)
    note = ", ".join(f"{name} {size:.0f}" for name, size in sorted(parts.items(), key=lambda item: -item[1]))
    tell("memory_idle", sum(parts.values()), "MB", n=len(processes), note=f"{len(processes)} processes: {note}")


def family(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            children[parent].append(int(entry.name))
    found = [pid]
    while found:
        yield (one := found.pop())
        found += children[one]


def part_of(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "gone"
    return next((name for word, name in PARTS if word in words), "other")


def megabytes(pid: int) -> float:
    """Millions of bytes that this process holds, shared ones in parts."""
    total = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in COUNTED:
                total += int(rest.split()[0])
    return total * 1024 / 1e6


if __name__ == "__main__":
    main()
