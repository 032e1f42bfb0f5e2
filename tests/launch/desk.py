"""A checkout of its own for one test: the launcher, a stand-in desk, and the processes that run in it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from launch.layout import read_json
from launch.ports import free_port
from launch.processes import Identity, is_alive, spawn
from tests.launch.standin import write_desk

CHECKOUT = Path(__file__).resolve().parents[2]
# The desk's own variables, which a test run under the launcher has and its desks must not.
OURS = ("DATABASE_URL", "REDIS_URL", "HOST", "DEMO", "DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS", "RADD_")


class Desk:
    """One folder with the launcher in it. `python` is the environment that the tests themselves run in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_port()
        self.log = root / "output.txt"
        shutil.copytree(CHECKOUT / "launch", root / "launch", ignore=shutil.ignore_patterns("__pycache__"))
        write_desk(root)
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.env |= {"PORT": str(self.port), "RADD_VENV": sys.prefix, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def launch(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a launcher command to its end."""
        command = [sys.executable, "-m", "launch", *words]
        return subprocess.run(
            command, cwd=self.root, env=self.env | more, capture_output=True, text=True, timeout=60, check=False
        )

    def start(self, *words: str, identity: Identity = Identity.OURS) -> subprocess.Popen[bytes]:
        """Start a launcher command, its output in `self.log`."""
        with self.log.open("wb") as output:
            return spawn(
                [sys.executable, "-m", "launch", *words], env=self.env, cwd=self.root,
                stdout=output.fileno(), stderr=output.fileno(), identity=identity,
            )  # fmt: skip

    def output(self) -> str:
        """What the started command has said."""
        return self.log.read_text(errors="replace")

    def wait_for(self, text: str, seconds: float = 40) -> None:
        """Wait until the started command has said this."""
        assert eventually(lambda: text in self.output(), seconds), f"{text!r} never came:\n{self.output()}"

    def processes(self) -> dict[int, str]:
        """Every running process whose working folder lies in this checkout: the launcher's whole brood."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink().is_relative_to(self.root) and is_alive(int(entry.name)):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def pid(self, pattern: str) -> int:
        """The oldest process whose command line matches; 0 when there is none."""
        return min((pid for pid, line in self.processes().items() if re.search(pattern, line)), default=0)

    def ports(self) -> dict[str, object]:
        """The ports this desk chose."""
        return read_json(self.root / ".radd" / "ports.json")

    def sweep(self) -> None:
        """Leave nothing behind, whatever the test did."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            eventually(lambda: not self.processes(), 12)


def eventually(true: Callable[[], object], seconds: float) -> bool:
    """Whether this comes true in time."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
