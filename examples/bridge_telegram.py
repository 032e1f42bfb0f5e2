"""A bridge between a Telegram bot and a generic channel of Radd: what people write to the bot becomes tickets, and
what agents answer is sent by the bot. The standard library is all it needs. See docs/generic-channel.md.

    RADD_URL=https://care.example.com/... RADD_SECRET=... TELEGRAM_TOKEN=... python bridge_telegram.py

Give the channel this program's address (http://HOST:8090/, behind your own https) as `answer_url`, and 4096 as `limit`.
Written from Telegram's documentation and tried against a stand-in for it, never against Telegram itself.
"""
# ruff: noqa: INP001 - a program by itself, in no package

import hashlib
import hmac
import json
import logging
import os
import socket
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

Json = dict[str, Any]
Said = tuple[int, Json, dict[str, str]]  # a status, a body and headers

RADD_URL, SECRET = os.environ["RADD_URL"], os.environ["RADD_SECRET"].encode()
TELEGRAM = f"{os.environ.get('TELEGRAM_URL', 'https://api.telegram.org')}/bot{os.environ['TELEGRAM_TOKEN']}"
PORT, FILE = int(os.environ.get("BRIDGE_PORT", "8090")), os.environ.get("BRIDGE_FILE", "bridge.sqlite3")
LONG_POLL, PAUSE = (
    float(os.environ.get(f"BRIDGE_{name}_SECONDS", usual)) for name, usual in (("POLL", 25), ("PAUSE", 5))
)
log = logging.getLogger("bridge")


