"""A team's bridge with the network behind it, as docs/generic-channel.md asks for one."""

import hashlib
import hmac
import json
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from tests.platforms.fake_bridge.server import Asked, Json, Server, Told, told

SECRET = "a secret shared by two machines"
NETWORK = "https://village.example"


@dataclass
class Fault:
    """One thing going wrong with the next call of that method, before or after the call took effect."""

    answer: Told
    on: str = ""
    applied: bool = False


class FakeBridge(Server):
    """`say` lets somebody post on its network; `answers` holds what Radd had it put up, by key."""

    def __init__(self, desk_url: str = "", secrets: Sequence[str] = (SECRET,)) -> None:
        super().__init__(self._answer)
        self.desk_url = desk_url
        self.secrets = list(secrets)
        self.answer_url = f"{self.url}/answers"
        self.answers: dict[str, Json] = {}
        # Every answer that was put up, in order: one here twice is one posted twice.
        self.posted: list[Json] = []
        self.faults: list[Fault] = []
        self.calls: list[Asked] = []
        self._said = 0
        self._lock = threading.Lock()

    # --- to Radd --------------------------------------------------------------------------------------------------
    def say(self, text: str, **more: Any) -> str:
        """Each time somebody else posts this; Radd is told at once. Returns the post's id."""
        self._said += 1
        message = {
            "id": f"post-{self._said}",
            "kind": "comment",
            "text": text,
            "posted_at": datetime.now(UTC).isoformat(),
            "thread_id": f"thread-{self._said}",
            "url": f"{NETWORK}/posts/{self._said}",
            "author": {"id": f"villager-{self._said}", "handle": f"villager_{self._said}"},
            "data": {"board": self._said},
            **more,
        }
        status = self.tell({"id": f"event-{self._said}", "type": "message.created", "message": message})
        assert status == 200, status
        return str(message["id"])

    def tell(self, told: Any) -> int:
        """Call the desk; returns the status."""
        body = json.dumps(told).encode()
        request = urllib.request.Request(self.desk_url, body, {"Radd-Signature": signature(self.secrets[0], body)})
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    # --- from Radd ------------------------------------------------------------------------------------------------
    def _answer(self, asked: Asked) -> Told:
        with self._lock:
            self.calls.append(asked)
            fault = next((fault for fault in self.faults if fault.on in {"", asked.method}), None)
            if fault:
                self.faults.remove(fault)
                if fault.applied:
                    self._apply(asked)
                return fault.answer
            return self._apply(asked)

    def _apply(self, asked: Asked) -> Told:
        if not any(fits(secret, asked.headers.get("radd-signature", ""), asked.body) for secret in self.secrets):
            return told(401, {"error": "The signature does not fit"})
        if asked.method == "GET":
            key = unquote(asked.path.removeprefix("/answers/"))
            return told(200, self.answers[key]) if key in self.answers else told(404, {"error": "No such answer"})
        call = json.loads(asked.body)
        if call["type"] == "ping":
            return told(200, {"account": {"id": "nawa-on-village", "handle": "nawa", "name": "Nawa"}})
        if unquote(asked.headers["idempotency-key"]) != call["key"]:
            return told(400, {"error": "The header and the body name two keys"})
        if call["key"] not in self.answers:
            self._put_up(call)
        return told(201, self.answers[call["key"]])

    def _put_up(self, call: Json) -> None:
        self.posted.append(call)
        number = len(self.posted)
        self.answers[call["key"]] = {
            "id": f"answer-{number}",
            "url": f"{NETWORK}/answers/{number}",
            "posted_at": datetime.now(UTC).isoformat(),
        }


def signature(secret: str, body: bytes, at: float | None = None) -> str:
    """The header's value, at this moment if at no other."""
    seconds = str(int(time.time() if at is None else at))
    return f"t={seconds},v1={digest(secret, seconds, body)}"


def digest(secret: str, seconds: str, body: bytes) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()


def fits(secret: str, header: str, body: bytes) -> bool:
    """Whether one of the header's signatures is ours, and young."""
    pairs = [part.split("=", 1) for part in header.split(",") if "=" in part]
    seconds = next((value for name, value in pairs if name == "t"), "0")
    ours = digest(secret, seconds, body)
    return abs(time.time() - int(seconds)) < 300 and any(
        hmac.compare_digest(ours, value) for name, value in pairs if name == "v1"
    )
