"""A whole desk in real processes, and a real browser in front of it.

The desk is started by the launcher itself (`python -m launch run`), against a database of its own on the test
servers, with the demo platform at a quick pace. Nothing here touches the database by the ORM.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "radd-demo-2026"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Desk:
    """A running desk: where it answers and where its rows are."""

    url: str
    database: str
    log: Path

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of the desk's database; a statement without rows gives none."""
        with psycopg2.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql: str, *values: object) -> object:
        return self.rows(sql, *values)[0][0]

    def wait_for(self, sql: str, *values: object, seconds: float = 40) -> object:
        """The first true value that this query gives within the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rows = self.rows(sql, *values)
            if rows and rows[0][0]:
                return rows[0][0]
            time.sleep(0.25)
        raise AssertionError(f"never true: {sql} {values}\n{self.log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    with running_desk() as running:
        yield running


@contextmanager
def running_desk() -> Iterator[Desk]:
    """A desk from nothing, and nothing left of it afterwards."""
    home = Path(tempfile.mkdtemp(prefix="radd-e2e-"))
    port, database = free_port(), f"radd_e2e_{os.getpid()}"
    server = os.environ["DATABASE_URL"]
    admin(server, f'CREATE DATABASE "{database}"')
    url = with_name(server, database)
    log = home / "desk.log"
    env = {
        **os.environ,
        "RADD_HOME": str(home),
        "DATABASE_URL": url,
        "PORT": str(port),
        "RADD_REDIS_PREFIX": f"radd-e2e-{os.getpid()}",
        "RADD_UNDO_SECONDS": "3",
        "RADD_READER": "onnx",
        "RADD_SECRET_KEY": "only-for-browser-tests-" + "x" * 40,
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "launch", "run"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            running = Desk(f"http://127.0.0.1:{port}", url, log)
            await_desk(running, process)
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
            admin(server, f'DROP DATABASE "{database}" WITH (FORCE)')
            shutil.rmtree(home, ignore_errors=True)


def await_desk(desk: Desk, process: "subprocess.Popen[bytes]") -> None:
    """Until the pages answer and the first tickets are there; the customers answer soon."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"the desk did not start:\n{desk.log.read_text()}")
        try:
            if urllib.request.urlopen(f"{desk.url}/healthz", timeout=2).status == 200:
                break
        except OSError:
            time.sleep(0.5)
    quick = json.dumps({"follow_up_seconds": 1, "pace": 30})
    desk.rows("UPDATE ingest_channel SET options = options || %s::jsonb RETURNING id", quick)
    desk.wait_for("SELECT count(*) > 5 FROM tickets_ticket", seconds=90)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def with_name(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def admin(server: str, sql: str) -> None:
    """Run a statement that no transaction may hold."""
    connection = psycopg2.connect(with_name(server, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("RADD_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield running
        running.close()


class People:
    """Browser windows, each with somebody signed in."""

    def __init__(self, browser: Browser, desk: Desk) -> None:
        self.browser, self.desk = browser, desk
        self.contexts: list[BrowserContext] = []

    def window(self, *, phone: bool = False, dark: bool = False, locale: str = "en-GB") -> Page:
        """A fresh window with nobody signed in."""
        context = self.browser.new_context(
            base_url=self.desk.url,
            viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
            color_scheme="dark" if dark else "light",
            has_touch=phone,
            locale=locale,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    def sign_in(self, who: str = "omar", *, phone: bool = False, dark: bool = False) -> Page:
        """A window in which this demo person has signed in."""
        page = self.window(phone=phone, dark=dark)
        page.goto("/sign-in/")
        page.locator("input[name=username]").fill(f"{who}@nawa.example")
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form .btn-primary").click()
        page.wait_for_url("**/inbox/**")
        return page


@pytest.fixture
def people(browser: Browser, desk: Desk) -> Iterator[People]:
    cast = People(browser, desk)
    yield cast
    for context in cast.contexts:
        context.close()