def sign(seconds: str, body: bytes) -> str:
    return hmac.new(SECRET, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()


def genuine(header: str, body: bytes) -> bool:
    """Whether Radd signed these bytes, within the last five minutes."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    seconds = next((value for name, _, value in parts if name == "t" and value.isascii() and value.isdigit()), "0")
    fits = [
        hmac.compare_digest(sign(seconds, body).encode(), value.encode()) for name, _, value in parts if name == "v1"
    ]
    return any(fits) and abs(time.time() - int(seconds)) <= 300


def post(url: str, told: Json) -> Json:
    """POST signed JSON and read JSON. Raises HTTPError for a refusal, OSError where the way there breaks."""
    body, now = json.dumps(told).encode(), str(int(time.time()))
    headers = {"Content-Type": "application/json"}
    if url == RADD_URL:
        headers["Radd-Signature"] = f"t={now},v1={sign(now, body)}"
    request = Request(url, body, headers)  # noqa: S310 - the addresses are our own settings
    with urlopen(request, timeout=LONG_POLL + 15) as answer:  # noqa: S310
        return dict(json.load(answer))


# --- from Telegram to Radd --------------------------------------------------------------------------------------------
def carry(offset: int) -> int:
    """Ask once for updates and hand them to Radd; returns the next offset, by which Telegram forgets them.

    By then Radd has said 200. If we die in between, the same events go out again, and Radd knows them by their ids.
    """
    asked = {"offset": offset, "timeout": LONG_POLL, "allowed_updates": ["message", "edited_message"]}
    updates = post(f"{TELEGRAM}/getUpdates", asked)["result"]
    if events := [event for event in map(event_of, updates) if event]:
        post(RADD_URL, {"events": events})
    return max([offset, *(int(update["update_id"]) + 1 for update in updates)])


def event_of(update: Json) -> Json | None:
    """One of Telegram's updates as an event of Radd's; None for what no person wrote."""
    edited = "edited_message" in update
    message = update.get("edited_message") or update.get("message") or {}
    person, chat = message.get("from") or {}, message.get("chat") or {}
    if not person or person.get("is_bot"):
        return None
    above = message.get("reply_to_message")
    told = {
        "id": name_of(chat, message),
        "kind": "dm" if chat["type"] == "private" else "mention",
        "text": message.get("text") or message.get("caption") or "(a message without words: look at it in Telegram)",
        "posted_at": moment(message["date"]),
        "edited_at": moment(message.get("edit_date") or message["date"]) if edited else None,
        "thread_id": str(chat["id"]),
        "parent_id": name_of(chat, above) if above else None,
        "author": {
            "id": str(person["id"]),
            "handle": person.get("username"),
            "name": f"{person.get('first_name', '')} {person.get('last_name', '')}".strip(),
        },
        # What we need to answer it. Radd gives it back.
        "data": {"chat": chat["id"], "message": message["message_id"]},
    }
    # After a quiet week Telegram begins its numbers anew, anywhere: the date keeps two of them apart.
    number = f"{update['update_id']}-{message['date']}"
    return {"id": number, "type": "message.updated" if edited else "message.created", "message": told}


def name_of(chat: Json, message: Json) -> str:
    """Telegram counts messages chat by chat."""
    return f"{chat['id']}/{message['message_id']}"


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


# --- from Radd to Telegram --------------------------------------------------------------------------------------------
def answer_once(call: Json) -> Said:
    """Send an answer, once, whatever happens.

    Telegram has no idempotency key, so Radd's is written down before Telegram is called, and the message's id after.
    A key without an id may have been sent or not: 409 without an id, and in the end Radd asks a person to look.
    """
    to, key = call["in_reply_to"]["data"], call["key"]
    if not keep("INSERT OR IGNORE INTO answers (key) VALUES (?) RETURNING key", key):
        [[known]] = keep("SELECT id FROM answers WHERE key = ?", key)
        return (200, {"id": known}, {}) if known else (409, {"error": "Begun before; how it ended is not known"}, {})
    above = {"message_id": to["message"], "allow_sending_without_reply": True}
    try:
        sent = post(f"{TELEGRAM}/sendMessage", {"chat_id": to["chat"], "text": call["text"], "reply_parameters": above})
    except URLError as error:
        return refused(key, error)
    number = name_of({"id": to["chat"]}, sent["result"])
    keep("UPDATE answers SET id = ? WHERE key = ?", number, key)
    return 201, {"id": number}, {}


def refused(key: str, error: URLError) -> Said:
    """Telegram's no, in Radd's words. Where nothing can have been sent the key is free again."""
    never_sent = isinstance(error.reason, ConnectionRefusedError | socket.gaierror)
    if never_sent or (isinstance(error, HTTPError) and error.code < 500):
        keep("DELETE FROM answers WHERE key = ?", key)
    if not isinstance(error, HTTPError) or error.code >= 500:
        return 503 if never_sent else 502, {"error": "Telegram could not be reached"}, {}
    told = json.load(error)
    if error.code == 429:
        wait = told.get("parameters", {}).get("retry_after", 30)
        return 429, {"error": told["description"]}, {"Retry-After": str(wait)}
    return 422, {"error": told["description"]}, {}


def keep(sql: str, *values: str) -> list[Any]:
    with closing(sqlite3.connect(FILE, timeout=10)) as file, file:
        return file.execute(sql, values).fetchall()


class FromRadd(BaseHTTPRequestHandler):
    """Radd's calls: answers to send, and pings."""

    timeout = 30

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, told, headers = self._said(body)
        except (OSError, KeyError, TypeError, ValueError) as error:
            log.warning("answering failed: %s", str(error).replace(TELEGRAM, "Telegram"))
            status, told, headers = 502, {"error": "The bridge failed in the middle of it"}, {}
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def _said(self, body: bytes) -> Said:
        if not genuine(self.headers.get("Radd-Signature", ""), body):
            return 401, {"error": "The signature does not fit"}, {}
        call = json.loads(body)
        return answer_once(call) if call["type"] == "answer" else (200, {}, {})


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    keep("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, id TEXT)")
    server = ThreadingHTTPServer(("127.0.0.1", PORT), FromRadd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log.info("answers are taken at http://127.0.0.1:%s/", server.server_port)
    next_update = 0
    while True:
        try:
            next_update = carry(next_update)
        except (OSError, KeyError, TypeError, ValueError) as error:
            # Telegram's address holds the bot's token.
            log.warning("carrying failed: %s", str(error).replace(TELEGRAM, "Telegram"))
            time.sleep(PAUSE)
