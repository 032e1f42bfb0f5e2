"""A whole desk in real processes, driven as people drive it: commands to set it up, the API to work."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import requests

from tests.counterparts.network import Network
from tests.databases import admin, with_name
from tests.e2e.desk import ROOT, free_port

BRAND, TEAM = "Nawa Telecom", "Nawa Telecom care"
EMAIL, PASSWORD = "mona@nawa.example", "care-desk-on-loopback-1"
UNDO_SECONDS = 1
# Short leases: what a killed worker held comes free while somebody watches. Longer than the calls made under one, or
# another worker would take what is still being tried.
LEASE_SECONDS, CALL_SECONDS = 20, 5
LOOK = 0.1

Json = dict[str, Any]
T = TypeVar("T")


@dataclass
class Inbox:
    """A page that is open: when it was first told of each ticket, by `time.monotonic`."""

    told: dict[int, float] = field(default_factory=dict)
    stands: threading.Event = field(default_factory=threading.Event)

    def listen(self, session: requests.Session, url: str) -> None:
        """Until the stream ends."""
        with suppress(requests.RequestException), session.get(url, stream=True, timeout=(5, 120)) as stream:
            stream.raise_for_status()
            self.stands.set()
            for line in stream.iter_lines(chunk_size=1):
                if line.startswith(b"data: "):
                    now = time.monotonic()
                    for change in json.loads(line[6:]).get("changes", ()):
                        self.told.setdefault(change["ticket"], now)


@dataclass
class Desk:
    """A running desk with nobody's data in it."""

    url: str
    home: Path
    log: Path
    env: dict[str, str]
    _token: str = ""
    _http: requests.Session = field(default_factory=requests.Session)

    # --- setting up -------------------------------------------------------------------------------------------------
    def manage(self, *words: str, given: str = "") -> str:
        """A Django command to its end; what it printed. Raises AssertionError with its words where it fails."""
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        done = subprocess.run(
            command, env=self.env, cwd=ROOT, input=given, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, f"manage.py {words[0]}: {done.stderr[-2000:]}"
        return done.stdout

    def connect(
        self, network: Network, name: str, *, brand: str = BRAND, seconds: int = 60, more: Json | None = None
    ) -> int:
        """Connect the network's brand account as a channel, as an operator does; the channel's id."""
        options = {**network.options(), **(more or {})}
        words = [word for pair in options.items() for word in ("--option", "=".join(map(str, pair)))]
        self.manage(
            "connect_channel", name, "--platform", network.platform, "--brand", brand, "--seconds", str(seconds),
            "--credentials", "-", *words, given=json.dumps(network.credentials()),
        )  # fmt: skip
        if not self._token:
            self._sign_in()
        return next(int(one["id"]) for one in self.pages("channels") if one["name"] == name)

    def _sign_in(self) -> None:
        self.manage("add_person", EMAIL, "--name", "Mona", "--role", "admin", given=PASSWORD)
        told = requests.post(f"{self.url}/api/token", json={"email": EMAIL, "password": PASSWORD}, timeout=20)
        assert told.ok, told.text
        self._token = told.json()["token"]

    def open_inbox(self) -> Inbox:
        """Sign in as a person does and keep the inbox open: the stream that tells its page what is new."""
        session, inbox = requests.Session(), Inbox()
        page = f"{self.url}/sign-in/"
        session.get(page, timeout=20)
        form = {"username": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        signed_in = session.post(page, data=form, headers={"Referer": page}, timeout=20)
        assert "sessionid" in session.cookies, signed_in.status_code
        port = json.loads((self.home / "ports.json").read_text())["live"]
        now = session.get(f"{self.url}/live/changes", timeout=20).json()["position"]
        url = f"http://127.0.0.1:{port}/live/?since={now}"
        threading.Thread(target=inbox.listen, args=[session, url], daemon=True).start()
        assert inbox.stands.wait(20), "the live stream does not answer"
        return inbox

    # --- working ----------------------------------------------------------------------------------------------------
    def get(self, path: str, **params: object) -> Any:
        """What the API says there."""
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Json | None = None) -> Any:
        """Do something by the API."""
        return self._call("POST", path, json=body or {})

    def pages(self, path: str, **params: object) -> list[Json]:
        """The first page of a list."""
        found = self.get(path, **params)
        return list(found["results"])

    def _call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Token {self._token}"}
        told = self._http.request(method, f"{self.url}/api/{path}", headers=headers, timeout=30, **more)
        assert told.ok, f"{method} {path}: {told.status_code} {told.text[:1000]}"
        return told.json()

    def ticket(self, words: str, channel: int, seconds: float = 60) -> Json:
        """The ticket of that channel whose newest customer's message holds these words."""
        return self.until(
            lambda: next((one for one in self.pages("tickets", channel=channel) if words in one["preview"]), None),
            f"a ticket with {words!r}",
            seconds,
        )

    def story(self, ticket: int) -> list[Json]:
        """The messages of a ticket, in the order of time."""
        return list(self.get(f"tickets/{ticket}")["messages"])

    def message(self, words: str, ticket: int, seconds: float = 60) -> Json:
        """The message of that ticket which holds these words."""
        return self.until(
            lambda: next((one for one in self.story(ticket) if words in one["text"]), None),
            f"a message with {words!r}",
            seconds,
        )

    def stored(self, external_id: str, channel: int) -> list[Json]:
        """The messages of that channel with this id of the network's: one, or none."""
        return [one for one in self.pages("messages", channel=channel) if one["external_id"] == external_id]

    def answer(self, ticket: int, text: str, **more: object) -> Json:
        """Answer the customer, as a person who has read everything; the delivery of the first part."""
        seen = self.get(f"tickets/{ticket}")["ticket"]["position"]
        return dict(self.post(f"tickets/{ticket}/reply", {"text": text, "seen": seen, **more})["delivery"])

    def picture(self, ticket: int, content: bytes, alt: str) -> str:
        """Put a picture into the box of a ticket; its key."""
        file = {"file": ("picture.png", content, "image/png")}
        return str(self._call("POST", f"tickets/{ticket}/pictures", files=file, data={"alt": alt})["key"])

    def delivery(self, ticket: int, key: str) -> Json:
        """That delivery as it stands now."""
        deliveries = [one["delivery"] for one in self.story(ticket) if one["delivery"]]
        return next(dict(one) for one in deliveries if one["key"] == key)

    def delivered(self, ticket: int, key: str, seconds: float = 60) -> Json:
        """Our message with that delivery, once it is sent. Raises AssertionError where it fails for good."""

        def look() -> Json | None:
            for one in self.story(ticket):
                delivery = one["delivery"] or {}
                if delivery.get("key") == key:
                    assert delivery["state"] not in {"failed", "cancelled"}, delivery
                    return one if delivery["state"] == "sent" else None
            return None

        return self.until(look, "the answer to be sent", seconds)

    # --- what no page shows -----------------------------------------------------------------------------------------
    def session(self, channel: int) -> Json:
        """What a channel's adapter keeps between pieces of work."""
        words = f"import json; from ingest.sessions import Kept; print(json.dumps(Kept({channel}).get()))"
        return dict(json.loads(self.manage("shell", "--no-imports", "--command", words)))

    def keep_session(self, channel: int, session: Json) -> None:
        """Put another in its place."""
        words = f"from ingest.sessions import Kept; Kept({channel}).renew(lambda _: {session!r})"
        self.manage("shell", "--no-imports", "--command", words)

    # --- processes --------------------------------------------------------------------------------------------------
    def kill(self, mark: str) -> int:
        """kill -9 the process of this desk whose command line holds `mark`; the launcher starts it anew."""
        found = self.processes(mark)
        assert found, f"no process {mark!r} runs"
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return found[0]

    def processes(self, mark: str) -> list[int]:
        """The ids of this desk's own processes whose command line holds `mark`."""
        home = f"RADD_HOME={self.home}".encode()
        return [pid for pid, words, env in _running() if mark.encode() in words and home in env.split(b"\0")]

    def until(self, look: Callable[[], T | None], what: str, seconds: float = 60) -> T:
        """The first true value that `look` gives. Raises AssertionError with the end of the desk's log."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(LOOK)
        raise AssertionError(f"never came: {what}\n{self.log.read_text(errors='replace')[-4000:]}")


def _running() -> Iterator[tuple[int, bytes, bytes]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                yield int(folder.name), words, (folder / "environ").read_bytes()
            except OSError:
                continue


@contextmanager
def running_desk(**settings: str) -> Iterator[Desk]:
    """A desk from nothing, and nothing left of it afterwards. `settings`: environment variables more."""
    home = Path(tempfile.mkdtemp(prefix="radd-counterparts-"))
    home.chmod(0o711)
    port, database, server = free_port(), f"radd_{home.name[-8:].lower()}", os.environ["DATABASE_URL"]
    admin(server, f'CREATE DATABASE "{database}"')
    env = {
        **os.environ,
        "DEMO": "0",
        "RADD_HOME": str(home),
        "DATABASE_URL": with_name(server, database),
        "PORT": str(port),
        "RADD_REDIS_PREFIX": f"radd-{home.name}",
        "RADD_UNDO_SECONDS": str(UNDO_SECONDS),
        "RADD_DELIVERY_LEASE_SECONDS": str(LEASE_SECONDS),
        "RADD_COLLECT_LEASE_SECONDS": str(LEASE_SECONDS),
        "RADD_PLATFORM_TIMEOUT": str(CALL_SECONDS),
        "RADD_READER": "onnx",
        "RADD_SECRET_KEY": "only-for-counterparts-" + "x" * 40,
        **settings,
    }
    desk = Desk(f"http://127.0.0.1:{port}", home, home / "desk.log", env)
    with desk.log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "launch", "run"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        desk.until(lambda: _answers(desk, process), "the pages", 120)
        yield desk
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        if keep := os.environ.get("RADD_KEEP_LOGS"):
            shutil.copy(desk.log, Path(keep) / f"{home.name}.log")
        admin(server, f'DROP DATABASE "{database}" WITH (FORCE)')
        shutil.rmtree(home, ignore_errors=True)


def _answers(desk: Desk, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, f"the desk did not start:\n{desk.log.read_text(errors='replace')}"
    try:
        return requests.get(f"{desk.url}/healthz", timeout=2).ok
    except requests.RequestException:
        return False
