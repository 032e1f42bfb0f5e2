"""What stands in the way is one line that says what to do, said before anything is started."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launch import run
from launch.console import Console
from tests.launch.desk import CHECKOUT, Desk


def refusal(desk: Desk, **env: str) -> str:
    """The one line that `run` refuses with."""
    refused = desk.launch("run", **env)
    assert refused.returncode == 1
    assert not (desk.root / ".radd" / "postgres").exists()
    (line,) = refused.stderr.splitlines()
    return line


def test_a_taken_port(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", desk.port)):
        line = refusal(desk)
    assert f"Port {desk.port} is in use" in line
    assert f"make run PORT={desk.port + 1}" in line


def test_a_port_that_is_none(desk: Desk) -> None:
    assert "PORT=http is not a port" in refusal(desk, PORT="http")


def test_a_host_that_is_not_ours(desk: Desk) -> None:
    assert os.strerror(errno.EADDRNOTAVAIL) in refusal(desk, HOST="192.0.2.1")


def test_a_system_without_the_wheels(desk: Desk, tmp_path: Path) -> None:
    assert "set DATABASE_URL" in refusal(desk, RADD_VENV=str(tmp_path))


def test_a_migration_that_fails(desk: Desk) -> None:
    (desk.root / "broken").touch()
    refused = desk.launch("run")
    assert refused.returncode == 1
    assert "migrate | no such column" in refused.stdout
    assert "make clean DATA=1" in refused.stderr
    assert desk.processes() == {}


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    script = "import launch.__main__ as m; m.OLDEST = (9, 0); m.main()"
    refused = subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "Python 3.11 or newer is needed" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_an_unknown_command(desk: Desk) -> None:
    assert desk.launch("fly").returncode == 2


def test_little_memory_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 1000000 kB\nMemAvailable: 307200 kB\n")
    run.warn_of_low_memory(Console(), meminfo)
    assert "Only 300 MB of memory are free" in capsys.readouterr().out


@pytest.mark.parametrize("demo", ["0", "no", "False"])
def test_demo_can_be_declined(demo: str) -> None:
    assert not run.Options.read({"DEMO": demo}).demo
