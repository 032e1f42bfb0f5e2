"""`make test` and `make check`: what is run, and what the last line and the exit status say of it."""

import os
import sys
from pathlib import Path

import pytest

from launch import browser, checks
from launch.console import Console
from launch.layout import Folder
from launch.supervisor import Supervisor
from launch.testing import Outcome, chosen, report
from tests.launch.desk import Desk


@pytest.fixture
def tested(desk: Desk) -> Desk:
    """A desk with a test that passes only on servers of its own, and a browser test."""
    (desk.root / "tests" / "e2e").mkdir(parents=True)
    (desk.root / "tests" / "test_unit.py").write_text(
        "import os, psycopg2\ndef test_it():\n"
        "    c = psycopg2.connect(os.environ['DATABASE_URL']).cursor()\n"
        "    c.execute('show fsync'); assert c.fetchone() == ('off',)\n"
        "    assert '/.radd/test/' in os.environ['RADD_HOME']\n"
    )
    (desk.root / "tests" / "e2e" / "test_page.py").write_text(
        "import os\ndef test_it():\n    assert os.environ['DJANGO_ALLOW_ASYNC_UNSAFE'] == '1'\n"
        "    assert os.environ['RADD_CHROMIUM'] == '/bin/true'\n"
    )
    return desk


def test_both_suites_run_on_servers_that_end_with_them(tested: Desk) -> None:
    done = tested.launch("test", RADD_CHROMIUM="/bin/true")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("1 passed") == 2
    assert "unit passed in" in done.stdout.splitlines()[-1]
    assert "browser passed in" in done.stdout.splitlines()[-1]
    assert tested.processes() == {}
    assert [path for path in (tested.root / ".radd/test").iterdir() if path.is_dir()] == []


def test_without_a_browser_only_its_tests_are_skipped_and_that_is_said_aloud(tested: Desk) -> None:
    done = tested.launch("test", RADD_CHROMIUM="/nowhere/chromium")
    assert done.returncode == 0, done.stdout
    assert "BROWSER TESTS SKIPPED" in done.stdout
    assert "browser SKIPPED" in done.stdout.splitlines()[-1]


def test_a_choice_of_files_chooses_the_suite(tested: Desk) -> None:
    folder = Folder(tested.root, tested.root, tested.root, venv_given=True)
    assert chosen(folder, []) == (["tests", "--ignore=tests/e2e", "--ignore=tests/counterparts"], ["tests/e2e"])
    assert chosen(folder, ["tests/test_unit.py::test_it", "-x"]) == (["tests/test_unit.py::test_it", "-x"], [])
    assert chosen(folder, ["tests/e2e/test_page.py"]) == ([], ["tests/e2e/test_page.py"])
    assert chosen(folder, ["-k", "page"])[1] == ["tests/e2e", "-k", "page"]


@pytest.mark.parametrize(
    ("statuses", "choice", "expected"),
    [
        ((0, 0), False, 0),
        ((1, 0), False, 1),
        ((0, 2), False, 2),
        ((5, 0), False, 5),
        ((5, 0), True, 0),
        ((5, 5), True, 5),
    ],
)
def test_the_status_is_the_first_failure(statuses: tuple[int, int], choice: bool, expected: int) -> None:
    outcomes = [Outcome(name, status, 1) for name, status in zip(("unit", "browser"), statuses, strict=True)]
    assert report(Console(), outcomes, skipped=False, choice=choice) == expected


def test_the_browser_is_the_first_known_name_on_the_path(tmp_path: Path) -> None:
    for name in ("google-chrome", "chromium-browser"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert browser.find({"PATH": str(tmp_path)}) == str(tmp_path / "chromium-browser")
    assert browser.find({"PATH": str(tmp_path), "RADD_CHROMIUM": "/bin/sh"}) == "/bin/sh"
    assert browser.find({"PATH": "/nowhere"}) is None


def test_every_check_runs_and_a_failed_one_shows_what_it_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Folder(tmp_path, tmp_path, tmp_path, venv_given=True)
    scripts = {"good": "print('unseen')", "bad": "print('line 3: wrong'); raise SystemExit(1)", "last": ""}
    listed = [checks.Check(name, [sys.executable, "-S", "-c", text], os.environ) for name, text in scripts.items()]
    with Supervisor(Console()) as supervisor:
        passed = {done.check.name: checks.tell(done) for done in checks.run_all(folder, listed, supervisor)}
    assert passed == {"good": True, "bad": False, "last": True}
    said = capsys.readouterr().out
    assert "    line 3: wrong" in said
    assert "unseen" not in said
