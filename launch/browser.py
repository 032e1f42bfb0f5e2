"""Chromium for the browser tests: the system's, installed where we may, asked for where we may not."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

from launch.console import Console

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The fonts are for Arabic pages, which the tests look at.
PACKAGES = ("chromium", "fonts-noto-core")
COMMAND = f"apt-get install -y {' '.join(PACKAGES)}"


def find(environ: Mapping[str, str]) -> str | None:
    """The browser's program: RADD_CHROMIUM, or the first known name on PATH."""
    given = environ.get("RADD_CHROMIUM")
    names = (given,) if given else PROGRAMS
    return next((found for name in names if (found := shutil.which(name, path=environ.get("PATH")))), None)


def find_or_install(environ: Mapping[str, str], console: Console) -> str | None:
    """The browser's program, installed first when we are root on a Debian-like system."""
    found = find(environ)
    if found or environ.get("RADD_CHROMIUM") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    console.say(f"No Chromium found: {COMMAND}")
    quiet = dict(environ) | {"DEBIAN_FRONTEND": "noninteractive"}
    if not _apt(COMMAND, quiet) and not (_apt("apt-get update", quiet) and _apt(COMMAND, quiet)):
        console.warn("apt-get could not install it.")
    return find(environ)


def _apt(command: str, env: Mapping[str, str]) -> bool:
    """Run it without its chatter, but for the errors of a run that failed."""
    done = subprocess.run(command.split(), env=dict(env), capture_output=True, text=True, check=False)
    return done.returncode == 0
