"""`make test-platforms`: what it installs, what it says where it cannot, and what pytest is given."""

import json
import subprocess
from pathlib import Path

import pytest

from launch import cleaning, counterparts
from launch.console import Console
from launch.layout import Folder
from tests.launch.desk import CHECKOUT

NODE = """#!/bin/sh
echo {version}
"""
NPM = """#!/bin/sh
echo "npm $*" >> "{log}"
[ "$1" = "{fails}" ] && {{ echo "no such host" >&2; exit 1; }}
exit 0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A checkout with nothing in it but what the counterparts are locked by."""
    tests = tmp_path / counterparts.TESTS
    tests.mkdir(parents=True)
    for name in counterparts.LOCKED:
        (tests / name).write_text((CHECKOUT / counterparts.TESTS / name).read_text())
    return Folder(tmp_path, tmp_path / ".radd", tmp_path / ".venv", venv_given=False)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with a Node and an npm of our own on it; the npm writes down what it was asked."""
    found = tmp_path / "programs"
    found.mkdir()
    monkeypatch.setenv("PATH", f"{found}:/usr/bin:/bin")
    put(found / "node", NODE.format(version="v20.20.2"))
    put(found / "npm", NPM.format(log=tmp_path / "asked", fails="nothing"))
    return found


def put(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_npm_packages_are_installed_once_by_the_lock_and_only_one_is_compiled(
    folder: Folder, programs: Path, tmp_path: Path
) -> None:
    assert [counterparts.node_packages(folder, Console()) for _ in range(2)] == [[], []]
    assert (tmp_path / "asked").read_text().splitlines() == [
        "npm ci --ignore-scripts --no-audit --no-fund", "npm rebuild better-sqlite3",
    ]  # fmt: skip


def test_another_lock_is_installed_anew(folder: Folder, programs: Path, tmp_path: Path) -> None:
    counterparts.node_packages(folder, Console())
    lock = folder.root / counterparts.TESTS / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    counterparts.node_packages(folder, Console())
    assert (tmp_path / "asked").read_text().count("npm ci") == 2


def test_without_node_or_with_an_old_one_it_is_said_what_to_do(
    folder: Folder, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(programs / "node", NODE.format(version="v18.19.0"))
    assert "Node 20 or newer is needed, this is v18.19.0" in counterparts.node_packages(folder, Console())[0]
    monkeypatch.setenv("PATH", str(folder.root))
    assert "apt install nodejs npm" in counterparts.node_packages(folder, Console())[0]


def test_a_download_that_fails_is_shown_skips_two_counterparts_and_is_tried_again(
    folder: Folder, programs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(programs / "npm", NPM.format(log=tmp_path / "asked", fails="ci"))
    assert "Bluesky and X" in counterparts.node_packages(folder, Console())[0]
    assert "no such host" in capsys.readouterr().out
    put(programs / "npm", NPM.format(log=tmp_path / "asked", fails="nothing"))
    assert counterparts.node_packages(folder, Console()) == []


def test_the_lock_pins_every_package_and_names_no_registry() -> None:
    told = json.loads((CHECKOUT / counterparts.TESTS / "package-lock.json").read_text())
    wanted = json.loads((CHECKOUT / counterparts.TESTS / "package.json").read_text())["dependencies"]
    packages = {name: one for name, one in told["packages"].items() if name}
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if "integrity" not in one] == []
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_words_choose_tests_and_without_a_path_all_counterparts_are_run(folder: Folder) -> None:
    assert counterparts.arguments(folder, ["-k", "killed"])[-3:] == (counterparts.TESTS, "-k", "killed")
    one = f"{counterparts.TESTS}/package.json"
    assert counterparts.arguments(folder, [one])[-1:] == (one,)
    assert counterparts.TESTS not in counterparts.arguments(folder, [one])


def test_what_was_installed_goes_with_make_clean(folder: Folder) -> None:
    counterparts.place(folder).mkdir(parents=True)
    assert counterparts.place(folder) in cleaning.removable(folder, data=False)


def test_the_network_of_the_at_protocol_is_started_on_loopback_only() -> None:
    script = CHECKOUT / counterparts.TESTS / "atproto" / "network.js"
    pinned = script.read_text().partition("const { TestNetwork }")[0]
    trial = """
    const servers = [['listen', 0], ['listen', { port: 0 }], ['listen', 0, '0.0.0.0'], ['listen', '0', () => {}]]
    for (const [, ...words] of servers) {
      const server = net.createServer()
      server.listen(...words)
      server.on('listening', () => { console.log(server.address().address); server.close() })
    }
    """
    if counterparts.node_problem():
        pytest.skip(counterparts.node_problem())
    done = subprocess.run(["node", "-e", pinned + trial], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.split() == ["127.0.0.1"] * 4
