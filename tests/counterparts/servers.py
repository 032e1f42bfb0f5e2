"""Starting counterparts that are programs: where their packages are, a port, and an end that comes with ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.counterparts.network import Unavailable

HERE = Path(__file__).resolve().parent


def packages() -> Path:
    """Where `make test-platforms` has put them: `node/node_modules`, and `env/bin` of Python. Raises Unavailable."""
    given = os.environ.get("RADD_COUNTERPARTS")
    if not given:
        raise Unavailable("started without `make test-platforms`, which installs it")
    return Path(given)


def node_modules(package: str) -> Path:
    """The folder with that npm package. Raises Unavailable."""
    found = packages() / "node" / "node_modules"
    if shutil.which("node") is None:
        raise Unavailable("Node 20 or newer is not here")
    if not (found / package / "package.json").exists():
        raise Unavailable(f"the npm package {package} could not be installed")
    return found


def python_program(name: str) -> Path:
    """A program of the Python packages in the extra `platforms`. Raises Unavailable."""
    found = packages() / "env" / "bin" / name
    if not found.exists():
        raise Unavailable(f"the Python program {name} could not be installed")
    return found


@contextmanager
def running(
    command: Sequence[str], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """That program for as long as the block runs. Its standard input is a pipe that ends with us."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(command), env={**os.environ, **(env or {})}, cwd=cwd,
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
