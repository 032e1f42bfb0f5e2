"""A real PostgreSQL out of a wheel, for one data folder: made, started, and brought back after any crash."""

from __future__ import annotations

import contextlib
import locale
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from launch.console import Console, Refusal
from launch.layout import Folder, secret
from launch.ports import LOOPBACK
from launch.processes import Identity, command_line, is_alive, nobody, signal_process, spawn, wait_gone
from launch.supervisor import Spec

NAME = "postgres"
USER = DATABASE = "radd"
STOP_ORDER = 90
# A desk on a laptop. No unix socket: its path may be too long, and loopback with a password serves everyone.
SETTINGS = (
    "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60", "shared_buffers=128MB",
    "max_wal_size=256MB", "jit=off", "max_parallel_workers_per_gather=1", "timezone=UTC", "log_timezone=UTC",
    "log_checkpoints=off",
)  # fmt: skip
# For data that is thrown away: faster, and lost in a crash.
FLEETING = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")
# No process has it (above the kernel's highest), so PostgreSQL finds its lock file stale but keeps its other checks.
NO_PROCESS = 2**31 - 2


class Postgres:
    """One PostgreSQL. Its files lie in `home`; the password in a private file beside them."""

    def __init__(self, folder: Folder, home: Path, port: int, *, lasting: bool, console: Console) -> None:
        self.home = home
        self.data = home / "postgres"
        self.port = port
        self.lasting = lasting
        self.log = folder.log(NAME) if lasting else home / "postgres.log"
        self._console = console
        self._bin = find_binaries(folder)
        self._identity = Identity.OURS

    def url(self) -> str:
        """What DATABASE_URL has to be."""
        return f"postgres://{USER}:{self._password()}@{LOOPBACK}:{self.port}/{DATABASE}"

    def spec(self) -> Spec:
        """How to run it. SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave."""
        options = [word for setting in SETTINGS for word in ("-c", setting)]
        if not self.lasting:
            options += [word for setting in FLEETING for word in ("-c", setting)]
        return Spec(
            name=NAME,
            argv=[str(self._bin / "postgres"), "-D", str(self.data), "-c", f"port={self.port}", *options],
            env=self._env(),
            cwd=self.data,
            stop_order=STOP_ORDER,
            stop_signal=signal.SIGINT,
            identity=self._identity,
            log=self.log,
            prepare=self._clear_lock_file,
        )

    def make(self) -> None:
        """Make the data folder unless it is there. An interrupted attempt leaves only a folder that is replaced."""
        self._identity = self._choose_identity()
        if not (self.data / "PG_VERSION").exists():
            new = self.home / "postgres.new"
            shutil.rmtree(new, ignore_errors=True)
            shutil.rmtree(self.data, ignore_errors=True)
            new.mkdir(mode=0o700)
            self._give_away(new)
            self._initdb(new)
            new.rename(self.data)
        self._give_away(self.data)

    def ready(self) -> bool:
        """Whether it takes connections: the last line of its lock file says so."""
        lines = self._lock_file()
        return len(lines) > 7 and lines[7].strip() == "ready" and is_alive(int(lines[0]))

    def complete(self) -> None:
        """Once it runs: make the database, which may be there already."""
        command = [str(self._bin / "createdb"), "-h", LOOPBACK, "-p", str(self.port), "-U", USER, "-w"]
        env = self._env() | {"PGPASSWORD": self._password()}
        made = subprocess.run([*command, DATABASE], env=env, capture_output=True, text=True, check=False)
        if made.returncode and "already exists" not in made.stderr:
            raise Refusal(f"The database could not be made: {made.stderr.strip()}")

    # --- making the data folder ---
    def _initdb(self, new: Path) -> None:
        self._console.say("Making a new PostgreSQL data folder.")
        passwords = new.with_name("postgres.password.new")
        passwords.write_text(self._password())
        passwords.chmod(0o600)
        self._give_away(passwords)
        process = spawn(
            [str(self._bin / "initdb"), "-D", str(new), "-U", USER, "--auth=scram-sha-256", "--encoding=UTF8",
             "--locale=C", f"--lc-ctype={character_types()}", f"--pwfile={passwords}",
             *([] if self.lasting else ["--no-sync"])],
            env=self._env(), cwd=new, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, identity=self._identity,
        )  # fmt: skip
        output, _ = process.communicate()
        passwords.unlink(missing_ok=True)
        if process.returncode:
            raise Refusal(f"PostgreSQL could not make its data folder: {output.decode(errors='replace').strip()}")

    def _password(self) -> str:
        return secret(self.home / "postgres.password")

    def _env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}

    # --- root ---
    def _choose_identity(self) -> Identity:
        """PostgreSQL refuses root. Nobody will do where nobody can reach the files; else a user namespace."""
        if os.geteuid() != 0:
            return Identity.OURS
        for identity in (Identity.NOBODY, Identity.NAMESPACE):
            if self._works_as(identity):
                return identity
        raise Refusal(
            "PostgreSQL does not run as root, and the user nobody cannot read this folder: "
            "move the checkout to where others can read it, run as an ordinary user, or set DATABASE_URL."
        )

    def _works_as(self, identity: Identity) -> bool:
        """Whether this identity can run the program and reach the data folder's parent."""
        script = '"$1" --version && cd "$2"'
        try:
            trial = spawn(
                ["/bin/sh", "-c", script, "sh", str(self._bin / "postgres"), str(self.home)],
                env=self._env(), cwd=Path("/"), identity=identity,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return False
        return trial.wait() == 0

    def _give_away(self, path: Path) -> None:
        """Let the identity that PostgreSQL runs as own these files; the last start may have used another."""
        if self._identity is Identity.OURS:
            return
        uid, gid = nobody() if self._identity is Identity.NOBODY else (os.getuid(), os.getgid())
        if path.stat().st_uid == uid:
            return
        for inside in sorted(path.rglob("*")):
            os.chown(inside, uid, gid, follow_symlinks=False)
        os.chown(path, uid, gid)  # last: it is what the next start looks at

    # --- coming back after a crash ---
    def _lock_file(self) -> list[str]:
        with contextlib.suppress(OSError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return lines if lines and re.fullmatch(r"\d+", lines[0].strip()) else []
        return []

    def _clear_lock_file(self) -> None:
        """End a PostgreSQL that a killed launcher left on our data, and mark a stale lock file as stale.

        PostgreSQL sees for itself that a process is gone, but takes a zombie, or another program that got the same
        process id since, for a running server and would refuse to start. The file is kept, not removed: its last
        line lets PostgreSQL notice children of the old server that are still writing.
        """
        lines = self._lock_file()
        if not lines or int(lines[0]) == NO_PROCESS:
            return
        pid = int(lines[0])
        if is_alive(pid) and str(self.data) in command_line(pid):
            self._console.say(f"Ending the PostgreSQL that the last launcher left (process {pid}).")
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                signal_process(pid, number)
                if wait_gone(pid, 8):
                    break
        self._rewrite_first_line()

    def _rewrite_first_line(self) -> None:
        path = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError), path.open("r+") as file:
            _, *rest = file.read().splitlines()
            file.seek(0)
            file.write("\n".join([str(NO_PROCESS), *rest]) + "\n")
            file.truncate()


def find_binaries(folder: Folder) -> Path:
    """The folder with `postgres` and `initdb`, in whichever package of the environment brings them."""
    for found in folder.venv.glob("lib/python3*/site-packages/*/pginstall/bin/postgres"):
        return found.parent
    raise Refusal("No PostgreSQL comes with the packages on this system: start one and set DATABASE_URL.")


def character_types(available: Callable[[str], bool] | None = None) -> str:
    """A locale that knows Arabic letters as letters; under plain C, pg_trgm finds none in them."""
    for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8", "UTF-8"):
        if (available or has_locale)(name):
            return name
    raise Refusal("This system has no UTF-8 locale: install one (`apt install locales`), or set DATABASE_URL.")


def has_locale(name: str) -> bool:
    """Whether the C library knows this locale."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_CTYPE, before)
    return True
