"""A whole desk in real processes, and corners of it: a brand, its people and its customers for one test alone.

The desk is started by the launcher itself (`python -m launch run`), against a database of its own on the test
servers. Nothing here touches the database by the ORM.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import redis
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.middleware import SESSION_KEY as LANGUAGE_KEY
from ingest.platforms.demo import corpus
from ingest.platforms.demo.corpus import Story
from ingest.platforms.demo.timetable import Pace
from ingest.platforms.demo.world import Manner, enter
from tests.databases import admin, with_name
from tests.e2e import customers

ROOT = Path(__file__).resolve().parents[2]
# Customers answer at once, and nobody comes back because he was not answered.
MANNER = Manner(follow_up_seconds=1, chase_seconds=1e6)
# The demo brand's own customers: enough to fill its pages, few to read.
DEMO = Pace(a_minute=1, head_start=45)
PEOPLE = ("omar", "huda", "lina", "admin")
# Longer than any test takes to change its mind; `Corner.let_out` lets the time go by.
UNDO = 120
# Places in what tickets.news.presence keeps of a tab.
DOING, UNTIL = 2, 6
# How Django ties a session to a password.
HASHED_AS = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"


@dataclass(frozen=True)
class Desk:
    """A running desk: where it answers and where its rows are."""

    url: str
    database: str
    home: str
    # Of its names in Redis.
    prefix: str

    @property
    def log(self) -> Path:
        return Path(self.home) / "desk.log"

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the desk's database; a statement without rows gives none."""
        with psycopg2.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql: str, *values: object) -> Any:
        return self.rows(sql, *values)[0][0]

    def wait_for(self, sql: str, *values: object, seconds: float = 40) -> Any:
        """The first true value that this query gives within the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rows = self.rows(sql, *values)
            if rows and rows[0][0]:
                return rows[0][0]
            time.sleep(0.1)
        raise AssertionError(f"never true: {sql} {values}\n{self.log.read_text()[-3000:]}")

    def session_of(self, person: int) -> str:
        """The key of a session in which this person has signed in; the form itself has tests of its own."""
        said = "SELECT password, interface_language FROM accounts_user WHERE id = %s"
        password, language = self.rows(said, person)[0]
        told = {
            SESSION_KEY: str(person),
            BACKEND_SESSION_KEY: "accounts.backends.PersonBackend",
            LANGUAGE_KEY: language,
            HASH_SESSION_KEY: salted_hmac(HASHED_AS, password, algorithm="sha256").hexdigest(),
        }
        key, until = secrets.token_hex(16), timezone.now() + timedelta(days=1)
        insert = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, %s)"
        self.rows(insert, key, SessionStore().encode(told), until)
        return key

    def person(self, who: str) -> int:
        """The id of somebody of the demo."""
        return int(self.value("SELECT id FROM accounts_user WHERE email = %s", f"{who}@nawa.example"))


@dataclass(frozen=True)
class Corner(Desk):
    """What one test has of the desk: a brand with a team, three people and an admin, a channel and its customers."""

    number: int
    brand: int
    channel: int
    world: str
    ids: Mapping[str, int]
    taken: list[int] = field(default_factory=list)

    def person(self, who: str) -> int:
        return self.ids[who]

    def ticket(self, language: str, *, below: float = -0.2, seconds: float = 60) -> int:
        """A live ticket of one message that waits for an answer, that this test has not had yet."""
        found = """
            SELECT t.id FROM tickets_ticket t
             WHERE t.brand_id = %s AND t.status IN ('new', 'open') AND t.position = 1 AND t.preview_language = %s
               AND t.first_valence < %s AND t.waiting_since IS NOT NULL AND NOT t.id = ANY(%s)
             ORDER BY t.id LIMIT 1
        """
        ticket = int(self.wait_for(found, self.brand, language, below, self.taken, seconds=seconds))
        self.taken.append(ticket)
        return ticket

    def post(self, *stories: Story) -> None:
        """Let customers post this now."""
        with enter(Path(self.world), MANNER, 10) as world:
            for story in stories:
                first = {
                    "id": f"demo-{world.name}-{story.id}", "story": story.id, "author": story.author,
                    "name": story.name, "followers": story.followers, "language": story.language,
                    "kind": story.kind.value, "parent": "", "ref": "", "text": story.text,
                }  # fmt: skip
                words = (story.id, json.dumps(first), "", json.dumps(story.later_words()))
                world._rows.execute("INSERT INTO stories VALUES (?, ?, ?, ?)", words)
                world._announce(time.time(), "post", first)

    def let_out(self, ticket: int) -> None:
        """As if the time in which an answer on this ticket can be taken back were over."""
        due = """UPDATE ingest_delivery d SET due_at = now() FROM tickets_ticketmessage e
                  WHERE e.message_id = d.message_id AND e.ticket_id = %s AND d.state = 'waiting' RETURNING d.id"""
        self.wait_for(due, ticket)

    def pass_time(self, who: str, doing: str = "") -> None:
        """As if the tabs of this person that are `doing` this had said nothing for as long as a tab is remembered."""
        line, key = redis.Redis.from_url(os.environ["REDIS_URL"]), f"{self.prefix}:presence"
        kept: Any = line.hgetall(key)
        for place, raw in kept.items():
            tab = json.loads(raw)
            if place.startswith(f"{self.person(who)}.".encode()) and doing in {"", tab[DOING]}:
                line.hset(key, place, json.dumps([*tab[:UNTIL], time.time() - 1]))
        line.close()

    def leave(self) -> None:
        """Nobody looks at its channel any more."""
        self.rows("UPDATE ingest_channel SET state = 'paused' WHERE brand_id = %s", self.brand)


def open_corner(desk: Desk) -> Corner:
    """A brand of its own, made of copies of the demo's rows: its customers have posted when a few seconds are over."""
    number = int(desk.value("SELECT nextval('e2e_corners')"))
    path = f"{desk.home}/corner-{number}.sqlite3"
    with enter(Path(path), MANNER, 10) as world:
        stories = customers.first(number)
        world.begin(stories, time.time(), Pace(head_start=len(stories), late_share=0))
    with psycopg2.connect(desk.database) as connection, connection.cursor() as cursor:
        brand = _copy(cursor, "accounts_brand", "true", name=f"Nawa {number}", name_ar=f"نوا {number}")
        team = _copy(cursor, "accounts_team", "is_default", name=f"Care {number}")
        cursor.execute("INSERT INTO accounts_team_brands (team_id, brand_id) VALUES (%s, %s)", (team, brand))
        ids = {}
        for who in PEOPLE:
            email = f"{who}@nawa.example"
            ids[who] = _copy(cursor, "accounts_user", f"email = '{email}'", email=f"{who}.{number}@nawa.example")
            if who != "admin":
                _copy(cursor, "accounts_membership", "true", team_id=team, user_id=ids[who])
        told = {
            "name": f"Nawa {number} on the demo platform", "brand_id": brand, "hook": str(secrets.token_hex(16)),
            "options": {"path": path, "follow_up_seconds": 1, "chase_seconds": 1e6}, "cursor": {}, "poll_seconds": 1,
            "next_poll_at": None, "lease_until": None, "attempts": 0, "default_team_id": None, "state": "active",
        }  # fmt: skip
        channel = _copy(cursor, "ingest_channel", "platform = 'demo'", **told)
    return Corner(**asdict(desk), number=number, brand=brand, channel=channel, world=path, ids=ids)


