"""Ends the launcher's processes when the launcher itself was killed.

A parent-death signal reaches the launcher's own children only; granian's worker, for one, is a grandchild. So each
child leads a process group, the launcher names the groups on this process's standard input, and when that ends
without them having been taken back, the groups are signalled and, after a while, killed. Run by path, alone, with
nothing imported but the standard library, so that it is small and starts at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time

GRACE_SECONDS = 8.0


def signal_group(pgid: int, number: int) -> bool:
    """Signal a group; whether there is anyone left in it."""
    try:
        os.killpg(pgid, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(groups: dict[int, int]) -> None:
    """Ask each group to stop with its own signal, then kill what is left."""
    for pgid, number in groups.items():
        signal_group(pgid, number)
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until:
        if not any(signal_group(pgid, 0) for pgid in groups):
            return
        time.sleep(0.05)
    for pgid in groups:
        signal_group(pgid, signal.SIGKILL)


def main() -> None:
    """Read `+ GROUP SIGNAL` and `- GROUP` lines until the launcher is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        sign, *words = line.split()
        if sign == "+":
            groups[int(words[0])] = int(words[1])
        else:
            groups.pop(int(words[0]), None)
    end(groups)


if __name__ == "__main__":
    main()
