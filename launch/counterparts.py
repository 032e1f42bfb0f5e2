"""`make test-platforms`: the whole desk against other people's servers, all started here on loopback.

What they need is installed once under the launcher's home: npm packages by the lock in tests/counterparts, Python
packages of the extra `platforms` in an environment of their own. What cannot be had is said, and skipped.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from launch import browser, environment
from launch.console import Console, Refusal
from launch.layout import Folder, throwaway
from launch.servers import Servers
from launch.supervisor import Supervisor
from launch.testing import Suite, run_suite, test_environment

TESTS = "tests/counterparts"
OLDEST_NODE = 20
STAMP = "radd.stamp"
# The one package whose install script is needed: it brings SQLite, or compiles it.
COMPILED = ("better-sqlite3",)
LOCKED = ("package.json", "package-lock.json")


def test_platforms(folder: Folder, environ: Mapping[str, str], console: Console, words: Sequence[str]) -> int:
    """Install what can be installed, then run the tests that need it; the status of pytest."""
    environment.ensure(folder, console)
    folder.make_home()
    missing = [*node_packages(folder, console), *python_packages(folder, console)]
    chromium = browser.find(environ)
    with throwaway(folder) as (home, lock), Supervisor(console, [lock.fd]) as supervisor:
        env = test_environment(folder, environ, home)
        servers = Servers(folder, home, environ, console, lasting=False)
        servers.start(supervisor)
        env |= servers.urls() | {"RADD_COUNTERPARTS": str(place(folder))}
        env |= {"RADD_CHROMIUM": chromium} if chromium else {}
        outcome = run_suite(folder, Suite("platforms", arguments(folder, words), env), supervisor)
    if missing:
        console.box(["COUNTERPARTS SKIPPED", *missing])
    return outcome.status


def arguments(folder: Folder, words: Sequence[str]) -> tuple[str, ...]:
    """What pytest is given: one process, since each test follows on from the one before it."""
    chosen = [word for word in words if (folder.root / word.split("::")[0]).exists() and not word.startswith("-")]
    return ("-q", "-n0", "-p", "no:cacheprovider", *([] if chosen else [TESTS]), *words)


def place(folder: Folder) -> Path:
    """Where the counterparts' packages lie: `node/node_modules`, and `env` of Python."""
    return folder.home / "counterparts"


def node_packages(folder: Folder, console: Console) -> list[str]:
    """Install the npm packages of the lock; what is missing, in words. npm 11 runs no install script unasked."""
    source, made = folder.root / TESTS, place(folder) / "node"
    if problem := node_problem():
        return [f"Bluesky and X: {problem}"]
    wanted = hashlib.sha256(b"".join((source / name).read_bytes() for name in LOCKED)).hexdigest()
    if _read(made / STAMP) == wanted:
        return []
    console.say("Installing the counterparts' npm packages (once; 450 MB, some minutes where SQLite is compiled).")
    made.mkdir(parents=True, exist_ok=True)
    (made / STAMP).unlink(missing_ok=True)
    for name in LOCKED:
        shutil.copy(source / name, made / name)
    for command in (["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["npm", "rebuild", *COMPILED]):
        done = subprocess.run(command, cwd=made, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()[-8:]
            console.warn("\n".join([f"`{' '.join(command)}` failed:", *said]))
            return ["Bluesky and X: their npm packages could not be installed (see above)."]
    (made / STAMP).write_text(wanted)
    return []


def node_problem() -> str:
    """Why npm packages cannot be installed or run here, in words; '' when they can."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "Node and npm are not installed (`apt install nodejs npm`, Node 20 or newer)."
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = told.removeprefix("v").split(".")[0]
    if not major.isdecimal() or int(major) < OLDEST_NODE:
        return f"Node {OLDEST_NODE} or newer is needed, this is {told or 'unknown'}."
    return ""


def python_packages(folder: Folder, console: Console) -> list[str]:
    """Install the extra `platforms` in an environment of its own; what is missing, in words."""
    made = replace(folder, venv=place(folder) / "env", venv_given=False)
    project = tomllib.loads((folder.root / "pyproject.toml").read_text())["project"]
    wanted = list(project["optional-dependencies"]["platforms"])
    try:
        environment.install(
            made,
            console,
            "\n".join(wanted),
            lambda: environment.add_packages(made, wanted, console),
            takes="some seconds",
        )
    except Refusal as refusal:
        console.warn(str(refusal))
        return ["Mastodon and e-mail: their Python packages could not be installed (see above)."]
    return []


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