def _copy(cursor: Any, table: str, which: str, /, **changed: object) -> int:
    """A copy of a row of the demo with these columns changed; its id."""
    cursor.execute(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(r, %s || jsonb_build_object('id',"
        f" nextval(pg_get_serial_sequence('{table}', 'id'))))).* FROM {table} r WHERE {which} ORDER BY r.id LIMIT 1"
        " RETURNING id",
        (json.dumps(changed),),
    )
    return int(cursor.fetchone()[0])


# --- the processes ---
@contextmanager
def running_desk() -> Iterator[Desk]:
    """A desk from nothing, and nothing left of it afterwards. It may not answer yet: see `awaited`."""
    home = Path(tempfile.mkdtemp(prefix="radd-e2e-"))
    port, database, prefix = free_port(), f"radd_e2e_{os.getpid()}", f"radd-e2e-{os.getpid()}"
    server = os.environ["DATABASE_URL"]
    admin(server, f'CREATE DATABASE "{database}"')
    url = with_name(server, database)
    with enter(home / "demo.sqlite3", MANNER, 10) as world:
        world.begin(corpus.read(corpus.BUNDLED), time.time(), DEMO)
    env = {
        **os.environ,
        "RADD_HOME": str(home),
        "DATABASE_URL": url,
        "PORT": str(port),
        "RADD_REDIS_PREFIX": prefix,
        "RADD_UNDO_SECONDS": str(UNDO),
        "RADD_READER": "onnx",
    }
    desk = Desk(f"http://127.0.0.1:{port}", url, str(home), prefix)
    with desk.log.open("wb") as out:
        command = [sys.executable, "-m", "launch", "run"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield desk
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
            admin(server, f'DROP DATABASE "{database}" WITH (FORCE)')
            shutil.rmtree(home, ignore_errors=True)


def keep(folder: str) -> None:
    """A desk until Ctrl-C, for those who write tests: with RADD_E2E_PLACE=folder they need not wait for one."""
    told = Path(folder) / "desk.json"
    told.parent.mkdir(parents=True, exist_ok=True)
    for left in told.parent.iterdir():
        left.unlink()
    with running_desk() as desk:
        told.write_text(json.dumps(asdict(desk)))
        try:
            signal.pause()
        finally:
            told.unlink()


def awaited(desk: Desk) -> Desk:
    """The desk, once its pages answer and the demo is set up."""
    end = time.monotonic() + 300
    while True:
        try:
            if urllib.request.urlopen(f"{desk.url}/healthz", timeout=2).status == 200:
                break
        except OSError:
            if time.monotonic() > end or "could not be" in desk.log.read_text():
                raise AssertionError(f"the desk did not start:\n{desk.log.read_text()[-3000:]}") from None
            time.sleep(0.2)
    desk.wait_for("SELECT count(*) FROM ingest_channel WHERE platform = 'demo'", seconds=60)
    desk.rows("CREATE SEQUENCE IF NOT EXISTS e2e_corners")
    quick = json.dumps({"follow_up_seconds": 1, "chase_seconds": 1e6})
    desk.rows("UPDATE ingest_channel SET options = options || %s::jsonb WHERE platform = 'demo'", quick)
    return desk


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    keep(sys.argv[1])
