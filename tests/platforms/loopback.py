"""An HTTP server on the loopback: what all the fakes that speak HTTP stand on."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self

from tests.platforms.faults import Fault

PAGE = b"<!DOCTYPE html><html><body><h1>Just a moment...</h1></body></html>"
JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html"}


class Loopback:
    """Answers from `start` to `close`, each request in a thread of its own; port 0 takes a free one."""

    def __init__(self, handler: type["Handler"], port: int = 0) -> None:
        # Whoever keeps a client waiting waits on this, so that nobody is kept longer than the server lives.
        self.closing = threading.Event()
        self.http = _Http(("127.0.0.1", port), handler)
        self.http.fake = self
        self.port = int(self.http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Begin to answer."""
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def close(self) -> None:
        """Stop, and let go of calls that are being kept waiting. Nobody listens here any more."""
        if not self.closing.is_set():
            self.closing.set()
            self.http.shutdown()
            self.http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # The Loopback it belongs to.
    fake: Any


class Handler(BaseHTTPRequestHandler):
    """One connection; `serve` answers a request. `opening`: how a JSON answer there begins."""

    server: _Http
    protocol_version = "HTTP/1.1"
    # A body does not wait for its head to be acknowledged: 40 ms of every answer.
    disable_nagle_algorithm = True
    opening: ClassVar[bytes] = b'{"data":[{"id":"12'

    @property
    def fake(self) -> Any:
        """Whose server this is."""
        return self.server.fake

    def do_GET(self) -> None:
        """As http.server calls it."""
        self.serve()

    def do_POST(self) -> None:
        """As http.server calls it."""
        self.serve()

    def serve(self) -> None:
        """Answer."""
        raise NotImplementedError

    def sent(self) -> bytes:
        """The request's body."""
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def say(self, status: int, headers: dict[str, str], body: bytes, promised: int | None = None) -> None:
        """An answer; `promised`: its length as the head tells it, where that is not the truth."""
        try:
            self.send_response(status)
            for name, value in {"content-length": str(promised or len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            # The client has given up waiting. That is its right.
            self.close_connection = True

    def spoil(self, fault: Fault, told: bytes) -> None:
        """Let the wire do this to an answer: `told`, or nothing if the call took no effect."""
        if fault.kind in {"drop", "stall"}:
            self.fake.closing.wait(fault.seconds if fault.kind == "stall" else 0)
            self.close_connection = True
        elif fault.kind == "cut":
            self.say(200, JSON, told or self.opening, len(told) + 1000)
            self.close_connection = True
        elif fault.kind == "drip":
            self._drip(fault.seconds)
        else:
            status, headers, body = {
                "html": (fault.status, {**HTML, **fault.headers}, PAGE),
                "html_403": (403, HTML, PAGE),
                "half_json": (200, JSON, told[: len(told) // 2] or self.opening),
                "list": (200, JSON, json.dumps([1, 2, 3]).encode()),
                "raw": (fault.status, fault.headers, fault.body),
            }[fault.kind]
            self.say(status, headers, body)

    def _drip(self, seconds: float) -> None:
        self.say(200, JSON, b"{", 10_000)
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.fake.closing.wait(0.05):
            try:
                self.wfile.write(b" ")
            except OSError:
                break
        self.close_connection = True

    def log_message(self, *_told: Any) -> None:
        """Nothing: a test's own words are enough."""
