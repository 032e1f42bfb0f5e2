"""A whole desk of real processes on servers of its own, in a data folder that goes away with it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from launch import settings
from launch.console import Console
from launch.layout import Folder, throwaway
from launch.ports import Ports, free_port
from launch.run import Options, specs
from launch.servers import Servers
from launch.session import manage
from launch.supervisor import Child, Spec, Supervisor

NOT_OURS = ("DATABASE_URL", "REDIS_URL", "RADD_REDIS_PREFIX", "HOST", "PORT", "DEMO")
# Short leases and small batches: what a killed reader held comes free soon, and there is more to interrupt.
FASTER = {"RADD_READ_LEASE_SECONDS": "10", "RADD_READ_BATCH": "64"}
# People to give tickets to, so that routing is under fire as well.
AGENTS = """
from accounts.models import Membership, Team, User
team = Team.objects.create(name="Care")
for n in range(5):
    agent = User.objects.create_user(f"agent{n}@radd.example", None, name=f"Agent {n}", available=True, capacity=40)
    Membership.objects.create(team=team, user=agent)
"""


@dataclass
class Desk:
    """The running desk."""

    folder: Folder
    supervisor: Supervisor
    env: dict[str, str]
    port: int
    children: dict[str, Child]

    def manage(self, *words: str) -> tuple[int, str]:
        """A Django command to its end: its exit status and what it printed."""
        spec = Spec(words[0], manage(self.folder, words), self.env, self.folder.root)
        return self.supervisor.finish(spec, collect=True)

    def log(self, name: str) -> Path:
        return self.folder.home / "logs" / f"{name}.txt"


@contextmanager
def desk() -> Iterator[Desk]:
    """Servers that keep what they were told through a kill -9, and every process of `make run`."""
    given = Folder.here(dict(os.environ) | {"RADD_VENV": sys.prefix})
    environ = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    console = Console()
    with throwaway(given) as (home, lock), Supervisor(console, [lock.fd]) as supervisor:
        folder = replace(given, home=home)
        folder.make_home()
        servers = Servers(folder, home, environ, console)
        servers.start(supervisor)
        options = Options.read({"PORT": str(free_port()), "DEMO": "0"})
        live_port = Ports(home / "ports.json").get("live")
        env = settings.development(folder, environ) | FASTER | servers.urls() | {"RADD_LIVE_PORT": str(live_port)}
        made = Desk(folder, supervisor, env, options.port, {child.spec.name: child for child in supervisor.children})
        for words in (("migrate", "--verbosity=0"), ("shell", "--no-imports", "--command", AGENTS)):
            status, said = made.manage(*words)
            if status:
                raise SystemExit(f"manage.py {words[0]} failed: {said}")
        for spec in specs(folder, env, options, live_port):
            made.children[spec.name] = supervisor.add(replace(spec, log=made.log(spec.name)))
        yield made
