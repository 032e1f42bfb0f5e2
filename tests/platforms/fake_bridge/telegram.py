"""A stand-in for Telegram's bot API: the two methods that examples/bridge_telegram.py calls.

Written from Telegram's documentation as remembered and as quoted by client libraries; never checked against Telegram.
"""

import json
import threading
import time
from typing import Any

from tests.platforms.fake_bridge.server import Asked, Json, Server, Told, told

TOKEN = "42:fake-token"


class FakeTelegram(Server):
    """`write` lets somebody write to the bot; `sent` holds what the bot sent."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.sent: list[Json] = []
        # Answers for the next calls of sendMessage in place of the right one; with True, after it took effect.
        self.faults: list[tuple[Told, bool]] = []
        self.offsets: list[int] = []
        self._updates: list[Json] = []
        self._next_update = 700
        self._next_message = 1
        self._news = threading.Condition()

    def write(self, text: str, chat: int = 1001, **more: Any) -> int:
        """Somebody writes; returns the message's id, which another chat's message may have as well."""
        number = more.pop("message_id", self._next_message)
        self._next_message = max(self._next_message, number + 1)
        message = {
            "message_id": number,
            "from": {"id": chat, "is_bot": False, "first_name": "Villager", "username": f"villager_{chat}"},
            "chat": {"id": chat, "type": "private"},
            "date": int(time.time()),
            "text": text,
            **more,
        }
        self._push("edited_message" if "edit_date" in more else "message", message)
        return int(number)

    def _push(self, kind: str, message: Json) -> None:
        with self._news:
            self._updates.append({"update_id": self._next_update, kind: message})
            self._next_update += 1
            self._news.notify_all()

    def _answer(self, asked: Asked) -> Told:
        token, _, method = asked.path.removeprefix("/bot").partition("/")
        if token != TOKEN:
            return told(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        call = json.loads(asked.body)
        if method == "getUpdates":
            return told(200, {"ok": True, "result": self._wait(call["offset"], call["timeout"])})
        if method != "sendMessage":
            return told(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        if not self.faults:
            return self._send(call)
        fault, applied = self.faults.pop(0)
        if applied:
            self._send(call)
        return fault

    def _wait(self, offset: int, seconds: float) -> list[Json]:
        """What stands at the offset and after it. All before it is forgotten."""
        with self._news:
            self.offsets.append(offset)
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            self._news.wait_for(lambda: self._updates or self.closing.is_set(), seconds)
            return list(self._updates)

    def _send(self, call: Json) -> Told:
        message = {"message_id": self._next_message, "date": int(time.time()), "chat": {"id": call["chat_id"]}}
        self._next_message += 1
        self.sent.append(call)
        return told(200, {"ok": True, "result": {**message, "text": call["text"]}})


def refusal(status: int, description: str, **parameters: Any) -> Told:
    """A no as Telegram words it."""
    more = {"parameters": parameters} if parameters else {}
    return told(status, {"ok": False, "error_code": status, "description": description, **more})
