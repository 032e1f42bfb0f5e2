"""One address for X: streams come from the fake itself, all other calls go through Prism, which reads X's OpenAPI file.

Prism reads an answer to its end before it passes it on, so a stream would never begin. What a stream tells is checked
against the same file by the fake.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OURS_TO_SAY = {"connection", "host", "transfer-encoding", "content-length", "keep-alive"}
PRISMS = "stoplight.io/prism/errors"


class Front:
    """`violations`: what Prism found wrong in a request or an answer, one line each."""

    def __init__(self, prism: int, fake: int) -> None:
        self.prism, self.fake = prism, fake
        self.violations: list[str] = []
        self.calls = 0
        self._holds, self._kept, self._released = threading.Event(), threading.Event(), threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Handler,), {"front": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def held(self) -> Iterator[Front]:
        """Inside it, what X says to a post is kept back; those connections are cut at the end."""
        self._kept.clear()
        self._released.clear()
        self._holds.set()
        try:
            yield self
        finally:
            self._holds.clear()
            self._released.set()

    def wait(self, seconds: float = 30) -> None:
        """Until X has answered a post."""
        assert self._kept.wait(seconds), "nothing was posted in this time"

    def keeps(self, method: str, path: str) -> bool:
        """Keep this answer, if answers are held; whether it was."""
        if (method, path) != ("POST", "/2/tweets") or not self._holds.is_set():
            return False
        self._kept.set()
        self._released.wait(120)
        return True

    def look_at(self, where: str, headers: http.client.HTTPMessage, body: bytes) -> None:
        """Write down what Prism objects to."""
        if found := headers.get("sl-violations"):
            self.violations.append(f"{where}: {found[:1000]}")
        elif PRISMS.encode() in body:
            told = json.loads(body)
            self.violations.append(f"{where}: {json.dumps(told.get('validation') or told)[:1000]}")


class Handler(BaseHTTPRequestHandler):
    """Passes one call on. `front`: whose."""

    protocol_version = "HTTP/1.1"
    front: Front

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        self.front.calls += 1
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        streams = path.endswith("/stream")
        upstream = http.client.HTTPConnection("127.0.0.1", self.front.fake if streams else self.front.prism, timeout=60)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in OURS_TO_SAY}
        try:
            upstream.request(self.command, self.path, body or None, kept)
            answer = upstream.getresponse()
            if streams and answer.status == 200:
                self._stream(answer)
            else:
                self._answer(path, answer)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
        finally:
            upstream.close()

    def _answer(self, path: str, answer: http.client.HTTPResponse) -> None:
        body = answer.read()
        self.front.look_at(f"{self.command} {self.path[:300]} -> {answer.status}", answer.headers, body)
        if self.front.keeps(self.command, path):
            self.close_connection = True
            return
        self._begin(answer, {"content-length": str(len(body))})
        self.wfile.write(body)

    def _stream(self, answer: http.client.HTTPResponse) -> None:
        self._begin(answer, {"transfer-encoding": "chunked"})
        self.close_connection = True
        while part := answer.read1(65_536):
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()

    def _begin(self, answer: http.client.HTTPResponse, ours: dict[str, str]) -> None:
        self.send_response(answer.status)
        told = {name: value for name, value in answer.headers.items() if name.lower() not in OURS_TO_SAY}
        for name, value in {**told, **ours}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        pass
