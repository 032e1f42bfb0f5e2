"""What the launcher says: one prefix per process, aligned, and coloured on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

OWN_NAME = "radd"
NAME_WIDTH = 8
COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
RED = 31


class Refusal(SystemExit):
    """Ends the program with a sentence that says what the person has to do first."""


class Console:
    """Writes prefixed lines. A reader that went away (`make run | head`) is remembered and never raises.

    `aside` writes to standard error, for commands whose standard output belongs to what they run.
    """

    def __init__(self, *, aside: bool = False) -> None:
        self.gone = False
        self._aside = aside
        self._coloured = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._names: list[str] = [OWN_NAME]

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self._aside else sys.stdout

    def line(self, name: str, text: str, colour: int | None = None) -> None:
        """One line of one process."""
        if name not in self._names:
            self._names.append(name)
        prefix = f"{name:<{NAME_WIDTH}}|"
        if self._coloured:
            code = colour or COLOURS[self._names.index(name) % len(COLOURS)]
            prefix = f"\x1b[{code}m{prefix}\x1b[0m"
        self._write(f"{prefix} {text}")

    def say(self, text: str) -> None:
        """One line of the launcher itself."""
        self.line(OWN_NAME, text)

    def warn(self, text: str) -> None:
        """One line that a person should not miss."""
        self.line(OWN_NAME, text, RED)

    def box(self, lines: Sequence[str]) -> None:
        """A framed message, for what a person has to find among the logs."""
        fancy = "utf" in (self._stream.encoding or "").lower()
        corners, across, down = ("┌┐└┘", "─", "│") if fancy else ("++++", "-", "|")
        width = max(len(line) for line in lines)
        self._write("")
        self._write(corners[0] + across * (width + 4) + corners[1])
        for line in lines:
            self._write(f"{down}  {line:<{width}}  {down}")
        self._write(corners[2] + across * (width + 4) + corners[3])
        self._write("")

    def _write(self, text: str) -> None:
        if self.gone:
            return
        try:
            encoding = self._stream.encoding or "utf-8"
            print(text.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)
        except OSError:
            self.gone = True
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (else the interpreter complains when it flushes at exit)


def duration(seconds: float) -> str:
    """Seconds as a person reads them: 3.2 s, 2 min 05 s."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"
