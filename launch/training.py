"""`make train` and `make test-training`: an environment of their own, with PyTorch, and the two commands in it.

The desk needs none of it, so it is not in the lock; what both have is installed in the lock's version.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from launch import environment, settings
from launch.console import Console, Refusal
from launch.layout import Folder
from launch.session import foreground

READING = ("numpy", "onnxruntime", "py3langid", "tokenizers", "transformers")
"""What `sentiment` needs to read with; the extra `train` has the rest."""
TESTING = ("pytest",)
TESTS = "tests/sentiment/training"
DATA = "data"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def train(folder: Folder, environ: Mapping[str, str], console: Console, words: Sequence[str]) -> int:
    """Train a reader. Its files lie under the launcher's home; a run that was stopped goes on."""
    named = {word.partition("=")[0] for word in words}
    data = Path(environ.get("DATA") or DATA).expanduser().absolute()
    if not named & {"--data", "-h", "--help"} and not data.is_dir():
        raise Refusal(f"There are no data in {data}: make train DATA=folder (docs/training.md says what it holds).")
    made = ensure(folder, environ, console)
    out = folder.home / ("training-smoke" if "--smoke" in named else "training")
    ours = ["--data", str(data), "--out", str(out), "--base", str(folder.home / "base")]
    return foreground([str(made.python), "-m", "sentiment.training", *ours, *words], settings.base(made, environ))


def test_training(folder: Folder, environ: Mapping[str, str], console: Console, words: Sequence[str]) -> int:
    """The tests of training; those that need PyTorch too. None of them needs Django or a server."""
    made = ensure(folder, environ, console)
    # The house's own settings of pytest name plugins that are not here.
    alone = ["-c", os.devnull, "--rootdir", str(folder.root), "--confcutdir", str(folder.root / TESTS), "-ra", "-q"]
    chosen = [] if any((folder.root / word.split("::")[0]).exists() for word in words) else [TESTS]
    return foreground([str(made.python), "-m", "pytest", *alone, *chosen, *words], settings.base(made, environ))


def ensure(folder: Folder, environ: Mapping[str, str], console: Console) -> Folder:
    """The checkout with the environment that trains; RADD_TRAIN_VENV names one to be used as it is."""
    if given := environ.get("RADD_TRAIN_VENV"):
        return replace(folder, venv=Path(given).expanduser().absolute(), venv_given=True)
    made = replace(folder, venv=venv(folder), venv_given=False)
    wanted = requirements((folder.root / "pyproject.toml").read_text())
    limits = constraints(environment.the_lock(folder).read_text())
    environment.install(
        made,
        console,
        "\n".join([*wanted, *limits]),
        lambda: _add(made, wanted, limits, console),
        takes="PyTorch is large, so some minutes",
    )
    return made


def venv(folder: Folder) -> Path:
    """Where the environment that trains lies."""
    return folder.home / "train-env"


def requirements(pyproject: str) -> list[str]:
    """What training needs, as pyproject.toml words it."""
    project = tomllib.loads(pyproject)["project"]
    extras = project["optional-dependencies"]
    found = [one for one in project["dependencies"] if _name(one) in READING]
    return [*found, *extras["train"], *(one for one in extras["dev"] if _name(one) in TESTING)]


def constraints(lock: str) -> list[str]:
    """The versions in a lock, without their hashes: a hash for one package would be asked of all."""
    return [line.removesuffix("\\").rstrip() for line in lock.splitlines() if _NAME.match(line)]


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found.group() if found else ""


def _add(made: Folder, wanted: Sequence[str], limits: Sequence[str], console: Console) -> None:
    with tempfile.TemporaryDirectory() as kept:
        asked, held = Path(kept) / "wanted.txt", Path(kept) / "limits.txt"
        asked.write_text("\n".join(wanted))
        held.write_text("\n".join(limits))
        environment.add_packages(made, ["-r", str(asked), "--constraint", str(held)], console)
