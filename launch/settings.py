"""The environment variables that Radd's own processes are given."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from launch.layout import Folder, secret
from launch.ports import LOOPBACK

LOOPBACK_HOSTS = ("localhost", LOOPBACK, "[::1]")
EVERYWHERE = ("0.0.0.0", "::", "")


def base(folder: Folder, environ: Mapping[str, str]) -> dict[str, str]:
    """What every command needs, whichever servers it uses. What the person has set stands."""
    env = dict(environ)
    env["PATH"] = f"{folder.venv / 'bin'}{os.pathsep}{environ.get('PATH', os.defpath)}"
    env["VIRTUAL_ENV"] = str(folder.venv)
    env.setdefault("DJANGO_SETTINGS_MODULE", "care.settings")
    env["PYTHONUNBUFFERED"] = "1"
    env["RADD_HOME"] = str(folder.home)
    env.pop("PYTHONHOME", None)
    if env.pop("PYTHONDONTWRITEBYTECODE", None):
        # Seven processes would each compile the same modules at every start; this keeps the source tree clean too.
        env["PYTHONPYCACHEPREFIX"] = str(folder.home / "bytecode")
    return env


def development(folder: Folder, environ: Mapping[str, str], host: str = LOOPBACK) -> dict[str, str]:
    """What the desk on this machine needs besides the servers."""
    env = base(folder, environ)
    if not env.get("RADD_SECRET_KEY"):
        env["RADD_SECRET_KEY"] = secret(folder.home / "secret")
    if not env.get("RADD_ALLOWED_HOSTS"):
        env["RADD_ALLOWED_HOSTS"] = ",".join(allowed_hosts(host))
    return env


def allowed_hosts(host: str) -> list[str]:
    """The names under which the desk may be called: this machine's loopback, and those that HOST opens it to."""
    names = list(LOOPBACK_HOSTS)
    if host in EVERYWHERE:
        names.append(socket.gethostname().lower())
    elif host not in (*LOOPBACK_HOSTS, "::1"):
        names.append(f"[{host}]" if ":" in host else host)
    return names
