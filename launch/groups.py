"""The launcher's end of its keeper: which process groups must not outlive us."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

KEEPER = Path(__file__).with_name("keeper.py")


class Groups:
    """Names process groups to a keeper process (launch/keeper.py says why), which is replaced when it dies."""

    def __init__(self, keep_fds: Sequence[int]) -> None:
        self._keep_fds = tuple(keep_fds)
        self._groups: dict[int, int] = {}
        self._keeper: subprocess.Popen[bytes] | None = None

    def add(self, pgid: int, number: int) -> None:
        """This group gets this signal if we are killed."""
        self._groups[pgid] = number
        self._tell(f"+ {pgid} {int(number)}\n")

    def drop(self, pgid: int) -> None:
        """This group has ended."""
        self._groups.pop(pgid, None)
        self._tell(f"- {pgid}\n")

    def close(self) -> None:
        """Let the keeper go."""
        if self._keeper and self._keeper.stdin:
            with contextlib.suppress(OSError):
                self._keeper.stdin.close()
            self._keeper.wait()

    def _tell(self, line: str) -> None:
        if self._keeper is None or self._keeper.poll() is not None:
            self._keeper = self._begin()
            line = "".join(f"+ {pgid} {int(number)}\n" for pgid, number in self._groups.items())
        assert self._keeper.stdin is not None
        with contextlib.suppress(OSError):
            self._keeper.stdin.write(line.encode())
            self._keeper.stdin.flush()

    def _begin(self) -> subprocess.Popen[bytes]:
        """The keeper leads its own session, so that Ctrl-C passes it by, and holds the launcher's lock with us."""
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self._keep_fds,
        )
