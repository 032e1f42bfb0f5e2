"""What every test may lean on: a Redis prefix of its own for each test worker, and a cast of people and posts."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from tests import databases

# A busy machine is no fault of the code.
slow = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("radd", deadline=None, suppress_health_check=slow)
hypothesis.settings.load_profile("radd")

worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
# For the processes that tests start.
os.environ["RADD_REDIS_PREFIX"] = f"radd-test-{os.getpid()}-{worker}"
os.environ.setdefault("RADD_SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ["RADD_UNDO_SECONDS"] = "0"
os.environ["RADD_READER"] = os.environ.get("RADD_TEST_READER", "lexicon")


def pytest_configure() -> None:
    """For this process, whose settings pytest-django read before it came to this file."""
    settings.REDIS_PREFIX = os.environ["RADD_REDIS_PREFIX"]
    settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{settings.REDIS_PREFIX}:"
    settings.UNDO_SECONDS = 0
    settings.READER = os.environ["RADD_READER"]
    # Each test's browser would look through all files anew before its first page.
    settings.WHITENOISE_AUTOREFRESH = True
    # A slow hash for every person of every test would be most of the suite's time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


_held = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Whoever has workers makes what they copy; browsers look at a desk that migrates itself."""
    config = session.config
    here = not hasattr(config, "workerinput") and config.getoption("numprocesses", None)
    if here and "DATABASE_URL" in os.environ and not all("e2e" in path for path in config.args):
        _held.enter_context(databases.migrated())


def pytest_unconfigure() -> None:
    _held.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Before pytest-django makes this worker's database."""
    if name := databases.to_copy():
        connection.settings_dict["TEST"]["TEMPLATE"] = name


@pytest.fixture(autouse=True, scope="session")
def one_minute() -> Iterator[None]:
    """What a page asks for once a minute it asks for once a run: no count of queries depends on the clock."""
    from care import context

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "REMEMBERED", 10**12)
        yield
