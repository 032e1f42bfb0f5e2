"""What can go wrong with Bluesky, to be ordered one call at a time."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Answer = tuple[int, Json]


def refusal(status: int, error: str, message: str) -> Answer:
    """A refusal as XRPC words it."""
    return status, {"error": error, "message": message}


EXPIRED = refusal(400, "ExpiredToken", "Token has expired")
INVALID = refusal(400, "InvalidToken", "Token could not be verified")
REFUSALS: dict[str, Answer] = {
    "unauthorized": refusal(401, "AuthMissing", "Authentication Required"),
    "expired": EXPIRED,
    "takedown": refusal(401, "AccountTakedown", "Account has been taken down"),
    "forbidden": refusal(403, "Forbidden", "Bad token scope"),
    "rejected": refusal(400, "InvalidRequest", "Malformed cursor"),
    "too_many": refusal(429, "RateLimitExceeded", "Rate Limit Exceeded"),
    "down": refusal(503, "ServiceUnavailable", "Service Unavailable"),
    "broken": refusal(500, "InternalServerError", "Internal Server Error"),
    "upstream": refusal(502, "UpstreamFailure", "pipethrough network error"),
}
KINDS = {*REFUSALS, "html", "html_403", "half_json", "cut", "list", "raw", "drop", "stall", "slow", "drip"}


@dataclass
class Fault:
    """One thing going wrong.

    kind: a refusal of REFUSALS; `html` (200 and a page), `html_403`, `half_json`, `cut` (the connection ends within
    the body), `list` (JSON, but no object), `raw` (`status`, `headers` and `body` as given); `drop` (the connection
    ends without an answer), `stall` (no answer until the client gives up), `slow` (the right answer, after `seconds`),
    `drip` (an answer that never ends, byte by byte). on: the methods it waits for, by the last part of their names; any
    if empty. applied: whether the call takes effect first. reset: seconds until the rate limit resets; None leaves the
    headers out.
    """

    kind: str
    on: frozenset[str] = frozenset()
    applied: bool = False
    times: int = 1
    seconds: float = 30.0
    reset: float | None = 60.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")

    def refusal_headers(self) -> dict[str, str]:
        """The headers that go with a refusal."""
        return rate_headers(0, self.reset) if self.reset is not None else {}


def rate_headers(remaining: int, reset: float = 300.0) -> dict[str, str]:
    """As the server counts: 3,000 calls in five minutes."""
    return {
        "RateLimit-Limit": "3000",
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(int(time.time() + reset)),
        "RateLimit-Policy": "3000;w=300",
    }


class Faults:
    """The faults in wait, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let this go wrong the next time it can."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, method: str) -> Fault | None:
        """The fault this call runs into."""
        with self._lock:
            hit = next((fault for fault in self._waiting if not fault.on or method in fault.on), None)
            if hit:
                hit.times -= 1
                if not hit.times:
                    self._waiting.remove(hit)
            return hit
