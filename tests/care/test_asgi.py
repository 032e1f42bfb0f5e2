"""The live stream's process: what stands before it, and what it leaves to pages."""

import json
import os
import subprocess
import sys

from django.conf import settings

ASK = "import json, care.asgi; from django.conf import settings; print(json.dumps(settings.MIDDLEWARE))"


def test_whoever_listens_passes_every_guard_of_people_and_nothing_that_draws_pages() -> None:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "care.settings", "RADD_SECRET_KEY": "x"}
    told = subprocess.run([sys.executable, "-c", ASK], cwd=settings.BASE_DIR, env=env, capture_output=True, check=True)
    stands = json.loads(told.stdout)
    guards = ("Session", "Authentication", "LoginRequired", "SecondStep", "Security", "Common")
    assert [name for name in guards if not any(f".{name}Middleware" in one for one in stands)] == []
    assert not any(name in one for one in stands for name in ("Csrf", "Messages", "Htmx", "CSP", "WhiteNoise"))
    assert set(stands) < set(settings.MIDDLEWARE)
