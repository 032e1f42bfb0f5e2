"""`make run`: the whole desk on one machine, from nothing to an answering page, until Ctrl-C."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from launch import environment, settings
from launch.console import Console, Refusal, duration
from launch.layout import Folder, Lock, refuse_second
from launch.ports import LOOPBACK, Ports, is_free
from launch.servers import Servers
from launch.session import announce, manage, running_file
from launch.supervisor import Spec, StopRequested, Supervisor

LOW_MEMORY_MB = 700
ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class Options:
    """What the person chose: HOST, PORT and DEMO, from the environment (`make run PORT=8001` puts them there)."""

    host: str
    port: int
    demo: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Options:
        """Read them, refusing a port that is no port."""
        text = environ.get("PORT") or "8000"
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise Refusal(f"PORT={text} is not a port: give a number from 1 to 65535.")
        demo = environ.get("DEMO", "1").lower() not in ("0", "no", "false", "off")
        return cls(environ.get("HOST") or LOOPBACK, int(text), demo)


def run(folder: Folder, environ: Mapping[str, str], console: Console) -> int:
    """Start everything and keep it going. Whatever may refuse does so before anything is started."""
    options = Options.read(environ)
    folder.make_home()
    lock = Lock(folder.home / "launcher.lock")
    if not lock.take_or_wait(console):
        raise refuse_second(lock)
    try:
        check_port(options)
        warn_of_low_memory(console)
        environment.ensure(folder, console)
        return _run(folder, environ, options, console, lock)
    finally:
        running_file(folder).unlink(missing_ok=True)
        lock.release()


def _run(folder: Folder, environ: Mapping[str, str], options: Options, console: Console, lock: Lock) -> int:
    began = time.monotonic()
    running_file(folder).unlink(missing_ok=True)
    try:
        with Supervisor(console, [lock.fd]) as supervisor:
            servers = Servers(folder, folder.home, environ, console)
            servers.start(supervisor)
            live_port = Ports(folder.home / "ports.json").get("live")
            shared = servers.urls() | {"RADD_PORT": str(options.port), "RADD_LIVE_PORT": str(live_port)}
            announce(folder, shared)
            env = settings.development(folder, environ, options.host) | shared
            prepare_database(folder, env, supervisor)
            check_port(options)  # again: installing and migrating may have taken minutes
            web, *others = specs(folder, env, options, live_port)
            supervisor.add(web)  # it starts while the demonstration is made
            logins = demo_logins(folder, env, supervisor) if options.demo else []
            for spec in others:
                supervisor.add(spec)
            await_answer(supervisor, options, console, logins, began)
            while True:
                supervisor.step()
    except StopRequested:
        console.say("Everything has stopped.")
    return 0


# --- before anything is started ---
def check_port(options: Options) -> None:
    """Refuse a port that is taken or an address that is not this machine's."""
    try:
        free = is_free(options.port, options.host)
    except OSError as error:
        raise Refusal(f"Cannot listen on HOST={options.host} PORT={options.port}: {error.strerror}.") from None
    if not free:
        other = options.port + 1 if options.port < 65535 else 8000
        raise Refusal(f"Port {options.port} is in use by another program: choose another, `make run PORT={other}`.")


def warn_of_low_memory(console: Console, meminfo: Path = Path("/proc/meminfo")) -> None:
    """One line when the machine is likely to run out."""
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        free = int(lines["MemAvailable"].split()[0]) // 1024
    except (OSError, KeyError, ValueError):
        return
    if free < LOW_MEMORY_MB:
        console.warn(f"Only {free} MB of memory are free, Radd wants {LOW_MEMORY_MB}: it may be slow or be killed.")


# --- preparing ---
def prepare_database(folder: Folder, env: Mapping[str, str], supervisor: Supervisor) -> None:
    """Bring the tables up to this version."""
    words = manage(folder, ["migrate", "--noinput", "--verbosity=1"])
    status, _ = supervisor.finish(Spec("migrate", words, env, folder.root))
    if status:
        raise Refusal(
            "The database could not be migrated (see above); its data is as before. After mending the cause run "
            "`make run` again, or begin with an empty desk: `make clean DATA=1`."
        )


