"""A running desk: what it says, what happens when parts of it are killed, and that other commands join it."""

import os
import signal
import socket
import subprocess
import urllib.request

import pytest

from launch.run import Options, insist_on_port
from tests.launch.desk import Desk, eventually


def page(desk: Desk) -> bytes:
    """The page on the desk's port; nothing when there is none."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{desk.port}/healthz", timeout=2) as answer:
            return bytes(answer.read())
    except OSError:
        return b""


def test_it_says_where_it_is_and_who_may_sign_in(running: Desk) -> None:
    output = running.output()
    assert f"Radd is ready: http://localhost:{running.port}/" in output
    assert "nora@example.com   sesame   agent" in output
    assert page(running) == b"well"


def test_every_process_runs(running: Desk) -> None:
    for pattern in (
        "granian",
        "uvicorn",
        "manage.py listen",
        "collect,triage,delivery",
        "scoring,shadow",
        " beat ",
        "bin/postgres",
        "valkey-server",
    ):
        assert running.pid(pattern), pattern


def test_a_second_one_is_refused_in_one_line_that_names_the_first(running: Desk) -> None:
    second = running.launch("run")
    assert second.returncode == 1
    assert len(second.stderr.splitlines()) == 1
    assert f"process {running.pid('launch run')}" in second.stderr


def test_a_killed_postgresql_comes_back_on_its_port_with_its_rows(running: Desk) -> None:
    assert running.launch("manage", "add", "before").returncode == 0
    port, first = running.ports()["postgres"], running.pid("bin/postgres")
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: running.pid("bin/postgres") not in (0, first), 30)
    assert eventually(lambda: "before" in running.launch("manage", "list").stdout, 30)
    assert running.ports()["postgres"] == port
    assert "postgres ended (signal 9); starting it again in 1 s." in running.output()


def test_a_killed_valkey_comes_back_on_its_port_with_its_queues(running: Desk) -> None:
    assert ask_valkey(running, "SET kept yes") == "+OK"
    assert eventually(lambda: b"kept" in appended(running), 20)
    os.kill(running.pid("valkey-server"), signal.SIGKILL)
    assert eventually(lambda: "valkey ended (signal 9)" in running.output(), 20)
    assert eventually(lambda: ask_valkey(running, "EXISTS kept") == ":1", 30)


def ask_valkey(desk: Desk, command: str) -> str:
    """Its last line of answer to one command."""
    password = (desk.root / ".radd" / "valkey.password").read_text()
    try:
        with socket.create_connection(("127.0.0.1", int(str(desk.ports()["valkey"]))), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\n{command}\r\nQUIT\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError:
        return ""
    return answer.decode().split("\r\n")[1]


def appended(desk: Desk) -> bytes:
    """What Valkey has written to its log so far."""
    return b"".join(path.read_bytes() for path in (desk.root / ".radd/valkey/appendonlydir").glob("*.incr.aof"))


def test_a_killed_web_process_takes_its_worker_along_and_comes_back(running: Desk) -> None:
    first = {pid for pid, line in running.processes().items() if "granian" in line}
    os.kill(min(first), signal.SIGKILL)
    assert eventually(lambda: not first & set(running.processes()), 20)
    assert eventually(lambda: page(running) == b"well", 30)


def test_the_web_process_never_shares_its_port_with_another_program() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        options = Options("127.0.0.1", other.getsockname()[1], demo=False)
        with pytest.raises(OSError, match="in use by another program"):
            insist_on_port(options)


def test_secrets_are_private(running: Desk) -> None:
    for name in ("secret", "postgres.password", "valkey.password", "valkey/valkey.conf", "running.json"):
        assert (running.root / ".radd" / name).stat().st_mode & 0o077 == 0, name


def test_passwords_stand_in_no_command_line(running: Desk) -> None:
    password = (running.root / ".radd" / "valkey.password").read_text()
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert password not in listing


def test_arabic_letters_are_letters_to_the_database(running: Desk) -> None:
    similarity, lower = running.launch("manage", "words").stdout.strip("()\n").split(", ")
    assert float(similarity) > 0
    assert lower == "'àé'"
