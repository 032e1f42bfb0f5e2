"""PostgreSQL's data folder: made whole, and started again after every way of dying."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launch.console import Refusal
from launch.postgres import character_types
from tests.launch.desk import Desk


def subjects(desk: Desk) -> str:
    """What the desk's table holds, asked through servers started for this; nothing else is on standard output."""
    listed = desk.launch("manage", "list")
    assert listed.returncode == 0, listed.stdout + listed.stderr
    return listed.stdout.strip()


def test_a_lock_file_that_names_another_program_is_stale(desk: Desk) -> None:
    """Process ids are used again: after a reboot, and at once in a container."""
    desk.launch("with-servers", "--", "sh", "-c", "python manage.py migrate && python manage.py add kept")
    lock_file = desk.root / ".radd" / "postgres" / "postmaster.pid"
    other = subprocess.Popen(["sleep", "60"], cwd="/")
    lock_file.write_text(f"{other.pid}\n{lock_file.parent}\n1700000000\n5432\n\n127.0.0.1\n   123456   1\nready\n")
    try:
        assert subjects(desk) == "kept"
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_an_interrupted_first_start_is_made_good(desk: Desk) -> None:
    half = desk.root / ".radd" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert desk.launch("manage", "migrate").returncode == 0
    assert not half.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become someone else")
def test_root_s_data_follows_when_the_folder_becomes_readable_to_others(desk: Desk) -> None:
    """A folder only root can enter needs a user namespace, another one the user nobody: the files change hands."""
    data = desk.root / ".radd" / "postgres"
    desk.launch("with-servers", "--", "sh", "-c", "python manage.py migrate && python manage.py add kept")
    first = data.stat().st_uid
    for path in (data, *data.rglob("*")):
        os.chown(path, 12345, 12345)
    assert subjects(desk) == "kept"
    assert data.stat().st_uid == first


def test_letters_need_a_locale_that_knows_them() -> None:
    assert character_types(lambda name: name == "en_US.UTF-8") == "en_US.UTF-8"
    with pytest.raises(Refusal, match="UTF-8"):
        character_types(lambda _: False)


def test_given_servers_are_used_as_they_are(desk: Desk) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/radd", "REDIS_URL": "redis://elsewhere/0"}
    script = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
    said = desk.launch("with-servers", "--", sys.executable, "-c", script, **given)
    assert said.stdout == "postgres://elsewhere/radd redis://elsewhere/0\n"
    assert not (Path(desk.root) / ".radd" / "postgres").exists()
