"""A database for one benchmark, on the server that DATABASE_URL names; removed whatever happens."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "radd_bench_"


@contextmanager
def database(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment for a process that works on a new, migrated database and on Redis keys of its own."""
    name = f"{PREFIX}{os.getpid()}_{secrets.token_hex(3)}"
    home = environ["DATABASE_URL"]
    env = _environment(environ, name)
    _on_server(home, f'CREATE DATABASE "{name}"')
    try:
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)
        yield env
    finally:
        _on_server(home, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _forget_keys(environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), name)


@contextmanager
def seeded(environ: Mapping[str, str], tickets: int, *, keep: bool = False) -> Iterator[dict[str, str]]:
    """The same with made-up history of so many tickets, five messages each. `keep`: for the next that asks for it."""
    if not keep:
        with database(environ) as env:
            _seed(env, tickets)
            yield env
        return
    name = f"{PREFIX}kept_{tickets}"
    env = _environment(environ, name)
    if not _is_there(environ["DATABASE_URL"], name):
        _on_server(environ["DATABASE_URL"], f'CREATE DATABASE "{name}"')
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)
        _seed(env, tickets)
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)
    yield env


def _seed(env: Mapping[str, str], tickets: int) -> None:
    command = [sys.executable, "manage.py", "seed_scale", f"--tickets={tickets}"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


def _environment(environ: Mapping[str, str], name: str) -> dict[str, str]:
    return dict(environ) | {
        "DATABASE_URL": urlunsplit(urlsplit(environ["DATABASE_URL"])._replace(path=f"/{name}")),
        "RADD_REDIS_PREFIX": name,
        "DJANGO_SETTINGS_MODULE": "care.settings",
    }


def _is_there(url: str, name: str) -> bool:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _on_server(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _forget_keys(url: str, prefix: str) -> None:
    with redis.Redis.from_url(url) as connection:
        for key in connection.scan_iter(f"{prefix}:*"):
            connection.delete(key)
