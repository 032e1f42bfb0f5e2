"""The virtual environment: made from the lock once, left alone while the lock stays the same, remade when broken."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from launch.console import Console, Refusal, duration
from launch.indexes import for_uv
from launch.layout import Folder, Lock

STAMP = "radd.stamp"
VENV_OPTIONS = ["--clear"]
INSTALLING = "radd.installing"  # there while packages are written: an interrupted install is not to be trusted
LOCK_COMMAND = (
    "pip compile --quiet --generate-hashes --universal --python-version 3.11 --extra dev --constraints constraints.txt "
    "--output-file requirements.lock pyproject.toml"
)


def ensure(folder: Folder, console: Console) -> None:
    """Have an environment with exactly the lock's packages, and compiled translations."""
    if not folder.venv_given:
        lock = the_lock(folder)
        install(folder, console, lock.read_text(), lambda: _install_lock(folder, lock, console), takes="about a minute")
    compile_translations(folder, console)


def the_lock(folder: Folder) -> Path:
    """The file of locked packages."""
    lock = folder.root / "requirements.lock"
    if not lock.exists():
        raise Refusal("requirements.lock is missing: check it out again, or write it with `make lock`.")
    return lock


def install(folder: Folder, console: Console, made_of: str, packages: Callable[[], None], *, takes: str) -> None:
    """Have `folder.venv` with what `packages` installs; left alone while `made_of`, which describes it, is the same."""
    folder.make_home()
    lock = Lock(folder.home / f"install-{folder.venv.name.lstrip('.')}.lock")
    while not lock.take():
        time.sleep(0.2)  # another command is installing: then there is nothing left to do
    try:
        _install(folder, console, made_of, packages, takes)
    finally:
        lock.release()


def _install(folder: Folder, console: Console, made_of: str, packages: Callable[[], None], takes: str) -> None:
    stamp = folder.venv / STAMP
    wanted = _stamp(folder, made_of)
    if _read(stamp) == wanted and folder.python.exists():
        return
    began = time.monotonic()
    console.say(f"Installing packages (once; {takes}, depending on the connection).")
    _make_venv(folder)
    (folder.venv / INSTALLING).touch()
    stamp.unlink(missing_ok=True)
    _install_uv(folder, the_lock(folder))
    packages()
    (folder.venv / INSTALLING).unlink()
    stamp.write_text(wanted)
    console.say(f"Packages installed in {duration(time.monotonic() - began)}.")


def _stamp(folder: Folder, made_of: str) -> str:
    """What an environment was made of: scripts inside name its path, compiled packages fit one Python."""
    digest = hashlib.sha256(made_of.encode()).hexdigest()
    return "\n".join([digest, *_place(folder), str(sys.version_info[:3])])


def _place(folder: Folder) -> list[str]:
    return [str(folder.venv.resolve()), os.path.realpath(sys.executable)]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _make_venv(folder: Folder) -> None:
    """Make it, from nothing where the last one was interrupted, moved, or lost its Python."""
    stamp = _read(folder.venv / STAMP).splitlines()
    moved = bool(stamp) and stamp[1:3] != _place(folder)
    if not moved and not (folder.venv / INSTALLING).exists() and _quiet([str(folder.python), "-m", "pip", "--version"]):
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Refusal("Python's venv module is missing: `apt install python3-venv` (Debian, Ubuntu), then try again.")
    command = [sys.executable, "-m", "venv", *VENV_OPTIONS, str(folder.venv)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        last = (made.stderr or made.stdout).strip().splitlines()[-1:]
        raise Refusal(f"The virtual environment could not be made: {' '.join(last)}")


def _install_uv(folder: Folder, lock: Path) -> None:
    """uv itself, in the locked version with its hashes where the lock has it."""
    if (folder.venv / "bin" / "uv").exists():
        return
    pip = [str(folder.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lines = lock_entry(lock.read_text(), "uv") if lock.exists() else ""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
        requirement.write(lines)
        requirement.flush()
        what = ["--require-hashes", "-r", requirement.name] if lines else ["uv"]
        _run([*pip, *what], "uv could not be installed; are the package index and the connection right?")


def lock_entry(text: str, name: str) -> str:
    """The lines of one package in a hash-locked requirements file; '' when it has none."""
    taken: list[str] = []
    for line in text.splitlines():
        if line.startswith(f"{name}==") or (taken and line.startswith("    --hash")):
            taken.append(line)
        elif taken:
            break
    return "\n".join(taken)


def _install_lock(folder: Folder, lock: Path, console: Console) -> None:
    add_packages(folder, ["--require-hashes", "-r", str(lock)], console)


def add_packages(folder: Folder, what: Sequence[str], console: Console) -> None:
    """By uv, and where uv cannot, by pip: slower, but it knows every kind of index."""
    uv = [str(folder.venv / "bin" / "uv"), "pip", "install", "--python", str(folder.python), "--quiet"]
    env = dict(os.environ) | for_uv(folder.python, os.environ)
    if subprocess.run([*uv, *what], env=env, check=False).returncode == 0:
        return
    console.warn("uv could not install the packages (see above); trying pip.")
    pip = [str(folder.python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    _run([*pip, *what], "The packages could not be installed (see above); try again.")


def write_lock(folder: Folder, words: Sequence[str]) -> int:
    """`make lock`: solve pyproject.toml anew. Versions in the old lock are kept unless `--upgrade` is given."""
    _make_venv(folder)
    _install_uv(folder, folder.root / "requirements.lock")
    command = [str(folder.venv / "bin" / "uv"), *LOCK_COMMAND.split(), "--custom-compile-command", "make lock", *words]
    env = dict(os.environ) | for_uv(folder.python, os.environ)
    return subprocess.run(command, cwd=folder.root, env=env, check=False).returncode


def compile_translations(folder: Folder, console: Console) -> None:
    """Compile each catalogue that is newer than what was compiled from it (compiled ones are not in the repository).

    One that cannot be compiled, or that Babel skips since its header is marked fuzzy, is a warning: pages then
    speak English, which is no reason not to start.
    """
    for source in sorted(folder.root.glob("locale/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        new = compiled.with_suffix(f".mo.{os.getpid()}")
        babel = [str(folder.python), "-m", "babel.messages.frontend", "compile"]
        done = subprocess.run([*babel, "-i", source, "-o", new], capture_output=True, text=True, check=False)
        if done.returncode or not new.exists():
            new.unlink(missing_ok=True)
            last = done.stderr.strip().splitlines()[-1:]
            console.warn(f"{source.relative_to(folder.root)} was not compiled: {' '.join(last)}")
            continue
        new.replace(compiled)
        console.say(f"Compiled {source.relative_to(folder.root)}.")


def _quiet(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(command: Sequence[str], otherwise: str) -> None:
    if subprocess.run(command, check=False).returncode:
        raise Refusal(otherwise)
