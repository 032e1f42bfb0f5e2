"""`make check` and `make fix`: every tool that judges the code, each on a line, all of them even when one fails."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from launch import environment
from launch.console import Console, duration
from launch.layout import Folder, throwaway
from launch.processes import spawn
from launch.servers import Servers
from launch.session import manage
from launch.supervisor import Supervisor
from launch.testing import test_environment

# As a careful installation would set them: `check --deploy` judges what production runs with.
PRODUCTION = {
    "RADD_SECRET_KEY": "checked-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "RADD_ALLOWED_HOSTS": "radd.example",
    "RADD_TRUSTED_ORIGINS": "https://radd.example",
    "RADD_HTTPS": "1",
    "RADD_DEBUG": "0",
}


@dataclass(frozen=True)
class Check:
    """A tool and what it is called."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]


@dataclass
class Running:
    """A check under way, its output in a file."""

    check: Check
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    began: float


def templates(folder: Folder) -> list[str]:
    """Our templates: those git knows or would take, or all where there is no git."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "templates/*.html"]
    try:
        asked = subprocess.run(listing, cwd=folder.root, capture_output=True, text=True, check=False)
        found = asked.stdout.splitlines() if asked.returncode == 0 else None
    except OSError:
        found = None
    if found is None:
        found = [str(path.relative_to(folder.root)) for path in sorted(folder.root.glob("templates/**/*.html"))]
    return [name for name in found if (folder.root / name).exists()]


def all_checks(folder: Folder, env: Mapping[str, str]) -> list[Check]:
    """The slowest first, since two or more run at a time."""
    python = [str(folder.python), "-m"]
    pages = templates(folder)
    production = dict(env) | PRODUCTION
    schema = ["spectacular", "--validate", "--fail-on-warn", "--file", os.devnull]
    plain = [
        Check("mypy", [*python, "mypy"], env),
        Check("import-linter", [str(folder.venv / "bin" / "lint-imports"), "--no-cache"], env),
        Check("ruff check", [*python, "ruff", "check", "."], env),
        Check("ruff format", [*python, "ruff", "format", "--check", "."], env),
        Check("migrations", manage(folder, ["makemigrations", "--check", "--dry-run"]), env),
        Check("deployment", manage(folder, ["check", "--deploy", "--fail-level", "WARNING"]), production),
        Check("API schema", manage(folder, schema), env),
        Check("translations", manage(folder, ["check_translations"]), env),
    ]
    if pages:
        plain += [
            Check("djade", [str(folder.venv / "bin" / "djade"), "--check", *pages], env),
            Check("djhtml", [*python, "djhtml", "--check", *pages], env),
        ]
    return plain


def check(folder: Folder, environ: Mapping[str, str], console: Console) -> int:
    """Run them all; 1 if any failed."""
    environment.ensure(folder, console)
    with throwaway(folder) as (home, lock), Supervisor(console, [lock.fd]) as supervisor:
        servers = Servers(folder, home, environ, console, lasting=False)
        servers.start(supervisor)
        env = test_environment(folder, environ, home) | servers.urls()
        failed = [done.check.name for done in run_all(folder, all_checks(folder, env), supervisor) if not tell(done)]
    console.say(f"Checks failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def run_all(folder: Folder, checks: Sequence[Check], supervisor: Supervisor) -> Iterator[Running]:
    """As many at a time as there are cores, each yielded when it has ended."""
    waiting, running = list(checks), list[Running]()
    try:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                running.append(begin(folder, waiting.pop(0)))
            supervisor.step(0.1)
            for one in [one for one in running if one.process.poll() is not None]:
                running.remove(one)
                yield one
    finally:
        for one in running:
            one.process.kill()
            one.process.wait()


def begin(folder: Folder, one: Check) -> Running:
    """Start a check."""
    output = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `tell`)
    process = spawn(one.command, env=one.env, cwd=folder.root, stdout=output.fileno(), stderr=subprocess.STDOUT)
    return Running(one, process, output, time.monotonic())


def tell(done: Running) -> bool:
    """One line; below it, what a failed check said. Whether it passed."""
    passed = done.process.returncode == 0
    with done.output as output:
        output.seek(0)
        text = output.read().decode(errors="replace").rstrip()
    print(
        f"{done.check.name:.<20} {'ok' if passed else 'FAILED'}  {duration(time.monotonic() - done.began)}", flush=True
    )
    if not passed:
        print("\n".join(f"    {line}" for line in text.splitlines()), flush=True)
    return passed


def fix(folder: Folder, console: Console) -> int:
    """Let the tools mend what they can. Those for templates end with 1 when they changed something: no fault."""
    environment.ensure(folder, console)
    python, pages = [str(folder.python), "-m"], templates(folder)
    ruff = [[*python, "ruff", "check", "--fix", "."], [*python, "ruff", "format", "."]]
    failed = [command for command in ruff if subprocess.run(command, cwd=folder.root, check=False).returncode]
    for tool in ("djade", "djhtml") if pages else ():
        subprocess.run([folder.venv / "bin" / tool, *pages], cwd=folder.root, check=False)
    return 1 if failed else 0
