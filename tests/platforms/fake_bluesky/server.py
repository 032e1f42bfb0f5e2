"""The fake Bluesky as an HTTP server and a WebSocket server on the loopback."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.platforms.fake_bluesky import frames
from tests.platforms.fake_bluesky.api import Api
from tests.platforms.fake_bluesky.faults import REFUSALS, Fault, Faults, Json, rate_headers
from tests.platforms.fake_bluesky.world import World

PAGE = b"<!DOCTYPE html><html><body><h1>Just a moment...</h1></body></html>"


class FakeBluesky:
    """The servers and their strings: `world` to post in, `fault()` to break a call, `hang_up()` on listeners."""

    def __init__(self) -> None:
        self.world = World()
        self.api = Api(self.world)
        self.faults = Faults()
        # (method, query, body) of every call, in order of arrival.
        self.calls: list[tuple[str, dict[str, list[str]], Json]] = []
        # The cursor each listener came with.
        self.listeners: list[str | None] = []
        self.remaining = 3000
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._relay = serve(self._listen, "127.0.0.1", 0, compression=None)
        self.relay = f"ws://127.0.0.1:{self._relay.socket.getsockname()[1]}"
        # Those who listen at the moment.
        self.open: set[ServerConnection] = set()
        threads = (self._server.serve_forever, {"poll_interval": 0.01}), (self._relay.serve_forever, {})
        self._threads = [threading.Thread(target=run, kwargs=more, daemon=True) for run, more in threads]

    def fault(self, kind: str, on: str = "", **more: Any) -> None:
        """Let the next call that fits go wrong (see faults.Fault); `on`: names of methods, with spaces between."""
        self.faults.add(Fault(kind, frozenset(on.split()), **more))

    def called(self, method: str) -> list[Json]:
        """The queries of all calls of a method."""
        return [query for name, query, _ in self.calls if name == method]

    def hang_up(self) -> None:
        """Every listener's connection breaks."""
        for connection in list(self.open):
            connection.socket.close()

    def _listen(self, connection: ServerConnection) -> None:
        assert connection.request
        cursor = parse_qs(urlsplit(connection.request.path).query).get("cursor", [None])[0]
        world = self.world
        with world.lock:
            self.listeners.append(cursor)
            sent = world.seq if cursor is None else int(cursor)
        self.open.add(connection)
        try:
            if sent > world.seq:
                connection.send(frames.error("FutureCursor", "Cursor in the future."))
                return
            while not self.closing.is_set():
                with world.changed:
                    waiting = [event for event in world.events if event[0] > sent]
                    if not waiting:
                        world.changed.wait(0.02)
                for seq, frame in waiting:
                    connection.send(frame)
                    sent = seq
        except (ConnectionClosed, OSError):
            pass
        finally:
            self.open.discard(connection)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self._relay.shutdown()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    fake: FakeBluesky


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        fake, parts = self.server.fake, urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        kind = self.headers.get("content-type", "")
        body = json.loads(raw) if raw and kind == "application/json" else {}
        method, query = parts.path.rpartition(".")[2], parse_qs(parts.query)
        fake.calls.append((method, query, body))
        fault = fake.faults.take(method)
        if fault and not fault.applied and fault.kind != "slow":
            self._break(fault, b"")
            return
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        status, told = fake.api.call(method, token, query, body, (raw, kind))
        if fault and fault.kind != "slow":
            self._break(fault, json.dumps(told).encode())
            return
        if fault:
            time.sleep(fault.seconds)
        fake.remaining -= 1
        self._answer(status, told, rate_headers(fake.remaining))

    def _break(self, fault: Fault, told: bytes) -> None:
        json_type = {"content-type": "application/json; charset=utf-8"}
        if fault.kind in REFUSALS:
            self._answer(*REFUSALS[fault.kind], fault.refusal_headers())
        elif fault.kind in {"drop", "stall"}:
            self.server.fake.closing.wait(fault.seconds if fault.kind == "stall" else 0)
            self.close_connection = True
        elif fault.kind == "cut":
            self._send(200, json_type, told or b'{"notifi', len(told) + 1000)
            self.close_connection = True
        elif fault.kind == "drip":
            self._drip(fault)
        else:
            status, headers, body = {
                "html": (200, {"content-type": "text/html"}, PAGE),
                "html_403": (403, {"content-type": "text/html"}, PAGE),
                "half_json": (200, json_type, told[: len(told) // 2] or b'{"notifications":[{"uri":"at'),
                "list": (200, json_type, b"[1, 2, 3]"),
                "raw": (fault.status, fault.headers, fault.body),
            }[fault.kind]
            self._send(status, headers, body, len(body))

    def _drip(self, fault: Fault) -> None:
        self._send(200, {"content-type": "application/json"}, b"{", 10_000)
        end = time.monotonic() + fault.seconds
        while time.monotonic() < end and not self.server.fake.closing.wait(0.05):
            try:
                self.wfile.write(b" ")
            except OSError:
                break
        self.close_connection = True

    def _answer(self, status: int, told: Json, headers: dict[str, str]) -> None:
        body = json.dumps(told).encode()
        self._send(status, {"content-type": "application/json; charset=utf-8", **headers}, body, len(body))

    def _send(self, status: int, headers: dict[str, str], body: bytes, length: int) -> None:
        try:
            self.send_response(status)
            for name, value in {**headers, "content-length": str(length)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            # The client has given up waiting. That is its right.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        pass
