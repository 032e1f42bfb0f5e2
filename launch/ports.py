"""Ports on this machine: is this one free, and which one shall a server have."""

from __future__ import annotations

import errno
import json
import socket
from pathlib import Path

from launch.layout import read_json, write_private

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now. Raises OSError when the host is not ours to listen on."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do: TIME_WAIT does not matter
        try:
            trial.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
        return True


def free_port() -> int:
    """A port nobody uses at this moment."""
    with socket.socket() as trial:
        trial.bind((LOOPBACK, 0))
        port: int = trial.getsockname()[1]
        return port


class Ports:
    """Chosen once per data folder and kept while they are free, so that addresses stay the same across restarts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = read_json(path)

    def get(self, name: str) -> int:
        """The port of this name."""
        kept = self._kept.get(name)
        if isinstance(kept, int) and is_free(kept):
            return kept
        taken = set(self._kept.values())
        while (port := free_port()) in taken:
            pass
        self._kept[name] = port
        write_private(self._path, json.dumps(self._kept, indent=1) + "\n")
        return port
