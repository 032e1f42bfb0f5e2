"""Databases on the test server: statements about them, and the migrated one that each test worker's is a copy of.

Migrations are some seconds of a whole core. They are run once, in a process of its own, while the workers still find
their tests.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
# For the workers: the name of the migrated database, and the file that says when it is made.
NAME, TOLD = "RADD_TEST_TEMPLATE", "RADD_TEST_TEMPLATE_TOLD"
MADE = "made"
PATIENCE = 180


def with_name(url: str, name: str) -> str:
    """The same server's address, with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def admin(server: str, sql: str) -> None:
    """Run a statement that no transaction may hold."""
    with closing(psycopg2.connect(with_name(server, "postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)


@contextmanager
def migrated() -> Iterator[None]:
    """Begin to make it; in the end it is gone."""
    server, name = os.environ["DATABASE_URL"], f"radd_migrated_{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="radd-migrated-") as place:
        os.environ |= {NAME: name, TOLD: str(Path(place) / "told")}
        process = subprocess.Popen([sys.executable, "-m", "tests.databases"], cwd=ROOT)
        try:
            yield
        finally:
            process.terminate()
            process.wait()
            admin(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def to_copy() -> str | None:
    """The migrated database, once it is made; None where nobody makes one, so that this worker migrates its own."""
    if NAME not in os.environ:
        return None
    told, end = Path(os.environ[TOLD]), time.monotonic() + PATIENCE
    while not told.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return os.environ[NAME] if told.exists() and told.read_text() == MADE else None


def main() -> None:
    """Make it, and tell how that ended."""
    server, name, told = os.environ["DATABASE_URL"], os.environ[NAME], Path(os.environ[TOLD])
    admin(server, f'CREATE DATABASE "{name}"')
    env = os.environ | {"DATABASE_URL": with_name(server, name)}
    done = subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=False)
    part = told.with_suffix(".part")
    part.write_text("" if done.returncode else MADE)
    part.rename(told)


if __name__ == "__main__":
    main()
