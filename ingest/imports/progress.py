"""How far an import has come: a bar where somebody looks, a plain line now and then where nobody does."""

import time
from typing import Protocol, TextIO

WIDTH = 28
# Seconds between two drawings of the bar, and between two plain lines.
BAR_EVERY = 0.1
LINE_EVERY = 5.0


class Progress(Protocol):
    """Told often; decides by itself how often to say something."""

    def show(self, step: str, done: int, total: int, words: str = "") -> None: ...

    def end(self) -> None: ...


class Silence:
    """Says nothing."""

    def show(self, step: str, done: int, total: int, words: str = "") -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class Teller:
    """Tells a stream: a bar on a terminal, lines elsewhere. With a total of 0 the words alone tell."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._drawn = False
        self._next = self._first()

    def show(self, step: str, done: int, total: int, words: str = "") -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (BAR_EVERY if self._is_terminal else LINE_EVERY)
        share = f"{min(done / total, 1):4.0%} " if total else ""
        if self._is_terminal:
            full = int(WIDTH * min(done / total, 1)) if total else 0
            bar = f"[{'#' * full}{'.' * (WIDTH - full)}] " if total else ""
            self._stream.write(f"\r\x1b[K{step} {bar}{share}{words}")
            self._drawn = True
        else:
            self._stream.write(f"{step}: {share.lstrip()}{words}".rstrip() + "\n")
        self._stream.flush()

    def end(self) -> None:
        """Clear the bar away, and be ready for the next step."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._drawn, self._next = False, self._first()

    def _first(self) -> float:
        return 0.0 if self._is_terminal else time.monotonic() + LINE_EVERY
