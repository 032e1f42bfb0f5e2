"""An HTTP server on the loopback that hands each request to one function, and can be made to misbehave."""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.platforms.loopback import Handler, Loopback

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


class Server(Loopback):
    """Answers until it is closed; lets go of calls that are being kept waiting."""

    def __init__(self, answer: Callable[[Asked], Told]) -> None:
        super().__init__(_Handler)
        self.answer = answer

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Speak TLS from here on."""
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True)


class _Handler(Handler):
    def serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.close_connection = True
        told = self.fake.answer(Asked(self.command, self.path, headers, self.sent()))
        if told.stall:
            self.fake.closing.wait(told.stall)
        if told.none:
            return
        first = b"" if told.drip else told.body
        self.say(told.status, dict(told.headers), first, len(told.body) + (1000 if told.cut else 0))
        if told.drip:
            self._drop_by_drop(told)

    def _drop_by_drop(self, told: Told) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            for place in range(len(told.body)):
                self.wfile.write(told.body[place : place + 1])
                time.sleep(told.drip)
