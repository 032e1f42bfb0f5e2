"""What can go wrong, ordered for one command at a time, whichever of the two servers it comes to."""

import threading
from dataclasses import dataclass, field

KINDS = {
    # The connection ends. With `applied`, after the command has taken effect.
    "drop",
    # Nothing is said, and the connection stays open. With `applied`, after the command has taken effect.
    "stall",
    # Something is said that is neither IMAP nor SMTP.
    "garbled",
    # `words` are said in the place of the answer, after the tag in IMAP.
    "say",
    # IMAP's farewell with these `words`, or SMTP's 421.
    "bye",
    # The connection ends in the middle of a mail's bytes.
    "cut",
}


@dataclass
class Fault:
    """`on`: the commands it waits for, as servers know them: LOGIN, SELECT, SEARCH, FETCH, CONNECT, RCPT, LETTER ….

    LETTER is the end of a letter after DATA. CONNECT is a new connection to either server.
    """

    kind: str
    on: frozenset[str] = frozenset()
    words: str = ""
    applied: bool = False
    times: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")


@dataclass
class Faults:
    """The faults in wait, oldest first."""

    waiting: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Let this go wrong the next time it can."""
        with self.lock:
            self.waiting.append(fault)

    def take(self, command: str) -> Fault | None:
        """The fault this command runs into."""
        with self.lock:
            hit = next((fault for fault in self.waiting if command in fault.on), None)
            if hit:
                hit.times -= 1
                if not hit.times:
                    self.waiting.remove(hit)
            return hit
