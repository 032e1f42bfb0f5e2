"""The fake X as an HTTP server on the loopback."""

import json
import queue
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.platforms.fake_x import control, faults, push, render
from tests.platforms.fake_x.activity import END, Stream
from tests.platforms.fake_x.api import Api
from tests.platforms.fake_x.oauth import OAuth
from tests.platforms.fake_x.world import World
from tests.platforms.faults import Fault, Faults
from tests.platforms.loopback import Handler, Loopback
from tests.platforms.openapi.spec import NEW, OLD, request_breaches, spec

Json = dict[str, Any]
STREAMS = {"/2/activity/stream", "/2/tweets/search/stream"}


class FakeX(Loopback):
    """The server and its strings: `world` to post in, `fault()` to break a call, `breaches` of X's OpenAPI files."""

    def __init__(self, port: int = 0, *, spelling: str = "old") -> None:
        super().__init__(_Handler, port)
        self.world = World()
        self.api = Api(self.world)
        self.activity = self.api.activity
        self.oauth = OAuth(self.api.tokens)
        self.faults: Faults[Fault] = Faults(faults.REFUSALS)
        self.spelling = spelling
        self.breaches: list[str] = []
        # (method, path, query, body) of every call, in order of arrival.
        self.calls: list[tuple[str, str, dict[str, str], Any]] = []

    def fault(self, kind: str, **more: Any) -> None:
        """Let the next call that fits go wrong (see faults.Fault)."""
        self.faults.add(Fault(kind, **more))


class _Handler(Handler):
    def serve(self) -> None:
        fake, parts = self.fake, urlsplit(self.path)
        raw = self.sent()
        if parts.path in {"/i/oauth2/authorize", "/2/oauth2/token"}:
            self._sign_in(parts.path, parts.query, raw)
            return
        body = json.loads(raw) if raw else None
        if parts.path.startswith("/_control/"):
            self._answer(*control.handle(fake, self.command, parts.path, body), {})
            return
        query = parse_qsl(parts.query, keep_blank_values=True)
        fake.calls.append((self.command, parts.path, dict(query), body))
        wrong = request_breaches(self.command, parts.path, query, body)
        fake.breaches += wrong
        fault = fake.faults.take(self.command, parts.path)
        if fault and not fault.applied and fault.kind != "slow":
            self._break(fault, b"")
            return
        caller = fake.api.caller(self.command, self.path, self.headers.get("authorization", ""))
        if parts.path in STREAMS and caller:
            self._stream(parts.path, dict(query), caller)
            return
        status, told = fake.api.call(caller, self.command, parts.path, dict(query), body)
        if fault and fault.kind != "slow":
            self._break(fault, json.dumps(told).encode())
            return
        if fault:
            time.sleep(fault.seconds)
        self._tell(status, told, _rate_headers())

    def _stream(self, path: str, query: dict[str, str], caller: str) -> None:
        """One connection an app, one line an event, and an empty one where nothing happens."""
        fake = self.fake
        if caller != "app":
            self._tell(*faults.USER_ONLY, {})
            return
        stream = Stream(path.endswith("search/stream"), query)
        with fake.world.lock:
            taken = any(other.filtered == stream.filtered for other in fake.activity.streams)
            if not taken:
                fake.activity.streams.append(stream)
        if taken:
            self._tell(*faults.REFUSALS["connected"], _rate_headers())
            return
        try:
            self._push(stream)
        except OSError:
            pass
        finally:
            fake.activity.streams.remove(stream)
            self.close_connection = True

    def _push(self, stream: Stream) -> None:
        fake, path = self.fake, urlsplit(self.path).path
        self.send_response(200)
        for name, value in {**_rate_headers(), "transfer-encoding": "chunked"}.items():
            self.send_header(name, value)
        self.end_headers()
        silent = time.monotonic()
        while not fake.closing.is_set():
            try:
                told = stream.waiting.get(timeout=0.02)
            except queue.Empty:
                due = fake.activity.keep_alive is not None and time.monotonic() - silent > fake.activity.keep_alive
                told = b"" if due else None
            if told is END:
                return
            if told is None:
                continue
            silent = time.monotonic()
            self._chunk(told if isinstance(told, bytes) else self._line(path, told))

    def _line(self, path: str, told: Json) -> bytes:
        fake = self.fake
        version = NEW if fake.spelling == "new" else OLD
        answer = render.renamed(told) if version == NEW else told
        fake.breaches += spec(version).event(path, answer)
        return json.dumps(answer).encode()

    def _chunk(self, line: bytes) -> None:
        # In two parts: what X sends ends where it likes, also within a letter.
        whole = line + b"\r\n"
        for part in filter(None, (whole[: len(whole) // 2], whole[len(whole) // 2 :])):
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()

    def _sign_in(self, path: str, query: str, raw: bytes) -> None:
        """X's OpenAPI files say nothing of these two."""
        fake = self.fake
        fake.calls.append((self.command, path, dict(parse_qsl(query)), raw.decode()))
        if path.endswith("authorize"):
            try:
                self.say(302, {"location": fake.oauth.authorize(dict(parse_qsl(query)))}, b"")
            except ValueError as error:
                self._answer(400, {"error": str(error)}, {})
            return
        fault = fake.faults.take(self.command, path)
        if fault and not fault.applied:
            self._break(fault, b"")
            return
        with fake.world.lock:
            status, told = fake.oauth.token(self.headers.get("authorization", ""), raw)
        if fault:
            self._break(fault, json.dumps(told).encode())
            return
        self._answer(status, told, {})

    def _break(self, fault: Fault, told: bytes) -> None:
        if fault.kind in faults.REFUSALS:
            status, body = faults.REFUSALS[fault.kind]
            self._tell(status, body, faults.refusal_headers(fault.reset))
        else:
            self.spoil(fault, told)

    def _tell(self, status: int, told: Json, headers: dict[str, str]) -> None:
        """An answer of X, in the spelling of the day, checked against X's file."""
        fake, path = self.fake, urlsplit(self.path).path
        # Of pictures both spellings tell the same; 2.166 asks for a field there that it does not name.
        version = NEW if fake.spelling == "new" or path.startswith("/2/media/") else OLD
        answer = render.renamed(push.reshaped(path, status, told)) if version == NEW else told
        unchecked = path == "/2/oauth2/token" or any(post.changes for post in fake.world.posts.values())
        if not unchecked:
            fake.breaches += spec(version).answer(self.command, path, status, answer)
        self._answer(status, answer, headers)

    def _answer(self, status: int, told: Json, headers: dict[str, str]) -> None:
        kind = "application/json; charset=utf-8" if status < 400 else "application/problem+json"
        self.say(status, {"content-type": kind, **headers}, json.dumps(told).encode())


def _rate_headers() -> dict[str, str]:
    reset = int(time.time()) + 900
    return {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "449", "x-rate-limit-reset": str(reset)}
