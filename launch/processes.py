"""Starting one process so that it cannot outlive us, and asking about processes by their id."""

from __future__ import annotations

import contextlib
import ctypes
import enum
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

LINUX: bool = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY = 65534

_libc = ctypes.CDLL(None, use_errno=True)

Output = int | IO[bytes]


class Identity(enum.Enum):
    """Whom a process runs as. PostgreSQL refuses to run as root, so root needs one of the other two."""

    OURS = "as we are"
    NOBODY = "as the user nobody"
    NAMESPACE = "as nobody inside a user namespace, with our own rights on files"


def nobody() -> tuple[int, int]:
    """The user and group ids of nobody on this machine."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return NOBODY, NOBODY
    return entry.pw_uid, entry.pw_gid


def _enter_namespace() -> None:
    """Become nobody in a user namespace of our own: what `unshare --user --map-user` does, without needing it."""
    uid, gid = os.getuid(), os.getgid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {uid} 1"), ("gid_map", f"{NOBODY} {gid} 1")):
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(fd, text.encode())
        os.close(fd)


def _hook(death_signal: int, identity: Identity) -> Callable[[], None]:
    """What the new process does before it becomes the program.

    Asking for a parent-death signal comes last, since a change of identity withdraws it. Linux only; elsewhere the
    keeper alone ends the processes of a killed launcher.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if identity is Identity.NAMESPACE:
            _enter_namespace()
        if LINUX:
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os.kill(os.getpid(), signal.SIGKILL)

    return before_exec


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    stdin: Output | None = subprocess.DEVNULL,
    stdout: Output | None = None,
    stderr: Output | None = None,
    death_signal: int = signal.SIGTERM,
    identity: Identity = Identity.OURS,
    own_group: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a process that gets `death_signal` when the launcher dies.

    Only the main thread may call this: the kernel sends the signal when the *thread* that started the child ends.
    """
    uid, gid = nobody() if identity is Identity.NOBODY else (None, None)
    return subprocess.Popen(
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
        process_group=0 if own_group else None,
        preexec_fn=_hook(death_signal, identity),  # noqa: PLW1509 (there is one thread)
    )


def _status(pid: int) -> str:
    """The state letter (R, S, Z...) of a process; '' when there is none."""
    try:
        if LINUX:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        asked = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return asked.stdout.strip()[:1]
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Whether this process runs. A zombie does not, though a signal to it succeeds."""
    return pid > 0 and _status(pid) not in ("", "Z", "X")


def command_line(pid: int) -> str:
    """What a process was started as, its words joined by spaces; '' when there is none."""
    try:
        if LINUX:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return asked.stdout.strip()
    except OSError:
        return ""


def signal_group(pgid: int, number: int) -> None:
    """Signal every process of a group; none left is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pgid, number)


def signal_process(pid: int, number: int) -> None:
    """Signal one process; gone is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def wait_gone(pid: int, seconds: float) -> bool:
    """Whether a process that is not our child has ended within this time."""
    until = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
