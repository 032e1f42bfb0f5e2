"""Running a tool whose output is the output: pytest, a check. Ctrl-C ends the whole group it started."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from launch.processes import signal_group, spawn, wait_gone
from launch.supervisor import StopRequested, Supervisor


def run_tool(command: Sequence[str], env: Mapping[str, str], cwd: Path, supervisor: Supervisor) -> int:
    """Its exit status. It leads a group of its own, so that its workers end with it whatever happens."""
    process = spawn(command, env=env, cwd=cwd)
    supervisor.groups.add(process.pid, signal.SIGTERM)
    try:
        while process.poll() is None:
            supervisor.step(0.2)
    except StopRequested:
        signal_group(process.pid, signal.SIGINT)
        wait_gone(process.pid, 5)
        raise
    finally:
        signal_group(process.pid, signal.SIGKILL)
        status = process.wait()
        supervisor.groups.drop(process.pid)
    return status if status >= 0 else 128 - status
