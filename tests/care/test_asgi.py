"""The live stream's process: what stands before it, and what it leaves to pages."""

import json
import os
import subprocess
import sys

from django.conf import settings

ASK = "import json, care.asgi; from django.conf import settings; print(json.dumps(settings.MIDDLEWARE))"


def test_nothing_that_draws_pages_or_looks_people_up_one_by_one_stands_before_a_stream() -> None:
    """Who may listen the stream finds out itself (tests/tickets/news/test_stream.py)."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "care.settings", "RADD_SECRET_KEY": "x"}
    told = subprocess.run([sys.executable, "-c", ASK], cwd=settings.BASE_DIR, env=env, capture_output=True, check=True)
    stands = json.loads(told.stdout)
    assert [one.rsplit(".", 1)[1] for one in stands] == ["SecurityMiddleware", "CommonMiddleware"]
    assert set(stands) < set(settings.MIDDLEWARE)
