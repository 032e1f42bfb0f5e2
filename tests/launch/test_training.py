"""`make train` and `make test-training`: an environment of their own, made once, and what is run in it."""

import ast
import sys
import tomllib
from pathlib import Path

import pytest

from launch import cleaning, environment, training
from launch.console import Console
from launch.layout import Folder
from tests.launch.desk import CHECKOUT, Desk

PYPROJECT = """
[project]
dependencies = ["django>=5", "numpy>=2", "transformers>=5"]
[project.optional-dependencies]
train = ["torch==2.13.0", "onnx>=1.19"]
dev = ["pytest>=8", "mypy>=1"]
"""
LOCK = """# by make lock
numpy==2.4.6 ; python_full_version >= '3.11' \\
    --hash=sha256:aa
    # via radd
pytest==9.2.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
"""
# What is imported by another name than it is installed by.
INSTALLED_AS = {"sklearn": "scikit-learn"}


def test_training_needs_its_extra_and_what_reading_needs_and_nothing_of_the_desk() -> None:
    assert training.requirements(PYPROJECT) == [
        "numpy>=2", "transformers>=5", "torch==2.13.0", "onnx>=1.19", "pytest>=8",
    ]  # fmt: skip


def test_every_library_that_the_readers_floor_imports_is_installed() -> None:
    wanted = {training._name(one) for one in training.requirements((CHECKOUT / "pyproject.toml").read_text())}
    imported = {
        name.split(".")[0]
        for path in (CHECKOUT / "sentiment").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    others = imported - set(sys.stdlib_module_names) - {"sentiment"}
    assert {INSTALLED_AS.get(name, name) for name in others} <= wanted


def test_the_desk_itself_is_installed_without_what_training_needs() -> None:
    extra = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["train"]
    locked = {training._name(line) for line in training.constraints((CHECKOUT / "requirements.lock").read_text())}
    assert {"numpy", "transformers"} <= locked
    assert not {training._name(one) for one in extra} & locked


def test_versions_of_the_lock_hold_without_their_hashes() -> None:
    assert training.constraints(LOCK) == ["numpy==2.4.6 ; python_full_version >= '3.11'", "pytest==9.2.0"]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "requirements.lock").write_text(LOCK)
    return Folder(tmp_path, tmp_path / ".radd", tmp_path / ".venv", venv_given=False)


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was installed, in place of installing it."""
    done: list[list[str]] = []

    def add(_folder: Folder, what: list[str], _console: Console) -> None:
        done.append([Path(word).read_text() if word.endswith(".txt") else word for word in what])

    monkeypatch.setattr(environment, "VENV_OPTIONS", ["--clear", "--without-pip"])
    monkeypatch.setattr(environment, "_quiet", lambda command: Path(command[0]).exists())
    monkeypatch.setattr(environment, "_install_uv", lambda *_: None)
    monkeypatch.setattr(environment, "add_packages", add)
    return done


def test_it_is_made_once_beside_the_desks_and_anew_for_another_lock_or_extra(
    folder: Folder, installs: list[list[str]]
) -> None:
    made = training.ensure(folder, {}, Console())
    assert made.venv == folder.home / "train-env"
    assert made.python.exists()
    assert not folder.venv.exists()
    ((_, wanted, option, limits),) = installs
    assert "torch==2.13.0" in wanted
    assert (option, limits.splitlines()[-1]) == ("--constraint", "pytest==9.2.0")
    training.ensure(folder, {}, Console())
    assert len(installs) == 1
    (folder.root / "requirements.lock").write_text(LOCK.replace("2.4.6", "2.5.0"))
    training.ensure(folder, {}, Console())
    (folder.root / "pyproject.toml").write_text(PYPROJECT.replace("onnx>=1.19", "onnx>=1.20"))
    training.ensure(folder, {}, Console())
    assert len(installs) == 3


def test_what_training_does_not_need_leaves_it_alone(folder: Folder, installs: list[list[str]]) -> None:
    training.ensure(folder, {}, Console())
    (folder.root / "pyproject.toml").write_text(PYPROJECT.replace("django>=5", "django>=6"))
    training.ensure(folder, {}, Console())
    assert len(installs) == 1


def test_a_given_environment_is_used_as_it_is(folder: Folder, installs: list[list[str]], tmp_path: Path) -> None:
    made = training.ensure(folder, {"RADD_TRAIN_VENV": str(tmp_path / "mine")}, Console())
    assert (made.venv, installs) == (tmp_path / "mine", [])


def test_it_can_be_made_anew_so_clean_removes_it_but_not_what_was_trained(folder: Folder) -> None:
    for name in ("train-env", "training", "base"):
        (folder.home / name).mkdir(parents=True)
    removed = cleaning.removable(folder, data=False)
    assert folder.home / "train-env" in removed
    assert not {folder.home / "training", folder.home / "base"} & set(removed)


@pytest.fixture
def trainer(desk: Desk) -> Desk:
    """A desk whose training only says what it was asked for; the tests' own environment trains."""
    room = desk.root / "sentiment" / "training"
    room.mkdir(parents=True)
    (room / "__main__.py").write_text("import sys; print(*sys.argv[1:]); sys.exit('--fail' in sys.argv)\n")
    desk.env["RADD_TRAIN_VENV"] = sys.prefix
    return desk


def test_train_hands_its_folders_and_words_to_training(trainer: Desk) -> None:
    (trainer.root / "sets").mkdir()
    done = trainer.launch("train", "--threads", "1", DATA="sets")
    assert done.returncode == 0, done.stderr
    root = trainer.root
    assert done.stdout.split() == [
        "--data", f"{root}/sets", "--out", f"{root}/.radd/training", "--base", f"{root}/.radd/base", "--threads", "1",
    ]  # fmt: skip
    assert trainer.launch("train", "--fail", DATA="sets").returncode == 1


def test_a_try_of_every_step_does_not_touch_a_real_run(trainer: Desk) -> None:
    (trainer.root / "data").mkdir()
    assert "/.radd/training-smoke" in trainer.launch("train", "--smoke").stdout


def test_without_data_one_line_says_what_to_name(trainer: Desk) -> None:
    done = trainer.launch("train")
    assert done.returncode == 1
    assert "make train DATA=folder" in done.stderr
    assert trainer.launch("train", "--data=elsewhere").returncode == 0
    assert trainer.launch("train", "--help").returncode == 0


def test_the_tests_of_training_run_without_the_houses_settings(trainer: Desk) -> None:
    tests = trainer.root / training.TESTS
    tests.mkdir(parents=True)
    (trainer.root / "tests" / "conftest.py").write_text("raise RuntimeError('Django is not here')\n")
    (trainer.root / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tests / "test_one.py").write_text("def test_one(): pass\ndef test_two(): pass\n")
    assert "2 passed" in trainer.launch("test-training").stdout
    assert "1 passed" in trainer.launch("test-training", "-k", "two").stdout
    assert "1 passed" in trainer.launch("test-training", f"{training.TESTS}/test_one.py::test_one").stdout
