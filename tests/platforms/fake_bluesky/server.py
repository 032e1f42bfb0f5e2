"""The fake Bluesky as an HTTP server and a WebSocket server on the loopback."""

import json
import threading
import time
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.platforms.fake_bluesky import frames
from tests.platforms.fake_bluesky.api import Api
from tests.platforms.fake_bluesky.faults import REFUSALS, Json, rate_headers
from tests.platforms.fake_bluesky.world import World
from tests.platforms.faults import Fault, Faults
from tests.platforms.loopback import JSON, Handler, Loopback


class FakeBluesky(Loopback):
    """The servers and their strings: `world` to post in, `fault()` to break a call, `hang_up()` on listeners."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.world = World()
        self.api = Api(self.world)
        self.faults: Faults[Fault] = Faults(REFUSALS)
        # (method, query, body) of every call, in order of arrival.
        self.calls: list[tuple[str, dict[str, list[str]], Json]] = []
        # The cursor each listener came with.
        self.listeners: list[str | None] = []
        self.remaining = 3000
        self._relay = serve(self._listen, "127.0.0.1", 0, compression=None)
        self.relay = f"ws://127.0.0.1:{self._relay.socket.getsockname()[1]}"
        # Those who listen at the moment.
        self.open: set[ServerConnection] = set()

    def fault(self, kind: str, on: str = "", **more: Any) -> None:
        """Let the next call that fits go wrong (see faults.Fault); `on`: names of methods, with spaces between."""
        self.faults.add(Fault(kind, on, **more))

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

    def start(self) -> Self:
        """Begin to answer, and to relay."""
        threading.Thread(target=self._relay.serve_forever, daemon=True).start()
        return super().start()

    def close(self) -> None:
        """Both stop."""
        super().close()
        self._relay.shutdown()


class _Handler(Handler):
    opening = b'{"notifications":[{"uri":"at'

    def serve(self) -> None:
        fake, parts = self.fake, urlsplit(self.path)
        raw = self.sent()
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
        if fault.kind in REFUSALS:
            self._answer(*REFUSALS[fault.kind], {} if fault.reset is None else rate_headers(0, fault.reset))
        else:
            self.spoil(fault, told)

    def _answer(self, status: int, told: Json, headers: dict[str, str]) -> None:
        self.say(status, {**JSON, **headers}, json.dumps(told).encode())
