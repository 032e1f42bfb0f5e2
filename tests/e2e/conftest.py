"""One desk for the whole run, however many workers; for each test a corner of it and windows of its own.

The desk is started once the first worker knows that there is something to do, and stopped by whoever started it.
Corners are opened one ahead: while a test runs, the customers of the next one post.
"""

import faulthandler
import fcntl
import json
import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.desk import Corner, Desk, awaited, open_corner, running_desk
from tests.e2e.people import CHROMIUM_FLAGS, People

# The machine may be busy: what comes late has come. What never comes fails after this, in milliseconds.
LATE = 30_000
expect.set_options(timeout=LATE)
# A test that takes so long waits for a browser that is gone, and would for ever; in seconds.
STUCK = 600
# The folder in which the one who starts the desk says where it is.
PLACE = "RADD_E2E_PLACE"
_started = ExitStack()
T = TypeVar("T")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="axe on every page in every light, width and language")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    # Set already: the desk of somebody who keeps one running (tests/e2e/desk.py) while tests are written.
    if PLACE not in os.environ and not hasattr(session.config, "workerinput"):
        os.environ[PLACE] = _started.enter_context(tempfile.TemporaryDirectory(prefix="radd-e2e-at-"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The walk comes last: what it needs to see is there by then, and no worker waits for it."""
    items.sort(key=lambda item: "walk" in getattr(item, "fixturenames", ()))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids: list[str]) -> None:
    if ids:
        _start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _started.close()


def _start() -> None:
    told = Path(os.environ[PLACE]) / "desk.json"
    if not told.exists():
        desk = _started.enter_context(running_desk())
        told.with_suffix(".part").write_text(json.dumps(asdict(desk)))
        told.with_suffix(".part").rename(told)


def once(name: str, make: Callable[[], T]) -> T:
    """What the first worker to come here made; the others wait for it."""
    kept = Path(os.environ[PLACE]) / f"{name}.pickle"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make()))
        made: T = pickle.loads(kept.read_bytes())
        return made


@pytest.fixture(autouse=True)
def no_wait_is_for_ever(pytestconfig: pytest.Config) -> Iterator[None]:
    """Ends this worker, and with it one test alone, where Playwright's own limits hold nothing any more."""
    faulthandler.dump_traceback_later(STUCK * (4 if pytestconfig.getoption("--whole") else 1), exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def whole_desk(pytestconfig: pytest.Config) -> Desk:
    """The desk itself, with the demo brand, that all tests share."""
    if not hasattr(pytestconfig, "workerinput"):
        _start()
    told = Path(os.environ[PLACE]) / "desk.json"
    end = time.monotonic() + 60
    while not told.exists() and time.monotonic() < end:
        time.sleep(0.1)
    return once("desk", lambda: awaited(Desk(**json.loads(told.read_text()))))


@pytest.fixture(scope="session")
def ahead(whole_desk: Desk) -> list[Corner]:
    """The corner of the next test."""
    return [open_corner(whole_desk)]


@pytest.fixture
def desk(whole_desk: Desk, ahead: list[Corner]) -> Iterator[Corner]:
    """This test's own corner."""
    corner = ahead.pop()
    ahead.append(open_corner(whole_desk))
    yield corner
    corner.leave()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("RADD_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture
def people(browser: Browser, desk: Corner) -> Iterator[People]:
    """Windows for the people of this test's corner."""
    cast = People(browser, desk)
    yield cast
    cast.leave()


# --- figures that tests measured, told at the end ---
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    measured = [report for report in reports if getattr(report, "when", "") == "call"]
    told = [words for report in measured for name, words in report.user_properties if name == "figure"]
    for words in told:
        terminalreporter.write_line(str(words))