def demo_logins(folder: Folder, env: Mapping[str, str], supervisor: Supervisor) -> list[dict[str, str]]:
    """Make the demonstration brand, people and channel; whom one may sign in as."""
    status, text = supervisor.finish(
        Spec("demo", manage(folder, ["start_demo", "--json"]), env, folder.root), collect=True
    )
    if status:
        raise Refusal("The demonstration could not be made (see above): `make run DEMO=0` starts without it.")
    return read_logins(text)


def read_logins(text: str) -> list[dict[str, str]]:
    """The list of logins in a command's output: its last line that is one, so that a stray print does no harm."""
    for candidate in (text, *reversed(text.splitlines())):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(found, list):
            return [{str(key): str(value) for key, value in one.items()} for one in found if isinstance(one, dict)]
    return []


# --- the processes ---
def specs(folder: Folder, env: Mapping[str, str], options: Options, live_port: int) -> list[Spec]:
    """Web pages, live stream, workers and the clock. Stopped in the other direction: nothing new comes in first."""
    python = str(folder.python)
    celery = [python, "-m", "celery", "--app=care", "--quiet"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--loglevel=info"]
    granian = [
        python, "-m", "granian", "--interface=wsgi", f"--host={options.host}", f"--port={options.port}",
        "--workers=1", "--blocking-threads=4", "--http=1", "--no-ws", "--workers-kill-timeout=2",
        "care.wsgi:application",
    ]  # fmt: skip
    uvicorn = [
        python, "-m", "uvicorn", f"--host={options.host}", f"--port={live_port}", "--no-access-log",
        "--lifespan=off", "--timeout-graceful-shutdown=2", "care.asgi:application",
    ]  # fmt: skip
    commands: Sequence[tuple[str, list[str], int]] = (
        ("web", granian, 4),
        ("live", uvicorn, 3),
        ("listener", manage(folder, ["listen"]), 2),
        ("worker", [*worker, "-Q", "collect,triage,delivery", "-P", "threads", "-c", "4", "-n", "work@%h"], 2),
        ("reader", [*worker, "-Q", "scoring,shadow", "-P", "solo", "-n", "reader@%h"], 2),
        ("beat", [*celery, "beat", "-s", str(folder.home / "celerybeat-schedule"), "--pidfile="], 1),
    )
    made = [Spec(name, argv, env, folder.root, stop_order=order) for name, argv, order in commands]
    return [replace(one, prepare=lambda: insist_on_port(options)) if one.name == "web" else one for one in made]


def insist_on_port(options: Options) -> None:
    """granian shares a port that another granian listens on, without a word: half the pages would be the other's."""
    if not is_free(options.port, options.host):
        raise OSError(f"port {options.port} is in use by another program")


# --- telling the person ---
def await_answer(
    supervisor: Supervisor, options: Options, console: Console, logins: Sequence[Mapping[str, str]], began: float
) -> None:
    """Say where the desk is as soon as it answers."""
    if not supervisor.until(lambda: answers(options), ANSWER_SECONDS):
        console.warn(f"The pages have not answered after {ANSWER_SECONDS:.0f} s; the lines above may say why.")
        supervisor.until(lambda: answers(options), float("inf"))
    console.box(welcome(options, logins, time.monotonic() - began))


def address(options: Options) -> str:
    """What to type into a browser on this machine."""
    host = "localhost" if options.host in (*settings.EVERYWHERE, LOOPBACK) else options.host
    return f"http://{f'[{host}]' if ':' in host else host}:{options.port}/"


def answers(options: Options) -> bool:
    """Whether the pages answer that they are well."""
    host = LOOPBACK if options.host in settings.EVERYWHERE else options.host
    connection = http.client.HTTPConnection(host, options.port, timeout=3)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{options.port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(options: Options, logins: Sequence[Mapping[str, str]], seconds: float) -> list[str]:
    """The lines of the box."""
    lines = [f"Radd is ready: {address(options)}", f"(started in {duration(seconds)})"]
    if logins:
        widths = [max(len(one.get(key, "")) for one in logins) for key in ("email", "password", "role")]
        lines += ["", "Sign in as:"]
        for one in logins:
            words = [
                one.get(key, "").ljust(width) for key, width in zip(("email", "password", "role"), widths, strict=True)
            ]
            lines.append("  " + "   ".join(words).rstrip())
    if options.host in settings.EVERYWHERE:
        lines += ["", "Other machines reach it only under the names in RADD_ALLOWED_HOSTS."]
    return [*lines, "", "Ctrl-C stops everything."]
