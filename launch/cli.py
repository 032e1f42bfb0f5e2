"""The commands. Each is one function elsewhere; here they get their words and their errors become one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from launch import checks, environment
from launch.cleaning import clean
from launch.console import Console, Refusal
from launch.counterparts import test_platforms
from launch.layout import Folder
from launch.run import run
from launch.session import manage, run_with_servers
from launch.supervisor import StopRequested
from launch.testing import test
from launch.training import test_training, train

USAGE = """usage: python3 -m launch COMMAND

  run                     the whole desk, until Ctrl-C (PORT, HOST, DEMO=0, DATABASE_URL, REDIS_URL)
  test [WORDS]            unit and browser tests; words go to pytest
  test-platforms [WORDS]  the desk against other people's servers; words go to pytest
  train [WORDS]           train a reader on the folder DATA; words go to python -m sentiment.training
  test-training [WORDS] the tests of training, with PyTorch; words go to pytest
  check                   every linter, type and project check
  fix                     let the formatters mend what they can
  manage WORDS            a Django command with the desk's servers
  with-servers -- CMD     any command with the desk's servers
  env                     only make the virtual environment
  lock [--upgrade]        solve pyproject.toml into requirements.lock
  clean                   remove what can be made anew (DATA=1: the desk's data too)"""

INTERRUPTED = 130
ASIDE = ("manage", "with-servers")

Command = Callable[[Folder, Console, Sequence[str]], int]


def _env(folder: Folder, console: Console, _words: Sequence[str]) -> int:
    environment.ensure(folder, console)
    return 0


def _manage(folder: Folder, console: Console, words: Sequence[str]) -> int:
    environment.ensure(folder, console)
    return run_with_servers(folder, os.environ, console, manage(folder, words))


def _with_servers(folder: Folder, console: Console, words: Sequence[str]) -> int:
    command = list(words[1:] if words[:1] == ["--"] else words)
    if not command:
        raise Refusal("with-servers needs a command: python3 -m launch with-servers -- CMD.")
    environment.ensure(folder, console)
    return run_with_servers(folder, os.environ, console, command)


COMMANDS: dict[str, Command] = {
    "run": lambda folder, console, _: run(folder, os.environ, console),
    "test": lambda folder, console, words: test(folder, os.environ, console, words),
    "test-platforms": lambda folder, console, words: test_platforms(folder, os.environ, console, words),
    "train": lambda folder, console, words: train(folder, os.environ, console, words),
    "test-training": lambda folder, console, words: test_training(folder, os.environ, console, words),
    "check": lambda folder, console, _: checks.check(folder, os.environ, console),
    "fix": lambda folder, console, _: checks.fix(folder, console),
    "manage": _manage,
    "with-servers": _with_servers,
    "env": _env,
    "lock": lambda folder, _, words: environment.write_lock(folder, words),
    "clean": lambda folder, console, _: clean(folder, os.environ, console),
}


def run_command(words: Sequence[str]) -> int:
    """Run one command; its exit status."""
    if not words or words[0] in ("help", "-h", "--help"):
        print(USAGE)
        return 0
    if words[0] not in COMMANDS:
        print(f"radd: there is no command {words[0]!r}.\n{USAGE}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[words[0]](Folder.here(os.environ), Console(aside=words[0] in ASIDE), words[1:])
    except Refusal as refusal:
        print(f"radd: {refusal}", file=sys.stderr)
        return 1
    except (StopRequested, KeyboardInterrupt):
        return INTERRUPTED
