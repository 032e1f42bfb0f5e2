"""An HTTP server on the loopback that hands each request to one function, and can be made to misbehave."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. Headers by their names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Told:
    """What to say to it. `cut`: promise more bytes than are sent; `drip`: seconds between bytes; `none`: hang up."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    drip: float = 0.0
    none: bool = False
    stall: float = 0.0


def told(status: int, value: Any, **headers: str) -> Told:
    """A JSON answer."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Told(status, json.dumps(value).encode(), {"content-type": "application/json", **named})


class Server:
    """Answers until it is closed; lets go of calls that are being kept waiting."""

    def __init__(self, answer: Callable[[Asked], Told]) -> None:
        self.answer = answer
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Speak TLS from here on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def hang_up(self) -> None:
        """Nobody listens here any more."""
        if not self.closing.is_set():
            self.closing.set()
            self._server.shutdown()
            self._server.server_close()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: Server


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.close_connection = True
        told = self.server.owner.answer(Asked(self.command, self.path, headers, body))
        if told.stall:
            self.server.owner.closing.wait(told.stall)
        if told.none:
            return
        length = len(told.body) + (1000 if told.cut else 0)
        try:
            self.send_response(told.status)
            for name, value in {"content-length": str(length), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            for place in range(len(told.body) if told.drip else 0):
                self.wfile.write(told.body[place : place + 1])
                time.sleep(told.drip)
            self.wfile.write(b"" if told.drip else told.body)
        except (BrokenPipeError, ConnectionResetError):
            # The other side has given up waiting. That is its right.
            pass

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        pass
