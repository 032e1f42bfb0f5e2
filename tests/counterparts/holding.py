"""A proxy between the desk and a counterpart, which can let a call through and keep what is said to it.

So a send can be cut at its worst point: the network has the answer, and the worker dies before it hears so.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SIZE = 65_536


class Holding:
    """Listens on a port of its own and passes bytes on to `host:port`, both ways, one connection at a time each.

    `mark`: bytes by which a call that posts an answer is known, such as b"putRecord".
    """

    def __init__(self, port: int, mark: bytes, host: str = "127.0.0.1") -> None:
        self._upstream = (host, port)
        self._mark = mark
        self._holds = threading.Event()
        self._kept = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    @contextmanager
    def held(self) -> Iterator[Holding]:
        """Inside it, answers to marked calls are kept back; nobody ever hears them."""
        self._kept.clear()
        self._holds.set()
        try:
            yield self
        finally:
            self._holds.clear()

    def wait(self, seconds: float = 30) -> None:
        """Until the network has answered a marked call."""
        assert self._kept.wait(seconds), "no answer was posted to the network in this time"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        marked = threading.Event()
        try:
            with client, socket.create_connection(self._upstream) as server:
                back = threading.Thread(target=self._back, args=(server, client, marked), daemon=True)
                back.start()
                with suppress(OSError):
                    while data := client.recv(SIZE):
                        if self._mark in data and self._holds.is_set():
                            marked.set()
                        server.sendall(data)
                with suppress(OSError):
                    server.shutdown(socket.SHUT_WR)
                back.join()
        except OSError:
            return

    def _back(self, server: socket.socket, client: socket.socket, marked: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(SIZE):
                if marked.is_set():
                    # The network has spoken; nobody will hear it.
                    self._kept.set()
                    continue
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)
