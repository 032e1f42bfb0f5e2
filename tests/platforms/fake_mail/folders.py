"""What lies in the mailbox: folders of mails, each with a uid that is never used again."""

import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.message import EmailMessage

from tests.platforms.fake_mail.letters import as_bytes


@dataclass
class Stored:
    """A mail in a folder. `unreadable`: it is listed, and the server does not give it."""

    uid: int
    content: bytes
    at: datetime
    flags: tuple[str, ...] = ()
    unreadable: bool = False

    def header(self, name: str) -> str:
        """Unfolded, as SEARCH HEADER looks at it."""
        head = re.split(rb"\r?\n\r?\n", self.content, maxsplit=1)[0]
        unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head).decode("utf-8", "replace")
        found = re.findall(rf"(?im)^{re.escape(name)}:[ \t]*(.*?)\r?$", unfolded)
        return "\n".join(found)


@dataclass
class Folder:
    """`changed` is notified at every change: IDLE waits for it."""

    name: str
    flags: tuple[str, ...] = ()
    uidvalidity: int = 1_700_000_001
    mails: list[Stored] = field(default_factory=list)
    next_uid: int = 1
    changed: threading.Condition = field(default_factory=threading.Condition)

    def deliver(self, letter: EmailMessage | bytes, *, at: datetime | None = None, unreadable: bool = False) -> Stored:
        """Lay a mail in, as it would arrive now."""
        with self.changed:
            stored = Stored(self.next_uid, as_bytes(letter), at or datetime.now(UTC), unreadable=unreadable)
            self.next_uid += 1
            self.mails.append(stored)
            self.changed.notify_all()
            return stored

    def expunge(self, uid: int) -> None:
        """Take a mail out. Its uid does not come back."""
        with self.changed:
            self.mails = [mail for mail in self.mails if mail.uid != uid]

    def renumber(self) -> None:
        """As after a move to another server: other uids, another UIDVALIDITY."""
        with self.changed:
            self.uidvalidity += 1
            for uid, mail in enumerate(self.mails, 1):
                mail.uid = uid
            self.next_uid = len(self.mails) + 1

    def uids(self, told: str) -> set[int]:
        """A set of uids as IMAP writes it: "4,7:9,12:*". "*" is the last mail; a range may be written backwards."""
        top = self.mails[-1].uid if self.mails else 0
        wanted: set[int] = set()
        for part in told.split(","):
            ends = sorted(top if end == "*" else int(end) for end in part.split(":"))
            wanted |= {mail.uid for mail in self.mails if ends[0] <= mail.uid <= ends[-1]}
        return wanted

    def search(self, words: list[str]) -> list[int]:
        """Uids of the mails that fit all keys."""
        found = {mail.uid for mail in self.mails}
        keys = list(words)
        while keys:
            key = keys.pop(0).upper()
            if key == "UID":
                found &= self.uids(keys.pop(0))
            elif key == "SINCE":
                day = _day(keys.pop(0))
                found &= {mail.uid for mail in self.mails if mail.at.date() >= day}
            elif key == "HEADER":
                name, value = keys.pop(0), keys.pop(0).lower()
                found &= {mail.uid for mail in self.mails if value in mail.header(name).lower()}
            elif key != "ALL":
                raise ValueError(f"unknown search key {key}")
        return sorted(found)


def _day(told: str) -> date:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    day, month, year = told.split("-")
    return date(int(year), months.index(month) + 1, int(day))
