"""A server of lines on the loopback: one thread for each connection, let go when the server closes."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress


class Gone(Exception):
    """The other side, or we, have ended the connection."""


class Line:
    """One connection, read and written by lines."""

    def __init__(self, sock: socket.socket, closing: threading.Event) -> None:
        self.sock = sock
        self.closing = closing
        self._kept = b""

    def read_line(self) -> bytes:
        """Without its end."""
        while b"\r\n" not in self._kept:
            self._more()
        line, self._kept = self._kept.split(b"\r\n", 1)
        return line

    def read(self, count: int) -> bytes:
        """So many bytes."""
        while len(self._kept) < count:
            self._more()
        read, self._kept = self._kept[:count], self._kept[count:]
        return read

    def read_until(self, end: bytes) -> bytes:
        """All before this."""
        while end not in self._kept:
            self._more()
        read, self._kept = self._kept.split(end, 1)
        return read

    def waiting(self, seconds: float) -> bool:
        """Whether the other side says something within this time."""
        if self._kept:
            return True
        try:
            self.sock.settimeout(seconds)
            self._more()
        except TimeoutError:
            return False
        finally:
            self.sock.settimeout(None)
        return True

    def say(self, *lines: str | bytes) -> None:
        """Each with its end."""
        self.send(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\r\n" for line in lines))

    def send(self, data: bytes) -> None:
        """As it is."""
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def secure(self, context: ssl.SSLContext) -> None:
        """Go on inside TLS."""
        try:
            self.sock = context.wrap_socket(self.sock, server_side=True)
        except OSError as error:
            raise Gone from error

    def _more(self) -> None:
        try:
            read = self.sock.recv(65_536)
        except TimeoutError:
            raise
        except OSError as error:
            raise Gone from error
        if not read:
            raise Gone
        self._kept += read


class LineServer:
    """Listens on a free port. `serve` has each connection to itself; with `context` all of it is inside TLS."""

    def __init__(self, serve: Callable[[Line], None], context: ssl.SSLContext | None = None) -> None:
        self._serve = serve
        self._context = context
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop, and let go of those who are being kept waiting."""
        self.closing.set()
        self.hang_up()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def hang_up(self) -> None:
        """End every connection that is open."""
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock: socket.socket) -> None:
        # What is said in two parts does not wait for the first to be acknowledged: 40 ms of every answer.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(sock)
        line = Line(sock, self.closing)
        try:
            if self._context:
                line.secure(self._context)
            self._serve(line)
        except Gone:
            pass
        finally:
            self._open.discard(sock)
            line.sock.close()
            sock.close()
