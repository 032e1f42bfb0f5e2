"""The virtual environment: made once, remade when it is not to be trusted, from where the person gets packages."""

import importlib.util
import os
import sys
import time
from pathlib import Path

import pytest

from launch import environment
from launch.console import Console, Refusal
from launch.indexes import pip_settings, uv_environment, without_cache
from launch.layout import Folder

LISTING = """:env:.cert='/etc/ssl/own.crt'
:env:.find-links='/srv/wheels'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.find-links='/elsewhere'
global.index-url='https://pypi.example/simple'
install.index-url='https://inner.example/simple'
list.format='columns'
"""


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was installed, in place of installing it. Without pip an environment is made in no time."""
    done: list[str] = []

    def make(folder: Folder, _lock: Path, _console: Console) -> None:
        done.append("packages")

    monkeypatch.setattr(environment, "VENV_OPTIONS", ["--clear", "--without-pip"])
    monkeypatch.setattr(environment, "_quiet", lambda command: Path(command[0]).exists())
    monkeypatch.setattr(environment, "_install_uv", lambda *_: None)
    monkeypatch.setattr(environment, "_install_lock", make)
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "requirements.lock").write_text("django==5.2\n")
    return Folder(tmp_path, tmp_path / ".radd", tmp_path / ".venv", venv_given=False)


def test_it_is_made_once_a_new_lock_installs_into_it_and_an_interrupted_install_makes_it_anew(
    folder: Folder, installs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.ensure(folder, Console())
    (folder.venv / "own").touch()
    environment.ensure(folder, Console())
    assert installs == ["packages"]
    (folder.root / "requirements.lock").write_text("django==5.3\n")
    with monkeypatch.context() as patch:
        patch.setattr(environment, "_install_lock", interrupt)
        with pytest.raises(KeyboardInterrupt):
            environment.ensure(folder, Console())
    assert (folder.venv / "own").exists()
    environment.ensure(folder, Console())
    assert not (folder.venv / "own").exists()
    assert installs == ["packages", "packages"]


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_missing_venv_module_is_one_line(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(Refusal, match="apt install python3-venv"):
        environment.ensure(folder, Console())


def test_a_given_environment_is_left_alone(folder: Folder, installs: list[str]) -> None:
    environment.ensure(Folder(folder.root, folder.home, folder.venv, venv_given=True), Console())
    assert installs == []
    assert not folder.venv.exists()


def test_translations_are_compiled_when_they_are_newer(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    given = Folder(folder.root, folder.home, Path(sys.prefix), venv_given=True)
    source = folder.root / "locale/ar/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Inbox"\nmsgstr "الوارد"\n'
    )
    environment.ensure(given, Console())
    assert "الوارد".encode() in source.with_suffix(".mo").read_bytes()
    environment.ensure(given, Console())
    assert capsys.readouterr().out.count("Compiled") == 1
    os.utime(source, (time.time() + 5, time.time() + 5))
    environment.ensure(given, Console())
    assert capsys.readouterr().out.count("Compiled") == 1


def test_a_catalogue_that_babel_skips_is_said_and_stops_nothing(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    source = folder.root / "locale/ar/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text('#, fuzzy\nmsgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n')
    environment.ensure(Folder(folder.root, folder.home, Path(sys.prefix), venv_given=True), Console())
    assert "was not compiled" in capsys.readouterr().out
    assert not source.with_suffix(".mo").exists()


def test_uv_is_told_what_pip_knows() -> None:
    assert uv_environment(pip_settings(LISTING), {}) == {
        "SSL_CERT_FILE": "/etc/ssl/own.crt",
        "UV_EXTRA_INDEX_URL": "https://one.example/simple https://two.example/simple",
        "UV_FIND_LINKS": "/srv/wheels",
        "UV_INDEX_URL": "https://inner.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_what_was_set_for_uv_stands() -> None:
    told = uv_environment(pip_settings(LISTING), {"UV_INDEX_URL": "https://mine.example", "UV_FIND_LINKS": "/mine"})
    assert "UV_INDEX_URL" not in told
    assert "UV_FIND_LINKS" not in told


def test_uv_does_without_a_cache_it_cannot_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"XDG_CACHE_HOME": str(tmp_path / "new" / "cache")}
    assert without_cache(place) == {}
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path)
    assert without_cache(place) == {"UV_NO_CACHE": "1"}


def test_one_package_of_the_lock() -> None:
    lock = "six==2\n    --hash=sha256:aa\nuv==0.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n    # via radd\n"
    assert environment.lock_entry(lock, "uv") == "uv==0.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc"
    assert environment.lock_entry(lock, "zlib") == ""
