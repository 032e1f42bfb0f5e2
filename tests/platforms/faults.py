"""What can go wrong with a call over HTTP, ordered one call at a time: the part that the fakes have in common."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

# What a wire does to any platform, beside the refusals each has in words of its own.
KINDS = {"html", "html_403", "half_json", "cut", "list", "raw", "drop", "stall", "slow", "drip"}


@dataclass
class Fault:
    """One thing going wrong.

    kind: one of the platform's refusals; `html` (a page, with `status`), `html_403`, `half_json`, `cut` (the connection
    ends within the body), `list` (JSON, but no object), `raw` (`status`, `headers` and `body` as given); `drop` (the
    connection ends without an answer), `stall` (no answer until the client gives up), `slow` (the right answer, after
    `seconds`), `drip` (an answer that never ends, byte by byte). on: names of the calls it waits for, with spaces
    between; any if empty. applied: the call takes effect before it goes wrong. reset: seconds until the rate limit
    resets; None leaves the headers out.
    """

    kind: str
    on: str = ""
    applied: bool = False
    times: int = 1
    seconds: float = 30.0
    reset: float | None = 60.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def waits_for(self, names: Collection[str]) -> bool:
        """Whether a call of these names is one it strikes."""
        return not self.on or not set(names).isdisjoint(self.on.split())


SomeFault = TypeVar("SomeFault", bound=Fault)


class Faults(Generic[SomeFault]):
    """The faults in wait, oldest first."""

    def __init__(self, refusals: Collection[str]) -> None:
        self._kinds = {*refusals, *KINDS}
        self._lock = threading.Lock()
        self._waiting: list[SomeFault] = []

    def add(self, fault: SomeFault) -> None:
        """Let this go wrong the next time it can. Raises ValueError for what cannot go wrong here."""
        if fault.kind not in self._kinds:
            raise ValueError(f"no such fault: {fault.kind}")
        with self._lock:
            self._waiting.append(fault)

    def take(self, *names: str) -> SomeFault | None:
        """The fault that the call of these names runs into."""
        with self._lock:
            hit = next((fault for fault in self._waiting if fault.waits_for(names)), None)
            if hit:
                hit.times -= 1
                if not hit.times:
                    self._waiting.remove(hit)
            return hit
