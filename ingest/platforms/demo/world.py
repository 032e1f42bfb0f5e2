"""The demo platform's own world: what has been posted there, and what is about to be. One SQLite file.

Every call opens the file, does its work in one transaction and closes it, so several processes may live in it and any
of them may be killed at any moment. The world's clock stands still while nobody looks (see NAP): a demo that was
stopped overnight goes on where it was, at a live pace, instead of telling the rest all at once.
"""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.platforms.base import Kind, Outgoing
from ingest.platforms.demo.corpus import Story
from ingest.platforms.demo.manners import Mood, is_decent, next_mood
from ingest.platforms.demo.timetable import Pace, timetable, wobble

OWN_HANDLES = ("nawa_care", "nawa_telecom")
# Longer than this without a look, and the time until the next look did not pass for the customers.
NAP = 120.0
# An answer is canned when it is one of this many last answers again.
REMEMBERED = 50

_TABLES = """
CREATE TABLE IF NOT EXISTS world (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stories (id TEXT PRIMARY KEY, post TEXT NOT NULL, chase TEXT NOT NULL, after TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS coming (id INTEGER PRIMARY KEY, due REAL NOT NULL, what TEXT NOT NULL, post TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS coming_due ON coming (due, id);
CREATE TABLE IF NOT EXISTS posts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, story TEXT NOT NULL, author TEXT NOT NULL,
    name TEXT NOT NULL, followers INTEGER NOT NULL, language TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL,
    root TEXT NOT NULL, ref TEXT NOT NULL, text TEXT NOT NULL, posted_at REAL NOT NULL, answer_key TEXT UNIQUE);
CREATE INDEX IF NOT EXISTS posts_parent ON posts (parent);
CREATE TABLE IF NOT EXISTS pictures (post TEXT NOT NULL, place INTEGER NOT NULL, content BLOB NOT NULL,
    alt TEXT NOT NULL, PRIMARY KEY (post, place));
CREATE TABLE IF NOT EXISTS faults (id INTEGER PRIMARY KEY, place TEXT NOT NULL, fault TEXT NOT NULL);
"""
_COLUMNS = (
    "id",
    "story",
    "author",
    "name",
    "followers",
    "language",
    "kind",
    "parent",
    "root",
    "ref",
    "text",
    "posted_at",
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How fast the world answers back, in seconds: from answer to follow-up (None: 6 to 15), from post to chase."""

    follow_up_seconds: float | None = None
    chase_seconds: float = 240.0


class World:
    """A world inside one open transaction; made by `enter`."""

    def __init__(self, rows: sqlite3.Connection, manner: Manner) -> None:
        self._rows = rows
        self._manner = manner

    # --- beginning ------------------------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        """What tells this world from one that began at another time; empty before the beginning."""
        row = self._rows.execute("SELECT value FROM world WHERE name = 'name'").fetchone()
        return str(row[0]) if row else ""

    def begin(self, stories: Sequence[Story], now: float, pace: Pace) -> None:
        """Let the world begin at `now`."""
        name = secrets.token_hex(3)
        self._rows.executemany("INSERT INTO world VALUES (?, ?)", [("name", name), ("looked_at", now)])
        known = {story.id for story in stories}
        for slot in timetable(stories, now, pace):
            post = _first_form(slot.story, name, known)
            words = (slot.story.id, json.dumps(post), slot.story.chase, json.dumps(slot.story.later_words()))
            self._rows.execute("INSERT INTO stories VALUES (?, ?, ?, ?)", words)
            if slot.at <= now:
                self._publish(post, slot.at, now)
            else:
                self._announce(slot.at, "post", post)

    # --- time -----------------------------------------------------------------------------------------------------
    def advance(self, now: float, nap: float = NAP) -> None:
        """Let everything happen that is due by now."""
        looked_at = float(self._rows.execute("SELECT value FROM world WHERE name = 'looked_at'").fetchone()[0])
        if now - looked_at > nap:
            self._rows.execute("UPDATE coming SET due = due + ?", (now - looked_at,))
        self._rows.execute("UPDATE world SET value = ? WHERE name = 'looked_at'", (now,))
        due = "SELECT id, due, what, post FROM coming WHERE due <= ? ORDER BY due, id LIMIT 1"
        while event := self._rows.execute(due, (now,)).fetchone():
            self._rows.execute("DELETE FROM coming WHERE id = ?", (event["id"],))
            post = json.loads(event["post"])
            if event["what"] != "chase" or not self._is_answered(post["parent"]):
                self._publish(post, event["due"], now)

    def _announce(self, due: float, what: str, post: dict[str, Any]) -> None:
        self._rows.execute("INSERT INTO coming (due, what, post) VALUES (?, ?, ?)", (due, what, json.dumps(post)))

    def _publish(self, post: dict[str, Any], at: float, now: float) -> None:
        """Make a post visible; its author chases it later if nobody answers."""
        parent = self.find(post["parent"]) if post["parent"] else None
        root = parent["root"] if parent else post["parent"] or post["id"]
        self._insert({**post, "root": root, "posted_at": at})
        chase = self._rows.execute(
            "SELECT chase FROM stories WHERE id = ? AND chase <> ''", (post["story"],)
        ).fetchone()
        if chase and post["id"] == f"demo-{self.name}-{post['story']}":
            words = {**post, "id": f"{post['id']}-c", "kind": Kind.REPLY.value, "parent": post["id"], "ref": ""}
            self._announce(max(at, now) + self._manner.chase_seconds, "chase", {**words, "text": chase[0]})

    def _insert(self, post: dict[str, Any], key: str | None = None) -> None:
        marks = ", ".join("?" * (len(_COLUMNS) + 1))
        self._rows.execute(
            f"INSERT INTO posts ({', '.join(_COLUMNS)}, answer_key) VALUES ({marks})",  # noqa: S608  (our own names)
            [*(post[column] for column in _COLUMNS), key],
        )

    def _is_answered(self, post_id: str) -> bool:
        post = self.find(post_id)
        return post is None or self._rows.execute(
            "SELECT 1 FROM posts WHERE (author IN (?, ?) OR answer_key <> '') AND root = ? AND seq > ? LIMIT 1",
            (*OWN_HANDLES, post["root"], post["seq"]),
        ).fetchone() is not None  # fmt: skip

    # --- reading --------------------------------------------------------------------------------------------------
    def after(self, seq: int, most: int) -> list[sqlite3.Row]:
        """Visible posts behind a place in the order of their becoming visible."""
        return self._rows.execute("SELECT * FROM posts WHERE seq > ? ORDER BY seq LIMIT ?", (seq, most)).fetchall()

    def find(self, post_id: str) -> sqlite3.Row | None:
        """A visible post."""
        row: sqlite3.Row | None = self._rows.execute("SELECT * FROM posts WHERE id = ?", (post_id,)).fetchone()
        return row

    def answer_of(self, key: str) -> str | None:
        """The id of our answer that carries this key."""
        row = self._rows.execute("SELECT id FROM posts WHERE answer_key = ?", (key,)).fetchone()
        return str(row["id"]) if row else None

    def pictures_of(self, post_id: str) -> list[tuple[bytes, str]]:
        """What a post shows, in order: the picture and its description."""
        found = "SELECT content, alt FROM pictures WHERE post = ? ORDER BY place"
        return [(bytes(row["content"]), str(row["alt"])) for row in self._rows.execute(found, (post_id,))]

    # --- answering ------------------------------------------------------------------------------------------------
    def answer(self, outgoing: Outgoing, parent: sqlite3.Row, handle: str, now: float) -> str:
        """Post our answer and let the customer think about it; returns its id."""
        lately = [
            row["text"]
            for row in self._rows.execute(
                "SELECT text FROM posts WHERE answer_key IS NOT NULL ORDER BY seq DESC LIMIT ?", (REMEMBERED,)
            )
        ]
        own = f"demo-{self.name}-{hashlib.sha256(outgoing.key.encode()).hexdigest()[:12]}"
        post = {**dict(parent), "id": own, "author": handle, "name": "Nawa Care", "followers": 0, "ref": ""}
        kind = Kind.DM if outgoing.kind is Kind.DM else Kind.REPLY
        post |= {"kind": kind.value, "parent": parent["id"], "text": outgoing.text, "posted_at": now}
        decent = is_decent(outgoing.text, parent["language"], lately)
        text = self._next_words(parent["story"], next_mood(decent=decent, earlier_answers=self._answers(parent)))
        self._insert(post, outgoing.key)
        shown = [(own, place, image.content, image.alt) for place, image in enumerate(outgoing.images, 1)]
        self._rows.executemany("INSERT INTO pictures VALUES (?, ?, ?, ?)", shown)
        if text and parent["author"] not in OWN_HANDLES:
            wait = self._manner.follow_up_seconds
            due = now + (6 + 9 * wobble(outgoing.key) if wait is None else wait)
            words = {column: parent[column] for column in _COLUMNS} | {"id": f"{own}-f", "parent": own, "ref": ""}
            self._announce(due, "follow_up", {**words, "kind": Kind.REPLY.value, "text": text})
        return own

    def _answers(self, parent: sqlite3.Row) -> int:
        found = self._rows.execute(
            "SELECT count(*) FROM posts WHERE story = ? AND answer_key IS NOT NULL", (parent["story"],)
        )
        return int(found.fetchone()[0])

    def _next_words(self, story: str, moods: Sequence[Mood]) -> str:
        """The author's next words in the best fitting mood that has any left; each is said once."""
        row = self._rows.execute("SELECT after FROM stories WHERE id = ?", (story,)).fetchone()
        after: dict[str, list[str]] = json.loads(row["after"]) if row else {}
        for mood in moods:
            if after.get(mood):
                text = after[mood].pop(0)
                self._rows.execute("UPDATE stories SET after = ? WHERE id = ?", (json.dumps(after), story))
                return text
        return ""

    # --- trouble --------------------------------------------------------------------------------------------------
    def plan_fault(self, place: str, fault: str) -> None:
        """Let the next call of `place` (fetch, reply) go wrong in this way."""
        self._rows.execute("INSERT INTO faults (place, fault) VALUES (?, ?)", (place, fault))

    def next_fault(self, place: str) -> str:
        """The fault planned for this call, taken off the list; empty when all is well."""
        row = self._rows.execute(
            "SELECT id, fault FROM faults WHERE place = ? ORDER BY id LIMIT 1", (place,)
        ).fetchone()
        if row is None:
            return ""
        self._rows.execute("DELETE FROM faults WHERE id = ?", (row["id"],))
        return str(row["fault"])


@contextmanager
def enter(path: Path, manner: Manner, patience: float) -> Iterator[World]:
    """The world of this file, in one transaction. Raises OSError and sqlite3.Error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        rows.row_factory = sqlite3.Row
        _prepare(rows)
        rows.execute("BEGIN IMMEDIATE")
        try:
            yield World(rows, manner)
        except BaseException:
            rows.execute("ROLLBACK")
            raise
        rows.execute("COMMIT")
    finally:
        rows.close()


def _prepare(rows: sqlite3.Connection) -> None:
    """Tables, and a write-ahead log; both stay once made. While another process is just doing it, it is left to it."""
    try:
        if rows.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            rows.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
    rows.execute("PRAGMA synchronous = NORMAL")
    if rows.execute("SELECT 1 FROM sqlite_master WHERE name = 'pictures'").fetchone() is None:
        rows.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")


def _first_form(story: Story, world: str, known: set[str]) -> dict[str, Any]:
    """A story as a post to be. A parent that the corpus does not hold is dropped: nobody could ever see it."""

    def id_of(name: str) -> str:
        return f"demo-{world}-{name}" if name in known else ""

    return {
        "id": id_of(story.id), "story": story.id, "author": story.author, "name": story.name,
        "followers": story.followers, "language": story.language, "kind": story.kind.value,
        "parent": id_of(story.parent), "ref": id_of(story.ref), "text": story.text,
    }  # fmt: skip
