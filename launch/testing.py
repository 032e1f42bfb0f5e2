"""`make test`: the unit suite and the browser suite against servers of their own, which end with the run."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launch import browser, environment, settings
from launch.console import Console, duration
from launch.layout import Folder, throwaway
from launch.servers import Servers
from launch.supervisor import Supervisor
from launch.tools import run_tool

E2E = "tests/e2e"
# Other people's servers: `make test-platforms`.
COUNTERPARTS = "tests/counterparts"
# Some tests wait for processes of their own: one worker more than there are cores lets nobody idle.
BUSY = ("-n", str((os.cpu_count() or 1) + 1))
# They wait more than they compute, so two get on well even on one core; more would only make each other late.
TWO_BROWSERS = ("-n", "2", "--dist", "worksteal")
NOTHING_RAN = 5  # pytest's status when no test was selected


@dataclass(frozen=True)
class Suite:
    """One invocation of pytest."""

    name: str
    arguments: tuple[str, ...]
    env: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """How a suite ended."""

    name: str
    status: int
    seconds: float


def test(folder: Folder, environ: Mapping[str, str], console: Console, words: Sequence[str]) -> int:
    """Run both suites, also when the first fails; 0 only if both pass."""
    environment.ensure(folder, console)
    unit, e2e = chosen(folder, words)
    chromium = browser.find_or_install(environ, console) if e2e else None
    with throwaway(folder) as (home, lock), Supervisor(console, [lock.fd]) as supervisor:
        env = test_environment(folder, environ, home)
        servers = Servers(folder, home, environ, console, lasting=False)
        servers.start(supervisor)
        env |= servers.urls()
        suites = [Suite("unit", (*BUSY, "-q", *unit), env)] if unit else []
        if e2e and chromium:
            # Playwright's blocking API leaves an event loop running, at which Django refuses to touch the database.
            more = {"RADD_CHROMIUM": chromium, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
            suites.append(Suite("browser", (*TWO_BROWSERS, "-q", *e2e), env | more))
        outcomes = [run_suite(folder, suite, supervisor) for suite in suites]
    return report(console, outcomes, skipped=bool(e2e and not chromium), choice=bool(words))


def test_environment(folder: Folder, environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """The variables of a test run: nothing of the desk on this machine, whose data tests must not touch."""
    clean = {name: value for name, value in environ.items() if name not in ("PORT", "HOST", "DEMO")}
    own = {"RADD_HOME": str(home), "RADD_SECRET_KEY": "only-for-tests-" + "x" * 40}
    return settings.base(folder, clean) | own


def chosen(folder: Folder, words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments of the unit suite and of the browser suite; empty for a suite that is not to run.

    Paths among the words choose files, and with them the suite; all other words go to both.
    """
    paths = [word for word in words if not word.startswith("-") and (folder.root / word.split("::")[0]).exists()]
    rest = [word for word in words if word not in paths]
    browser_paths = [path for path in paths if path.startswith(E2E)]
    unit_paths = [path for path in paths if path not in browser_paths]
    if not paths:
        unit_paths = ["tests", f"--ignore={E2E}", f"--ignore={COUNTERPARTS}"]
        browser_paths = [E2E] if any((folder.root / E2E).glob("**/test_*.py")) else []
    return [*unit_paths, *rest] if unit_paths else [], [*browser_paths, *rest] if browser_paths else []


def run_suite(folder: Folder, suite: Suite, supervisor: Supervisor) -> Outcome:
    """Run pytest while the servers are looked after."""
    began = time.monotonic()
    command = [str(folder.python), "-m", "pytest", *suite.arguments]
    status = run_tool(command, suite.env, folder.root, supervisor)
    return Outcome(suite.name, status, time.monotonic() - began)


def report(console: Console, outcomes: Sequence[Outcome], *, skipped: bool, choice: bool) -> int:
    """The last lines, and the status of the whole run. With a choice of tests, one suite may have none of them."""
    if skipped:
        console.box(["BROWSER TESTS SKIPPED: no Chromium was found.", f"To run them: {browser.COMMAND}"])
    if choice and any(outcome.status != NOTHING_RAN for outcome in outcomes):
        outcomes = [outcome for outcome in outcomes if outcome.status != NOTHING_RAN]
    words = [
        f"{o.name} {'passed' if o.status == 0 else f'FAILED ({o.status})'} in {duration(o.seconds)}" for o in outcomes
    ]
    if skipped:
        words.append("browser SKIPPED")
    console.say("Tests: " + "; ".join(words or ["none chosen"]) + ".")
    return next((outcome.status for outcome in outcomes if outcome.status), 0)
