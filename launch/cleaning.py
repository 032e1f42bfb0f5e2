"""`make clean`: removes what is made anew, and the desk's data only when that is said (`DATA=1`)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from launch import counterparts, training
from launch.console import Console
from launch.layout import Folder, Lock, refuse_second

CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache", "staticfiles")


def clean(folder: Folder, environ: Mapping[str, str], console: Console) -> int:
    """Remove caches, the environment and compiled files, unless a desk runs from here."""
    lock = Lock(folder.home / "launcher.lock")
    if folder.home.exists() and not lock.take_or_wait(console):
        raise refuse_second(lock)
    try:
        for path in removable(folder, data=environ.get("DATA") == "1"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            console.say(f"Removed {path}.")
    finally:
        lock.release()
    return 0


def removable(folder: Folder, *, data: bool) -> list[Path]:
    """What there is to remove."""
    paths = [*(folder.root / name for name in CACHES), training.venv(folder), counterparts.place(folder)]
    if not folder.venv_given:
        paths.append(folder.venv)
    paths += folder.root.glob("locale/*/LC_MESSAGES/*.mo")
    if data:
        paths.append(folder.home)
    return [path for path in paths if path.exists()]
