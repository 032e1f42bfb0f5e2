"""However a desk ends, nothing of it stays, and the next one starts."""

import os
import signal
import time

from launch.processes import Identity
from tests.launch.desk import Desk, eventually


def test_ctrl_c_stops_everything(desk: Desk) -> None:
    launcher = desk.start("run")
    desk.wait_for("Ctrl-C stops everything")
    launcher.send_signal(signal.SIGINT)
    assert launcher.wait(20) == 0
    assert desk.processes() == {}
    assert desk.output().rstrip().endswith("Everything has stopped.")
    assert "killed" not in desk.output()


def test_a_killed_launcher_leaves_no_process_and_its_data_whole(desk: Desk) -> None:
    launcher = desk.start("run")
    desk.wait_for("Ctrl-C stops everything")
    assert desk.launch("manage", "add", "kept").returncode == 0
    ports = desk.ports()
    launcher.kill()
    launcher.wait()
    listed = desk.launch("manage", "list")  # at once: it has to wait for the last desk's processes to end
    assert listed.stdout == "kept\n"
    assert desk.ports() == ports
    assert eventually(lambda: not desk.processes(), 12), desk.processes()


def test_a_killed_launcher_and_keeper_leave_no_process_either(desk: Desk) -> None:
    """The parent-death signal alone, without the keeper's help."""
    launcher = desk.start("with-servers", "--", "sleep", "60")
    assert eventually(lambda: desk.pid("^sleep"), 60)
    os.kill(desk.pid("keeper.py"), signal.SIGKILL)
    launcher.kill()
    launcher.wait()
    assert eventually(lambda: not desk.processes(), 12), desk.processes()


def test_it_runs_as_an_ordinary_user(desk: Desk) -> None:
    """Where the tests run as root, in a user namespace in which we are none."""
    identity = Identity.NAMESPACE if os.geteuid() == 0 else Identity.OURS
    command = desk.start("with-servers", "--", "python", "manage.py", "migrate", identity=identity)
    assert command.wait(90) == 0, desk.output()


def test_a_command_waits_for_others_that_use_its_servers(desk: Desk) -> None:
    first = desk.start("with-servers", "--", "sh", "-c", "python manage.py migrate; sleep 2")
    assert eventually(lambda: desk.pid("^sleep 2"), 60)
    began = time.monotonic()
    assert desk.launch("with-servers", "--", "sh", "-c", "sleep 3; python manage.py add late").returncode == 0
    assert time.monotonic() - began < 10
    assert first.wait(10) == 0
    assert "waiting for it" in desk.output()
