"""The fake server on the loopback: its API, its server-sent events, and its WebSocket on a port of its own."""

import contextlib
import email
import json
import queue
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.platforms import faults
from tests.platforms.fake_mastodon import render
from tests.platforms.fake_mastodon.api import Api, Query, Reply
from tests.platforms.fake_mastodon.manners import MASTODON, Manner
from tests.platforms.fake_mastodon.world import World
from tests.platforms.loopback import JSON, Handler, Loopback

STREAM = "/api/v1/streaming"


@dataclass
class Fault(faults.Fault):
    """Beside what a wire does: `refuse`, with `status`, `words` and `headers`. on: part of "METHOD path"."""

    words: str = "No"

    def waits_for(self, names: Collection[str]) -> bool:
        """Whether it is part of a call's name."""
        return any(self.on in name for name in names)


class FakeMastodon(Loopback):
    """The server and its strings: `world` to post in, `fault()` to break a call, `calls` to see what was asked."""

    def __init__(self, manner: Manner = MASTODON) -> None:
        super().__init__(_Handler)
        self.manner = manner
        self.world = World(ulid=manner.ulid)
        self.api = Api(self.world, manner)
        # (method, path, query, form, headers) in order of arrival.
        self.calls: list[tuple[str, str, dict[str, str], dict[str, str], dict[str, str]]] = []
        self.faults: faults.Faults[Fault] = faults.Faults({"refuse"})
        # Open streams, by the way they came, and how many have ended.
        self.streams: list[str] = []
        self.ended = 0
        self._sockets = serve(self._push, "127.0.0.1", 0, process_request=self._admit)
        port = self._sockets.socket.getsockname()[1]
        self.api.streaming = f"ws://127.0.0.1:{port}" if manner.websocket else self.url.replace("http", "ws")

    def fault(self, kind: str, **more: Any) -> None:
        """Let the next call that fits go wrong."""
        self.faults.add(Fault(kind, **more))

    def take(self, call: str) -> Fault | None:
        """The fault that this call ("METHOD path") runs into."""
        return self.faults.take(call)

    def asked(self, path: str) -> list[dict[str, str]]:
        """The queries of the calls to this path."""
        return [query for _, called, query, _, _ in self.calls if called == path]

    def hang_up(self) -> None:
        """End every open stream."""
        self.world.say("", None)

    def start(self) -> Self:
        """Begin to answer, and to push."""
        threading.Thread(target=self._sockets.serve_forever, daemon=True).start()
        return super().start()

    def close(self) -> None:
        """Both stop; open streams end."""
        super().close()
        self.hang_up()
        self._sockets.shutdown()

    @contextlib.contextmanager
    def heard(self, way: str) -> Iterator["queue.SimpleQueue[tuple[str, Any]]"]:
        """What the brand's stream tells, event by event; one without a name ends it."""
        told: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

        def hear(event: str, payload: Any) -> None:
            told.put((event, render.payload(self.world, event, payload)))

        self.world.heard.append(hear)
        self.streams.append(way)
        try:
            yield told
        finally:
            self.world.heard.remove(hear)
            self.streams.remove(way)
            self.ended += 1

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        query = dict(parse_qsl(urlsplit(request.path).query))
        if query.get("access_token") in self.api.tokens:
            return None
        return Response(401, "Unauthorized", Headers(), b"")

    def _push(self, connection: ServerConnection) -> None:
        with self.heard("websocket") as told, contextlib.suppress(ConnectionClosed):
            while (event := told.get())[0]:
                payload = event[1] if isinstance(event[1], str) else json.dumps(event[1])
                connection.send(json.dumps({"stream": ["user"], "event": event[0], "payload": payload}))


class _Handler(Handler):
    opening = b'[{"id": "1'

    def serve(self) -> None:
        fake, parts = self.fake, urlsplit(self.path)
        raw = self.sent()
        query, form = parse_qsl(parts.query, keep_blank_values=True), _form(self.headers.get("content-type", ""), raw)
        headers = {name.lower(): value for name, value in self.headers.items()}
        fake.calls.append((self.command, parts.path, dict(query), dict(form), headers))
        fault = fake.take(f"{self.command} {parts.path}")
        if fault and not fault.applied:
            self._break(fault, b"")
            return
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if parts.path.startswith(STREAM):
            self._stream(parts.path, token)
            return
        reply = fake.api.call(token, self.command, parts.path, query, form, headers.get("idempotency-key", ""))
        if fault:
            self._break(fault, json.dumps(reply.body).encode())
            return
        self._tell(reply)

    def _stream(self, path: str, token: str) -> None:
        fake = self.fake
        if token not in fake.api.tokens:
            self._tell(Reply(*_error(fake.manner.no_token)))
            return
        if path != f"{STREAM}/user" or fake.manner.sse == "absent":
            self._tell(Reply(404, {"error": "Not found"}))
            return
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        with fake.heard("sse") as told, contextlib.suppress(OSError):
            self.wfile.write(b":)\n")
            while (event := told.get())[0]:
                payload = event[1] if isinstance(event[1], str) else json.dumps(event[1])
                if fake.manner.sse == "talks":
                    self.wfile.write(f":thump\nevent: {event[0]}\ndata: {payload}\n\n".encode())

    def _break(self, fault: Fault, told: bytes) -> None:
        if fault.kind == "refuse":
            self.say(fault.status, {**JSON, **fault.headers}, json.dumps({"error": fault.words}).encode())
        else:
            self.spoil(fault, told)

    def _tell(self, reply: Reply) -> None:
        manner, reset = self.fake.manner, datetime.now(UTC) + timedelta(minutes=4)
        headers = {
            **JSON,
            "x-ratelimit-limit": "300",
            "x-ratelimit-remaining": "299",
            "x-ratelimit-reset": render.stamp(reset) if manner.iso_reset else str(int(time.time()) + 240),
        }
        # Behind a proxy a server may not know its own name.
        links = [f'<http://inside.example{self.path.split("?")[0]}?{q}>; rel="{n}"' for n, q in reply.links.items()]
        if links:
            headers["link"] = ", ".join(links)
        self.say(reply.status, headers, json.dumps(reply.body).encode())


def _error(told: tuple[int, str]) -> tuple[int, dict[str, str]]:
    return told[0], {"error": told[1]}


def _form(content_type: str, raw: bytes) -> Query:
    """A form's fields; of a file, its bytes as Latin letters."""
    if not content_type.startswith("multipart/"):
        return parse_qsl(raw.decode(), keep_blank_values=True)
    message = email.message_from_bytes(f"content-type: {content_type}\r\n\r\n".encode() + raw)
    fields: Query = []
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if name:
            body = part.get_payload(decode=True)
            is_file = part.get_filename() is not None
            fields.append((str(name), body.decode("latin-1" if is_file else "utf-8")))
    return fields
