"""A real Dovecot that nobody had to install: on high ports, as an ordinary user, its files in a folder of its own.

Where the system has no Dovecot, Debian's packages are fetched with `apt-get download` and unpacked, which needs no
root. Debian writes the places of its files into the programs; in the unpacked copy another place of the same length is
written there. It is the same program otherwise.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from launch.processes import Identity, nobody, signal_group, spawn
from tests.counterparts.network import Unavailable
from tests.counterparts.servers import packages

WANTED = ("dovecot-core", "dovecot-imapd")
# Debian's places, and what stands for them: a folder called /tmp/rdXXXXXXXX is one letter shorter than the first.
LIBRARY, SETTINGS_READER = b"/usr/lib/dovecot", b"/usr/bin/doveconf"

CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
listen = 127.0.0.1
protocols = imap
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
first_valid_uid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_mechanisms = plain login xoauth2
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {home}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/tokens.conf
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/boxes/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
}}
"""
TOKENS = """
tokeninfo_url = {url}?access_token=
introspection_mode = auth
username_attribute = email
"""


class Dovecot:
    """One server. `boxes`: a folder for each mailbox, by its address."""

    def __init__(self, port: int, certificate: str, token_info: str) -> None:
        self.port = port
        self.home = Path(tempfile.mkdtemp(prefix="radd-dovecot-", dir="/tmp"))
        self.boxes = self.home / "boxes"
        self._unpacked: Path | None = None
        try:
            self._program = self._found()
            self._prepare(certificate, token_info)
        except BaseException:
            self.close()
            raise
        self.version = self._asked("--version").split()[0]
        if not self.version.startswith("2.3"):
            self.close()
            raise Unavailable(f"the configuration here is that of Dovecot 2.3, this is {self.version}")
        self._process: subprocess.Popen[bytes] | None = None

    # --- running ----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Until it takes connections. Raises Unavailable."""
        self._process = spawn(
            [str(self._program), "-F", "-c", str(self.home / "dovecot.conf")],
            env={"PATH": os.defpath}, cwd=self.home, identity=_identity(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 20
        while not (self.home / "run" / "master.pid").exists():
            if self._process.poll() is not None or time.monotonic() > until:
                raise Unavailable(f"Dovecot did not start: {self.log()[-500:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """As if the machine had lost its power."""
        if self._process:
            signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()
            (self.home / "run" / "master.pid").unlink(missing_ok=True)

    def close(self) -> None:
        """Stop, and leave nothing."""
        process = getattr(self, "_process", None)
        if process:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            self.kill()
        for folder in filter(None, (self._unpacked, self.home)):
            shutil.rmtree(folder, ignore_errors=True)

    def log(self) -> str:
        """What it has written down."""
        with suppress(OSError):
            return (self.home / "log").read_text(errors="replace")
        return ""

    # --- mailboxes --------------------------------------------------------------------------------------------------
    def let_in(self, address: str, password: str) -> None:
        """A mailbox that opens to this password; it is made when it is first used."""
        with (self.home / "users").open("a") as file:
            file.write(f"{address}:{{PLAIN}}{password}\n")

    def renumber(self, address: str) -> None:
        """Forget every uid of a mailbox, as after a move to another machine. Only while the server is stopped."""
        box = self.boxes / address / "Maildir"
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            (box / name).unlink(missing_ok=True)

    # --- making it --------------------------------------------------------------------------------------------------
    def _prepare(self, certificate: str, token_info: str) -> None:
        user, group = _owner()
        for name in ("run", "state", "boxes"):
            (self.home / name).mkdir()
        (self.home / "users").touch()
        (self.home / "certificate.pem").write_text(certificate)
        (self.home / "tokens.conf").write_text(TOKENS.format(url=token_info))
        (self.home / "dovecot.conf").write_text(
            CONFIG.format(
                home=self.home, port=self.port, certificate=self.home / "certificate.pem", user=user, group=group
            )
        )
        if os.geteuid() == 0:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, *nobody())

    def _found(self) -> Path:
        for place in (shutil.which("dovecot"), "/usr/sbin/dovecot"):
            if place and Path(place).exists():
                return Path(place)
        self._unpacked = Path(tempfile.mkdtemp(prefix="rd", dir="/tmp"))
        self._unpacked.chmod(0o755)
        return unpacked(fetched(packages() / "dovecot"), self._unpacked)

    def _asked(self, word: str) -> str:
        done = subprocess.run([self._program, word], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(f"Dovecot does not run here: {done.stderr.strip()[-300:]}")
        return done.stdout


def fetched(into: Path) -> list[Path]:
    """Debian's packages, and those of the libraries they need that this system lacks. Raises Unavailable."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Unavailable(
            "Dovecot is not installed (`apt install dovecot-imapd`), and there is no apt to fetch it with"
        )
    into.mkdir(parents=True, exist_ok=True)
    if not (into / "complete").exists():
        _download(into, WANTED)
        _download(into, _missing_libraries(into))
        (into / "complete").touch()
    return sorted(into.glob("*.deb"))


def _download(into: Path, names: tuple[str, ...]) -> None:
    if not names:
        return
    done = subprocess.run(["apt-get", "download", *names], cwd=into, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or ["no words"]
        raise Unavailable(f"Dovecot's packages could not be fetched with apt-get: {said[0]}")


def _missing_libraries(into: Path) -> tuple[str, ...]:
    wanted: set[str] = set()
    for deb in into.glob("*.deb"):
        told = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], capture_output=True, text=True, check=True).stdout
        wanted |= {part.split()[0] for part in told.split(",") if part.strip().startswith("lib")}
    return tuple(sorted(name for name in wanted if not _installed(name)))


def _installed(name: str) -> bool:
    told = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True, text=True, check=False
    )
    return told.stdout.startswith("installed")


def unpacked(debs: list[Path], home: Path) -> Path:
    """Unpack the packages so that they run from `home`; the program to start."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for deb in debs:
            subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
        shutil.copytree(root / "usr/lib/dovecot", home, symlinks=True, dirs_exist_ok=True)
        for library in root.glob("usr/lib/*-linux-*/*.so*"):
            shutil.copy2(library, home / library.name)
        # One letter, because its whole path has to be as long as Debian's.
        shutil.copy2(root / "usr/bin/doveconf", home / "c")
        shutil.copy2(root / "usr/sbin/dovecot", home / "dovecot")
    here = f"{home}/".encode()
    assert len(here) == len(LIBRARY)
    for file in home.rglob("*"):
        if file.is_file() and not file.is_symlink():
            before = file.read_bytes()
            after = before.replace(LIBRARY, here).replace(SETTINGS_READER, here + b"c")
            if after != before:
                file.write_bytes(after)
    return home / "dovecot"


def _identity() -> Identity:
    return Identity.NOBODY if os.geteuid() == 0 else Identity.OURS


def _owner() -> tuple[str, str]:
    """The user and the group it runs as, by their ids: it takes those too."""
    uid, gid = nobody() if os.geteuid() == 0 else (os.getuid(), os.getgid())
    return pwd.getpwuid(uid).pw_name, _group(gid)


def _group(gid: int) -> str:
    return subprocess.run(["getent", "group", str(gid)], capture_output=True, text=True, check=False).stdout.split(":")[
        0
    ] or str(gid)
