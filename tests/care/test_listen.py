"""`manage.py listen` as a process: idle without channels, light, and gone when it is told to stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)
LIBRARIES = ("tweepy", "atproto", "mastodon", "imapclient", "onnxruntime", "transformers")


@pytest.fixture
def environment() -> dict[str, str]:
    """That of this process, with the tests' own database."""
    database = connection.settings_dict
    place = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return dict(os.environ) | {"DATABASE_URL": f"postgres://{place}"}


def test_it_is_there_says_so_and_stops_when_told(environment: dict[str, str], tmp_path: Path) -> None:
    pulse = tmp_path / "listening"
    argv = [sys.executable, "manage.py", "listen", f"--pulse={pulse}"]
    listener = subprocess.Popen(argv, cwd=settings.BASE_DIR, env=environment)
    try:
        until = time.monotonic() + 60
        while not pulse.exists():
            assert listener.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        listener.send_signal(signal.SIGTERM)
        assert listener.wait(15) == 0
    finally:
        listener.kill()


def test_it_loads_no_library_of_a_platform_or_a_model(environment: dict[str, str]) -> None:
    code = (
        "import django, sys; django.setup(); from care.management.commands import listen;"
        "from ingest.listening import channels_to_hear; channels_to_hear();"
        f"print(sorted({set(LIBRARIES)!r} & set(sys.modules)))"
    )
    environment["DJANGO_SETTINGS_MODULE"] = "care.settings"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ran.stdout.strip() == "[]"
