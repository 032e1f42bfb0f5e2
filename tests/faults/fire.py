"""kill -9, again and again, at whoever's turn the dice say it is."""

import signal
import time
from collections import Counter
from collections.abc import Sequence
from random import Random

from launch.processes import signal_process
from launch.supervisor import Child

# Seconds between two hits at the same one: long enough to come back and do some work, or nothing would ever move.
REST = {"worker": 10.0, "reader": 22.0, "web": 10.0, "valkey": 10.0, "postgres": 14.0, "import": 3.0}
# An import that is never let through proves nothing.
MOST_HITS = {"import": 3}
BETWEEN = (0.3, 2.5)


class Fire:
    """Hits one of the processes every now and then. Each is hit once before any is hit twice."""

    def __init__(self, children: dict[str, Child], dice: Random) -> None:
        self.children = children
        self.hits: Counter[str] = Counter()
        self._dice = dice
        self._last: dict[str, float] = {}
        self._next = time.monotonic()

    def maybe(self, targets: Sequence[str], importer: int | None = None) -> None:
        """Perhaps kill one of these now. `importer` is the process id of the import while it runs."""
        now = time.monotonic()
        if now < self._next:
            return
        left = [name for name in targets if self.hits[name] < MOST_HITS.get(name, 10_000)]
        rested = [name for name in left if now - self._last.get(name, 0.0) > REST[name]]
        up = [name for name in rested if (importer if name == "import" else self._is_up(name))]
        if not up:
            return
        self._next = now + self._dice.uniform(*BETWEEN)
        fewest = min(self.hits[name] for name in up)
        name = self._dice.choice([name for name in up if self.hits[name] == fewest])
        self._last[name] = now
        self.hits[name] += 1
        print(f"  kill -9 {name}", flush=True)
        if name == "import" and importer:
            signal_process(importer, signal.SIGKILL)
            return
        child = self.children[name]
        child.failures = 0  # the launcher's growing pauses are not what is tested here
        if child.process:
            signal_process(child.process.pid, signal.SIGKILL)

    def _is_up(self, name: str) -> bool:
        return self.children[name].running
