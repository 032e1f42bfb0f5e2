"""Who is on the fake server, what they have posted, and who was told of it."""

import itertools
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

DOMAIN = "nawa.example"
TOKEN = "fake-token"
NAMED = re.compile(r"(?<![\w/@.])@(\w+)(?:@([\w.-]*\w))?")
TAGGED = re.compile(r"#(\w+)")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass
class FakeUser:
    """`host` is empty for people of this server."""

    id: str
    username: str
    host: str = ""
    name: str = ""
    followers: int = 10

    @property
    def acct(self) -> str:
        return f"{self.username}@{self.host}" if self.host else self.username

    @property
    def url(self) -> str:
        return f"https://{self.host or DOMAIN}/@{self.username}"


BRAND = FakeUser("109000000000000001", "nawa", name="Nawa", followers=51_000)


@dataclass
class FakeStatus:
    """A status. `changes`: fields of its JSON to put in or replace."""

    id: str
    author: FakeUser
    text: str
    at: datetime
    visibility: str = "public"
    reply_to: str = ""
    warning: str = ""
    language: str | None = "en"
    plain: bool = True
    html: str = ""
    media: list[dict[str, Any]] = field(default_factory=list)
    edited_at: datetime | None = None
    deleted: bool = False
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Told:
    """A notification to the brand."""

    id: str
    kind: str
    status: FakeStatus
    at: datetime


class World:
    """All of it. `heard`: called with (event, payload) for whatever the brand's stream tells."""

    def __init__(self, *, ulid: bool = False) -> None:
        self.lock = threading.RLock()
        self.users = {BRAND.id: BRAND}
        self.statuses: dict[str, FakeStatus] = {}
        self.told: list[Told] = []
        self.heard: list[Callable[[str, Any], None]] = []
        self._ulid = ulid
        self._count = itertools.count(1)
        # So that the number of digits grows within a test: ids compared as text would come out wrong.
        self._told_count = itertools.count(96)

    def user(self, acct: str, **more: Any) -> FakeUser:
        """The user of this name, made if there is none."""
        username, _, host = acct.partition("@")
        with self.lock:
            known = next((user for user in self.users.values() if user.acct.lower() == acct.lower()), None)
            if known is None:
                made_id = self._new_id() if self._ulid else str(1000 + len(self.users))
                known = FakeUser(made_id, username, host, more.pop("name", username.title()), **more)
                self.users[known.id] = known
            return known

    def post(self, author: str | FakeUser, text: str, *, reply_to: str = "", **more: Any) -> FakeStatus:
        """A new status; the brand is told if it is named."""
        with self.lock:
            writer = author if isinstance(author, FakeUser) else self.user(author)
            at = more.pop("at", None) or datetime.now(UTC)
            status = FakeStatus(self._new_id(), writer, text, at, reply_to=reply_to, **more)
            self.statuses[status.id] = status
            if BRAND in self.named(status) and writer is not BRAND:
                self.notify("mention", status)
            return status

    def notify(self, kind: str, status: FakeStatus, at: datetime | None = None) -> Told:
        """Tell the brand."""
        told_id = self._new_id() if self._ulid else str(next(self._told_count))
        told = Told(told_id, kind, status, at or datetime.now(UTC))
        self.told.append(told)
        self.say("notification", told)
        return told

    def edit(self, status_id: str, text: str) -> None:
        """The same status with other words."""
        with self.lock:
            status = self.statuses[status_id]
            status.text, status.edited_at = text, datetime.now(UTC)
            self.say("status.update", status)

    def delete(self, status_id: str) -> None:
        """The status is gone, what was told of it too, and answers to it stand alone."""
        with self.lock:
            self.statuses[status_id].deleted = True
            self.told = [told for told in self.told if told.status.id != status_id]
            for status in self.statuses.values():
                status.reply_to = "" if status.reply_to == status_id else status.reply_to
            self.say("delete", status_id)

    def say(self, event: str, payload: Any) -> None:
        """Push to whoever listens."""
        for hear in list(self.heard):
            hear(event, payload)

    def visible(self, status_id: str) -> FakeStatus | None:
        """The status, unless it is gone."""
        status = self.statuses.get(status_id)
        return None if status is None or status.deleted else status

    def living(self) -> list[FakeStatus]:
        """All that are there, newest first."""
        return [status for status in reversed(self.statuses.values()) if not status.deleted]

    def timeline(self, user: FakeUser) -> list[FakeStatus]:
        """A user's own, newest first."""
        return [status for status in self.living() if status.author.id == user.id]

    def tagged(self, tag: str) -> list[FakeStatus]:
        """Public ones with this hashtag, newest first."""
        return [
            status
            for status in self.living()
            if status.visibility == "public" and tag.lower() in {t.lower() for t in TAGGED.findall(status.text)}
        ]

    def named(self, status: FakeStatus) -> list[FakeUser]:
        """Who is named in it. A name without a host is somebody of this server."""
        found = []
        for name, host in NAMED.findall(status.text):
            acct = name if host in {"", DOMAIN} else f"{name}@{host}"
            found += [user for user in self.users.values() if user.acct.lower() == acct.lower()]
        return list({user.id: user for user in found}.values())

    def above(self, status: FakeStatus) -> list[FakeStatus]:
        """Its ancestors, the first post first."""
        chain: list[FakeStatus] = []
        at = self.visible(status.reply_to)
        while at is not None:
            chain.insert(0, at)
            at = self.visible(at.reply_to)
        return chain

    def below(self, status: FakeStatus) -> list[FakeStatus]:
        """What stands under it, however deep, oldest first."""
        found: list[FakeStatus] = []
        for other in self.statuses.values():
            if not other.deleted and other.reply_to in {status.id, *(known.id for known in found)}:
                found.append(other)
        return found

    def _new_id(self) -> str:
        number = (int(time.time() * 1000) << 16) + next(self._count)
        if not self._ulid:
            return str(number)
        number, digits = number << 64, ""
        for _ in range(26):
            number, digit = divmod(number, 32)
            digits = CROCKFORD[digit] + digits
        return digits
