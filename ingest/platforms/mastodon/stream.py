"""The stream of an account: by WebSocket, which every server has, or else by server-sent events.

On GoToSocial the server-sent events say nothing at all, so the WebSocket goes first. Neither can be resumed; what was
missed between two connections is read by pages.
"""

import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from ingest.platforms.base import PlatformError
from ingest.platforms.mastodon.wire import RATE_WINDOW, UNREACHABLE_WAIT, Wire, wait_told
from ingest.platforms.told import clean

PATH = "/api/v1/streaming"
# Mastodon says something every 15 s on a server-sent stream. This long without a byte, and the line is dead.
SILENCE = 60.0
CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pushed:
    """One event: its name and what it holds, JSON where it was JSON."""

    name: str
    payload: Any


class Events(Protocol):
    """An open stream."""

    def next(self, wait: float) -> Pushed | None:
        """The next event; None if none came in so many seconds. Raises PlatformError where the stream ends."""
        ...


@contextlib.contextmanager
def opened(wire: Wire, streaming: str) -> Iterator[Events]:
    """The stream of our own account. `streaming`: the address that the server named, if it did.

    Raises PlatformError.
    """
    address = _address(wire.base, streaming)
    with contextlib.ExitStack() as stack:
        events: Events
        try:
            events = _Socket(stack.enter_context(_connected(wire, address)))
        except _NoSocket:
            events = stack.enter_context(_Lines(wire, address))
        yield events


class _NoSocket(Exception):
    """The server speaks no WebSocket there."""


def _address(base: str, streaming: str) -> str:
    """Where the stream is, as http or https: on the server's own word, never less safe than the rest."""
    parts, own = urlsplit(streaming), urlsplit(base)
    if not parts.hostname:
        return base
    secure = own.scheme == "https" or parts.scheme in {"https", "wss"}
    return urlunsplit(("https" if secure else "http", parts.netloc, parts.path.rstrip("/"), "", ""))


def _connected(wire: Wire, address: str) -> ClientConnection:
    # Some take the token in one place only, some in the other.
    query = urlencode({"stream": "user", "access_token": wire.token})
    try:
        return connect(
            f"ws{address.removeprefix('http')}{PATH}?{query}",
            additional_headers={"authorization": f"Bearer {wire.token}"},
            open_timeout=wire.timeout,
            close_timeout=CLOSE_SECONDS,
        )
    except InvalidStatus as error:
        status, headers = error.response.status_code, error.response.headers
        if status == requests.codes.unauthorized:
            raise PlatformError("bad_credentials", wire.scrubbed(error), permanent=True) from error
        if status == requests.codes.too_many_requests:
            wait = wait_told(dict(headers.raw_items())) or RATE_WINDOW
            raise PlatformError("rate_limited", wire.scrubbed(error), retry_after=wait) from error
        raise _NoSocket from error
    except (OSError, EOFError, ValueError, WebSocketException) as error:
        raise _NoSocket from error


class _Socket:
    """A WebSocket: each message is an event, its payload JSON within JSON."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def next(self, wait: float) -> Pushed | None:
        try:
            told = json.loads(self._connection.recv(timeout=wait))
        except TimeoutError:
            return None
        except (ConnectionClosed, OSError) as error:
            raise _ended(str(error)) from error
        except (ValueError, RecursionError):
            return None
        return _pushed(told.get("event"), told.get("payload")) if isinstance(told, dict) else None


class _Lines:
    """Server-sent events. A thread reads them, because a line that never comes must not hold up the beat."""

    def __init__(self, wire: Wire, address: str) -> None:
        self._wire = wire
        self._url = f"{address}{PATH}/user"
        self._told: queue.SimpleQueue[Pushed | PlatformError | None] = queue.SimpleQueue()
        self._response: requests.Response | None = None
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._read, daemon=True, name="server-sent events").start()
        try:
            first = self._told.get(timeout=self._wire.timeout)
        except queue.Empty:
            self.__exit__()
            raise PlatformError("unreachable", "The stream did not open", retry_after=UNREACHABLE_WAIT) from None
        if isinstance(first, PlatformError):
            raise first
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        if self._response is not None:
            # Wakes the reading thread. Where it is gone already there is nothing to wake.
            with contextlib.suppress(Exception):
                self._response.raw.shutdown()

    def next(self, wait: float) -> Pushed | None:
        try:
            told = self._told.get(timeout=wait)
        except queue.Empty:
            return None
        if isinstance(told, PlatformError):
            raise told
        return told

    def _read(self) -> None:
        try:
            with self._wire.open_stream(self._url, SILENCE) as response:
                self._response = response
                # It is open.
                self._told.put(None)
                self._read_lines(response)
            self._told.put(_ended("The server ended it"))
        except PlatformError as error:
            self._told.put(error)
        except Exception as error:  # noqa: BLE001 - whatever ends this thread must reach who listens
            self._told.put(_ended(self._wire.scrubbed(error)))

    def _read_lines(self, response: requests.Response) -> None:
        name, data, line = "", [], b""
        # By single bytes: a larger piece may wait for bytes that come with the next event only.
        for byte in response.iter_content(1):
            if self._closed.is_set():
                return
            if byte != b"\n":
                line += byte
                continue
            told, line = line.rstrip(b"\r").decode("utf-8", "replace"), b""
            field, _, value = told.partition(":")
            if field == "event":
                name = value.strip()
            elif field == "data":
                data.append(value.removeprefix(" "))
            elif not told:
                if name:
                    self._told.put(_pushed(name, "\n".join(data)))
                name, data = "", []


def _pushed(name: Any, payload: Any) -> Pushed:
    if isinstance(payload, str) and payload.lstrip().startswith(("{", "[")):
        with contextlib.suppress(ValueError, RecursionError):
            payload = json.loads(payload)
    return Pushed(str(name or ""), clean(payload))


def _ended(words: str) -> PlatformError:
    return PlatformError("unreachable", f"The stream ended: {words}"[:500], retry_after=UNREACHABLE_WAIT)
